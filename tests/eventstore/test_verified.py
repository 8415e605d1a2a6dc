"""ChainVerifier in bounded memory, and VerifiedLog, which reports every altered event."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace

import pytest

from eventstore.ledger.ledger import Ledger
from eventstore.memory import MemoryStore
from eventstore.port import NO_STREAM, EventStore, Position, Recorded, StreamName
from eventstore.record.chain import ChainBroken
from eventstore.verified import ALTERED_MAX, ChainVerifier, LogAltered, VerifiedLog
from tests.contracts.event_store import all_of, draft
from tests.eventstore.ledgers import Clock, CountingStore, note, place

ORDERS = 7
ROUNDS = 200


async def fill(store: EventStore, *, rounds: int = ROUNDS) -> None:
    """So many orders with events in turns: more events than a page has."""
    ledger = Ledger(store, clock=Clock())
    for turn in range(rounds):
        for n in range(ORDERS):
            order_id = f"o-{n}"
            await ledger.submit(note(turn, order_id) if turn else place(order_id))


def altered(store: MemoryStore, number: int) -> Recorded:
    """An event after one byte of it was changed by hand."""
    event = store._log[number]
    store._log[number] = changed = replace(event, data=event.data + b" ")
    return changed


async def verified(store: EventStore, chains: ChainVerifier) -> None:
    async for page in store.read_all():
        await chains.verify(page)


class TestChains:
    async def test_a_forgotten_stream_is_read_again(self) -> None:
        source = CountingStore()
        await fill(source)
        await verified(source, ChainVerifier(source, links_max=3))

        assert source.events_read > 0

    async def test_a_break_after_that_is_still_found(self) -> None:
        source = MemoryStore()
        await fill(source)
        altered(source, ORDERS * 100)

        with pytest.raises(ChainBroken):
            await verified(source, ChainVerifier(source, links_max=1))

    async def test_a_stream_without_its_beginning_is_a_break(self) -> None:
        source = MemoryStore()
        await fill(source, rounds=2)
        events = [event for event in await all_of(source.read_all()) if event.revision == 1]

        with pytest.raises(ChainBroken, match="does not follow revision"):
            await ChainVerifier(MemoryStore()).verify(events)


@pytest.fixture
async def store() -> MemoryStore:
    store = MemoryStore()
    await fill(store)
    return store


async def read(store: EventStore, *, after: Position | None = None) -> list[Recorded]:
    return await all_of(store.read_all(after=after))


async def followed(store: EventStore, *, events: int) -> list[Recorded]:
    found: list[Recorded] = []
    pages: AsyncIterator[list[Recorded]] = store.follow()  # type: ignore[assignment]
    async with aclosing(pages):  # type: ignore[type-var]
        async for page in pages:
            found += page
            if len(found) >= events:
                break
    return found


def faults(log: VerifiedLog, events: list[Recorded]) -> list[Position]:
    return [event.position for event in events if log.fault(event) is not None]


class TestVerifiedLog:
    async def test_an_intact_log_is_read_and_followed_unchanged(self, store: MemoryStore) -> None:
        log, events = VerifiedLog(store), await read(store)

        assert await read(log) == events
        assert await followed(log, events=len(events)) == events
        assert await log.head() == events[-1].position

    async def test_reading_from_where_another_reader_is_verifies_too(
        self, store: MemoryStore
    ) -> None:
        changed = altered(store, 1_200)
        log, before = VerifiedLog(store), store._log[499].position
        async for _ in log.read_all():
            break

        assert faults(log, await read(log, after=before)) == [changed.position]

    @pytest.mark.parametrize("number", [0, 3, 499, 500, 1_399])
    async def test_an_altered_event_is_reported_to_every_reader(
        self, store: MemoryStore, number: int
    ) -> None:
        changed, log = altered(store, number), VerifiedLog(store)

        found = await asyncio.gather(
            *(read(log), read(log), followed(log, events=1_400), read(log))
        )

        assert [faults(log, events) for events in found] == [[changed.position]] * 4
        fault = log.fault(changed)
        assert f"position {changed.position}: its hash is not that of its content" in str(fault)

    async def test_each_altered_event_of_an_order_is_reported_and_no_other(
        self, store: MemoryStore
    ) -> None:
        changed = [altered(store, number).position for number in (7, 14, 15, 700)]
        log = VerifiedLog(store)

        assert faults(log, await read(log)) == changed

    async def test_an_event_that_the_next_one_was_not_chained_to_is_reported_there(
        self, store: MemoryStore
    ) -> None:
        forged = MemoryStore()
        ledger = Ledger(forged, clock=Clock())
        for turn in range(3):
            await ledger.submit(note(turn + 7, "o-0") if turn else place("o-0"))
        number = next(n for n, it in enumerate(store._log) if it.revision == 1)
        store._log[number] = replace(forged._log[1], position=store._log[number].position)
        after = next(it for it in store._log if (it.stream, it.revision) == ("order-o-0", 2))
        log = VerifiedLog(store)

        assert faults(log, await read(log)) == [after.position]
        assert "its prev_hash is not the hash" in str(log.fault(after))

    async def test_a_gap_is_not_a_fault_of_the_events_after_it(self, store: MemoryStore) -> None:
        del store._log[7 + 3]
        log = VerifiedLog(store)

        assert faults(log, await read(log)) == []

    async def test_a_log_altered_at_many_orders_is_not_read(
        self, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for number in range(7, 7 + ORDERS):
            altered(store, number)
        log = VerifiedLog(store)
        assert len(faults(log, await read(log))) == ORDERS

        monkeypatch.setattr("eventstore.verified.ALTERED_MAX", ORDERS - 1)
        log = VerifiedLog(store)
        for _ in range(2):
            with pytest.raises(LogAltered, match=f"position {store._log[7].position}:"):
                await read(log)

    async def test_streams_that_another_program_began_are_no_altered_orders(
        self, store: MemoryStore
    ) -> None:
        for n in range(ALTERED_MAX + 1):
            stream = StreamName(f"order-foreign-{n}")
            drafts = [replace(draft(), type="SomethingElse") for _ in range(2)]
            await store.append(stream, drafts, expected=NO_STREAM)
        log = VerifiedLog(store)

        events = await all_of(log.read_all())

        assert [event.position for event in events] == [event.position for event in store._log]
        assert all(log.fault(one) for one in events if one.stream.startswith("order-foreign-"))

    async def test_several_concurrent_readers_each_get_the_whole_log(
        self, store: MemoryStore
    ) -> None:
        log, events = VerifiedLog(store), await read(store)

        assert await asyncio.gather(*(read(log) for _ in range(4))) == [events] * 4
