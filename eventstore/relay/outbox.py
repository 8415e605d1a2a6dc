"""What the relay has read of the log and the bus has not acknowledged: a queue for each partition.

Bounded in bytes; knows up to which position everything is acknowledged.
"""

from collections import deque
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass

from eventstore.port import Page, Position, Recorded
from eventstore.record.codec import order_id_of
from eventstore.relay.bus import NOTHING

OVERHEAD_BYTES = 512
"""What an event takes beside its data and metadata, here and as a record."""


@dataclass(slots=True)
class _Entry:
    event: Recorded
    is_there: bool


class Outbox:
    """bytes: of what is in it. published_through: as it may be told to those who read the topic."""

    def __init__(
        self,
        partitions: int,
        partition_of: Callable[[str], int],
        *,
        after: Position | None,
        there: Sequence[int],
        refused: Container[Position] = (),
    ) -> None:
        """there: by partition, up to where its events are on the bus. refused: never to be sent."""
        self.bytes = 0
        self.published_through = NOTHING if after is None else after
        self._partition_of = partition_of
        self._there = there
        self._refused = refused
        self._in_order: deque[_Entry] = deque()
        self._queues: list[deque[_Entry]] = [deque() for _ in range(partitions)]
        self._taken = [0] * partitions

    def put(self, page: Page) -> set[int]:
        """The log's next page; the partitions that have something to be sent now."""
        touched = set()
        for event in page:
            partition = self._partition_of(order_id_of(event.stream))
            is_there = event.position <= self._there[partition] or event.position in self._refused
            entry = _Entry(event, is_there)
            self._in_order.append(entry)
            self.bytes += size_of(event)
            if not is_there:
                self._queues[partition].append(entry)
                touched.add(partition)
        self._advance()
        return touched

    def take(self, partition: int, *, count_max: int, bytes_max: int) -> Sequence[Recorded]:
        """The partition's next events, at least one if there is any; one that is too big alone.

        Until it is acknowledged there is no second batch of a partition.
        """
        batch: list[Recorded] = []
        size = 0
        for entry in self._queues[partition]:
            size += size_of(entry.event)
            if batch and (size > bytes_max or len(batch) == count_max):
                break
            batch.append(entry.event)
        self._taken[partition] = len(batch)
        return batch

    def acknowledge(self, partition: int) -> None:
        """What was taken of the partition is on the bus."""
        queue = self._queues[partition]
        for _ in range(self._taken[partition]):
            queue.popleft().is_there = True
        self._taken[partition] = 0
        self._advance()

    def _advance(self) -> None:
        while self._in_order and self._in_order[0].is_there:
            event = self._in_order.popleft().event
            self.published_through = event.position
            self.bytes -= size_of(event)


def size_of(event: Recorded) -> int:
    return len(event.data) + len(event.metadata) + OVERHEAD_BYTES
