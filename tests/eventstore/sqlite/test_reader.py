"""The SQLite log as other processes read it."""

# ruff: noqa: ASYNC240 - a test may block on its own small files
import asyncio
import os
import sqlite3
from pathlib import Path

import pytest

from eventstore.port import NO_STREAM, PAGE_MAX, Page, Position, StoreUnavailable
from eventstore.sqlite import SqliteReader, SqliteStore, reader
from eventstore.sqlite.database import connect_reader
from tests.contracts.event_store import all_of, drafts, events, fresh_stream
from tests.eventstore.processes import Appending
from tests.waiting import HUNG_S, until

SOON_S = HUNG_S
LOOK = "PRAGMA data_version"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "log.db"


async def test_a_reader_sees_what_the_writer_has_appended(path: Path) -> None:
    store = SqliteStore.open(path)
    stream = fresh_stream()
    await store.append(stream, drafts(PAGE_MAX + 1), expected=NO_STREAM)
    reading = SqliteReader.open(path)

    assert await events(reading, stream) == await events(store, stream)
    assert await all_of(reading.read_all()) == await all_of(store.read_all())
    assert await reading.head() == await store.head()
    await reading.aclose()
    await store.aclose()


async def test_a_readers_connection_cannot_write(path: Path) -> None:
    await (SqliteStore.open(path)).aclose()
    connection = connect_reader(path)

    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        connection.execute("INSERT INTO events VALUES (1, 's', 0, x'', 't', x'', x'')")
    connection.close()


async def test_without_a_log_the_reader_reports_that(path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="there is no log yet"):
        SqliteReader.open(path)

    assert not path.exists()


async def test_a_log_that_is_being_created_is_not_a_log_yet(path: Path) -> None:
    path.touch()

    with pytest.raises(StoreUnavailable, match="no log in it yet"):
        SqliteReader.open(path)


async def test_a_log_without_its_writer_is_read(path: Path) -> None:
    store, stream = SqliteStore.open(path), fresh_stream()
    await store.append(stream, drafts(3), expected=NO_STREAM)
    await store.aclose()

    reading = SqliteReader.open(path)

    assert len(await events(reading, stream)) == 3
    await reading.aclose()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write every folder")
async def test_a_log_in_a_folder_that_may_not_be_written_is_refused_clearly(path: Path) -> None:
    await (SqliteStore.open(path)).aclose()
    path.parent.chmod(0o500)
    try:
        with pytest.raises(StoreUnavailable, match=str(path)):
            SqliteReader.open(path)
    finally:
        path.parent.chmod(0o700)


async def next_page(following: "asyncio.Future[Page]") -> Page:
    async with asyncio.timeout(SOON_S):
        return await following


@pytest.mark.slow
async def test_a_reader_follows_another_process_through_its_kill_and_its_successor(
    path: Path,
) -> None:
    first = Appending(path, "honest", tasks=4, count=10**9)
    reading = SqliteReader.open(path)
    pages = reading.follow()
    seen: list[Position] = []
    while len(seen) < 500:
        seen += [event.position for event in await next_page(asyncio.ensure_future(anext(pages)))]
    first.kill()

    acknowledged = 2 * len(first.reports())
    second = Appending(path, "honest", tasks=4, count=200)
    acknowledged += 2 * len(second.reports())
    while len(seen) < acknowledged:
        seen += [event.position for event in await next_page(asyncio.ensure_future(anext(pages)))]

    assert seen == list(range(1, len(seen) + 1))
    await reading.aclose()


async def test_each_commit_elsewhere_is_noticed(path: Path) -> None:
    store = SqliteStore.open(path)
    reading = SqliteReader.open(path)
    pages = reading.follow()
    for _ in range(100):
        coming = asyncio.ensure_future(anext(pages))
        await asyncio.sleep(0.003)
        await store.append(fresh_stream(), drafts(1), expected=NO_STREAM)
        await next_page(coming)

    await reading.aclose()
    await store.aclose()


@pytest.fixture
def polls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The statements of readers' connections as they come, including the polls of the watch."""
    statements: list[str] = []

    def connect(path: Path) -> sqlite3.Connection:
        connection = connect_reader(path)
        connection.set_trace_callback(statements.append)
        return connection

    monkeypatch.setattr(reader, "connect_reader", connect)
    return statements


async def test_a_reader_that_waits_polls_seldom_when_nothing_comes(
    path: Path, monkeypatch: pytest.MonkeyPatch, polls: list[str]
) -> None:
    monkeypatch.setattr(reader, "BUSY_FOR_S", 0.0)
    await (SqliteStore.open(path)).aclose()
    reading = SqliteReader.open(path)
    began_s = asyncio.get_running_loop().time()
    waiting = asyncio.ensure_future(anext(reading.follow()))
    await until(lambda: polls.count(LOOK) >= 3)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    await reading.aclose()
    took_s = asyncio.get_running_loop().time() - began_s

    # However slow this machine is, it has not polled more often.
    assert polls.count(LOOK) <= took_s / reader.POLL_IDLE_S + 2


async def test_without_followers_there_is_no_polling_and_a_returning_one_continues(
    path: Path, polls: list[str]
) -> None:
    store = SqliteStore.open(path)
    reading = SqliteReader.open(path)
    pages = reading.follow()
    await store.append(fresh_stream(), drafts(1), expected=NO_STREAM)
    first = await next_page(asyncio.ensure_future(anext(pages)))
    await asyncio.sleep(0.05)
    looked = polls.count(LOOK)
    for _ in range(20):
        await store.append(fresh_stream(), drafts(1), expected=NO_STREAM)
        await asyncio.sleep(0.005)

    assert polls.count(LOOK) <= looked + 1  # one that was under way
    later = await next_page(asyncio.ensure_future(anext(pages)))
    assert [event.position for event in [*first, *later]] == list(range(1, 22))
    await reading.aclose()
    await store.aclose()


async def test_closing_ends_the_followers(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "STOP_S", 3_600)
    await (SqliteStore.open(path)).aclose()
    reading = SqliteReader.open(path)
    waiting = asyncio.ensure_future(anext(reading.follow()))
    await asyncio.sleep(0.05)

    async with asyncio.timeout(SOON_S):
        await reading.aclose()

    with pytest.raises(StoreUnavailable, match="closed"):
        await waiting


async def test_closing_does_not_wait_for_an_unused_watch(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "STOP_S", 3_600)
    store = SqliteStore.open(path)
    await store.append(fresh_stream(), drafts(1), expected=NO_STREAM)
    reading = SqliteReader.open(path)
    await next_page(asyncio.ensure_future(anext(reading.follow())))

    async with asyncio.timeout(SOON_S):
        await reading.aclose()
    await store.aclose()


async def test_following_again_after_a_failed_poll_continues(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = SqliteStore.open(path)
    await store.append(fresh_stream(), drafts(1), expected=NO_STREAM)
    reading = SqliteReader.open(path)

    def fails(_watch: reader.Watch) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    with monkeypatch.context() as failing:
        failing.setattr(reader.Watch, "_poll", fails)
        with pytest.raises(StoreUnavailable):
            await anext(reading.follow())

    async with asyncio.timeout(SOON_S):
        page = await anext(reading.follow())
    assert len(page) == 1
    await reading.aclose()
    await store.aclose()
