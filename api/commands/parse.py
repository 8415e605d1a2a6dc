"""Parses a command: raw bytes in, a Submission out, or an error.

The bytes are parsed and validated once, by the registry's models. Ids and keys that the sender left
out are generated here; the domain generates none.

What is larger than any command is refused before it is validated. The validator creates an error
for each unknown name and each wrong entry: a body of 1 MB with an error in every place took 2.7 s,
and parsing it takes 20 ms.
"""

import json
import re
import secrets
import time
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid5

from pydantic import BaseModel, ValidationError
from pydantic_core import from_json

from api.commands.headers import ANONYMOUS, Sender
from api.commands.registry import LINES, REGISTRY, Registered, demands_actor
from api.commands.validation_messages import ID_WORDS, rejected, rejected_line
from api.http.problems import malformed
from domain.commands import Command, PlaceOrder
from domain.values import ITEMS_MAX, TEXT_MAX, is_new_id
from eventstore.ledger.submission import Precondition, Submission

ORDER_IDS: Final = UUID("5f0c8d0e-1f5b-5c43-9d0e-6a1d0c9be1a7")
"""Namespace of the order ids that are derived from an Idempotency-Key. Never changed."""

AHEAD_MAX: Final = timedelta(minutes=5)

FEWEST_NAMES: Final = {"items": 3, "lines": 2}
"""How many names each entry of these lists has at least: an item has a price or an amount."""


def from_body(
    registered: Registered,
    body: bytes,
    *,
    order_id: str | None,
    key: str | None,
    sender: Sender,
    precondition: Precondition | None,
    now: datetime,
) -> Submission:
    """The body of a single route as a submission. order_id: from the path; None for place-order.

    Raises Rejected, domain.values.Malformed.
    """
    if order_id is not None and not is_new_id(order_id):
        raise malformed("order_id", ID_WORDS)
    refuse_excess(body)
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
        precondition=precondition,
        now=now,
    )


def from_line(line: bytes, *, sender: Sender, now: datetime, key: str | None = None) -> Submission:
    """A bulk line as a submission. sender, key: used for what the line leaves out.

    Raises Rejected, domain.values.Malformed.
    """
    refuse_excess(line)
    try:
        values: BaseModel = LINES.validate_json(line)
    except ValidationError as error:
        raise rejected_line(error) from None
    _refuse_repeated_names(line, values)
    given = values.__dict__
    registered = REGISTRY[given["command"]]
    line_sender = Sender(
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
        key=given["command_id"] or key,
        sender=line_sender,
        precondition=None,
        now=now,
    )


def _submission(
    registered: Registered,
    given: Mapping[str, Any],
    *,
    order_id: str | None,
    key: str | None,
    sender: Sender,
    precondition: Precondition | None,
    now: datetime,
) -> Submission:
    occurred_at = given["occurred_at"]
    if occurred_at is not None and not registered.fact and occurred_at > now + AHEAD_MAX:
        raise malformed("occurred_at", "must not be more than 5 minutes ahead of now")
    if demands_actor(registered.command) and sender.actor == ANONYMOUS:
        raise malformed(
            "actor", "is required: send it as the header Daybook-Actor, or as `actor` in a line"
        )
    channel = given.get("channel") or sender.channel
    fields = {name: given[name] for name in registered.fields}
    if registered.command is PlaceOrder:
        order_id = given["order_id"] or _new_order_id(key)
        fields["order_id"], fields["channel"] = order_id, channel
    command: Command = registered.command(**fields)
    command_id = key or _new_command_id()
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
        precondition=precondition,
    )


def _new_order_id(key: str | None) -> str:
    """The same key gives the same order id, so that a repeated place-order places one order."""
    return str(uuid7() if key is None else uuid5(ORDER_IDS, key))


def _command_ids() -> Iterator[str]:
    """Version 4 UUIDs as text. The system is asked for the random bits of many at once: a call for
    each took a microsecond. Not for a process that forks: its child would repeat them.
    """
    while True:
        bits = secrets.token_hex(16 * IDS_AT_ONCE)
        for at in range(0, len(bits), 32):
            text = bits[at : at + 32]
            variant = "89ab"[int(text[16], 16) & 3]
            yield f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{variant}{text[17:20]}-{text[20:]}"


IDS_AT_ONCE: Final = 64
_new_command_id: Final = _command_ids().__next__


def uuid7() -> UUID:
    """RFC 9562, version 7: milliseconds, then random bits, so that new ids are close in
    an index.
    """
    milliseconds = time.time_ns() // 1_000_000
    random_bits = secrets.randbits(74)
    number = (
        milliseconds << 80
        | 0x7 << 76
        | random_bits >> 62 << 64
        | 0b10 << 62
        | random_bits & (1 << 62) - 1
    )
    return UUID(int=number)


def _refuse_repeated_names(text: bytes, values: BaseModel) -> None:
    """Raises Rejected where an object names a field twice: JSON leaves open which value counts.

    The check parses a second time, so it is made only where there are more colons than the fields
    need, or an escape, which may stand for a colon.
    """
    if b"\\" not in text:
        in_a_time = 0 if values.__dict__["occurred_at"] is None else 2
        colons = text.count(b":") - in_a_time
        if colons <= _names_at_least(values) or colons <= _names_in(from_json(text)):
            return
    json.loads(text, object_pairs_hook=unrepeated)


def _names_at_least(values: BaseModel) -> int:
    """How many names there are, without those that not every entry of a list has."""
    given = values.__dict__
    count = len(values.model_fields_set)
    for name, fewest in FEWEST_NAMES.items():
        entries = given.get(name)
        if entries:
            count += fewest * len(entries)
    return count


def _names_in(command: dict[str, Any]) -> int:
    """How many names a command and its parts have; one that is repeated counts once."""
    count = len(command)
    for part in command.values():
        if isinstance(part, dict):
            count += len(part)
        elif isinstance(part, list):
            count += sum([len(entry) for entry in part if isinstance(entry, dict)])
    return count


def unrepeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON, as object_pairs_hook. Raises Rejected where a name is repeated."""
    """A JSON object, for json.loads. Raises Rejected (malformed) where a name is there twice."""
    names = dict(pairs)
    if len(names) < len(pairs):
        raise malformed("", "a field is named twice in one object")
    return names


COMMAS_FEW: Final = 1_000
"""Fewer commas cannot cause many errors. Most commands have fewer."""
COMMAS_MAX: Final = ITEMS_MAX * (TEXT_MAX + 50)
"""More than any command: the longest list, each entry with the longest text, all of commas."""
NAMES_MAX: Final = 50
"""More fields than any object of a command has."""
PARTS_MAX: Final = 2 * ITEMS_MAX
"""More lists and objects than any command. Making 400,000 of them took a second."""
_TEXT: Final = re.compile(rb'"(?:[^"\\]|\\.)*+"?', re.DOTALL)
"""A text in JSON; at the end of invalid JSON one that does not end."""


def count_outside_texts(json_text: bytes, signs: bytes, most: int) -> int:
    """How often the signs are in it as JSON's own. Signs in texts are left out only where there are
    more than `most` with them.
    """
    count = sum(map(json_text.count, _each(signs)))
    return count if count <= most else sum(map(_TEXT.sub(b"", json_text).count, _each(signs)))


def _each(signs: bytes) -> list[bytes]:
    return [bytes([sign]) for sign in signs]


def refuse_excess(text: bytes) -> None:
    """Raises Rejected for the first list or object that is too long. Invalid JSON passes."""
    if len(text) <= COMMAS_FEW:
        return
    if count_outside_texts(text, b"[{", PARTS_MAX) > PARTS_MAX:
        raise malformed("", "has more parts than any command")
    commas = text.count(b",")
    if commas <= COMMAS_FEW:
        return
    if commas > COMMAS_MAX:
        raise malformed("", "has more parts than any command")
    try:
        values = from_json(text)
    except ValueError:
        return
    _refuse_names(values)
    if isinstance(values, dict):
        for entries in values.values():
            if isinstance(entries, list):
                _refuse_entries(entries)


def _refuse_entries(entries: list[object]) -> None:
    if len(entries) > ITEMS_MAX:
        raise malformed("", f"a list may have {ITEMS_MAX} entries")
    for entry in entries:
        _refuse_names(entry)


def _refuse_names(values: object) -> None:
    if isinstance(values, dict) and len(values) > NAMES_MAX:
        raise malformed("", f"an object has more than {NAMES_MAX} fields, and no command so many")
