"""The bus port: what the relay asks of a topic, and the words for it.

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
    refused by the bus for its size; NOTHING where there is none.
    """

    recorded: Recorded
    epoch: int
    published_through: int


NOTHING = -1
"""Below every position."""

Ends = Sequence[Published | None]
"""Of each partition, from its records of the newest epoch there: the last event and the largest
published_through. None where no record of ours is found. See eventstore.relay.resume.further."""


class Publisher(Protocol):
    """A topic, open for one relay. ends: as it was found."""

    ends: Ends

    def partition_of(self, order_id: str) -> int:
        """The same for ever, as long as the topic has so many partitions."""
        ...

    async def publish(
        self, partition: int, events: Sequence[Recorded], *, epoch: int, published_through: int
    ) -> None:
        """Returns when all are acknowledged. One call at a time for a partition.

        Raises Unpublished, after which nobody knows which of them are there and this publisher is
        of no use any more; TooLarge likewise.
        """
        ...

    async def aclose(self) -> None:
        """In bounded time, whatever the bus does. What is not acknowledged may come later."""
        ...


class Bus(Protocol):
    async def open(self, secret: bytes) -> Publisher:
        """secret: what records are sealed with; those without a valid seal are not ours.

        Raises BusUnavailable with what to do.
        """
        ...


class ReadableBus(Bus, Protocol):
    """A bus whose topic can also be read by whoever publishes nothing. Nothing is made by it."""

    async def ends(self, secret: bytes | None) -> Ends:
        """secret: None for all records, whoever has sealed them. Empty where there is no topic yet.

        Raises BusUnavailable with what to do.
        """
        ...

    async def describe(self) -> tuple[str, Sequence[str]]:
        """The topic in a sentence, and what there may lose records. Raises BusUnavailable."""
        ...


class BusError(Exception):
    """What a bus can answer instead of success."""


class BusUnavailable(BusError):
    """It cannot be reached, or has no topic; says what to do."""


class Unpublished(BusError):
    """Records may or may not be there: open the topic anew and see."""


class TooLarge(BusError):
    """The bus takes no batch of this size."""
