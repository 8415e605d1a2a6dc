"""Reading from EventStoreDB at full speed: a server of prepared bytes, so the client is measured.

Against gRPC's client on the same server, and against the same events in a SQLite file.
"""

import os
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeAlias

import grpc  # type: ignore[import-untyped]

from api.export.export import export
from benchmarks.figures import Figure
from benchmarks.histories import fill
from benchmarks.prepared import prepared
from benchmarks.rebuild import LOG, rebuild_all
from eventstore.eventstoredb import requests
from eventstore.eventstoredb.reads import READ
from eventstore.eventstoredb.wire import told
from eventstore.port import EventReader
from eventstore.sqlite import SqliteStore
from eventstore.stores import is_dense, open_reader
from replay.check import check_log
from runtime.loop import run

ROUNDS = 5
SERVER = "prepared bytes over HTTP/2"

Work: TypeAlias = Callable[[str], Awaitable[object]]
"""Given the URL of a log."""


def measure(count: int) -> list[Figure]:
    return run(_measure(count))


async def _measure(count: int) -> list[Figure]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        writer = SqliteStore.open(folder / LOG)
        events = await fill(writer, count)
        await writer.aclose()
        file = f"sqlite:///{folder / LOG}"
        async with prepared(folder / LOG) as server:
            return [
                *await _against_grpc(server, events),
                await _compare("read_all", _read, file, server, at_least=None),
                await _compare("check", _check, file, server),
                await _compare("export", _export, file, server),
                await _compare("replay of all models", _replay, file, server),
            ]


async def _against_grpc(server: str, events: int) -> list[Figure]:
    """In turns; rates by the clock and CPU time for an event."""
    clocks: list[tuple[float, float]] = []
    cpus: list[tuple[float, float]] = []
    for _ in range(ROUNDS):
        ours, theirs = await _timed(_read, server), await _timed(_read_with_grpc, server)
        clocks.append((ours[0], theirs[0]))
        cpus.append((ours[1], theirs[1]))
    (our_s, their_s), (our_cpu_s, their_cpu_s) = (
        [statistics.median(side) for side in zip(*rounds, strict=True)] for rounds in (clocks, cpus)
    )
    return [
        Figure(f"reading, adapter, {SERVER}", events / our_s, "events/s"),
        Figure(f"reading, grpc.aio, {SERVER}", events / their_s, "events/s"),
        Figure("reading, adapter / grpc.aio", their_s / our_s, "", at_least=8),
        Figure("reading, CPU time of an event, adapter", our_cpu_s / events * 1e6, "us"),
        Figure("reading, CPU time of an event, grpc.aio", their_cpu_s / events * 1e6, "us"),
    ]


async def _compare(
    what: str, work: Work, file: str, server: str, *, at_least: float | None = 0.9
) -> Figure:
    """How much of the server's time the file's is: the median of rounds in turns."""
    ratios = []
    for _ in range(ROUNDS):
        of_file, of_server = await _timed(work, file), await _timed(work, server)
        ratios.append(of_file[0] / of_server[0])
    name = f"{what}, from {SERVER} / from SQLite"
    return Figure(name, statistics.median(ratios), "", at_least=at_least)


async def _timed(work: Work, url: str) -> tuple[float, float]:
    """Seconds by the clock, and of CPU."""
    started_s, cpu_s = time.perf_counter(), sum(os.times()[:4])
    await work(url)
    return time.perf_counter() - started_s, sum(os.times()[:4]) - cpu_s


@asynccontextmanager
async def _opened(url: str) -> AsyncIterator[EventReader]:
    store = open_reader(url)
    try:
        yield store
    finally:
        await store.aclose()


async def _read(url: str) -> None:
    async with _opened(url) as store:
        async for _page in store.read_all():
            pass


async def _read_with_grpc(url: str) -> None:
    """The same events, decoded by the same code."""
    address = url.removeprefix("esdb://").partition("?")[0]
    async with grpc.aio.insecure_channel(address) as channel:
        call = channel.unary_stream(READ)(requests.all_forwards(None).SerializeToString())
        async for message in call:
            told([message])


async def _check(url: str) -> None:
    async with _opened(url) as store:
        checked = await check_log(store, lambda _: None, dense=is_dense(url))
        assert not checked.findings


async def _export(url: str) -> None:
    async with _opened(url) as store:
        async for _piece in export(store, "ndjson"):
            pass


async def _replay(url: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        async with _opened(url) as store:
            await rebuild_all(url, store, Path(name))
