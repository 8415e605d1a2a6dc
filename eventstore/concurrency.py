"""What an append at an expected revision means (EventStoreDB's rules for exact revisions)."""

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
    """Raises ValueError for what no history of the stream could make right."""
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
    """None: append them. A position: they are there already, and the last of them stands there.

    placed_after(revision, count) gives id and position of the stream's events behind a revision
    (-1: from the start). Ids decide, contents do not; at expected = current they are not looked at.
    Raises WrongExpectedRevision where the stream went on in another way.
    """
    behind = -1 if expected is NO_STREAM else expected
    last = -1 if current is None else current
    if behind == last:
        return None
    if behind < last:
        placed = placed_after(behind, len(drafts))
        if [event_id for event_id, _ in placed] == [draft.event_id for draft in drafts]:
            return placed[-1][1]
    raise WrongExpectedRevision(stream, expected, current)
