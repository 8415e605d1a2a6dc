"""Optimistic concurrency: EventStoreDB's rules for an append at an exact expected revision."""

from collections.abc import Callable, Sequence
from typing import TypeAlias
from uuid import UUID

from eventstore.port import (
    NO_STREAM,
    Draft,
    Expected,
    Position,
    Revision,
    StreamName,
    WrongExpectedRevision,
)

Placed: TypeAlias = tuple[UUID, Position]


def check_append(drafts: Sequence[Draft], expected: Expected) -> None:
    """Raises ValueError for an append that is wrong whatever the stream contains."""
    if not drafts:
        raise ValueError("nothing to append: name at least one draft")
    if expected is not NO_STREAM and expected < 0:
        raise ValueError("an expected revision counts from 0: pass NO_STREAM for a new stream")


def find_duplicate_append(
    stream: StreamName,
    drafts: Sequence[Draft],
    *,
    expected: Expected,
    current: Revision | None,
    placed_after: Callable[[int, int], Sequence[Placed]],
) -> Position | None:
    """Position of the last draft if exactly these drafts are stored already; None: append them.

    placed_after(revision, count) gives id and position of the stream's events after a revision
    (-1: from the start). Ids decide, contents do not; at expected = current nothing is compared.
    Raises WrongExpectedRevision if the stream continues with other events.
    """
    start = -1 if expected is NO_STREAM else expected
    last = -1 if current is None else current
    if start == last:
        return None
    if start < last:
        placed = placed_after(start, len(drafts))
        if [event_id for event_id, _ in placed] == [draft.event_id for draft in drafts]:
            return placed[-1][1]
    raise WrongExpectedRevision(stream, expected, current)
