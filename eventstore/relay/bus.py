"""The port to the bus: what the relay needs of a topic, and the types for it.

eventstore.relay.kafka is its one adapter; the tests have another, in memory.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from eventstore.port import Recorded


@dataclass(frozen=True, slots=True)
class Published:
    """An event as the relay of that epoch published it.

    published_through: every position of the log up to it had been acknowledged by then, or was
    refused by the bus for its size; BEFORE_FIRST if there is none.
    """

    recorded: Recorded
    epoch: int
    published_through: int


BEFORE_FIRST = -1
"""Below every position."""

PartitionEnds = Sequence[Published | None]
"""For each partition, of its records of the newest epoch in it: the last event, and the largest
published_through. None if it has no record of ours. See eventstore.relay.resume.merge_end.
"""


class Publisher(Protocol):
    """A topic, open for one relay. ends: as they were when it was opened."""

    ends: PartitionEnds

    def partition_of(self, order_id: str) -> int:
        """Always the same, as long as the topic has this number of partitions."""
        ...

    async def publish(
        self, partition: int, events: Sequence[Recorded], *, epoch: int, published_through: int
    ) -> None:
        """Returns when all are acknowledged. One call at a time for a partition.

        Raises Unpublished: which of them were published is then unknown, and this publisher cannot
        be used any more. The same holds for TooLarge.
        """
        ...

    async def aclose(self) -> None:
        """In bounded time, whatever the bus does. Unacknowledged records may still arrive later."""
        ...


class Bus(Protocol):
    async def open(self, secret: bytes) -> Publisher:
        """secret: seals records; those without a valid seal are not ours.

        Raises BusUnavailable with what to do.
        """
        ...


class ReadableBus(Bus, Protocol):
    """A bus whose topic can also be read without publishing. Reading creates no topic."""

    async def ends(self, secret: bytes | None) -> PartitionEnds:
        """secret: None for all records, whoever sealed them. Empty if there is no topic yet.

        Raises BusUnavailable with what to do.
        """
        ...

    async def describe(self) -> tuple[str, Sequence[str]]:
        """The topic in a sentence, and settings that may lose records. Raises BusUnavailable."""
        ...


class BusError(Exception):
    """An error of a bus."""


class BusUnavailable(BusError):
    """It cannot be reached, or has no topic. The message says what to do."""


class Unpublished(BusError):
    """Records may or may not have been published: open the topic again to find out."""


class TooLarge(BusError):
    """The bus does not take a batch of this size."""
