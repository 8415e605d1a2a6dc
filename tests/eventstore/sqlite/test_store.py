"""The SQLite log in one process: the contract, group commit, following, stopping."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from eventstore.port import (
    NO_STREAM,
    Position,
    Revision,
    StoreUnavailable,
    StreamName,
    WrongExpectedRevision,
)
from eventstore.sqlite import SqliteStore
from eventstore.sqlite.database import connect_writer
from tests.contracts.event_store import (
    EventStoreContract,
    all_of,
    draft,
    drafts,
    fresh_stream,
    ids,
)
from tests.waiting import HUNG_S, until


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    store = SqliteStore.open(tmp_path / "log.db")
    yield store
    await store.aclose()


class TestSqliteStore(EventStoreContract):
    @pytest.fixture
    async def store(self, tmp_path: Path) -> AsyncIterator[SqliteStore]:
        store = SqliteStore.open(tmp_path / "log.db")
        yield store
        await store.aclose()


async def test_ids_are_not_compared_if_the_expected_revision_is_the_last_one(
    store: SqliteStore,
) -> None:
    stream, one = StreamName("order-1"), draft()
    await store.append(stream, [one], expected=NO_STREAM)

    await store.append(stream, [one], expected=Revision(0))

    assert await ids(store, stream) == [one.event_id] * 2


async def test_positions_have_no_gaps_whatever_was_refused(store: SqliteStore) -> None:
    for n in range(5):
        await store.append(StreamName(f"order-{n}"), drafts(2), expected=NO_STREAM)
        with pytest.raises(WrongExpectedRevision):
            await store.append(StreamName(f"order-{n}"), drafts(2), expected=NO_STREAM)

    log = await all_of(store.read_all())

    assert [recorded.position for recorded in log] == list(range(1, 11))


async def test_an_empty_log_has_no_head(store: SqliteStore) -> None:
    assert await store.head() is None
    assert await all_of(store.read_all()) == []


async def test_a_log_opened_again_continues_where_it_ended(tmp_path: Path) -> None:
    path, stream = tmp_path / "log.db", StreamName("order-1")
    first = SqliteStore.open(path)
    await first.append(stream, drafts(3), expected=NO_STREAM)
    await first.aclose()

    second = SqliteStore.open(path)
    position = await second.append(stream, drafts(1), expected=Revision(2))
    await second.aclose()

    assert position == 4


async def test_64_appends_that_wait_together_share_a_few_commits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    statements = traced_writer(monkeypatch)
    store = SqliteStore.open(tmp_path / "log.db")
    statements.clear()

    await asyncio.gather(
        *(store.append(fresh_stream(), drafts(1), expected=NO_STREAM) for _ in range(64))
    )
    together = commits(statements)
    for _ in range(64):
        await store.append(fresh_stream(), drafts(1), expected=NO_STREAM)
    await store.aclose()

    assert 1 <= together <= 4
    # The control: appends one at a time share nothing, and the same count shows it.
    assert commits(statements) - together == 64


def commits(statements: list[str]) -> int:
    """An INSERT without a BEGIN is its own transaction. It is traced once more for each row that
    the trigger checks.
    """
    assert "BEGIN IMMEDIATE" not in statements
    return len({statement for statement in statements if statement.startswith("INSERT")})


async def test_a_commit_wakes_the_followers(store: SqliteStore) -> None:
    """They wait for it, and read nothing until then."""
    following = store.follow()
    for n in range(50):
        coming = asyncio.ensure_future(anext(following))
        await asyncio.sleep(0.002)
        await store.append(StreamName(f"order-{n}"), drafts(1), expected=NO_STREAM)
        async with asyncio.timeout(HUNG_S):
            await coming


async def test_the_event_loop_keeps_running_while_the_disk_is_slow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = HangingDisk()
    traced_writer(monkeypatch, disk)
    store = SqliteStore.open(tmp_path / "log.db")
    appending = asyncio.ensure_future(
        store.append(StreamName("order-1"), drafts(1), expected=NO_STREAM)
    )
    await disk.hangs()
    for _ in range(10):
        await asyncio.sleep(0.001)
        await store.head()

    assert not appending.done()
    disk.goes_on.set()
    await appending
    await store.aclose()


async def test_closing_finishes_earlier_appends_and_refuses_later_ones(
    tmp_path: Path,
) -> None:
    store = SqliteStore.open(tmp_path / "log.db")
    asked = [
        asyncio.ensure_future(store.append(fresh_stream(), drafts(1), expected=NO_STREAM))
        for _ in range(20)
    ]
    await asyncio.sleep(0)
    following = asyncio.ensure_future(anext(store.follow(after=Position(10**9))))
    await asyncio.sleep(0)

    await store.aclose()

    assert sorted(await asyncio.gather(*asked)) == list(range(1, 21))
    with pytest.raises(StoreUnavailable, match="closed"):
        await following
    with pytest.raises(StoreUnavailable, match="closed"):
        await store.append(fresh_stream(), drafts(1), expected=NO_STREAM)
    with pytest.raises(StoreUnavailable, match="closed"):
        await store.head()


async def test_closing_takes_a_bounded_time_when_the_disk_hangs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = HangingDisk()
    monkeypatch.setattr("eventstore.sqlite.batch_thread.STOP_S", 0.1)
    traced_writer(monkeypatch, disk)
    store = SqliteStore.open(tmp_path / "log.db")
    appending = asyncio.ensure_future(store.append(fresh_stream(), drafts(1), expected=NO_STREAM))
    await disk.hangs()

    with pytest.raises(StoreUnavailable, match="did not answer"):
        await store.aclose()
    disk.goes_on.set()
    await appending
    await store.aclose()


async def test_a_cancelled_append_that_was_submitted_is_stored_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = HangingDisk()
    traced_writer(monkeypatch, disk)
    store, stream, one = SqliteStore.open(tmp_path / "log.db"), fresh_stream(), draft()
    appending = asyncio.ensure_future(store.append(stream, [one], expected=NO_STREAM))
    await disk.hangs()
    appending.cancel()
    disk.goes_on.set()
    with pytest.raises(asyncio.CancelledError):
        await appending

    # An append in a later commit succeeds, and followers get the cancelled one too.
    await store.append(fresh_stream(), drafts(1), expected=NO_STREAM)

    assert await ids(store, stream) == [one.event_id]
    assert (await anext(store.follow()))[0].event_id == one.event_id
    await store.aclose()


async def test_the_write_ahead_log_stays_small_under_load_and_is_moved_when_it_is_quiet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eventstore.sqlite.writer.CHECKPOINT_BUSY_BYTES", 1 << 19)
    monkeypatch.setattr("eventstore.sqlite.writer.CHECKPOINT_QUIET_BYTES", 1)
    path = tmp_path / "log.db"
    store = SqliteStore.open(path)
    for _ in range(20):
        await asyncio.gather(
            *(store.append(fresh_stream(), drafts(1), expected=NO_STREAM) for _ in range(64))
        )
    assert (tmp_path / "log.db-wal").stat().st_size < 3 << 20

    def in_the_file() -> int:
        moved = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)  # without the -wal
        [count] = moved.execute("SELECT count(*) FROM events").fetchone()
        moved.close()
        return int(count)

    await until(lambda: in_the_file() == 20 * 64)
    await store.aclose()


class HangingDisk:
    """A hook of traced_writer: an INSERT takes until goes_on is set."""

    def __init__(self) -> None:
        self.goes_on = threading.Event()
        self._hangs = threading.Event()

    def __call__(self, statement: str) -> None:
        if statement.startswith("INSERT"):
            self._hangs.set()
            self.goes_on.wait(HUNG_S)

    async def hangs(self) -> None:
        """Returns when it does."""
        assert await asyncio.to_thread(self._hangs.wait, HUNG_S)


def traced_writer(
    monkeypatch: pytest.MonkeyPatch, hook: Callable[[str], None] = lambda _statement: None
) -> list[str]:
    """Every statement of stores opened from now on; hook runs in the writer's thread before it."""
    statements: list[str] = []

    def trace(statement: str) -> None:
        statements.append(statement)
        hook(statement)

    def connect(path: Path) -> sqlite3.Connection:
        connection = connect_writer(path)
        connection.set_trace_callback(trace)
        return connection

    monkeypatch.setattr("eventstore.sqlite.store.connect_writer", connect)
    return statements
