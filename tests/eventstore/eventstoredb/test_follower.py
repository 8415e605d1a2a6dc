"""Following the log whatever servers do: no gap, no event twice, and it never ends."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from tests.eventstore.esdb import GIVES_UP
from tests.waiting import HUNG_S, until

pytest.importorskip("esdbclient")

from eventstore.eventstoredb import EventStoreDb, http2, http2_answer
from eventstore.port import NO_STREAM, PAGE_MAX, Position, Revision, StreamName
from tests.contracts.event_store import SOON_S, Following, draft, drafts, fresh_stream
from tests.esdb_stub import extras
from tests.esdb_stub.faults import Fault
from tests.esdb_stub.relay import relay
from tests.esdb_stub.server import Stub, stub
from tests.esdb_stub.subscribing import Extras
from tests.eventstore.esdb import FAST, lead, store_on

PATIENT = replace(FAST, idle_s=3_600.0)
"""Silence of a subscription is not checked."""


@pytest.fixture
async def store(server: Stub) -> AsyncIterator[EventStoreDb]:
    async with store_on(server) as store:
        yield store


@pytest.fixture
def stream() -> StreamName:
    return fresh_stream()


async def write(store: EventStoreDb, stream: StreamName, count: int, *, after: int = -1) -> None:
    """One event after the other, after a revision."""
    for revision in range(after, after + count):
        expected = NO_STREAM if revision < 0 else Revision(revision)
        await store.append(stream, [draft()], expected=expected)


@pytest.mark.parametrize(
    "fault", [Fault.ENDED, Fault.CONSUMER_TOO_SLOW, Fault.UNAVAILABLE, Fault.RESTART]
)
async def test_a_subscription_that_ends_is_resumed_after_its_last_event(
    server: Stub, store: EventStoreDb, stream: StreamName, fault: Fault
) -> None:
    follower = Following(store, stream, after=None)
    await write(store, stream, 5)
    assert await follower.revisions(5) == [0, 1, 2, 3, 4]

    server.hooks.add(fault, on="event", skip=3, times=1)
    await write(store, stream, 20, after=4)
    assert await follower.revisions(20) == list(range(5, 25))

    assert server.hooks.met[fault] == 1
    await follower.stop()


async def test_events_stored_during_a_cut_are_read_afterwards(
    server: Stub, store: EventStoreDb, stream: StreamName
) -> None:
    follower = Following(store, stream, after=None)
    await write(store, stream, 1)
    assert await follower.revisions(1) == [0]
    await until(lambda: all(follower.is_live for follower in store._followers))
    server.hooks.add(Fault.UNAVAILABLE, on="subscribe", times=3)
    server.hooks.add(Fault.ENDED, on="event", times=1)

    await write(store, stream, 10, after=0)

    assert await follower.revisions(10) == list(range(1, 11))
    await follower.stop()


@pytest.mark.parametrize("watched", [True, False])
async def test_a_subscription_that_no_longer_brings_events_is_noticed(
    server: Stub, stream: StreamName, *, watched: bool
) -> None:
    async with store_on(server, timing=FAST if watched else PATIENT) as store:
        follower = Following(store, stream, after=None)
        await write(store, stream, 1)
        assert await follower.revisions(1) == [0]
        await store.check()  # so that the fault is the subscription's
        await until(lambda: all(follower.is_live for follower in store._followers))
        server.hooks.add(Fault.SILENCE, on="event", times=1)
        await write(store, stream, 1, after=0)

        if watched:
            assert await follower.revisions(1) == [1]
        else:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(4 * FAST.idle_s):
                    await follower.revisions(1)
        await follower.stop()


@pytest.mark.parametrize(
    "odd",
    [
        extras.caught_up_again,
        extras.checkpoint_at_the_end,
        extras.checkpoint_of_all_ones,
        extras.checkpoint_of_long_ago,
    ],
)
async def test_only_events_move_the_position(
    server: Stub, store: EventStoreDb, stream: StreamName, odd: Extras
) -> None:
    server.extras = odd
    follower = Following(store, stream, after=None)
    for revision in range(5):
        await write(store, stream, 1, after=revision - 1)
        assert await follower.revisions(1) == [revision]
        server.hooks.add(Fault.ENDED, on="event", times=1)

    await follower.stop()


async def test_a_black_hole_is_noticed(server: Stub, stream: StreamName) -> None:
    async with relay(server.port) as between, store_on(server) as writer:
        store = EventStoreDb(between.uri, timing=GIVES_UP)
        follower = Following(store, stream, after=None)
        await write(writer, stream, 1)
        assert await follower.revisions(1) == [0]
        between.freeze()
        await write(writer, stream, 1, after=0)
        await asyncio.sleep(GIVES_UP.idle_s + GIVES_UP.read_s + GIVES_UP.patience_s)
        between.cut()
        between.thaw()

        assert await follower.revisions(1) == [1]
        await follower.stop()
        await store.aclose()


@pytest.mark.slow
async def test_only_pings_notice_a_black_hole(
    server: Stub, stream: StreamName, caplog: pytest.LogCaptureFixture
) -> None:
    async with relay(server.port) as between, store_on(server) as writer:
        store = EventStoreDb(between.uri, timing=PATIENT)
        follower = Following(store, stream, after=None)
        await write(writer, stream, 1)
        assert await follower.revisions(1) == [0]
        between.freeze()
        await until(lambda: "ping timeout" in caplog.text)

        between.cut()
        between.thaw()
        await follower.stop()
        await store.aclose()


async def test_following_continues_after_an_outage(
    server: Stub, store: EventStoreDb, stream: StreamName
) -> None:
    follower = Following(store, stream, after=None)
    await write(store, stream, 1)
    assert await follower.revisions(1) == [0]
    await server.stop()
    await asyncio.sleep(1)
    await server.start(server.port)

    await write(store, stream, 1, after=0)
    assert await follower.revisions(1) == [1]

    await follower.stop()


async def test_following_moves_to_the_new_leader(stream: StreamName) -> None:
    async with stub() as first, stub() as second:
        lead(first, second)
        url = f"esdb://127.0.0.1:{first.port},127.0.0.1:{second.port}?Tls=false"
        store = EventStoreDb(url, timing=FAST)
        follower = Following(store, stream, after=None)
        await write(store, stream, 3)
        assert await follower.revisions(3) == [0, 1, 2]

        second.log.restore(first.log.events[len(second.log.events) :])
        lead(second, first)
        await first.stop()
        await write(store, stream, 3, after=2)

        assert await follower.revisions(3) == [3, 4, 5]
        await follower.stop()
        await store.aclose()


# The follower


async def test_a_follower_that_pauses_loses_nothing(
    store: EventStoreDb, stream: StreamName, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http2, "WINDOW", 20_000)
    monkeypatch.setattr(http2_answer, "WINDOW", 20_000)
    pages = aiter(store.follow())
    await write(store, stream, 1)
    seen = [event.revision for event in await anext(pages)]
    await store.append(stream, drafts(PAGE_MAX), expected=Revision(0))
    await store.append(stream, drafts(PAGE_MAX), expected=Revision(PAGE_MAX))
    await asyncio.sleep(0.3)

    async with asyncio.timeout(SOON_S):
        while len(seen) < 1 + 2 * PAGE_MAX:
            seen += [event.revision for event in await anext(pages)]

    assert seen == list(range(1 + 2 * PAGE_MAX))
    await pages.aclose()  # type: ignore[attr-defined]


async def test_a_cancelled_follower_is_cancelled(
    server: Stub, store: EventStoreDb, stream: StreamName
) -> None:
    """The client swallows it: the loop would continue as if the server had ended the
    subscription.
    """
    await write(store, stream, 1)
    pages = aiter(store.follow(after=await store.head()))
    waiting = asyncio.ensure_future(anext(pages))
    await asyncio.sleep(0.2)
    waiting.cancel()

    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert store._followers == set()


async def test_an_abandoned_follower_leaves_no_task_running(
    server: Stub, store: EventStoreDb, stream: StreamName
) -> None:
    before = asyncio.all_tasks()
    pages = aiter(store.follow())
    await write(store, stream, 1)
    await anext(pages)

    async with asyncio.timeout(HUNG_S):
        await pages.aclose()  # type: ignore[attr-defined]
    await asyncio.sleep(0.1)

    mine = {task.get_name() for task in asyncio.all_tasks() - before if "pump" in repr(task)}
    assert mine == set()


async def test_following_starts_after_the_given_position(
    store: EventStoreDb, stream: StreamName
) -> None:
    position = Position(await store.append(stream, drafts(3), expected=NO_STREAM))
    follower = Following(store, stream, after=position)
    await write(store, stream, 2, after=2)

    assert await follower.revisions(2) == [3, 4]
    await follower.stop()
