"""What workers say of themselves in PostgreSQL, seen from any host."""

import os
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from projections.monitor.status import ModelStatus, status
from projections.storage.database import ReadDatabase
from projections.storage.heartbeats import WEDGED_AFTER, States, WorkerState
from projections.storage.open import open_generations
from tests.projections.kinds import OnPostgres
from tests.projections.test_runner import brought_up
from tests.projections.test_status import of_a_process_that_ended
from tests.projections.toy import TALLY, Log, placed, url_of, writer_of

NOW = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)
ELSEWHERE = "another-host"
SAID = WorkerState(
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
async def states(log: Log, tmp_path: Path) -> AsyncIterator[States]:
    async with aclosing(open_generations(url_of(tmp_path))) as found:
        yield found.states(tmp_path)


async def seen(tmp_path: Path, log: Log) -> ModelStatus:
    async with aclosing(ReadDatabase(TALLY, url_of(tmp_path))) as database:
        [model] = await status([database], log.store, tmp_path, NOW)
    return model


def grown_old(on_postgres: OnPostgres, tmp_path: Path, host: str, age: timedelta) -> None:
    on_postgres.ask(
        tmp_path,
        "tally",
        f"UPDATE daybook.worker SET heartbeat = heartbeat - interval '{age.total_seconds()} s'"
        f" WHERE host = '{host}'",
    )


async def test_a_worker_on_another_host_is_believed_while_it_beats(
    on_postgres: OnPostgres, tmp_path: Path, log: Log, states: States
) -> None:
    # A process of this number runs here, or does not: it says nothing about the one there.
    gone = of_a_process_that_ended()
    await states.tell(replace(SAID, host=ELSEWHERE, pid=gone), holding=True)
    model = await seen(tmp_path, log)
    assert (model.state, model.healthy, model.pid) == ("running", True, gone)
    assert model.heartbeat_age_s is not None
    assert 0 <= model.heartbeat_age_s < 10

    grown_old(on_postgres, tmp_path, ELSEWHERE, WEDGED_AFTER)
    model = await seen(tmp_path, log)
    assert (model.state, model.healthy) == ("wedged", False)
    assert model.reason == f"process {gone} on {ELSEWHERE} does not beat any more"


async def test_a_worker_of_this_host_that_ended_is_dead_at_once(
    tmp_path: Path, log: Log, states: States
) -> None:
    gone = of_a_process_that_ended()
    await states.tell(replace(SAID, pid=gone), holding=True)

    assert (await seen(tmp_path, log)).state == "dead"


async def test_of_several_instances_one_that_works_speaks_for_all(
    on_postgres: OnPostgres, tmp_path: Path, log: Log, states: States
) -> None:
    paused = replace(SAID, host="a", state="paused", reason="because")
    for told in (paused, replace(SAID, host="b"), replace(SAID, host="c", state="stopped")):
        await states.tell(told, holding=True)
    assert (await seen(tmp_path, log)).state == "running"

    grown_old(on_postgres, tmp_path, "b", WEDGED_AFTER)
    model = await seen(tmp_path, log)
    assert (model.state, model.reason) == ("paused", "because")


async def test_instances_that_are_long_gone_are_forgotten(
    on_postgres: OnPostgres, tmp_path: Path, log: Log, states: States
) -> None:
    await states.tell(replace(SAID, host="a"), holding=True)
    grown_old(on_postgres, tmp_path, "a", timedelta(days=2))
    async with aclosing(open_generations(url_of(tmp_path))) as found:
        await found.states(tmp_path).tell(replace(SAID, host="b"), holding=True)

    assert [told.host for told in await states.told("tally", NOW)] == ["b"]


async def test_ahead_of_the_first_generation_nobody_has_said_anything(
    on_postgres: OnPostgres, tmp_path: Path
) -> None:
    async with aclosing(open_generations(url_of(tmp_path))) as found:
        states = found.states(tmp_path)
        await states.tell(SAID, holding=False)
        assert await states.told("tally", NOW) == []
