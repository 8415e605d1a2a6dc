"""What workers report of themselves in PostgreSQL, read from any host."""

import os
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from projections.monitor.status import ModelStatus, status
from projections.storage.database import ReadDatabase
from projections.storage.heartbeats import WEDGED_AFTER, HeartbeatStore, WorkerState
from projections.storage.open import open_generations
from tests.projections.kinds import OnPostgres
from tests.projections.monitor.test_status import of_a_process_that_ended
from tests.projections.toy import TALLY, Log, placed, url_of, writer_of
from tests.projections.worker.test_runner import brought_up

NOW = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)
ELSEWHERE = "another-host"
REPORT = WorkerState(
    name="tally",
    pid=os.getpid(),
    state="running",
    reason="",
    generation=1,
    position=3,
    heartbeat=NOW.isoformat(),
)


@pytest.fixture
async def log(on_postgres: OnPostgres, tmp_path: Path) -> Log:
    log = Log()
    await log.append("o-1", placed())
    async with writer_of(tmp_path) as writer:
        await brought_up(writer, log)
    return log


@pytest.fixture
async def heartbeats(log: Log, tmp_path: Path) -> AsyncIterator[HeartbeatStore]:
    async with aclosing(open_generations(url_of(tmp_path))) as found:
        yield found.heartbeats(tmp_path)


async def seen(tmp_path: Path, log: Log) -> ModelStatus:
    async with aclosing(ReadDatabase(TALLY, url_of(tmp_path))) as database:
        [model] = await status([database], log.store, tmp_path, NOW)
    return model


def make_older(on_postgres: OnPostgres, tmp_path: Path, host: str, age: timedelta) -> None:
    on_postgres.ask(
        tmp_path,
        "tally",
        f"UPDATE daybook.worker SET heartbeat = heartbeat - interval '{age.total_seconds()} s'"
        f" WHERE host = '{host}'",
    )


async def test_a_worker_on_another_host_is_believed_while_it_reports(
    on_postgres: OnPostgres, tmp_path: Path, log: Log, heartbeats: HeartbeatStore
) -> None:
    # Whether a process of this number runs here says nothing about the other host.
    gone = of_a_process_that_ended()
    await heartbeats.write(replace(REPORT, host=ELSEWHERE, pid=gone), holding=True)
    model = await seen(tmp_path, log)
    assert (model.state, model.healthy, model.pid) == ("running", True, gone)
    assert model.heartbeat_age_s is not None
    assert 0 <= model.heartbeat_age_s < 10

    make_older(on_postgres, tmp_path, ELSEWHERE, WEDGED_AFTER)
    model = await seen(tmp_path, log)
    assert (model.state, model.healthy) == ("wedged", False)
    assert model.reason == f"process {gone} on {ELSEWHERE} does not report any more"


async def test_a_worker_of_this_host_that_ended_is_dead_at_once(
    tmp_path: Path, log: Log, heartbeats: HeartbeatStore
) -> None:
    gone = of_a_process_that_ended()
    await heartbeats.write(replace(REPORT, pid=gone), holding=True)

    assert (await seen(tmp_path, log)).state == "dead"


async def test_of_several_instances_one_that_works_represents_all(
    on_postgres: OnPostgres, tmp_path: Path, log: Log, heartbeats: HeartbeatStore
) -> None:
    paused = replace(REPORT, host="a", state="paused", reason="because")
    for report in (paused, replace(REPORT, host="b"), replace(REPORT, host="c", state="stopped")):
        await heartbeats.write(report, holding=True)
    assert (await seen(tmp_path, log)).state == "running"

    make_older(on_postgres, tmp_path, "b", WEDGED_AFTER)
    model = await seen(tmp_path, log)
    assert (model.state, model.reason) == ("paused", "because")


async def test_instances_that_are_gone_for_a_day_are_deleted(
    on_postgres: OnPostgres, tmp_path: Path, log: Log, heartbeats: HeartbeatStore
) -> None:
    await heartbeats.write(replace(REPORT, host="a"), holding=True)
    make_older(on_postgres, tmp_path, "a", timedelta(days=2))
    async with aclosing(open_generations(url_of(tmp_path))) as found:
        await found.heartbeats(tmp_path).write(replace(REPORT, host="b"), holding=True)

    assert [report.host for report in await heartbeats.read("tally", NOW)] == ["b"]


async def test_before_the_first_generation_there_are_no_reports(
    on_postgres: OnPostgres, tmp_path: Path
) -> None:
    async with aclosing(open_generations(url_of(tmp_path))) as found:
        heartbeats = found.heartbeats(tmp_path)
        await heartbeats.write(REPORT, holding=False)
        assert await heartbeats.read("tally", NOW) == []
