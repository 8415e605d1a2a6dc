"""A model that is behind the log and applies nothing is unhealthy, whatever the reason."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from eventstore.port import Position
from projections.monitor.stall import CHECKS, Stall
from projections.monitor.status import ModelStatus, status
from projections.sources.log import Batch, SharedLog, Source
from projections.storage.database import ReadDatabase
from projections.storage.heartbeats import WorkerState, most_alive
from projections.worker.worker import Worker
from tests.projections.toy import TALLY, Log, note, placed, url_of, writer_of
from tests.waiting import HUNG_S, until

NOW = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)
STALLED_S = 0.4

pytestmark = pytest.mark.usefixtures("kind")


class Withholding:
    """A source that brings nothing until `gives` is set, as one with any fault would."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.gives = asyncio.Event()

    async def batches(
        self, after: Mapping[str, int], *, stop_at_tail: bool
    ) -> AsyncGenerator[Batch, None]:
        await self.gives.wait()
        async for batch in self._source.batches(after, stop_at_tail=stop_at_tail):
            assert isinstance(batch, Batch)
            yield batch


@pytest.fixture
async def log() -> Log:
    log = Log()
    await log.append("o-1", placed(), note())
    return log


@pytest.fixture
async def source(log: Log) -> AsyncIterator[Withholding]:
    shared = SharedLog(log.store)
    yield Withholding(shared)
    await shared.aclose()


@asynccontextmanager
async def working(folder: Path, log: Log, source: Source) -> AsyncIterator[Worker]:
    worker = Worker(
        TALLY,
        url_of(folder),
        source=source,
        store=log.store,
        folder=folder / "workers",
        clock=lambda: NOW,
        stalled_after_s=STALLED_S,
    )
    stop = asyncio.Event()
    task = asyncio.create_task(worker.run(stop))
    try:
        yield worker
    finally:
        stop.set()
        await asyncio.wait_for(task, HUNG_S)


async def status_when(state: str, database: ReadDatabase, log: Log, folder: Path) -> ModelStatus:
    """Its status once that says so: an instance knows its state before it has written it."""
    async with asyncio.timeout(HUNG_S):
        while True:
            [model] = await status([database], log.store, folder / "workers", NOW)
            if model.state == state:
                return model
            await asyncio.sleep(0.01)


async def test_a_model_that_is_behind_and_applies_nothing_is_stalled_until_it_does(
    tmp_path: Path, log: Log, source: Withholding
) -> None:
    async with (
        aclosing(ReadDatabase(TALLY, url_of(tmp_path))) as database,
        working(tmp_path, log, source) as worker,
    ):
        model = await status_when("stalled", database, log, tmp_path)
        assert (worker.trouble(), model.healthy, model.behind) == ("stalled", False, True)
        assert "applied nothing for" in model.reason

        source.gives.set()
        model = await status_when("running", database, log, tmp_path)
        assert (worker.trouble(), model.healthy, model.behind) == (None, True, False)


def stall_of(folder: Path, log: Log) -> Stall:
    return Stall(TALLY, url_of(folder), log.store, lambda: NOW, after_s=STALLED_S)


async def check_later(
    stall: Stall, checkpoint: int | None = None, *, by_s: float = STALLED_S / CHECKS
) -> None:
    """Its next check, as if so much time had passed, however quick or slow this machine is."""
    stall._checked_s = asyncio.get_running_loop().time() - by_s
    await stall._check(checkpoint)


@asynccontextmanager
async def checking(folder: Path, log: Log) -> AsyncIterator[Stall]:
    """The stall check of a worker whose source brings nothing."""
    stall = stall_of(folder, log)
    watching = asyncio.create_task(stall.watch(dict))
    try:
        yield stall
    finally:
        watching.cancel()
        await asyncio.wait({watching})
        await stall.aclose()


class CountingLog(Log):
    """Counts how often its head was read."""

    def __init__(self) -> None:
        super().__init__()
        self.heads_read = 0
        head = self.store.head

        async def counted() -> Position | None:
            self.heads_read += 1
            return await head()

        self.store.head = counted  # type: ignore[method-assign]


async def test_a_model_with_nothing_to_apply_is_never_stalled(
    tmp_path: Path,
) -> None:
    log = CountingLog()
    await log.append("o-1", placed())
    async with writer_of(tmp_path) as writer:
        await writer.commit(await log.items(), {})
    async with checking(tmp_path, log) as stall:
        # Far more checks than it takes for a model that is behind.
        await until(lambda: log.heads_read > 20)
        assert not stall.found
        await log.append("o-1", note())
        await until(lambda: stall.found)


async def test_what_another_instance_applies_is_progress_of_the_model(tmp_path: Path) -> None:
    log = CountingLog()
    await log.append("o-1", *(placed() if n == 0 else note() for n in range(300)))
    items = await log.items()
    async with writer_of(tmp_path) as writer, aclosing(stall_of(tmp_path, log)) as stall:
        for n, item in enumerate(items[:40]):
            await writer.commit([item], {})
            await check_later(stall)
            assert not stall.found, n
        for _ in range(CHECKS + 1):
            await check_later(stall)
        assert stall.found


async def test_orders_that_are_parked_do_not_make_a_model_stalled(tmp_path: Path) -> None:
    log = CountingLog()
    await log.append("o-1", placed(), note("poison"), note())
    async with writer_of(tmp_path) as writer:
        await writer.commit(await log.items(), {})
    async with checking(tmp_path, log) as stall:
        await until(lambda: log.heads_read > 20)
        assert not stall.found


async def test_time_in_which_the_process_did_not_run_does_not_count(tmp_path: Path) -> None:
    log = CountingLog()
    await log.append("o-1", placed())
    async with writer_of(tmp_path):
        pass
    async with aclosing(stall_of(tmp_path, log)) as stall:
        await check_later(stall)
        await check_later(stall, by_s=100 * STALLED_S)
        assert not stall.found
        for _ in range(CHECKS + 1):
            await check_later(stall)
        assert stall.found


async def test_reading_applied_events_again_is_progress(tmp_path: Path) -> None:
    log = CountingLog()
    await log.append("o-1", placed(), note())
    async with writer_of(tmp_path):
        pass
    async with aclosing(stall_of(tmp_path, log)) as stall:
        for n in range(40):
            await check_later(stall, 1 + n % 5)
            assert not stall.found
        for _ in range(CHECKS + 1):
            await check_later(stall, 1)
        assert stall.found


def test_a_stalled_instance_represents_its_model() -> None:
    running = WorkerState(
        name="tally",
        pid=1,
        state="running",
        reason="",
        generation=1,
        position=1,
        heartbeat=NOW.isoformat(),
    )
    stalled = replace(running, state="stalled")
    assert most_alive([running, stalled], NOW) == stalled
