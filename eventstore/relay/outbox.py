"""Events read from the log and not yet acknowledged by the bus: a queue for each partition.

Bounded in bytes. Knows the position up to which all events are acknowledged.
"""

from collections import deque
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass

from eventstore.port import Page, Position, Recorded
from eventstore.record.codec import order_id_of
from eventstore.relay.bus import BEFORE_FIRST

OVERHEAD_BYTES = 512
"""Of an event besides its data and metadata, in memory and as a record."""


@dataclass(slots=True)
class _Entry:
    event: Recorded
    is_done: bool


class Outbox:
    """bytes: of the events in it. published_through: as in the records."""

    def __init__(
        self,
        partitions: int,
        partition_of: Callable[[str], int],
        *,
        after: Position | None,
        acknowledged: Sequence[int],
        refused: Container[Position] = (),
    ) -> None:
        """acknowledged: as in Resume. refused: events that are never sent."""
        self.bytes = 0
        self.published_through = BEFORE_FIRST if after is None else after
        self._partition_of = partition_of
        self._acknowledged = acknowledged
        self._refused = refused
        self._in_order: deque[_Entry] = deque()
        self._queues: list[deque[_Entry]] = [deque() for _ in range(partitions)]
        self._taken = [0] * partitions

    def put(self, page: Page) -> set[int]:
        """Add the log's next page. The partitions that now have events to send."""
        touched = set()
        for event in page:
            partition = self._partition_of(order_id_of(event.stream))
            is_done = (
                event.position <= self._acknowledged[partition] or event.position in self._refused
            )
            entry = _Entry(event, is_done)
            self._in_order.append(entry)
            self.bytes += size_of(event)
            if not is_done:
                self._queues[partition].append(entry)
                touched.add(partition)
        self._advance()
        return touched

    def take(self, partition: int, *, count_max: int, bytes_max: int) -> Sequence[Recorded]:
        """The partition's next batch: at least one event if there is any; a large one alone.

        Acknowledge it before taking the next one.
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
        """The batch taken last is on the bus."""
        queue = self._queues[partition]
        for _ in range(self._taken[partition]):
            queue.popleft().is_done = True
        self._taken[partition] = 0
        self._advance()

    def _advance(self) -> None:
        while self._in_order and self._in_order[0].is_done:
            event = self._in_order.popleft().event
            self.published_through = event.position
            self.bytes -= size_of(event)


def size_of(event: Recorded) -> int:
    return len(event.data) + len(event.metadata) + OVERHEAD_BYTES
