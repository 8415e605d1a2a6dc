"""A bus in memory for the tests of the relay, with failures on request."""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import reduce

from eventstore.lease import SECRET_BYTES
from eventstore.port import Recorded
from eventstore.record.codec import order_id_of
from eventstore.relay.bus import BusError, PartitionEnds, Published
from eventstore.relay.resume import merge_end


@dataclass
class MemoryBus:
    """A topic of two partitions.

    refusals: raised by the next opens. failures: raised by the next publishes, None for success.
    sealed_with: the secrets of records; a record that a test has put there itself has every secret.
    gate: publishes wait until it is set. bytes_max: larger batches are refused.
    """

    partitions: list[list[Published]] = field(default_factory=lambda: [[], []])
    sealed_with: dict[Published, bytes] = field(default_factory=dict)
    refusals: deque[BusError] = field(default_factory=deque)
    failures: deque[BusError | None] = field(default_factory=deque)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    bytes_max: int = 2**30
    too_large: BusError | None = None
    opened: int = 0
    closed: int = 0
    under_way: int = 0

    def __post_init__(self) -> None:
        self.gate.set()

    async def open(self, secret: bytes) -> "MemoryPublisher":
        assert len(secret) == SECRET_BYTES
        if self.refusals:
            raise self.refusals.popleft()
        self.opened += 1
        return MemoryPublisher(self, secret)

    @property
    def events(self) -> list[Recorded]:
        """The published events by position, without repeats."""
        found = {
            record.recorded.position: record.recorded
            for partition in self.partitions
            for record in partition
        }
        return [found[position] for position in sorted(found)]

    @property
    def epochs(self) -> set[int]:
        return {record.epoch for partition in self.partitions for record in partition}


class MemoryPublisher:
    def __init__(self, bus: MemoryBus, secret: bytes) -> None:
        self._bus = bus
        self._secret = secret
        self.ends: PartitionEnds = [
            reduce(merge_end, filter(self._is_ours, records), None) for records in bus.partitions
        ]

    def _is_ours(self, record: Published) -> bool:
        return self._bus.sealed_with.get(record, self._secret) == self._secret

    def partition_of(self, order_id: str) -> int:
        return sum(order_id.encode()) % len(self.ends)

    async def publish(
        self, partition: int, events: Sequence[Recorded], *, epoch: int, published_through: int
    ) -> None:
        bus = self._bus
        assert all(self.partition_of(order_id_of(event.stream)) == partition for event in events)
        bus.under_way += 1
        try:
            await bus.gate.wait()
        finally:
            bus.under_way -= 1
        if bus.too_large and sum(len(event.data) for event in events) > bus.bytes_max:
            raise bus.too_large
        if bus.failures and (failure := bus.failures.popleft()):
            raise failure
        records = [Published(event, epoch, published_through) for event in events]
        bus.partitions[partition] += records
        bus.sealed_with |= dict.fromkeys(records, self._secret)

    async def aclose(self) -> None:
        self._bus.closed += 1
