"""What is sent with a command besides its fields, and how ids and times are written."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal, TypeAlias, TypedDict
from urllib.parse import quote, urlencode
from uuid import UUID, uuid4, uuid5

ORDER_IDS = UUID("5f0c8d0e-1f5b-5c43-9d0e-6a1d0c9be1a7")
"""Namespace of the order ids that follow from an idempotency key, as the server has it."""

Moment: TypeAlias = datetime | str
"""A time with its zone: a datetime, or RFC 3339 text."""


class Sending(TypedDict, total=False):
    """May be given with every command.

    idempotency_key: names the command, so that it can be sent again; made where it is left out.
    if_match: the command is done only at this revision of the order, or one of these; "*": only
    where there is such an order. if_none_match: "*": only where there is no such order yet.
    """

    idempotency_key: str
    if_match: int | Sequence[int] | Literal["*"]
    if_none_match: Literal["*"]
    actor: str
    channel: str
    correlation_id: str
    causation_id: str
    traceparent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who sends, and through what: for all commands of a client, where they do not say it."""

    actor: str | None = None
    channel: str | None = None
    correlation_id: str | None = None
    causation_id: str | None = None
    traceparent: str | None = None


_SENDER_HEADERS = {
    "actor": "Daybook-Actor",
    "channel": "Daybook-Channel",
    "correlation_id": "Daybook-Correlation-Id",
    "causation_id": "Daybook-Causation-Id",
    "traceparent": "traceparent",
}


def key_of(sending: Sending) -> str:
    """The idempotency key that is given, or a new one."""
    return sending["idempotency_key"] if "idempotency_key" in sending else new_key()


def check_sending(sending: Sending) -> None:
    """Raises TypeError for a name that is not known, and for None: what it asks for would
    otherwise be left out.
    """
    for name, value in sending.items():
        if name not in Sending.__annotations__:
            raise TypeError(f"{name} is no field of this command, and nothing sent with every one")
        if value is None:
            raise TypeError(f"{name} must not be None; leave it out")


def new_key() -> str:
    return str(uuid4())


def order_id_of(key: str) -> str:
    """The id that the server gives to an order that is placed without one."""
    is_quoted = len(key) > 2 and key[0] == key[-1] == '"'  # which is no part of the key
    return str(uuid5(ORDER_IDS, key[1:-1] if is_quoted else key))


def sender_headers(sender: Sender, sending: Sending) -> dict[str, bytes]:
    """Raises ValueError for what cannot be in a header."""
    given = _given(sender, sending)
    return {
        _SENDER_HEADERS[name]: header_value(_SENDER_HEADERS[name], text)
        for name, text in given.items()
    }


def _given(sender: Sender, sending: Sending) -> dict[str, str]:
    """What is said of the sender, by its names in _SENDER_HEADERS."""
    found: dict[str, Any] = {**asdict(sender), **sending}
    return {name: found[name] for name in _SENDER_HEADERS if found[name] is not None}


def command_headers(sender: Sender, sending: Sending, key: str) -> dict[str, bytes]:
    """As sender_headers, with the key and the preconditions."""
    headers = sender_headers(sender, sending)
    headers["Idempotency-Key"] = header_value("Idempotency-Key", key)
    if "if_match" in sending:
        headers["If-Match"] = _tags(sending["if_match"])
    if "if_none_match" in sending:
        headers["If-None-Match"] = header_value("If-None-Match", sending["if_none_match"])
    return headers


def header_value(name: str, text: str) -> bytes:
    """UTF-8. Raises ValueError, which does not repeat the text."""
    if not text or not text.isprintable() or text != text.strip():
        raise ValueError(f"{name} must be printable text, without spaces at its ends")
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise ValueError(f"{name} must be text that UTF-8 can write") from None


def _tags(revisions: int | Sequence[int] | str) -> bytes:
    if revisions == "*":
        return b"*"
    if isinstance(revisions, str):
        raise ValueError('if_match is a revision, some of them, or "*"')  # noqa: TRY004
    each = [revisions] if isinstance(revisions, int) else revisions
    return ", ".join(f'"{int(revision)}"' for revision in each).encode()


def in_line(sender: Sender, sending: Sending) -> dict[str, Any]:
    """What a line of many commands has instead of headers.

    Raises ValueError for a precondition, which lines have none of.
    """
    check_sending(sending)
    if "if_match" in sending or "if_none_match" in sending:
        raise ValueError("a line has no if_match: send the command by itself")
    return {"command_id": key_of(sending), **_given(sender, sending)}


def segment(name: str, text: str, reserved: Sequence[str] = ()) -> str:
    """An id as a segment of a path. Raises ValueError for what would be another path."""
    if text in {"", ".", ".."} or text in reserved:
        raise ValueError(f"{name} must not be empty, dots, or a word of the API's paths")
    try:
        return quote(text, safe="")
    except UnicodeEncodeError:
        raise ValueError(f"{name} must be text that UTF-8 can write") from None


def query_string(query: Mapping[str, Any]) -> str:
    """With its `?`; "" for an empty one. None is left out, a list is repeated."""
    pairs = [
        (name, _written(each))
        for name, value in query.items()
        if value is not None
        for each in (value if isinstance(value, list | tuple) else (value,))
    ]
    return f"?{urlencode(pairs)}" if pairs else ""


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(plain(value))


def plain(value: Any) -> Any:
    """A field's value as JSON has it. Raises ValueError for a time without its zone."""
    if not isinstance(value, datetime):
        return value
    if value.tzinfo is None:
        raise ValueError("a time needs its zone: datetime.now(UTC), or an RFC 3339 text")
    return value.isoformat()
