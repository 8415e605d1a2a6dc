"""Outages of the protocol stub, and how long the adapter takes to go on or to notice."""

import asyncio
import logging
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

from benchmarks.stub import draft, new_stream, stub
from eventstore.eventstoredb import EventStoreDb
from eventstore.port import NO_STREAM, Revision, StoreError, StreamName
from tests.esdb_stub.relay import relay

PATIENCE_S = 60


async def reconnect_s(outage_s: float) -> float:
    """Seconds from the stub's being back until an append is through and follow has brought it."""
    with tempfile.TemporaryDirectory() as folder:
        options = ("--data", str(Path(folder) / "stub.log"))
        async with AsyncExitStack() as stack:
            stack.enter_context(_cuts())
            async with stub(*options) as uri:
                log = await stack.enter_async_context(_followed(uri))
                await log.append_and_see()
            trying = asyncio.create_task(log.append_and_see())
            await asyncio.sleep(outage_s)
            async with stub(*options, "--port", str(urlsplit(uri).port)):
                back = time.perf_counter()
                await asyncio.wait_for(trying, PATIENCE_S)
                return time.perf_counter() - back


async def black_hole_s() -> tuple[float, float]:
    """Seconds until follow has noticed, and until somebody who appends is told."""
    async with (
        stub() as uri,
        relay(urlsplit(uri).port or 0) as between,
        _followed(between.uri) as log,
    ):
        stream = await log.append_and_see()
        between.freeze()
        try:
            with _cuts() as heard:
                return await asyncio.gather(_timed(heard.wait()), _timed(log.refused(stream)))
        finally:
            between.cut()
            between.thaw()


async def _timed(what: Awaitable[object]) -> float:
    started = time.perf_counter()
    await asyncio.wait_for(what, PATIENCE_S)
    return time.perf_counter() - started


class Cuts(logging.Handler):
    """Notices the warning that a subscription was cut."""

    def __init__(self) -> None:
        super().__init__()
        self.heard = asyncio.Event()

    def emit(self, record: logging.LogRecord) -> None:  # noqa: ARG002
        self.heard.set()


@contextmanager
def _cuts() -> Iterator[asyncio.Event]:
    cuts = Cuts()
    log = logging.getLogger("daybook.log")
    log.addHandler(cuts)
    try:
        yield cuts.heard
    finally:
        log.removeHandler(cuts)


class Followed:
    """A log, one who follows it, and one who appends to it until it succeeds."""

    def __init__(self, store: EventStoreDb) -> None:
        self._store = store
        self._seen: asyncio.Queue[UUID] = asyncio.Queue()

    async def follow(self) -> None:
        async for page in self._store.follow():
            for event in page:
                self._seen.put_nowait(event.event_id)

    async def append_and_see(self) -> StreamName:
        stream, late = new_stream(), draft()
        while True:
            with suppress(StoreError):
                await self._store.append(stream, [late], expected=NO_STREAM)
                break
        while await self._seen.get() != late.event_id:
            pass
        return stream

    async def refused(self, stream: StreamName) -> None:
        with suppress(StoreError):
            await self._store.append(stream, [draft()], expected=Revision(0))
            raise RuntimeError("an append went through a black hole")


@asynccontextmanager
async def _followed(uri: str) -> AsyncIterator[Followed]:
    store = EventStoreDb(uri)
    log = Followed(store)
    following = asyncio.create_task(log.follow())
    try:
        yield log
    finally:
        await store.aclose()
        await asyncio.wait({following})
        following.exception()
