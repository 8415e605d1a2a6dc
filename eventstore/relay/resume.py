"""Where a relay goes on: found in the last records of the topic, as there is nothing else to lose.

Why nothing is ever skipped (docs/decisions/0020): a relay hands a partition its next events only
when those before are acknowledged. So the last record of a relay in a partition says that
everything of that partition up to it is there, and published_through says it of all partitions.
An epoch never shares the orders out among the partitions in two ways: see least_epoch.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from eventstore.port import Position, Recorded
from eventstore.relay.bus import NOTHING, Ends, Published


@dataclass(frozen=True, slots=True)
class Resume:
    """epoch: the newest that has published, 0: none. after: None for the beginning of the log.

    there: by partition, the position up to which its events are there. last: the newest record.
    """

    epoch: int
    after: Position | None
    there: Sequence[int]
    last: Recorded | None


def further(end: Published | None, record: Published) -> Published:
    """The end of a partition with one more record of it, in whatever order they come."""
    if end is None or record.epoch > end.epoch:
        return record
    if record.epoch < end.epoch:
        return end
    last = max(end, record, key=lambda published: published.recorded.position)
    through = max(end.published_through, record.published_through)
    return replace(last, published_through=through)


def resume(ends: Ends) -> Resume:
    """Only records of the newest epoch count: workers pass over what an older relay wrote late."""
    epoch = max((end.epoch for end in ends if end), default=0)
    newest = [end for end in ends if end and end.epoch == epoch]
    through = max((end.published_through for end in newest), default=NOTHING)
    last = max((end.recorded for end in newest), key=lambda event: event.position, default=None)
    # A partition without any may be younger than the epoch: then orders have moved between them.
    there = [end.recorded.position for end in newest] if len(newest) == len(ends) else None
    return Resume(
        epoch,
        None if through == NOTHING else Position(through),
        there or [NOTHING] * len(ends),
        last,
    )


def least_epoch(found: Resume, *, ours: int, before: int | None) -> int:
    """What the epoch of the next session must be at least, so that nothing is taken for there
    that is in another partition by now.

    ours: the relay's so far. before: the partitions of its last session, None for the first one.
    """
    if before is None:
        return found.epoch + 1
    return ours if before == len(found.there) else ours + 1
