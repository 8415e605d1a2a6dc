"""A submitted command, the events decided on it as drafts for the log (design section 5), and what
it is answered, besides the domain's refusals and the store's errors.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Final, NamedTuple
from uuid import UUID

import orjson
from pydantic import TypeAdapter

from domain import commands as c
from domain.commands import COMMAND_NAMES, Command
from domain.events import Event
from domain.values import EVENT_BYTES_MAX, Malformed
from eventstore.ledger.history import CommandRecord, OrderHistory
from eventstore.port import Draft, Position, Revision
from eventstore.record.chain import event_id_of, sealed
from eventstore.record.codec import OrderEvent, stream_name
from eventstore.record.moments import utc_text
from eventstore.record.schemas import SCHEMAS


@dataclass(frozen=True, slots=True, kw_only=True)
class Precondition:
    """What must hold of the order for a command to be performed; otherwise StaleRevision.

    revisions: it is at one of them. exists: there is such an order. absent: there is none yet.
    """

    revisions: frozenset[Revision] | None = None
    exists: bool = False
    absent: bool = False

    def holds_at(self, current: Revision | None) -> bool:
        """current: the order's revision; None: there is no such order."""
        if current is None:
            return not self.exists and self.revisions is None
        return not self.absent and (self.revisions is None or current in self.revisions)


class Submission(NamedTuple):
    """A command with its sender, reason and channel; validated by the edge.

    command_id: identifies the command within its order, so that it can be sent again. occurred_at:
    None unless the caller sent it; with a time zone. precondition: None requires nothing.

    A tuple, as are the answers: each command needs one, and a frozen dataclass takes three times
    as long.
    """

    order_id: str
    command: Command
    command_id: str
    actor: str
    channel: str
    correlation_id: str
    reason: str | None = None
    causation_id: str | None = None
    traceparent: str | None = None
    occurred_at: datetime | None = None
    precondition: Precondition | None = None


def request_hash(submission: Submission) -> str:
    """What must be equal if a command_id is repeated: the command's name, order and content.

    Not its sender, its channel (that of place-order included) or the time it arrived. A field that
    has its default is left out, so that a field that is added later changes no hash; except for
    those of HASHED_DEFAULTS.
    """
    command = submission.command
    kind = type(command)
    content: dict[str, Any] = _FIELDS[kind].to_python(command, exclude_defaults=True)
    for field in HASHED_DEFAULTS.get(kind, ()):
        content.setdefault(field, getattr(command, field))
    content.pop("channel", None)
    content |= {"command": COMMAND_NAMES[kind], "order_id": submission.order_id}
    if submission.occurred_at is not None:
        content["occurred_at"] = occurred_at_text(submission.occurred_at)
    return sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()


class DraftedEvents(NamedTuple):
    """drafts: what to append after the history. hash, recorded_at: of the last draft."""

    drafts: tuple[Draft, ...]
    hash: str
    recorded_at: str


def draft_events(
    submission: Submission,
    events: Sequence[Event],
    history: OrderHistory,
    *,
    request: str,
    now: str,
) -> DraftedEvents:
    """The events as they will be stored after the history. request: the request_hash.

    Raises EventTooLarge.
    """
    stream = stream_name(submission.order_id)
    first, prev_hash = history.next_revision, history.hash
    recorded_at = max(now, history.recorded_at)
    provenance = _provenance(submission, request, now, recorded_at)
    drafts = []
    for index, event in enumerate(events):
        schema = SCHEMAS[type(event).__name__]
        data = schema.encode(event)
        if len(data) > EVENT_BYTES_MAX:
            raise EventTooLarge(submission.order_id, len(data))
        open_ = b'%b,"schema":%d,"prev_hash":"%b"' % (
            provenance,
            schema.version,
            prev_hash.encode(),
        )
        revision, type_ = first + index, schema.type
        id_ = event_id_of(open_, stream=stream, revision=revision, event_type=type_, data=data)
        metadata, prev_hash = sealed(
            open_, stream=stream, revision=revision, event_id=id_, event_type=type_, data=data
        )
        drafts.append(Draft(id_, type_, data, metadata))
    return DraftedEvents(tuple(drafts), prev_hash, recorded_at)


def occurred_at_text(occurred_at: datetime) -> str:
    try:
        return utc_text(occurred_at)
    except (ValueError, OverflowError) as error:
        raise Malformed("occurred_at", "a time with a zone, from year 1 to 9999 in UTC") from error


def _provenance(submission: Submission, request: str, now: str, recorded_at: str) -> bytes:
    """The metadata that all events of one command share, without the closing brace."""
    command = submission.command
    occurred_at = submission.occurred_at
    return orjson.dumps(
        {
            "command_id": submission.command_id,
            "request_hash": request,
            "actor": submission.actor,
            # One reason and one channel: those of the command if it has them.
            "reason": getattr(command, "reason", None) or submission.reason or None,
            "channel": getattr(command, "channel", None) or submission.channel,
            "correlation_id": submission.correlation_id,
            "causation_id": submission.causation_id,
            "traceparent": submission.traceparent,
            "occurred_at": now if occurred_at is None else occurred_at_text(occurred_at),
            "recorded_at": recorded_at,
        }
    )[:-1]


HASHED_DEFAULTS: Final[Mapping[type[Command], tuple[str, ...]]] = {
    c.PlaceOrder: ("shipping_cents", "tax_cents", "discount_cents"),
    c.AuthorizePayment: ("currency",),
    c.CapturePayment: ("currency",),
    c.VoidPayment: ("currency",),
    c.ExpireAuthorization: ("report_id",),
    c.FailPayment: ("report_id",),
    c.GrantRefund: ("allowance_cents", "lines"),
    c.RefundPayment: ("refund_id", "currency"),
    c.FailRefund: ("payment_id", "payout_id"),
    c.ChargeBackPayment: ("currency",),
    c.DeliverShipment: ("report_id",),
    c.LoseShipment: ("report_id",),
    c.ReturnShipmentToSender: ("report_id",),
}
"""Fields that are in the hash also with their default: version 1 hashed every field it had."""
_FIELDS = {command: TypeAdapter(command).serializer for command in COMMAND_NAMES}


class AnsweredEvent(NamedTuple):
    event_id: UUID
    type: str
    revision: Revision


class Answer(NamedTuple):
    """revision, position: of the command's last event; if it wrote none, of the order's last.

    replayed: the events had been written before, by the same command_id. credit_cents: of the
    refund that the command granted or accepted.
    """

    order_id: str
    revision: Revision
    position: Position
    events: tuple[AnsweredEvent, ...]
    replayed: bool
    credit_cents: int | None = None


def answer(order_id: str, record: CommandRecord, *, replayed: bool = False) -> Answer:
    """The answer to a command that wrote events."""
    revision = record.revision
    events = []
    for event_id, type_ in zip(record.event_ids, record.types, strict=True):
        events.append(AnsweredEvent(event_id, type_, revision))
        revision = Revision(revision + 1)
    last, credit_cents = events[-1].revision, record.credit_cents
    return Answer(order_id, last, record.position, tuple(events), replayed, credit_cents)


def replay(submission: Submission, record: CommandRecord, request: str) -> Answer:
    """The answer given when the command was written. request: the submission's request_hash.

    Raises CommandIdReused if the command written under this command_id had other content.
    """
    if record.request_hash != request:
        raise CommandIdReused(submission.order_id)
    return answer(submission.order_id, record, replayed=True)


def unchanged(order_id: str, history: OrderHistory) -> Answer:
    """The answer to a command that had nothing to write."""
    folded = history.folded
    if folded is None:
        raise ValueError("a command about no order is refused or writes")
    return Answer(order_id, folded.revision, folded.position, (), replayed=False)


class StaleRevision(Exception):
    """The precondition does not hold at the order's revision (None: there is no such order).

    events: what happened since, at most a page of it.
    """

    def __init__(
        self, order_id: str, current: Revision | None, events: Sequence[OrderEvent]
    ) -> None:
        super().__init__(
            f"{order_id}: the order is at revision {current}; check what happened since, "
            "then send the command with that revision"
        )
        self.order_id = order_id
        self.current = current
        self.events = events


class EventTooLarge(Exception):
    """An event of the command would have more bytes than EVENT_BYTES_MAX; nothing was written."""

    def __init__(self, order_id: str, size: int) -> None:
        super().__init__(
            f"{order_id}: an event would have {size:,} bytes, and may have {EVENT_BYTES_MAX:,}"
        )
        self.order_id = order_id


class CommandIdReused(Exception):
    """The command_id is in the stream with other content; nothing was written."""

    def __init__(self, order_id: str) -> None:
        super().__init__(
            f"{order_id}: this command_id was used for another command on the same order; "
            "use a new one"
        )
        self.order_id = order_id


class Contended(Exception):
    """Others kept appending to the order. Nothing was written: send the command again."""

    def __init__(self, order_id: str, attempts: int) -> None:
        super().__init__(
            f"{order_id}: {attempts} attempts conflicted with other writers; send it again"
        )
        self.order_id = order_id
        self.attempts = attempts
