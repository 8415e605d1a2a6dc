"""What a submission is answered, besides the domain's refusals and the store's errors."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from eventstore.ledger.history import CommandRecord, OrderHistory
from eventstore.ledger.submission import Submission, event_id
from eventstore.port import Position, Revision
from eventstore.record.codec import OrderEvent, stream_name


@dataclass(frozen=True, slots=True)
class AnsweredEvent:
    event_id: UUID
    type: str
    revision: Revision


@dataclass(frozen=True, slots=True)
class Answer:
    """revision, position: of the command's last event; if it wrote none, of the order's last.

    replayed: the events had been written before, by the same command_id.
    """

    order_id: str
    revision: Revision
    position: Position
    events: tuple[AnsweredEvent, ...]
    replayed: bool


def answer(
    order_id: str, record: CommandRecord, event_ids: Iterable[UUID], *, replayed: bool = False
) -> Answer:
    """The answer to a command that wrote events."""
    revision = record.revision
    events = []
    for event_id_, type_ in zip(event_ids, record.types, strict=True):
        events.append(AnsweredEvent(event_id_, type_, revision))
        revision = Revision(revision + 1)
    return Answer(order_id, events[-1].revision, record.position, tuple(events), replayed)


def replay(submission: Submission, record: CommandRecord, request: str) -> Answer:
    """The answer given when the command was written. request: the submission's request_hash.

    Raises CommandIdReused if the command written under this command_id had other content.
    """
    if record.request_hash != request:
        raise CommandIdReused(submission.order_id)
    stream = stream_name(submission.order_id)
    ids = [event_id(stream, submission.command_id, n) for n in range(len(record.types))]
    return answer(submission.order_id, record, ids, replayed=True)


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
