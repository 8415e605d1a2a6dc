"""From what was sent to what the ledger takes: raw bytes in, a Submission out, or an error.

The bytes are parsed and checked once, by the registry's models. Ids and keys that the sender left
out are made here; the domain makes none.
"""

import json
import re
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final
from uuid import UUID, uuid4, uuid5

from pydantic import BaseModel, ValidationError

from api.problems import malformed
from api.registry import KEY_MAX, LINES, REGISTRY, Registered
from api.wording import ID_WORDS, rejected, rejected_line
from domain.commands import Command, PlaceOrder
from domain.values import TEXT_MAX, is_id
from eventstore.port import Revision
from eventstore.transact import Submission

ORDER_IDS: Final = UUID("5f0c8d0e-1f5b-5c43-9d0e-6a1d0c9be1a7")
"""Namespace of the order ids that are derived from an Idempotency-Key. Never changed."""

AHEAD_MAX: Final = timedelta(minutes=5)
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who sends and through what, as far as a command does not say so itself."""

    channel: str
    actor: str = "anonymous"
    correlation_id: str | None = None
    causation_id: str | None = None
    traceparent: str | None = None


_SENDER_HEADERS: Final = {
    "channel": (b"daybook-channel", TEXT_MAX),
    "actor": (b"daybook-actor", TEXT_MAX),
    "correlation_id": (b"daybook-correlation-id", KEY_MAX),
    "causation_id": (b"daybook-causation-id", KEY_MAX),
}
"""Field of Sender -> its header, and how long that may be."""
_TRACEPARENT_HEADER: Final = b"traceparent"
_SAYS_WHO: Final = frozenset({_TRACEPARENT_HEADER, *(name for name, _ in _SENDER_HEADERS.values())})


@cache
def _nobody(channel: str) -> Sender:
    return Sender(channel=channel)


def sender_of(headers: Mapping[bytes, bytes], channel: str) -> Sender:
    """The sender that a request's headers name; channel where they name none."""
    if headers.keys().isdisjoint(_SAYS_WHO):
        return _nobody(channel)
    said = {
        field: _header(headers, name, longest) for field, (name, longest) in _SENDER_HEADERS.items()
    }
    traceparent = headers.get(_TRACEPARENT_HEADER, b"").decode("latin-1")
    # W3C Trace Context: one that does not parse is ignored, as proxies add and break them.
    said["traceparent"] = traceparent if _TRACEPARENT.match(traceparent) else None
    told = {field: text for field, text in said.items() if text is not None}
    return Sender(**{"channel": channel, **told})


def idempotency_key(headers: Mapping[bytes, bytes]) -> str | None:
    """The Idempotency-Key; quotes around it (as the IETF draft has them) are no part of it."""
    if headers.get(b"idempotency-key") == b"":
        # An empty variable in somebody's script: without a word, retries would not be safe.
        raise malformed("Idempotency-Key", "must not be empty; leave the header out instead")
    key = _header(headers, b"idempotency-key", KEY_MAX)
    if key is None or len(key) < 2 or not (key[0] == key[-1] == '"'):
        return key
    return key[1:-1] or None


def if_match(headers: Mapping[bytes, bytes]) -> Revision | None:
    """The revision in If-Match; None without one, or for `*`. Weak tags count as strong ones."""
    text = headers.get(b"if-match")
    if text is None or text == b"*":
        return None
    digits = text.removeprefix(b"W/").strip(b'"')
    if not digits.isdigit() or len(digits) > 18:
        raise malformed("If-Match", 'must be one revision as in ETag, like "3", or *')
    return Revision(int(digits))


def from_body(
    registered: Registered,
    body: bytes,
    *,
    order_id: str | None,
    key: str | None,
    sender: Sender,
    if_match: Revision | None,
    now: datetime,
) -> Submission:
    """A single route's body as a submission. order_id: that of the path; None to place.

    Raises Rejected, domain.values.Malformed.
    """
    if order_id is not None and not is_id(order_id):
        raise malformed("order_id", ID_WORDS)
    try:
        values = registered.body.model_validate_json(body)
    except ValidationError as error:
        raise rejected(error, registered) from None
    _refuse_repeated_names(body, values)
    return _submission(
        registered,
        values.__dict__,
        order_id=order_id,
        key=key,
        sender=sender,
        if_match=if_match,
        now=now,
    )


def from_line(line: bytes, *, sender: Sender, now: datetime) -> Submission:
    """A bulk line as a submission. sender: for what the line does not say.

    Raises Rejected, domain.values.Malformed.
    """
    try:
        values: BaseModel = LINES.validate_json(line)
    except ValidationError as error:
        raise rejected_line(error) from None
    _refuse_repeated_names(line, values)
    given = values.__dict__
    registered = REGISTRY[given["command"]]
    said = Sender(
        channel=given["channel"] or sender.channel,
        actor=given["actor"] or sender.actor,
        correlation_id=given["correlation_id"] or sender.correlation_id,
        causation_id=given["causation_id"] or sender.causation_id,
        traceparent=given["traceparent"] or sender.traceparent,
    )
    return _submission(
        registered,
        given,
        order_id=given["order_id"],
        key=given["command_id"],
        sender=said,
        if_match=None,
        now=now,
    )


def _submission(
    registered: Registered,
    given: Mapping[str, Any],
    *,
    order_id: str | None,
    key: str | None,
    sender: Sender,
    if_match: Revision | None,
    now: datetime,
) -> Submission:
    occurred_at = given["occurred_at"]
    if occurred_at is not None and not registered.fact and occurred_at > now + AHEAD_MAX:
        raise malformed("occurred_at", "must not be more than 5 minutes ahead of now")
    channel = given.get("channel") or sender.channel
    fields = {name: given[name] for name in registered.fields}
    if registered.command is PlaceOrder:
        order_id = given["order_id"] or _new_order_id(key)
        fields["order_id"], fields["channel"] = order_id, channel
    command: Command = registered.command(**fields)
    command_id = key or str(uuid4())
    return Submission(
        order_id=order_id or "",
        command=command,
        command_id=command_id,
        actor=sender.actor,
        channel=channel,
        reason=given.get("reason"),
        correlation_id=sender.correlation_id or command_id,
        causation_id=sender.causation_id,
        traceparent=sender.traceparent,
        occurred_at=occurred_at,
        if_match=if_match,
    )


def _new_order_id(key: str | None) -> str:
    """The same key gives the same order, so that a repeated place-order places once."""
    return str(uuid7() if key is None else uuid5(ORDER_IDS, key))


def uuid7() -> UUID:
    """RFC 9562, version 7: milliseconds, then chance; so new orders stand together in indexes."""
    milliseconds = time.time_ns() // 1_000_000
    chance = secrets.randbits(74)
    number = (
        milliseconds << 80 | 0x7 << 76 | chance >> 62 << 64 | 0b10 << 62 | chance & (1 << 62) - 1
    )
    return UUID(int=number)


def _header(headers: Mapping[bytes, bytes], name: bytes, longest: int) -> str | None:
    raw = headers.get(name)
    if not raw:
        return None
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        raise malformed(name.decode().title(), "must be UTF-8") from None
    if len(text) > longest or not text.isprintable():
        raise malformed(name.decode().title(), f"must be 1 to {longest} printable characters")
    return text


def _refuse_repeated_names(text: bytes, values: BaseModel) -> None:
    """JSON leaves open which of two equal names counts; with money at stake, neither does.

    Looking costs a second parse, so only where there are more colons than were read; behind an
    escape a colon can hide.
    """
    if b"\\" in text or text.count(b":") > _colons_read(values):
        json.loads(text, object_pairs_hook=_unrepeated)


def _colons_read(values: BaseModel) -> int:
    """One behind each name, and at least two in a time."""
    given = values.__dict__
    parts = [given[name] for name in ("items", "lines") if given.get(name)]
    names = len(values.model_fields_set) + sum(len(part) * len(part[0].__slots__) for part in parts)
    return names + (0 if given["occurred_at"] is None else 2)


def _unrepeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = dict(pairs)
    if len(names) < len(pairs):
        raise malformed("", "a field is named twice in one object")
    return names
