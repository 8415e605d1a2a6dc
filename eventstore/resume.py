"""Where a relay goes on: found in the last records of the topic, as there is nothing else to lose.

Why nothing is ever skipped (docs/decisions/0020): a relay hands a partition its next events only
when those before are acknowledged. So the last record of a relay in a partition says that
everything of that partition up to it is there, and published_through says it of all partitions.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from eventstore.bus import NOTHING, Ends
from eventstore.port import Position, Recorded


@dataclass(frozen=True, slots=True)
class Resume:
    """epoch: the newest that has published, 0: none. after: None for the beginning of the log.

    there: by partition, the position up to which its events are there. last: the newest record.
    """

    epoch: int
    after: Position | None
    there: Sequence[int]
    last: Recorded | None


def resume(ends: Ends) -> Resume:
    """Only records of the newest epoch count: workers pass over what an older relay wrote late."""
    epoch = max((record.epoch for records in ends for record in records), default=0)
    newest = [[record for record in records if record.epoch == epoch] for records in ends]
    everywhere = [record for records in newest for record in records]
    through = max((record.published_through for record in everywhere), default=NOTHING)
    last = max(
        (record.recorded for record in everywhere), key=lambda event: event.position, default=None
    )
    return Resume(
        epoch,
        None if through == NOTHING else Position(through),
        [
            max((record.recorded.position for record in records), default=NOTHING)
            # An empty partition may be new; then orders have moved between the partitions.
            if all(ends)
            else NOTHING
            for records in newest
        ],
        last,
    )
