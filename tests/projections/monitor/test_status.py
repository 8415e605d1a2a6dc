import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from projections.monitor.status import ModelStatus, status
from projections.storage.database import ReadDatabase
from projections.storage.heartbeats import WEDGED_AFTER, WorkerState
from projections.storage.sqlite.heartbeats import read_report, write_report
from runtime import disk
from tests.projections.toy import TALLY, Log, files, note, placed, url_of, writer_of
from tests.projections.worker.test_runner import brought_up

NOW = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)
REPORT = WorkerState(
    name="tally",
    pid=os.getpid(),
    state="running",
    reason="",
    generation=1,
    position=6,
    heartbeat=(NOW - timedelta(seconds=1)).isoformat(),
)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[ReadDatabase]:
    database = ReadDatabase(TALLY, url_of(tmp_path))
    yield database
    await database.aclose()


@pytest.fixture
async def log(tmp_path: Path) -> Log:
    """Three events, of which the read model has applied two and parked the second."""
    log = Log()
    await log.append("o-1", placed(), note("poison"))
    async with writer_of(tmp_path) as writer:
        await brought_up(writer, log)
    await log.append("o-2", placed("o-2"))
    return log


async def status_of(database: ReadDatabase, log: Log, folder: Path) -> ModelStatus:
    [model] = await status([database], log.store, folder, NOW)
    return model


async def test_the_status_of_a_read_model(tmp_path: Path, database: ReadDatabase, log: Log) -> None:
    write_report(tmp_path / "workers", REPORT)

    assert await status_of(database, log, tmp_path / "workers") == ModelStatus(
        name="tally",
        state="running",
        reason="",
        generation=1,
        position=6,
        head=9,
        behind=True,
        lag=3,
        parked=1,
        parked_orders=[
            {
                "order_id": "o-1",
                "revision": 1,
                "type": "NoteAdded",
                "error": "FoldBug: a note that cannot be folded",
            }
        ],
        repaired=0,
        pid=os.getpid(),
        heartbeat_age_s=1.0,
    )


async def test_a_model_that_was_never_built_says_what_to_do(
    tmp_path: Path, database: ReadDatabase
) -> None:
    model = await status_of(database, Log(), tmp_path)

    assert (model.state, model.generation, model.position, model.lag) == (
        "never started",
        None,
        None,
        None,
    )
    assert not model.healthy


def of_a_process_that_ended() -> int:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        return process.pid


async def test_a_worker_that_ended_without_a_word_is_dead(
    tmp_path: Path, database: ReadDatabase, log: Log
) -> None:
    pid = of_a_process_that_ended()
    write_report(tmp_path, replace(REPORT, pid=pid))

    model = await status_of(database, log, tmp_path)

    assert (model.state, model.healthy) == ("dead", False)
    assert model.reason == f"process {pid} ended without a word"


async def test_a_worker_that_does_not_report_is_wedged_even_without_lag(
    tmp_path: Path, database: ReadDatabase
) -> None:
    log = Log()
    async with writer_of(tmp_path) as writer:
        await brought_up(writer, log)
    long_ago = NOW - WEDGED_AFTER - timedelta(seconds=1)
    write_report(tmp_path, replace(REPORT, heartbeat=long_ago.isoformat()))

    model = await status_of(database, log, tmp_path)

    assert (model.state, model.lag, model.healthy) == ("wedged", 0, False)


async def test_a_worker_that_never_could_report_on_a_full_disk_has_that_reason(
    tmp_path: Path, database: ReadDatabase, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk, "ROOM_MIN_BYTES", 2**62)

    model = await status_of(database, log, tmp_path / "not" / "there")

    assert (model.state, model.reason[:9]) == ("never started", "disk full")


async def test_a_worker_that_cannot_report_on_a_full_disk_is_not_wedged(
    tmp_path: Path, database: ReadDatabase, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    long_ago = NOW - WEDGED_AFTER - timedelta(seconds=1)
    write_report(tmp_path, replace(REPORT, heartbeat=long_ago.isoformat()))
    monkeypatch.setattr(disk, "ROOM_MIN_BYTES", 2**62)

    model = await status_of(database, log, tmp_path)

    assert (model.state, model.healthy) == ("paused", False)
    assert model.reason.startswith(f"disk full: make room where {tmp_path} is")


@pytest.mark.parametrize(
    ("state", "healthy"), [("running", True), ("paused", False), ("stopped", False)]
)
async def test_the_report_of_a_living_worker_is_believed(
    tmp_path: Path, database: ReadDatabase, log: Log, state: str, *, healthy: bool
) -> None:
    write_report(tmp_path, replace(REPORT, state=state, reason="because"))  # type: ignore[arg-type]

    model = await status_of(database, log, tmp_path)

    assert (model.state, model.reason, model.works) == (state, "because", healthy)
    assert not model.healthy  # an order is parked


async def test_a_read_model_that_cannot_be_read_has_a_reason_and_hides_no_other(
    tmp_path: Path, log: Log
) -> None:
    (tmp_path / "tally.g1.db").write_bytes(b"this was a database" * 1_000)
    async with aclosing(ReadDatabase(TALLY, url_of(tmp_path))) as damaged:
        other = ReadDatabase(replace(TALLY, name="other"), url_of(tmp_path, "other"))
        write_report(tmp_path, REPORT)

        first, second = await status([damaged, other], log.store, tmp_path, NOW)

        assert (first.position, first.lag) == (None, None)
        assert "not a database" in first.reason
        assert second.name == "other"
    await other.aclose()


@pytest.mark.parametrize("content", ["", "{", "[]", '{"name": "tally"}'])
def test_a_report_that_is_not_legible_is_none(tmp_path: Path, content: str) -> None:
    (tmp_path / "tally.worker.json").write_text(content)

    assert read_report(tmp_path, "tally") is None


async def test_a_report_is_replaced_as_a_whole(tmp_path: Path) -> None:
    stop = asyncio.Event()

    async def reading() -> int:
        seen = 0
        while not stop.is_set():
            seen += await asyncio.to_thread(read_report, tmp_path, "tally") is not None
        return seen

    write_report(tmp_path, REPORT)
    reader = asyncio.ensure_future(reading())
    for n in range(300):
        await asyncio.to_thread(write_report, tmp_path, replace(REPORT, reason="x" * n * 50))
        assert read_report(tmp_path, "tally") is not None
    stop.set()
    assert await reader > 0
    assert files(tmp_path) == ["tally.worker.json"]
