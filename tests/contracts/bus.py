"""What every bus promises the relay, one fact per test.

Subclasses provide `bus`, whose topic does not exist yet or is empty.
"""

from dataclasses import replace

from domain.events import NoteAdded
from eventstore.port import Position, Recorded
from eventstore.record.codec import order_id_of
from eventstore.relay.bus import BEFORE_FIRST, Bus, Published, Publisher, ReadableBus
from tests.eventstore.leases import ANOTHER_SECRET, SECRET
from tests.eventstore.recorded import sealed_stream
from tests.ids import EXAMPLES


def events(count: int, order_id: str = "o-1") -> list[Recorded]:
    notes = [NoteAdded(note_id=f"n{n}", text="seen") for n in range(count)]
    return sealed_stream(*notes, order_id=order_id)


async def publish(
    bus: Bus,
    sent: list[Recorded],
    *,
    epoch: int = 1,
    through: int = BEFORE_FIRST,
    secret: bytes = SECRET,
) -> int:
    """As a relay that then ends. The partition of the events' order."""
    publisher = await bus.open(secret)
    try:
        partition = publisher.partition_of(order_id_of(sent[0].stream))
        await publisher.publish(partition, sent, epoch=epoch, published_through=through)
    finally:
        await publisher.aclose()
    return partition


async def opened(bus: Bus, secret: bytes = SECRET) -> Publisher:
    """A publisher, already closed: for its ends."""
    publisher = await bus.open(secret)
    await publisher.aclose()
    return publisher


class BusContract:
    async def test_partitions_of_an_empty_topic_have_no_end(self, bus: Bus) -> None:
        ends = (await opened(bus)).ends

        assert ends
        assert set(ends) == {None}

    async def test_an_order_has_one_partition_whoever_asks(self, bus: Bus) -> None:
        first, second = await opened(bus), await opened(bus)
        places = [first.partition_of(f"o-{n}") for n in range(50)]

        assert places == [second.partition_of(f"o-{n}") for n in range(50)]
        assert set(places) <= set(range(len(first.ends)))
        assert len(set(places)) > 1

    async def test_the_next_relay_finds_the_last_event_of_the_partition(self, bus: Bus) -> None:
        sent = events(3)
        partition = await publish(bus, sent, through=4)

        ends = (await opened(bus)).ends

        assert ends[partition] == Published(sent[-1], 1, 4)
        assert [end for place, end in enumerate(ends) if place != partition] == [None] * (
            len(ends) - 1
        )

    async def test_an_order_may_have_any_id(self, bus: Bus) -> None:
        for position, order_id in enumerate(EXAMPLES):
            sent = replace(events(1, order_id)[0], position=Position(position))
            partition = await publish(bus, [sent])

            assert (await opened(bus)).ends[partition] == Published(sent, 1, BEFORE_FIRST)

    async def test_an_event_published_again_changes_nothing(self, bus: Bus) -> None:
        sent = events(3)
        partition = await publish(bus, sent)
        await publish(bus, sent[:2])

        assert (await opened(bus)).ends[partition] == Published(sent[-1], 1, BEFORE_FIRST)

    async def test_only_the_newest_epoch_counts(self, bus: Bus) -> None:
        sent = events(3)
        partition = await publish(bus, sent[:2], epoch=2)
        await publish(bus, sent[2:], epoch=1)  # a relay that did not know that another one leads

        assert (await opened(bus)).ends[partition] == Published(sent[1], 2, BEFORE_FIRST)

    async def test_published_through_is_the_largest_of_the_epoch(self, bus: Bus) -> None:
        sent = events(3)
        partition = await publish(bus, sent[:2], through=4)
        await publish(bus, sent[2:], through=3)

        assert (await opened(bus)).ends[partition] == Published(sent[2], 1, 4)

    async def test_a_record_sealed_with_another_secret_is_not_ours(self, bus: Bus) -> None:
        partition = await publish(bus, events(2), secret=ANOTHER_SECRET)

        assert (await opened(bus)).ends[partition] is None
        assert (await opened(bus, ANOTHER_SECRET)).ends[partition] is not None


class ReadableBusContract(BusContract):
    """For a bus that can also be read without publishing."""

    async def test_reading_creates_nothing_and_finds_nothing_in_an_empty_topic(
        self, bus: ReadableBus
    ) -> None:
        sentence, _ = await bus.describe()

        assert " " in sentence
        assert set(await bus.ends(SECRET)) <= {None}

    async def test_the_ends_are_those_that_a_relay_finds(self, bus: ReadableBus) -> None:
        partition = await publish(bus, events(2), secret=ANOTHER_SECRET)

        assert await bus.ends(ANOTHER_SECRET) == (await opened(bus, ANOTHER_SECRET)).ends
        assert (await bus.ends(SECRET))[partition] is None
        assert (await bus.ends(None))[partition] is not None
