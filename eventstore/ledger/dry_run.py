"""A dry run: what a command would write, and the order after it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from domain.events import Event
from domain.order import fold
from eventstore.ledger.history import CommandRecord, FoldedOrder, OrderHistory, credit_of
from eventstore.ledger.submission import Answer, Submission, answer, draft_events
from eventstore.port import Position

NOWHERE: Final = Position(-1)
"""Of events that are not in the log."""


@dataclass(frozen=True, slots=True)
class DryRun:
    """answer: as submit() would give it, with other event ids; its position is NOWHERE if events
    would be written.

    data: of each event that would be written, as it would be stored; empty for a command that has
    nothing to write, or wrote its events before. order: after those events.
    """

    answer: Answer
    data: tuple[bytes, ...]
    order: FoldedOrder


def foresee(
    submission: Submission,
    request: str,
    history: OrderHistory,
    events: Sequence[Event],
    *,
    now: str,
) -> DryRun:
    """The dry run of a submission for which these events were decided on this history."""
    order = fold(events, history.order)
    if order is None:
        raise ValueError("a dry run has events")
    drafts, hash_, recorded_at = draft_events(submission, events, history, request=request, now=now)
    record = CommandRecord(
        request,
        history.next_revision,
        NOWHERE,
        tuple(draft.type for draft in drafts),
        tuple(draft.event_id for draft in drafts),
        credit_of(events),
    )
    answered = answer(submission.order_id, record)
    created_at = history.folded.created_at if history.folded else recorded_at
    return DryRun(
        answered,
        tuple(draft.data for draft in drafts),
        FoldedOrder(order, answered.revision, NOWHERE, hash_, recorded_at, created_at),
    )
