"""Where a relay resumes: read from the last records of the topic, so there is no checkpoint to
lose.

Why no event is ever skipped (docs/decisions/0020): a relay sends the next events of a partition
only when the ones before are acknowledged. So a relay's last record in a partition proves that all
events of that partition up to it were published, and published_through proves it for all
partitions. Within one epoch the number of partitions never changes (see least_epoch).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from eventstore.port import Position, Recorded
from eventstore.relay.bus import BEFORE_FIRST, PartitionEnds, Published


@dataclass(frozen=True, slots=True)
class Resume:
    """epoch: the newest that has published, 0: none. after: None for the beginning of the log.

    acknowledged: for each partition, the position up to which its events are published. last: the
    newest record.
    """

    epoch: int
    after: Position | None
    acknowledged: Sequence[int]
    last: Recorded | None


def merge_end(end: Published | None, record: Published) -> Published:
    """The end of a partition after one more of its records, which may come in any order."""
    if end is None or record.epoch > end.epoch:
        return record
    if record.epoch < end.epoch:
        return end
    last = max(end, record, key=lambda published: published.recorded.position)
    through = max(end.published_through, record.published_through)
    return replace(last, published_through=through)


def resume(ends: PartitionEnds) -> Resume:
    """Only records of the newest epoch count: workers skip what an older relay wrote late."""
    epoch = max((end.epoch for end in ends if end), default=0)
    newest = [end for end in ends if end and end.epoch == epoch]
    through = max((end.published_through for end in newest), default=BEFORE_FIRST)
    last = max((end.recorded for end in newest), key=lambda event: event.position, default=None)
    # A partition without any may have been added later: then orders have moved between partitions.
    acknowledged = [end.recorded.position for end in newest] if len(newest) == len(ends) else None
    return Resume(
        epoch,
        None if through == BEFORE_FIRST else Position(through),
        acknowledged or [BEFORE_FIRST] * len(ends),
        last,
    )


def least_epoch(found: Resume, *, ours: int, before: int | None) -> int:
    """The least epoch for the next session. A new number of partitions needs a new epoch.

    Otherwise an order's events could be taken for published although the order now belongs to
    another partition. ours: the relay's epoch so far. before: the number of partitions in its last
    session; None for the first one.
    """
    if before is None:
        return found.epoch + 1
    return ours if before == len(found.acknowledged) else ours + 1
