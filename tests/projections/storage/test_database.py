import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Connection, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.util import await_only

from projections.storage.database import ReadDatabase
from projections.storage.errors import BeingBuilt, NotBuilt, ReadModelError
from projections.storage.generations import Generations, ensure_built
from projections.storage.open import open_generations
from projections.storage.reader import Query, T
from projections.storage.tables import VIEWS, applied
from projections.worker.writer import open_writer
from replay.rebuild import rebuild
from tests.projections.toy import (
    ORDERS,
    TALLY,
    Log,
    captured,
    note,
    numbers,
    placed,
    url_of,
    writer_of,
)

pytestmark = pytest.mark.usefixtures("kind")


@pytest.fixture
async def log() -> Log:
    log = Log()
    await log.append("o-1", placed(), captured())
    return log


@pytest.fixture
async def found(tmp_path: Path) -> AsyncIterator[Generations]:
    async with aclosing(open_generations(url_of(tmp_path))) as found:
        yield found


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[ReadDatabase]:
    async with aclosing(ReadDatabase(TALLY, url_of(tmp_path))) as database:
        yield database


async def fill(folder: Path, log: Log) -> None:
    async with writer_of(folder) as writer:
        await writer.commit(await log.items(), {})


async def test_nothing_built_is_an_error_that_says_what_to_do(
    tmp_path: Path, database: ReadDatabase
) -> None:
    with pytest.raises(NotBuilt, match="start its worker or replay it"):
        await database.ask(applied_to("o-1"))
    assert numbers(tmp_path) == []


async def test_applied_is_the_last_revision_of_an_order(
    tmp_path: Path, database: ReadDatabase, log: Log
) -> None:
    await fill(tmp_path, log)
    assert await database.ask(applied_to("o-1", "o-2")) == [1, None]


async def test_a_query_sees_one_state(tmp_path: Path, database: ReadDatabase, log: Log) -> None:
    await fill(tmp_path, log)

    async def written() -> None:
        await log.append("o-1", note())
        await fill(tmp_path, log)

    assert await database.ask(twice(applied_to("o-1"), written)) == ([1], [1])
    assert await database.ask(applied_to("o-1")) == [2]


async def test_queries_move_to_the_new_generation_at_the_switch_and_one_that_runs_stays(
    tmp_path: Path, database: ReadDatabase, log: Log
) -> None:
    await fill(tmp_path, log)
    during: list[int] = []

    async def rebuilt() -> None:
        await log.append("o-2", placed("o-2"))
        await rebuild(TALLY, url_of(tmp_path), log.store)
        during.append(await database.ask(orders))

    assert await database.ask(twice(orders, rebuilt)) == (1, 1)
    assert during == [2]


async def test_a_query_is_answered_by_the_live_generation(
    tmp_path: Path, database: ReadDatabase, log: Log
) -> None:
    await fill(tmp_path, log)
    assert await database.ask(applied_to("o-1", "o-2")) == [1, None]

    await log.append("o-2", placed("o-2"))
    await rebuild(TALLY, url_of(tmp_path), log.store)

    assert await database.ask(applied_to("o-1", "o-2")) == [1, 0]


async def test_a_query_cannot_write(tmp_path: Path, database: ReadDatabase, log: Log) -> None:
    await fill(tmp_path, log)
    with pytest.raises(DBAPIError, match=r"read-?only"):
        await database.ask(lambda conn: conn.execute(VIEWS.delete()))


def orders(conn: Connection) -> int:
    return len(conn.execute(select(ORDERS)).all())


def twice(query: Query[T], meanwhile: Callable[[], Awaitable[None]]) -> Query[tuple[T, T]]:
    """The query, and again in the same transaction after something else was done."""
    loop = asyncio.get_running_loop()

    async def done() -> None:
        await meanwhile()

    def asked(conn: Connection) -> tuple[T, T]:
        first = query(conn)
        if threading.current_thread() is threading.main_thread():
            await_only(done())  # of a server, asked in the loop
        else:
            asyncio.run_coroutine_threadsafe(done(), loop).result(60)
        return first, query(conn)

    return asked


def applied_to(*order_ids: str) -> Callable[[Connection], list[int | None]]:
    return lambda conn: [applied(conn, order_id) for order_id in order_ids]


async def test_the_first_generation_is_built_once(found: Generations) -> None:
    for _ in range(2):
        await ensure_built(TALLY, found)
        assert await found.live() == 1


async def test_nothing_is_built_while_another_process_builds(
    tmp_path: Path, found: Generations
) -> None:
    async with aclosing(open_generations(url_of(tmp_path))) as other, other.building():
        with pytest.raises(BeingBuilt, match="next generation"):
            await ensure_built(TALLY, found)
    await ensure_built(TALLY, found)


@pytest.mark.parametrize(
    ("version", "advice"), [(2, "run `daybook replay tally`"), (0, "start a newer Daybook")]
)
async def test_tables_of_another_version_are_refused_with_what_to_do(
    found: Generations, version: int, advice: str
) -> None:
    await ensure_built(TALLY, found)
    other = replace(TALLY, version=version)
    with pytest.raises(ReadModelError, match=advice):
        async with open_writer(other, found, await found.live()):
            pass
