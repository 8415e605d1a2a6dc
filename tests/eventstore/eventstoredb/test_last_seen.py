"""An older backup is restored under running processes: none of them continues from its memory."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest

pytest.importorskip("esdbclient")

from domain.rules import OrderRefused
from eventstore.decisions import DISCARDS, LOSSES, AcceptedLoss, Discarded
from eventstore.eventstoredb import EventStoreDb
from eventstore.eventstoredb.decisions import StreamDecisions
from eventstore.eventstoredb.last_seen import LastSeen
from eventstore.known import KnownEvent
from eventstore.ledger.ledger import Ledger
from eventstore.port import EventsLost, EventStore, Recorded, StoreError, StreamName
from tests.contracts.event_store import SOON_S, all_of
from tests.esdb_stub.faults import Fault
from tests.esdb_stub.log import Log, Stored
from tests.esdb_stub.server import Stub, stub
from tests.eventstore.esdb import FAST, store_on
from tests.eventstore.ledgers import START, Clock, note, place
from tests.waiting import until


@asynccontextmanager
async def ledger_on(server: Stub) -> AsyncIterator[Ledger]:
    async with store_on(server) as store:
        yield Ledger(store, clock=Clock(START), resends_max=0)


def backup(server: Stub) -> list[Stored]:
    return list(server.log.events)


async def restore(server: Stub, events: list[Stored]) -> None:
    """Stop the server and start it on the same port with the log of a backup."""
    await server.stop()
    server.log = Log()
    for event in events:
        server.log.restore([event])
    server.log.forget_recent()
    await server.start(server.port)


def streams(server: Stub) -> list[tuple[str, int]]:
    return [(e.stream, e.number) for e in server.log.events if e.stream.startswith("order-")]


async def test_a_lost_command_sent_again_is_not_answered_from_memory(server: Stub) -> None:
    async with ledger_on(server) as ledger:
        await ledger.submit(place("a"))
        older = backup(server)
        await ledger.submit(place("b"))
        await restore(server, older)

        with pytest.raises(EventsLost, match=r"this process knows order-b revision 0.*accept-loss"):
            await ledger.submit(place("b"))

        # No other command is taken either, until the process is started again.
        for command in (place("c"), note(1, "a")):
            with pytest.raises(EventsLost):
                await ledger.submit(command)
        assert ledger.lost is not None
        assert streams(server) == [("order-a", 0)]
        assert (await ledger.order("a")).revision == 0
        with pytest.raises(OrderRefused):
            await ledger.order("b")


async def test_an_order_is_not_continued_after_a_lost_event(server: Stub) -> None:
    async with ledger_on(server) as ledger, ledger_on(server) as other:
        await ledger.submit(place("a"))
        older = backup(server)
        await ledger.submit(note(1, "a"))
        await restore(server, older)
        await other.submit(note(2, "a"))

        with pytest.raises(EventsLost):
            await ledger.submit(note(3, "a"))
        assert streams(server) == [("order-a", 0), ("order-a", 1)]


async def test_without_the_guard_the_command_would_be_answered_with_nothing_stored(
    server: Stub, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nothing(*_: Any, **__: Any) -> None:
        pass

    monkeypatch.setattr(LastSeen, "verify", nothing)
    async with ledger_on(server) as ledger:
        await ledger.submit(place("a"))
        older = backup(server)
        await ledger.submit(place("b"))
        await restore(server, older)

        assert (await ledger.submit(place("b"))).replayed
        assert streams(server) == [("order-a", 0)]


async def test_a_restart_that_lost_nothing_changes_nothing(server: Stub) -> None:
    async with ledger_on(server) as ledger:
        await ledger.submit(place("a"))
        for number in range(3):
            await server.restart()
            await ledger.submit(note(number, "a"))
            assert (await ledger.submit(note(number, "a"))).replayed
        assert ledger.lost is None


async def test_a_process_that_only_reads_does_not_take_an_older_copy_for_the_log(
    server: Stub,
) -> None:
    """Reading has a connection of its own: it is not the appends' that notices."""
    async with ledger_on(server) as ledger:
        await ledger.submit(place("a"))
        older = backup(server)
        await ledger.submit(place("b"))
    async with store_on(server) as reader:
        assert len(await all_of(reader.read_stream(StreamName("order-b")))) == 1
        await restore(server, older)

        with pytest.raises(EventsLost, match="order-b revision 0"):
            await all_of(reader.read_stream(StreamName("order-b")))


async def test_no_call_is_added_while_the_connection_is_intact(server: Stub) -> None:
    looks = 0
    look = LastSeen.verify

    async def counted(self: LastSeen, *arguments: Any, **more: Any) -> None:
        nonlocal looks
        looks += 1
        await look(self, *arguments, **more)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(LastSeen, "verify", counted)
        async with ledger_on(server) as ledger:
            await ledger.submit(place("a"))
            for number in range(10):
                await ledger.submit(note(number, "a"))
            assert looks == 0
            await server.restart()
            await ledger.submit(note(10, "a"))
            assert looks == 1


async def test_an_append_that_was_under_way_meanwhile_is_not_acknowledged(server: Stub) -> None:
    async with ledger_on(server) as ledger:
        await ledger.submit(place("a"))
        older = backup(server)
        await ledger.submit(place("b"))
        server.hooks.add(Fault.SILENCE, on="append", times=1)
        under_way = asyncio.ensure_future(ledger.submit(note(1, "a")))
        await until(lambda: server.hooks.met[Fault.SILENCE] == 1)
        await restore(server, older)

        with pytest.raises(EventsLost):
            await under_way


async def test_a_stream_deleted_by_hand_is_not_a_lost_end(server: Stub) -> None:
    async with ledger_on(server) as ledger:
        await ledger.submit(place("a"))
        await ledger.submit(place("b"))
        server.log.delete("order-b", 0)
        await server.restart()

        await ledger.submit(note(1, "a"))
        assert ledger.lost is None


class Follower:
    """The events that a follower got, and how it ended."""

    def __init__(self, store: EventStore) -> None:
        self.events: list[Recorded] = []
        self.error: StoreError | None = None
        self._came = asyncio.Event()
        self._task = asyncio.create_task(self._follow(store))

    async def has(self, count: int) -> None:
        async with asyncio.timeout(SOON_S):
            while len(self.events) < count:
                self._came.clear()
                await self._came.wait()

    async def ended(self) -> StoreError | None:
        async with asyncio.timeout(SOON_S):
            await asyncio.wait({self._task})
        return self.error

    async def stop(self) -> None:
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task

    async def _follow(self, store: EventStore) -> None:
        try:
            async for page in store.follow():
                self.events += page
                self._came.set()
        except StoreError as error:
            self.error = error


async def test_a_follower_notices_other_events_at_the_same_positions(server: Stub) -> None:
    async with store_on(server) as followed, ledger_on(server) as ledger:
        follower = Follower(followed)
        await ledger.submit(place("a"))
        older = backup(server)
        for name in ("b", "c", "d"):
            await ledger.submit(place(name))
        await follower.has(4)
        await server.stop()
        async with stub() as elsewhere, ledger_on(elsewhere) as other:
            await restore(elsewhere, older)
            for name in ("x", "y", "z", "u", "v"):
                await other.submit(place(name))
            grown = backup(elsewhere)
        positions = {event.position for event in grown}
        assert follower.events[-1].position in positions

        await restore(server, grown)

        assert isinstance(await follower.ended(), EventsLost)
        with pytest.raises(EventsLost):
            await anext(aiter(followed.follow()))
        with pytest.raises(EventsLost):
            [page async for page in followed.read_all()]


async def test_a_follower_continues_after_a_restart(server: Stub) -> None:
    async with store_on(server) as followed, ledger_on(server) as ledger:
        follower = Follower(followed)
        await ledger.submit(place("a"))
        await follower.has(1)
        await server.restart()
        await ledger.submit(place("b"))
        await follower.has(2)
        await follower.stop()


async def test_accepted_losses_are_kept_with_the_log(server: Stub) -> None:
    known = KnownEvent("the read model order", "order-b", 0, 700, "ab")
    loss = AcceptedLoss("ann", "2026-01-01T00:00:00Z", "fire", 600, (known,))
    for expected in (1, 2):
        losses = StreamDecisions(server.uri, LOSSES, timing=FAST)
        await losses.add(loss)
        assert list(await losses.all()) == [loss] * expected
        await losses.aclose()
    async with store_on(server) as store:
        assert await store.head() is None


async def test_discards_are_kept_with_the_log(server: Stub) -> None:
    discarded = Discarded("order", "a", 1, "", "ann", "2026-01-01T00:00:00Z", "unreadable")
    for expected in (1, 2):
        discards = StreamDecisions(server.uri, DISCARDS, timing=FAST)
        await discards.add(discarded)
        assert list(await discards.all()) == [discarded] * expected
        await discards.aclose()
    async with store_on(server) as store:
        assert await store.head() is None


async def test_a_store_that_has_seen_nothing_has_lost_nothing(server: Stub) -> None:
    async with store_on(server) as store:
        await store.check()
        assert isinstance(store, EventStoreDb)
