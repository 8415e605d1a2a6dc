"""Queries in threads: none delays another, and none leaves a connection open."""

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import Connection

from projections.storage.database import ReadDatabase
from projections.storage.sqlite.reader import THREADS_MAX
from projections.storage.tables import applied
from tests.projections.storage.sqlite.test_engines import opened
from tests.projections.toy import TALLY, Log, note, placed, url_of, writer_of
from tests.projections.worker.test_runner import brought_up
from tests.waiting import HUNG_S


@pytest.fixture
async def log(tmp_path: Path) -> Log:
    log = Log()
    await log.append("o-1", placed())
    await fill(tmp_path, log)
    return log


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[ReadDatabase]:
    database = ReadDatabase(TALLY, url_of(tmp_path))
    yield database
    await database.aclose()


async def fill(folder: Path, log: Log) -> None:
    async with writer_of(folder) as writer:
        await brought_up(writer, log)


class Slow:
    """A query that takes as long as the test wants it to."""

    def __init__(self) -> None:
        self._begun, self._go_on = threading.Event(), threading.Event()

    def __call__(self, conn: Connection) -> tuple[int | None, int | None]:
        first = applied(conn, "o-1")
        self._begun.set()
        assert self._go_on.wait(HUNG_S)
        return first, applied(conn, "o-1")

    async def begun(self) -> None:
        assert await asyncio.to_thread(self._begun.wait, HUNG_S)

    def has_begun(self) -> bool:
        return self._begun.is_set()

    def end(self) -> None:
        self._go_on.set()


async def test_a_query_sees_one_state_and_delays_no_other(
    tmp_path: Path, database: ReadDatabase, log: Log
) -> None:
    slow = Slow()
    asking = asyncio.create_task(database.ask(slow))
    await slow.begun()
    await log.append("o-1", note())
    await fill(tmp_path, log)
    assert await database.ask(lambda conn: applied(conn, "o-1")) == 1
    slow.end()

    assert await asking == (0, 0)


async def test_long_queries_are_answered_one_at_a_time_and_delay_no_short_one(
    database: ReadDatabase, log: Log
) -> None:
    first, second = Slow(), Slow()
    asking = asyncio.create_task(database.ask(first, long=True))
    await first.begun()
    waiting = asyncio.create_task(database.ask(second, long=True))
    # More short ones than threads, so that the second long one could have started.
    for _ in range(2 * THREADS_MAX):
        assert await database.ask(lambda conn: applied(conn, "o-1")) == 0
    assert not second.has_begun()
    first.end()
    await second.begun()
    second.end()

    assert await asyncio.gather(asking, waiting) == [(0, 0), (0, 0)]


async def test_a_cancelled_long_query_still_delays_the_next_one(
    database: ReadDatabase, log: Log
) -> None:
    first, second = Slow(), Slow()
    asking = asyncio.create_task(database.ask(first, long=True))
    await first.begun()
    asking.cancel()
    waiting = asyncio.create_task(database.ask(second, long=True))
    for _ in range(2 * THREADS_MAX):
        assert await database.ask(lambda conn: applied(conn, "o-1")) == 0
    assert not second.has_begun()
    first.end()
    await second.begun()
    second.end()

    assert await waiting == (0, 0)


async def test_a_cancelled_query_leaves_no_connection(database: ReadDatabase, log: Log) -> None:
    slow = Slow()
    asking = asyncio.create_task(database.ask(slow))
    await slow.begun()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    closing = asyncio.create_task(database.aclose())
    await asyncio.sleep(0.05)
    assert not closing.done()
    slow.end()
    await closing

    assert not [name for name in opened() if name.startswith("tally.g")]
