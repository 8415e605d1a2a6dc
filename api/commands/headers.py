"""The headers of a command: its sender, its Idempotency-Key and its preconditions.

A header that cannot be stored or followed is refused, never ignored; except for an invalid
traceparent, which is dropped.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from starlette.types import Scope

from api.commands.registry import KEY_MAX, is_traceparent
from api.http.problems import malformed
from domain.values import TEXT_MAX
from eventstore.ledger.submission import Precondition
from eventstore.port import Revision

EMPTY_WORDS: Final = "must not be empty; leave the header out instead"
_TAG: Final = rb'(?:W/)?"(?:0|[1-9][0-9]{0,17})"'
_TAGS: Final = re.compile(rb"(?:[ \t]*,)*[ \t]*%b(?:[ \t]*(?:,[ \t]*)+%b)*[ \t,]*\Z" % (_TAG, _TAG))
_STRONG: Final = re.compile(rb'(?<!/)"([0-9]+)"')
_BARE: Final = re.compile(rb"(?:0|[1-9][0-9]{0,17})\Z")
_TAGS_CHARACTERS_MAX: Final = 1000


ANONYMOUS: Final = "anonymous"
"""The actor of a command whose sender names none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who sends commands, and through which channel; a bulk line can override each field."""

    channel: str
    actor: str = ANONYMOUS
    correlation_id: str | None = None
    causation_id: str | None = None
    traceparent: str | None = None


_SENDER_HEADERS: Final = {
    "channel": (b"daybook-channel", TEXT_MAX),
    "actor": (b"daybook-actor", TEXT_MAX),
    "correlation_id": (b"daybook-correlation-id", KEY_MAX),
    "causation_id": (b"daybook-causation-id", KEY_MAX),
}
"""Field of Sender -> its header, and the longest value."""
_TRACEPARENT_HEADER: Final = b"traceparent"
_ALL_SENDER_HEADERS: Final = frozenset(
    {_TRACEPARENT_HEADER, *(name for name, _ in _SENDER_HEADERS.values())}
)


@cache
def _anonymous(channel: str) -> Sender:
    return Sender(channel=channel)


def sender_of(headers: Mapping[bytes, bytes], channel: str) -> Sender:
    """The sender that a request's headers name. channel: used where no header names one."""
    if headers.keys().isdisjoint(_ALL_SENDER_HEADERS):
        return _anonymous(channel)
    values = {
        field: _header(headers, name, longest) for field, (name, longest) in _SENDER_HEADERS.items()
    }
    traceparent = headers.get(_TRACEPARENT_HEADER, b"").decode("latin-1")
    # W3C Trace Context: an invalid one is ignored, as proxies add and break them.
    values["traceparent"] = traceparent if is_traceparent(traceparent) else None
    given = {field: text for field, text in values.items() if text is not None}
    return Sender(**{"channel": channel, **given})


def idempotency_key(headers: Mapping[bytes, bytes]) -> str | None:
    """The Idempotency-Key, without the quotes of the IETF draft. Raises Rejected."""
    key = _header(headers, b"idempotency-key", KEY_MAX)
    if key is None or len(key) < 2 or not (key[0] == key[-1] == '"'):
        return key
    if key == '""':
        raise malformed("Idempotency-Key", EMPTY_WORDS)
    return key[1:-1]


def key_in_field(text: str, field: str) -> str:
    """An idempotency key that is sent in a field: of what the header may have. Raises Rejected."""
    if not (0 < len(text) <= KEY_MAX and text.isprintable()):
        raise malformed(field, f"must be 1 to {KEY_MAX} printable characters")
    return text


def precondition(headers: Mapping[bytes, bytes]) -> Precondition | None:
    """The precondition in If-Match and If-None-Match; None where neither is sent.

    If-Match: `*`, or revisions as in ETag; weak ones never match (RFC 9110). A single revision may
    be sent without quotes. If-None-Match: `*`. Raises Rejected.
    """
    match, none_match = headers.get(b"if-match"), headers.get(b"if-none-match")
    if match is None and none_match is None:
        return None
    if none_match not in {None, b"*"}:
        raise malformed("If-None-Match", "must be *: only where there is no such order yet")
    absent = none_match is not None
    if match is None or match == b"*":
        return Precondition(exists=match is not None, absent=absent)
    return Precondition(revisions=_revisions(match), absent=absent)


def at_revisions(revisions: Iterable[int], field: str) -> Precondition:
    """As If-Match, of revisions that are sent in a field. Raises Rejected."""
    wanted = frozenset(map(Revision, revisions))
    if not wanted or min(wanted) < 0:
        raise malformed(field, "must be revisions: whole numbers from 0")
    return Precondition(revisions=wanted)


def _revisions(tags: bytes) -> frozenset[Revision]:
    if _BARE.match(tags):
        return frozenset([Revision(int(tags))])
    if len(tags) > _TAGS_CHARACTERS_MAX or not _TAGS.match(tags):
        raise malformed("If-Match", 'must be revisions as in ETag, like "3" or "3", "4"; or *')
    return frozenset([Revision(int(tag)) for tag in _STRONG.findall(tags)])


def refuse_headers_of_one_command(headers: Mapping[bytes, bytes]) -> None:
    """Raises Rejected for headers that a stream of commands would have to ignore."""
    if b"idempotency-key" in headers:
        raise malformed("Idempotency-Key", "names one command: give each line its `command_id`")
    for name in (b"if-match", b"if-none-match"):
        if name in headers:
            raise malformed(_title(name), "is for one command: send it to the command's own route")


def refuse_query(scope: Scope) -> None:
    """Raises Rejected for a query: what it asks for would otherwise be ignored."""
    if scope["query_string"]:
        raise malformed("query", "is not allowed here: send everything in the body and the headers")


def wants_dry_run(scope: Scope) -> bool:
    """Whether the query is dry_run=true. Raises Rejected for any other but dry_run=false."""
    query: bytes = scope["query_string"]
    if query in {b"", b"dry_run=false"}:
        return False
    if query != b"dry_run=true":
        allowed = "may only be dry_run=true or dry_run=false: send the rest in body and headers"
        raise malformed("query", allowed)
    return True


def _header(headers: Mapping[bytes, bytes], name: bytes, longest: int) -> str | None:
    raw = headers.get(name)
    if raw is None:
        return None
    if not raw:
        # Probably an unset variable in a script. If it were ignored, retries would not be safe.
        raise malformed(_title(name), EMPTY_WORDS)
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        raise malformed(_title(name), "must be UTF-8") from None
    if len(text) > longest or not text.isprintable():
        raise malformed(_title(name), f"must be 1 to {longest} printable characters")
    return text


def _title(name: bytes) -> str:
    return name.decode().title()
