"""PostgreSQL goes away and comes back: workers pause, report it, park nothing, and continue."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection

from projections.monitor.status import status
from projections.sources.log import SharedLog
from projections.storage.database import ReadDatabase
from projections.storage.errors import NotBuilt, Unreachable
from projections.storage.tables import applied
from replay.rebuild import rebuild
from tests.given import amount
from tests.parts.postgres import Postgres
from tests.projections.toy import TALLY, Log, contents, note, placed, url_of
from tests.projections.worker.test_worker import revisions, working
from tests.waiting import HUNG_S, until

DOWN_S = amount("OUTAGE_S", quick=3, deep=20)
NOW = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)


@pytest.mark.slow
@pytest.mark.parametrize("how", [Postgres.stop, Postgres.kill])
async def test_a_worker_reports_that_it_pauses_and_continues_on_its_own(
    tmp_path: Path,
    stoppable_postgres: Postgres,
    caplog: pytest.LogCaptureFixture,
    how: Callable[[Postgres], None],
) -> None:
    log = Log()
    source = SharedLog(log.store)
    async with working(tmp_path, log, source):
        for n in range(50):
            await log.append(f"o-{n}", placed(f"o-{n}"))
            if n == 25:
                await until(lambda: len(revisions(tmp_path)) > 20)
                await asyncio.to_thread(how, stoppable_postgres)
            if n > 25:
                await log.append(f"o-{n - 25}", note())
        await asyncio.sleep(DOWN_S)
        await until(lambda: "tally pauses" in caplog.text)
        await asyncio.to_thread(stoppable_postgres.start)
        # Looked at in a thread: here it would keep the worker from its work.
        async with asyncio.timeout(HUNG_S):
            while await asyncio.to_thread(revisions, tmp_path) != log.revisions:  # noqa: ASYNC110
                await asyncio.sleep(0.1)
    await source.aclose()

    live = contents(tmp_path)
    assert live["parked"] == []
    # Once for each reason, not once for each time it tried.
    assert caplog.text.count("tally pauses") <= 4
    await rebuild(TALLY, url_of(tmp_path), log.store)
    assert contents(tmp_path) == live


def revision(conn: Connection) -> int | None:
    return applied(conn, "o-1")


async def test_status_distinguishes_an_outage_from_a_worker_that_never_ran(
    tmp_path: Path, stoppable_postgres: Postgres
) -> None:
    log = Log()
    await log.append("o-1", placed())
    async with aclosing(ReadDatabase(TALLY, url_of(tmp_path))) as database:
        [model] = await status([database], log.store, tmp_path, NOW)
        assert (model.state, model.generation) == ("never started", None)
        await rebuild(TALLY, url_of(tmp_path), log.store)
        [model] = await status([database], log.store, tmp_path, NOW)
        assert (model.state, model.generation, model.lag) == ("never started", 1, 0)

        await asyncio.to_thread(stoppable_postgres.stop)
        [model] = await status([database], log.store, tmp_path, NOW)

        assert (model.state, model.generation, model.healthy) == ("unreachable", None, False)
        assert "cannot be reached" in model.reason
        assert "@" not in model.reason


async def test_queries_fail_while_the_server_is_away_and_are_answered_at_once_when_it_is_back(
    tmp_path: Path, stoppable_postgres: Postgres
) -> None:
    log = Log()
    await log.append("o-1", placed())
    async with aclosing(ReadDatabase(TALLY, url_of(tmp_path))) as database:
        with pytest.raises(NotBuilt):
            await database.ask(revision)
        await rebuild(TALLY, url_of(tmp_path), log.store)

        async def several() -> list[int | None]:
            return await asyncio.gather(*(database.ask(revision) for _ in range(8)))

        assert await several() == [0] * 8
        await asyncio.to_thread(stoppable_postgres.stop)
        for _ in range(2):
            with pytest.raises(Unreachable, match="cannot be reached"):
                await database.ask(revision)
        await asyncio.to_thread(stoppable_postgres.start)
        assert await several() == [0] * 8

        # Restarted unnoticed: every connection in the pool is dead.
        await asyncio.to_thread(stoppable_postgres.stop)
        await asyncio.to_thread(stoppable_postgres.start)
        assert await several() == [0] * 8
