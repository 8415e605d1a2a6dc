import asyncio
import os
import sqlite3
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager, closing
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from eventstore.record.schemas import SCHEMAS
from projections.projection import Projection
from projections.sources.log import SharedLog
from projections.storage.database import ReadDatabase
from projections.storage.heartbeats import WorkerState
from projections.storage.sqlite.heartbeats import write_report
from projections.storage.tables import applied
from projections.worker.parked import Discard, ask
from projections.worker.worker import Worker
from replay.rebuild import rebuild
from tests.projections import kinds
from tests.projections.toy import (
    FROM_A_NEWER_DAYBOOK,
    TALLY,
    UNDECODABLE,
    Log,
    contents,
    note,
    numbers,
    placed,
    pointer,
    url_of,
    writer_of,
)
from tests.waiting import HUNG_S, until

NOW = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("kind")


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture
async def source(log: Log) -> AsyncIterator[SharedLog]:
    source = SharedLog(log.store)
    yield source
    await source.aclose()


@asynccontextmanager
async def working(
    folder: Path, log: Log, source: SharedLog, projection: Projection[Any] = TALLY
) -> AsyncIterator[asyncio.Task[None]]:
    worker = Worker(
        projection,
        url_of(folder),
        source=source,
        store=log.store,
        folder=folder / "workers",
        clock=lambda: NOW,
        pause_min_s=0.02,
    )
    stop = asyncio.Event()
    task = asyncio.create_task(worker.run(stop))
    try:
        yield task
    finally:
        stop.set()
        await asyncio.wait_for(task, HUNG_S)


def reported(folder: Path, name: str = "tally") -> WorkerState | None:
    return kinds.kind.report(folder, name)


def state(folder: Path) -> str | None:
    found = reported(folder)
    return found.state if found else None


def reason(folder: Path) -> str:
    found = reported(folder)
    return found.reason if found else ""


def is_on(folder: Path, generation: int) -> bool:
    found = reported(folder)
    return found is not None and found.generation == generation


def is_by(folder: Path, pid: int) -> bool:
    found = reported(folder)
    return found is not None and found.pid == pid


def revisions(folder: Path) -> dict[str, int]:
    if pointer(folder).live is None:
        return {}
    return {row[0]: row[1] for row in contents(folder)["views"]}


async def test_it_builds_a_missing_read_model_and_keeps_it_up_to_date(
    tmp_path: Path, log: Log, source: SharedLog
) -> None:
    async with working(tmp_path, log, source):
        await log.append("o-1", placed())
        await until(lambda: revisions(tmp_path) == {"o-1": 0})
        await log.append("o-1", note())
        await until(lambda: revisions(tmp_path) == {"o-1": 1})
        await until(lambda: state(tmp_path) == "running")

    last = reported(tmp_path)
    assert last is not None
    assert (last.state, last.generation, last.position) == ("stopped", 1, 6)


@pytest.mark.kinds("sqlite")
async def test_a_locked_database_pauses_it_visibly_and_it_continues_on_its_own(
    tmp_path: Path, log: Log, source: SharedLog
) -> None:
    async with working(tmp_path, log, source):
        await log.append("o-1", placed())
        await until(lambda: revisions(tmp_path) == {"o-1": 0})
        path = tmp_path / "tally.g1.db"
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            await log.append("o-1", note())
            await until(lambda: state(tmp_path) == "paused")
            await until(lambda: "database is locked" in reason(tmp_path))
            other.execute("ROLLBACK")
        await until(lambda: revisions(tmp_path) == {"o-1": 1})
        await until(lambda: state(tmp_path) == "running")

    assert contents(tmp_path)["parked"] == []


async def test_an_event_of_a_newer_daybook_is_retried_by_a_version_that_knows_it(
    tmp_path: Path, log: Log, source: SharedLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    await log.append("o-1", placed(), FROM_A_NEWER_DAYBOOK, note())
    async with working(tmp_path, log, source):
        await log.append("o-2", placed("o-2"))
        await until(lambda: revisions(tmp_path) == {"o-1": 0, "o-2": 0})
        assert "run a newer Daybook" in contents(tmp_path)["parked"][0][4]
    monkeypatch.setitem(SCHEMAS, "OrderTeleported", SCHEMAS["OrderConfirmed"])
    async with working(tmp_path, log, source):
        await until(lambda: revisions(tmp_path) == {"o-1": 2, "o-2": 0})
    assert contents(tmp_path)["parked"] == []


async def test_an_order_parked_by_an_older_version_that_runs_beside_is_retried_after_a_time(
    tmp_path: Path, log: Log, source: SharedLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("projections.worker.parked.RETRY_S", 0.05)
    await log.append("o-1", placed(), FROM_A_NEWER_DAYBOOK, note())
    await log.append("o-2", placed("o-2"), note("poison"))
    async with working(tmp_path, log, source):
        await until(lambda: revisions(tmp_path) == {"o-1": 0, "o-2": 0})
        monkeypatch.setitem(SCHEMAS, "OrderTeleported", SCHEMAS["OrderConfirmed"])
        await until(lambda: revisions(tmp_path) == {"o-1": 2, "o-2": 0})
    # What a fold refuses this version refuses again: it is tried at a start alone.
    assert [row[0] for row in contents(tmp_path)["parked"]] == ["o-2"]


async def test_a_parked_order_stops_neither_the_others_nor_the_worker(
    tmp_path: Path, log: Log, source: SharedLog
) -> None:
    await log.append("o-1", placed(), UNDECODABLE, note())
    async with working(tmp_path, log, source):
        await log.append("o-2", placed("o-2"), note())
        await until(lambda: revisions(tmp_path) == {"o-1": 0, "o-2": 1})
        await until(lambda: state(tmp_path) == "running")


async def test_it_carries_out_requests_of_other_processes_between_batches(
    tmp_path: Path, log: Log, source: SharedLog
) -> None:
    await log.append("o-1", placed(), UNDECODABLE, note())
    async with working(tmp_path, log, source):
        await until(lambda: revisions(tmp_path) == {"o-1": 0})
        request = Discard(order_id="o-1", revision=1, who="alice", why="damaged")
        outcome = await ask(TALLY, url_of(tmp_path), log.store, request)

        assert outcome.done
        await log.append("o-1", note())
        await until(lambda: revisions(tmp_path) == {"o-1": 3})


@pytest.mark.kinds("sqlite")
async def test_another_writer_pauses_it_until_that_one_is_gone(
    tmp_path: Path, log: Log, source: SharedLog
) -> None:
    await log.append("o-1", placed())
    async with writer_of(tmp_path), working(tmp_path, log, source):
        await until(lambda: state(tmp_path) == "paused")
        await until(lambda: "is being written by process" in reason(tmp_path))
    async with working(tmp_path, log, source):
        await until(lambda: revisions(tmp_path) == {"o-1": 0})


@pytest.mark.kinds("sqlite")
async def test_a_second_worker_does_not_overwrite_the_report_of_the_first(
    tmp_path: Path, log: Log, source: SharedLog, caplog: pytest.LogCaptureFixture
) -> None:
    await log.append("o-1", placed())
    first = WorkerState(
        name="tally",
        pid=os.getppid(),
        state="running",
        reason="",
        generation=1,
        position=1,
        heartbeat=NOW.isoformat(),
    )
    async with writer_of(tmp_path):
        write_report(tmp_path / "workers", first)
        async with working(tmp_path, log, source):
            await until(lambda: "tally pauses" in caplog.text)
            assert reported(tmp_path) == first
        assert reported(tmp_path) == first
    assert "Traceback" not in caplog.text
    async with working(tmp_path, log, source):
        await until(lambda: is_by(tmp_path, os.getpid()))


async def test_it_continues_on_a_rebuilt_generation_and_loses_nothing(
    tmp_path: Path, log: Log, source: SharedLog
) -> None:
    async with aclosing(ReadDatabase(TALLY, url_of(tmp_path))) as database:
        seen: list[int | None] = []
        ended = asyncio.Event()

        async def writing() -> None:
            await log.append("o-1", placed())
            while not ended.is_set():
                await log.append("o-1", note())
                await asyncio.sleep(0.002)

        async def reading() -> None:
            while not ended.is_set():
                seen.append(await database.ask(lambda conn: applied(conn, "o-1")))
                await asyncio.sleep(0.002)

        async with working(tmp_path, log, source):
            await until(lambda: revisions(tmp_path) == {})
            await until(lambda: pointer(tmp_path).live == 1)
            tasks = [asyncio.create_task(writing()), asyncio.create_task(reading())]
            await until(lambda: len(seen) > 20)
            for number in (2, 3, 4):
                assert (await rebuild(TALLY, url_of(tmp_path), log.store)).generation == number
                await until(partial(is_on, tmp_path, number))
            before = len(seen)
            await until(lambda: len(seen) > before + 20)
            ended.set()
            await asyncio.gather(*tasks)
            await until(lambda: revisions(tmp_path) == log.revisions)

    assert numbers(tmp_path) == [3, 4]
    live = contents(tmp_path)
    assert (await rebuild(TALLY, url_of(tmp_path), log.store)).generation == 5
    assert contents(tmp_path) == live


async def test_of_several_models_on_one_source_each_fails_alone(
    tmp_path: Path, log: Log, source: SharedLog
) -> None:
    (tmp_path / "well").mkdir()
    (tmp_path / "ill").mkdir()
    newer = replace(TALLY, version=2)
    async with writer_of(tmp_path / "ill"):
        pass
    async with (
        working(tmp_path / "ill", log, source, newer),
        working(tmp_path / "well", log, source),
    ):
        await log.append("o-1", placed())
        await until(lambda: revisions(tmp_path / "well") == {"o-1": 0})
        await until(lambda: state(tmp_path / "ill") == "paused")
        await until(lambda: "run `daybook replay tally`" in reason(tmp_path / "ill"))

        # What its own reason asks for is its cure, without a restart.
        await rebuild(newer, url_of(tmp_path / "ill"), log.store)
        await until(lambda: state(tmp_path / "ill") == "running")


@pytest.mark.kinds("sqlite")
async def test_a_model_that_stops_does_not_delay_another(
    tmp_path: Path, log: Log, source: SharedLog
) -> None:
    (tmp_path / "locked").mkdir()
    (tmp_path / "free").mkdir()
    async with (
        working(tmp_path / "locked", log, source),
        working(tmp_path / "free", log, source),
    ):
        await until(lambda: state(tmp_path / "locked") == "running")
        path = tmp_path / "locked" / "tally.g1.db"
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            for n in range(3_000):
                await log.append(f"o-{n}", placed(f"o-{n}"))
            await until(lambda: len(revisions(tmp_path / "free")) == 3_000)
            assert revisions(tmp_path / "locked") == {}
            other.execute("ROLLBACK")
        await until(lambda: len(revisions(tmp_path / "locked")) == 3_000)


@pytest.mark.kinds("sqlite")
async def test_a_heartbeat_that_cannot_be_written_stops_nothing(
    tmp_path: Path, log: Log, source: SharedLog, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "workers").write_text("in the way")
    async with working(tmp_path, log, source):
        await log.append("o-1", placed())
        await until(lambda: revisions(tmp_path) == {"o-1": 0})
    assert "cannot report its state" in caplog.text
