"""How the read models are, though the log or a database does not answer."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from eventstore.port import Page, Position, StoreUnavailable
from projections.monitor.observed import ObservedModels
from projections.storage.database import ReadDatabase
from projections.storage.sqlite.heartbeats import write_report
from tests.projections.monitor.test_status import NOW, REPORT
from tests.projections.toy import TALLY, Log, note, placed, url_of, writer_of
from tests.projections.worker.test_runner import brought_up
from tests.waiting import until

SOON_S = 60.0
LONG_S = 600.0


@pytest.fixture
async def log(tmp_path: Path) -> Log:
    """Two events, of which the read model has applied one."""
    log = Log()
    await log.append("o-1", placed())
    async with writer_of(tmp_path) as writer:
        await brought_up(writer, log)
    await log.append("o-2", placed("o-2"))
    write_report(tmp_path / "workers", REPORT)
    return log


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[ReadDatabase]:
    database = ReadDatabase(TALLY, url_of(tmp_path))
    yield database
    await database.aclose()


def observed(
    database: ReadDatabase,
    log: Log,
    folder: Path,
    *,
    within_s: float = LONG_S,
    recent_s: float = 0.0,
    stale_s: float = 0.0,
    exact: bool = True,
) -> ObservedModels:
    return ObservedModels(
        [database],
        log.store,
        folder / "workers",
        lambda: NOW,
        dense=True,
        exact=exact,
        within_s=within_s,
        recent_s=recent_s,
        stale_s=stale_s,
    )


@pytest.mark.parametrize("exact", [True, False])
async def test_the_status_is_that_of_the_log_and_the_database(
    tmp_path: Path, database: ReadDatabase, log: Log, *, exact: bool
) -> None:
    with closing(observed(database, log, tmp_path, exact=exact)) as models:
        [model] = await models.now()

        assert (model.state, model.generation, model.behind) == ("running", 1, True)
        assert model.lag == (3 if exact else 1)
        assert models.log_trouble is None


async def test_health_reads_no_events_and_what_was_seen_to_be_applied_is_not_read_again(
    tmp_path: Path, database: ReadDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = Log()
    await log.append("o-1", *[placed()], *[note()] * 9)
    async with writer_of(tmp_path) as writer:
        await writer.commit(await log.items(), {"log": -1})  # as with a bus: no sweep was here
    read_from: list[int | None] = []
    read_all = log.store.read_all

    def counted(*, after: Position | None = None) -> AsyncGenerator[Page, None]:
        read_from.append(after)
        return read_all(after=after)

    monkeypatch.setattr(log.store, "read_all", counted)
    with closing(observed(database, log, tmp_path, exact=False)) as models:
        await models.now(lag=False)
        assert read_from == []
        for _ in range(3):
            [model] = await models.now()
            assert (model.behind, model.lag) == (False, 0)
        assert read_from == [None]

        await log.append("o-1", note())
        [model] = await models.now()
        assert (model.behind, model.lag) == (True, 1)
        assert read_from == [None, 30]


async def test_without_the_log_the_status_is_that_of_the_database(
    tmp_path: Path, database: ReadDatabase, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away() -> Position | None:
        raise StoreUnavailable("nobody listens")

    monkeypatch.setattr(log.store, "head", away)
    with closing(observed(database, log, tmp_path)) as models:
        [model] = await models.now()

        assert (model.state, model.generation, model.position) == ("running", 1, 3)
        assert (model.head, model.behind, model.lag) == (None, None, None)
        assert models.log_trouble == "cannot be read (nobody listens)"


async def test_a_log_that_does_not_answer_is_not_waited_for_and_used_when_it_does(
    tmp_path: Path, database: ReadDatabase, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = asyncio.Event()
    head = log.store.head

    async def frozen() -> Position | None:
        await answers.wait()
        return await head()

    monkeypatch.setattr(log.store, "head", frozen)
    with closing(observed(database, log, tmp_path, within_s=0.05)) as models:
        async with asyncio.timeout(SOON_S):
            while (model := (await models.now())[0]).generation != 1:
                pass  # a busy machine may have kept the database from answering as well
        assert models.log_trouble == "cannot be read (no answer within 0.05 s)"
        assert model.head is None

        answers.set()
        async with asyncio.timeout(SOON_S):
            while models.log_trouble is not None:
                [model] = await models.now()
        assert (model.head, model.lag) == (6, 3)


async def test_why_the_log_cannot_be_read_is_named_also_if_it_takes_longer_than_a_look(
    tmp_path: Path, database: ReadDatabase, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    fails = asyncio.Event()

    async def without_leader() -> Position | None:
        await fails.wait()
        raise StoreUnavailable("no leader is found")

    monkeypatch.setattr(log.store, "head", without_leader)
    with closing(observed(database, log, tmp_path, within_s=0.05)) as models:
        await models.now()
        assert models.log_trouble == "cannot be read (no answer within 0.05 s)"
        fails.set()
        await until(lambda: models.log_trouble == "cannot be read (no leader is found)")
        fails.clear()

        await models.now()

        assert models.log_trouble == "cannot be read (no leader is found)"


async def test_a_database_that_does_not_answer_is_unreachable_with_its_last_position(
    tmp_path: Path, database: ReadDatabase, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def frozen() -> int:
        await asyncio.Event().wait()
        raise AssertionError

    with closing(observed(database, log, tmp_path, within_s=0.5)) as models:
        async with asyncio.timeout(SOON_S):
            while (await models.now())[0].state != "running":
                pass
        monkeypatch.setattr(database.generations, "live", frozen)
        async with asyncio.timeout(SOON_S):
            [model] = await models.now()

        assert model.state == "unreachable"
        assert model.reason == "its database does not answer within 0.5 s"
        assert (model.generation, model.position, model.behind) == (1, 3, None)
        assert models.log_trouble is None


async def test_the_last_status_is_used_while_the_next_look_takes_long(
    tmp_path: Path, database: ReadDatabase, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def frozen() -> int:
        await asyncio.Event().wait()
        raise AssertionError

    with closing(observed(database, log, tmp_path, within_s=0.5, stale_s=LONG_S)) as models:
        async with asyncio.timeout(SOON_S):
            while (await models.now())[0].state != "running":
                pass
        monkeypatch.setattr(database.generations, "live", frozen)
        monkeypatch.setattr(models._head_look, "_look", frozen)
        async with asyncio.timeout(SOON_S):
            [model] = await models.now()

        assert (model.state, model.lag) == ("running", 3)
        assert models.log_trouble is None


async def test_just_after_a_look_nobody_waits_for_one_that_takes_long(
    tmp_path: Path, database: ReadDatabase, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def frozen() -> int:
        await asyncio.Event().wait()
        raise AssertionError

    with closing(observed(database, log, tmp_path, recent_s=LONG_S, stale_s=LONG_S)) as models:
        async with asyncio.timeout(SOON_S):
            while (await models.now())[0].state != "running":
                pass
        monkeypatch.setattr(database.generations, "live", frozen)
        monkeypatch.setattr(models._head_look, "_look", frozen)
        async with asyncio.timeout(SOON_S):
            [model] = await models.now()

        assert (model.state, model.lag) == ("running", 3)
        assert models.log_trouble is None
