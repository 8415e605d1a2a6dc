"""Many events of other programs in the log: the server looks through them, in silence."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import pairwise
from uuid import UUID

import pytest

from tests.waiting import HUNG_S, until

pytest.importorskip("esdbclient")

from eventstore.eventstoredb import EventStoreDb
from eventstore.eventstoredb.progress import Progress
from eventstore.eventstoredb.wire import Checkpoint, Told
from eventstore.part import PartOfLog
from eventstore.port import Position, Recorded, Revision, StoreUnavailable, StreamName
from tests.contracts.event_store import all_of
from tests.eventstore.esdb import FAST
from tests.http2.grpc import asked
from tests.http2.peer import Call, Peer, peer
from tests.http2.prepared import PreparedLog

MANY = 3_000_000
SCANNED_PER_S = 2_000_000.0
"""So the server is silent for 1.5 s, three times as long as a deadline."""
TIMING = replace(FAST, read_s=0.5, silent_s=0.2, patience_s=0.5, idle_s=0.3)


def recorded(number: int) -> Recorded:
    return Recorded(
        stream=StreamName(f"order-{number // 3}"),
        revision=Revision(number % 3),
        position=Position(0),
        event_id=UUID(int=number + 1),
        type="NoteAdded",
        data=b"{}",
        metadata=b'{"number":%d}' % number,
    )


def prepared(*parts: int) -> PreparedLog:
    """Events of ours, of others, of ours, ..."""
    log, count = PreparedLog(scanned_per_s=SCANNED_PER_S), 0
    for place, part in enumerate(parts):
        if place % 2:
            log.add_foreign(part)
        else:
            log.add([recorded(number) for number in range(count, count + part)])
            count += part
    return log


@asynccontextmanager
async def reading(log: PreparedLog) -> AsyncIterator[tuple[Peer, EventStoreDb]]:
    async with peer(log.answer) as server:
        store = EventStoreDb(server.uri, timing=TIMING)
        try:
            yield server, store
        finally:
            await store.aclose()


async def numbers(store: EventStoreDb, after: Position | None = None) -> list[int]:
    async with asyncio.timeout(HUNG_S):
        found = await all_of(store.read_all(after=after))
    return [event.event_id.int - 1 for event in found]


@pytest.mark.parametrize(
    "parts", [(30, MANY), (30, MANY, 30), (0, MANY, 30), (1, MANY, 1, MANY, 1), (0, MANY)]
)
async def test_all_events_are_read_whatever_is_between_them(parts: tuple[int, ...]) -> None:
    log = prepared(*parts)
    async with reading(log) as (_, store):
        assert await numbers(store) == list(range(sum(parts[::2])))


@pytest.mark.parametrize("parts", [(30, MANY), (30, MANY, 30)])
async def test_all_events_are_read_from_a_server_that_does_not_say_that_it_has_caught_up(
    parts: tuple[int, ...],
) -> None:
    log = prepared(*parts)
    log.says_caught_up = False
    async with reading(log) as (_, store):
        assert await numbers(store) == list(range(sum(parts[::2])))


async def test_the_head_is_found_and_then_known() -> None:
    """The second time only what has come since is looked through."""
    log = prepared(30, MANY)
    async with reading(log) as (_, store):
        assert await store.head() == log.positions[-1]
        await store.head()
        log.reads.clear()
        assert await store.head() == log.positions[-1]
        begin = int(log.reads[0].split()[-1])
        assert begin > log.positions[-1] + 9 * MANY

        log.add([recorded(30)])
        assert await store.head() == log.positions[-1]


async def test_all_who_ask_for_the_head_at_once_make_the_server_look_once() -> None:
    log = prepared(30, MANY)
    async with reading(log) as (_, store):
        async with asyncio.timeout(HUNG_S):
            found = await asyncio.gather(*(store.head() for _ in range(32)))

    assert found == [log.positions[-1]] * 32
    assert log.reads == ["backwards before None"]


async def test_while_the_log_is_followed_its_head_is_not_asked_for() -> None:
    log = prepared(30, MANY)
    async with reading(log) as (_, store):
        pages = store.follow()
        seen = len(await anext(pages))
        waiting = asyncio.ensure_future(anext(pages))
        await until(lambda: any(follower.is_live for follower in store._followers))
        log.reads.clear()

        assert seen == 30
        assert await store.head() == log.positions[29]
        assert log.reads == []
        waiting.cancel()
        await asyncio.wait({waiting})
        await pages.aclose()


async def test_a_follower_that_waits_does_not_make_the_server_look_again() -> None:
    """After each idle_s it asks for what the subscription may have left out."""
    log = prepared(30, MANY)
    async with reading(log) as (_, store):
        pages = store.follow()
        await anext(pages)
        waiting = asyncio.ensure_future(anext(pages))
        await until(lambda: any(follower.is_live for follower in store._followers))
        log.reads.clear()
        await until(lambda: len(log.reads) >= 3)

        for read in log.reads:
            assert int(read.split()[-1]) > log.positions[29] + 9 * MANY
        waiting.cancel()
        await asyncio.wait({waiting})
        await pages.aclose()


async def test_after_a_cut_the_server_goes_on_looking_where_it_got_to() -> None:
    """The connection is cut again and again, long before the server has found anything."""
    log = prepared(30, MANY, 30)
    begins: list[int] = []

    async def answer(call: Call) -> None:
        if asked(call).options.HasField("subscription"):
            begins.append(asked(call).options.all.position.commit_position)
            transport = call.line.transport
            assert transport is not None
            asyncio.get_running_loop().call_later(0.4, transport.abort)
        await log.answer(call)

    async with peer(answer) as server:
        store = EventStoreDb(server.uri, timing=TIMING)
        assert await numbers(store) == list(range(60))
        await store.aclose()

    assert len(begins) >= 3
    assert all(before < after for before, after in pairwise(begins))


@pytest.mark.parametrize("of", [1, 3, 400])
async def test_parts_are_the_log_and_know_their_last_event(of: int) -> None:
    """For replays in several processes: positions have gaps, and others' events between them."""
    log = prepared(700, 1_000, 200, 1_000, 3, 1_000)
    async with reading(log) as (_, store):
        until = log.positions[901]
        parts = [PartOfLog(store, part, of=of, until=until) for part in range(of)]
        found = [await all_of(part.read_all()) for part in parts]
        heads = [await part.head() for part in parts]

    assert heads == [part[-1].position if part else None for part in found]
    assert sorted(event.position for part in found for event in part) == log.positions[:902]


async def test_a_server_that_answers_pings_but_gets_nowhere_is_given_up() -> None:
    async def answer(call: Call) -> None:
        await call.reset.wait()

    async with peer(answer) as server:
        store = EventStoreDb(server.uri, timing=TIMING)
        with pytest.raises(StoreUnavailable, match="does not answer in time"):
            await numbers(store)
        await store.aclose()


# Which checkpoints count


def event_at(position: int) -> Recorded:
    return replace(recorded(0), position=Position(position))


def told(*items: int | Recorded) -> Told:
    """Checkpoints and events, as they came."""
    found = Told()
    for item in items:
        if isinstance(item, int):
            found.marks.append((len(found.events), Checkpoint(Position(item))))
        else:
            found.events.append(item)
    return found


@pytest.mark.parametrize(
    ("items", "begin"),
    [
        ((200,), 100),
        ((200, 300), 200),
        ((200, 300, 400), 300),
        ((200, 200), 100),
        ((300, 200), 100),
        ((50, 60), 100),
        ((200, 300, event_at(350)), 350),
        ((200, event_at(250), 300, 400), 300),
    ],
)
def test_a_checkpoint_counts_once_another_one_has_come(
    items: tuple[int | Recorded, ...], begin: int
) -> None:
    progress = Progress(Position(100))
    progress.take(told(*items))
    assert progress.begin == begin


@pytest.mark.parametrize(
    "items",
    [
        (200, event_at(150)),
        (200, event_at(200)),
        (2**64 - 1, event_at(150)),
        (200, 300, event_at(250)),
    ],
)
def test_after_a_checkpoint_that_was_ahead_of_an_event_none_counts(
    items: tuple[int | Recorded, ...],
) -> None:
    progress = Progress(Position(100))
    progress.take(told(*items))
    progress.take(told(1_000, 2_000, 3_000))
    assert progress.is_at_event
    assert progress.begin == progress.after


def test_a_checkpoint_of_another_call_does_not_count() -> None:
    progress = Progress(Position(100))
    progress.take(told(200))
    progress.start()
    progress.take(told(300))
    assert progress.begin == 100
