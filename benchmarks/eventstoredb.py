"""The adapter of EventStoreDB on the protocol stub: against bare esdbclient, and through outages.

The stub is a process of its own, but no EventStoreDB: the ratios count, the rates are only told.
"""

import asyncio
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from typing import TypeAlias

import uvloop
from esdbclient import AsyncEventStoreDBClient, NewEvent, StreamState

from benchmarks.figures import Figure
from benchmarks.outages import black_hole_s, reconnect_s
from benchmarks.stub import DATA, METADATA, draft, new_stream, stub
from eventstore.eventstoredb import EventStoreDb
from eventstore.port import NO_STREAM, Revision, StreamName

TASKS = 32
ROUNDS = 3
COMPARED = 9
"""Rounds of a comparison: on a busy machine one of them says little (0.4 to 1.9 were seen)."""
BATCH = 100
FULL_COUNT = 10_000
"""From so many on, an outage takes its whole time."""
OUTAGE_S, SHORT_OUTAGE_S = 20, 3
STUB = "protocol stub"

Write: TypeAlias = Callable[[StreamName, int], Awaitable[object]]
"""One event behind a revision of a stream, -1: a new stream."""
Measured: TypeAlias = Callable[[], Awaitable[float]]


def measure(count: int) -> list[Figure]:
    outage_s = OUTAGE_S if count >= FULL_COUNT else SHORT_OUTAGE_S
    # The relay of the second writes to lines that are cut, which uvloop takes for an error.
    return uvloop.run(_rates(count)) + asyncio.run(_outages(outage_s))


async def _rates(count: int) -> list[Figure]:
    async with stub() as uri:
        figures = await _compare_appends(uri, count // 4)
    async with stub() as uri:
        return figures + await _compare_catch_up(uri, count)


async def _outages(outage_s: int) -> list[Figure]:
    reconnected = [await reconnect_s(outage_s) for _ in range(ROUNDS)]
    holes = [await black_hole_s() for _ in range(ROUNDS)]
    noticed, told = (statistics.median(times) for times in zip(*holes, strict=True))
    return [
        Figure(f"back after an outage of {outage_s} s, until follow and an append go on, {STUB}",
               statistics.median(reconnected), "s", at_most=1),
        Figure(f"black hole noticed by follow, {STUB}", noticed, "s", at_most=15),
        Figure(f"black hole, until an append's caller is told, {STUB}", told, "s", at_most=15),
    ]  # fmt: skip


async def _compare_appends(uri: str, count: int) -> list[Figure]:
    store = EventStoreDb(uri)
    figures = []
    try:
        async with _client(uri) as client:
            ours, bare = _through_adapter(store), _through_client(client)
            for new in (False, True):
                figures += await _compare(
                    f"appends to {'new' if new else 'existing'} streams, {TASKS} tasks",
                    lambda new=new: _append_rate(ours, count, new=new),
                    lambda new=new: _append_rate(bare, count, new=new),
                    at_least=None if new else 0.9,
                )
    finally:
        await store.aclose()
    return figures


async def _compare_catch_up(uri: str, count: int) -> list[Figure]:
    async with _client(uri) as client:
        for _ in range(count // BATCH):
            events = [NewEvent("NoteAdded", DATA, METADATA) for _ in range(BATCH)]
            await client.append_to_stream(
                new_stream(), current_version=StreamState.NO_STREAM, events=events
            )
    there = count // BATCH * BATCH
    return await _compare(
        "catch-up", lambda: _follow_rate(uri, there), lambda: _subscribe_rate(uri, there), 0.9
    )


async def _compare(
    what: str, ours: Measured, bare: Measured, at_least: float | None
) -> list[Figure]:
    """In turns, each first in every other one, so that what else the machine does hits both.

    The ratio is the median of the rounds' own: a pair is measured within seconds.
    """
    await ours()
    await bare()
    rates = []
    for number in range(COMPARED):
        if number % 2:
            our_rate, bare_rate = await ours(), await bare()
        else:
            bare_rate, our_rate = await bare(), await ours()
        rates.append((our_rate, bare_rate))
    ratio = statistics.median(our_rate / bare_rate for our_rate, bare_rate in rates)
    our_rate, bare_rate = (statistics.median(side) for side in zip(*rates, strict=True))
    return [
        Figure(f"{what}, adapter, {STUB}", our_rate, "events/s"),
        Figure(f"{what}, bare esdbclient, {STUB}", bare_rate, "events/s"),
        Figure(f"{what}, adapter / bare, {STUB}", ratio, "", at_least=at_least),
    ]


async def _append_rate(write: Write, count: int, *, new: bool) -> float:
    streams = [new_stream() for _ in range(TASKS)]
    if not new:
        await asyncio.gather(*[write(stream, -1) for stream in streams])

    async def work(stream: StreamName) -> None:
        for revision in range(count // TASKS):
            await (write(new_stream(), -1) if new else write(stream, revision))

    started = time.perf_counter()
    await asyncio.gather(*[work(stream) for stream in streams])
    return count // TASKS * TASKS / (time.perf_counter() - started)


def _through_adapter(store: EventStoreDb) -> Write:
    async def write(stream: StreamName, behind: int) -> None:
        expected = NO_STREAM if behind < 0 else Revision(behind)
        await store.append(stream, [draft()], expected=expected)

    return write


def _through_client(client: AsyncEventStoreDBClient) -> Write:
    async def write(stream: StreamName, behind: int) -> None:
        event = NewEvent(type="NoteAdded", data=DATA, metadata=METADATA)
        expected = StreamState.NO_STREAM if behind < 0 else behind
        await client.append_to_stream(stream, current_version=expected, events=[event])

    return write


async def _follow_rate(uri: str, count: int) -> float:
    store = EventStoreDb(uri)
    seen, started = 0, time.perf_counter()
    try:
        async with aclosing(store.follow()) as pages:  # type: ignore[type-var]
            async for page in pages:
                seen += len(page)
                if seen >= count:
                    return seen / (time.perf_counter() - started)
    finally:
        await store.aclose()
    raise RuntimeError("follow has ended")


async def _subscribe_rate(uri: str, count: int) -> float:
    seen, started = 0, time.perf_counter()
    async with _client(uri) as client:
        subscription = await client.subscribe_to_all(
            filter_include=("order-.+",), filter_by_stream_name=True
        )
        async for _ in subscription:
            seen += 1
            if seen == count:
                took = time.perf_counter() - started
                await subscription.stop()
                return count / took
    raise RuntimeError("the subscription has ended")


@asynccontextmanager
async def _client(uri: str) -> AsyncIterator[AsyncEventStoreDBClient]:
    client = AsyncEventStoreDBClient(uri)
    await client.connect()
    try:
        yield client
    finally:
        await client.close()
