"""A dry run: what a command would write, and the order after it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from domain.events import Event
from domain.order import fold
from eventstore.ledger.history import FoldedOrder, OrderHistory, credit_of
from eventstore.ledger.submission import Answer, AnsweredEvent, DraftedEvents, Submission
from eventstore.port import Position, Revision

NOWHERE: Final = Position(-1)
"""Of events that are not in the log."""


@dataclass(frozen=True, slots=True)
class DryRun:
    """answer: as submit() would give it; its position is NOWHERE if events would be written.

    data: of each event that would be written, as it would be stored; empty for a command that has
    nothing to write, or wrote its events before. order: after those events.
    """

    answer: Answer
    data: tuple[bytes, ...]
    order: FoldedOrder


def foresee(
    submission: Submission, events: Sequence[Event], history: OrderHistory, drafted: DraftedEvents
) -> DryRun:
    """The dry run of a submission for which these events were decided on this history."""
    order = fold(events, history.order)
    if order is None:
        raise ValueError("a dry run has events")
    answered = tuple(
        AnsweredEvent(draft.event_id, draft.type, Revision(history.next_revision + index))
        for index, draft in enumerate(drafted.drafts)
    )
    last = answered[-1].revision
    return DryRun(
        Answer(submission.order_id, last, NOWHERE, answered, False, credit_of(events)),
        tuple(draft.data for draft in drafted.drafts),
        FoldedOrder(order, last, NOWHERE, drafted.hash, drafted.recorded_at),
    )
