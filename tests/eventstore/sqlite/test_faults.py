"""When the disk fails: nothing acknowledged is lost, nothing lost is acknowledged."""

import asyncio
import resource
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from eventstore.port import (
    NO_STREAM,
    Draft,
    OutcomeUnknown,
    StorageFull,
    StoreUnavailable,
)
from eventstore.sqlite import SqliteStore
from eventstore.sqlite.database import connect_writer
from tests.contracts.event_store import draft, drafts, events, fresh_stream
from tests.disks import small_disk
from tests.eventstore.processes import Appending, Reported, lost, stored_streams
from tests.waiting import HUNG_S

KILLS = 10
REPORTS_MIN = 100
"""Appends reported before a kill."""


class Faulty:
    """A connection on which one kind of statement fails, a given number of times."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._start = ""
        self._code = 0
        self._times = 0

    def fail(self, start: str, code: int, *, times: int = 1) -> None:
        """The next statements that start so raise the SQLite error of that code."""
        self._start, self._code, self._times = start, code, times

    def execute(self, statement: str, *parameters: Any) -> sqlite3.Cursor:
        self._perhaps_fail(statement)
        return self._connection.execute(statement, *parameters)

    def executemany(self, statement: str, rows: Any) -> sqlite3.Cursor:
        self._perhaps_fail(statement)
        return self._connection.executemany(statement, rows)

    def _perhaps_fail(self, statement: str) -> None:
        if self._times and statement.startswith(self._start):
            self._times -= 1
            error = sqlite3.OperationalError("put there by the test")
            error.sqlite_errorcode = self._code
            raise error

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> list[Faulty]:
    """The writing connections of the stores that the test opens."""
    opened: list[Faulty] = []

    def connect(path: Path) -> Faulty:
        opened.append(Faulty(connect_writer(path)))
        return opened[-1]

    monkeypatch.setattr("eventstore.sqlite.store.connect_writer", connect)
    return opened


async def append_each(store: SqliteStore, count: int) -> list[Any]:
    return await asyncio.gather(
        *(store.append(fresh_stream(), drafts(2), expected=NO_STREAM) for _ in range(count)),
        return_exceptions=True,
    )


def stored(path: Path) -> int:
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        [count] = connection.execute("SELECT count(*) FROM events").fetchone()
    finally:
        connection.close()
    return int(count)


# A full disk


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> None:
    """Appends are checked one by one, in a transaction of several statements."""
    monkeypatch.setattr("eventstore.sqlite.sql.INSERT_MAX", 1)


async def test_a_full_disk_stores_nothing_and_appends_succeed_again_when_there_is_room(
    tmp_path: Path, connections: list[Faulty]
) -> None:
    await full_disk(tmp_path, connections, "INSERT")


@pytest.mark.usefixtures("judged")
@pytest.mark.parametrize("statement", ["INSERT", "COMMIT"])
async def test_a_full_disk_stores_nothing_of_several_statements(
    tmp_path: Path, connections: list[Faulty], statement: str
) -> None:
    await full_disk(tmp_path, connections, statement)


async def full_disk(tmp_path: Path, connections: list[Faulty], statement: str) -> None:
    failures: list[StoreUnavailable] = []
    store = SqliteStore.open(tmp_path / "log.db", failed=failures.append)
    connections[0].fail(statement, sqlite3.SQLITE_FULL)

    assert {type(answer) for answer in await append_each(store, 5)} == {StorageFull}
    assert stored(tmp_path / "log.db") == 0
    assert sorted(await append_each(store, 5)) == [2, 4, 6, 8, 10]
    assert failures == []
    await store.aclose()


async def test_a_file_that_may_not_grow_is_a_full_disk(
    tmp_path: Path, connections: list[Faulty]
) -> None:
    store = SqliteStore.open(tmp_path / "log.db")
    [pages] = connections[0].execute("PRAGMA page_count").fetchone()
    connections[0].execute(f"PRAGMA max_page_count = {pages}")
    big = [Draft(draft().event_id, "NoteAdded", b'"%s"' % (b"x" * 20_000), b"{}")]

    with pytest.raises(StorageFull, match="disk is full: nothing was stored"):
        await store.append(fresh_stream(), big, expected=NO_STREAM)
    connections[0].execute("PRAGMA max_page_count = 1000000")
    assert await store.append(fresh_stream(), big, expected=NO_STREAM) == 1
    await store.aclose()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "small", mebibytes=1) as folder:
        yield folder


async def test_on_a_really_full_disk_acknowledged_events_are_stored(
    disk: Path,
) -> None:
    ballast = disk / "ballast"
    ballast.write_bytes(bytes(400_000))
    failures: list[StoreUnavailable] = []
    store = SqliteStore.open(disk / "log.db", failed=failures.append)
    acknowledged = []
    for _ in range(2_000):
        stream = fresh_stream()
        try:
            await store.append(stream, drafts(3), expected=NO_STREAM)
        except StorageFull:
            break
        acknowledged.append(stream)
    else:
        pytest.fail("the disk was never full")

    for stream in acknowledged:
        assert len(await events(store, stream)) == 3
    ballast.unlink()
    assert not [answer for answer in await append_each(store, 5) if not isinstance(answer, int)]
    assert failures == []
    await store.aclose()

    assert stored(disk / "log.db") == 3 * len(acknowledged) + 10


# A failing disk


async def test_after_a_failed_insert_nothing_is_ever_acknowledged(
    tmp_path: Path, connections: list[Faulty]
) -> None:
    await failed_commit(tmp_path, connections, "INSERT")


@pytest.mark.usefixtures("judged")
async def test_after_a_failed_commit_nothing_is_ever_acknowledged(
    tmp_path: Path, connections: list[Faulty]
) -> None:
    await failed_commit(tmp_path, connections, "COMMIT")


async def failed_commit(tmp_path: Path, connections: list[Faulty], statement: str) -> None:
    failures: list[StoreUnavailable] = []
    store = SqliteStore.open(tmp_path / "log.db", failed=failures.append)
    [before] = await append_each(store, 1)
    connections[0].fail(statement, sqlite3.SQLITE_IOERR_FSYNC)

    unknown = await append_each(store, 5)
    refused = await append_each(store, 5)

    assert before == 2
    assert {type(answer) for answer in unknown} == {OutcomeUnknown}
    assert {type(answer) for answer in refused} == {StoreUnavailable}
    assert ["disk failed" in str(failure) for failure in failures] == [True]
    assert len(await events_of_all(store)) == 2
    await store.aclose()


@pytest.mark.usefixtures("judged")
async def test_a_write_that_fails_before_the_commit_is_known_not_to_be_stored(
    tmp_path: Path, connections: list[Faulty]
) -> None:
    failures: list[StoreUnavailable] = []
    store = SqliteStore.open(tmp_path / "log.db", failed=failures.append)
    connections[0].fail("INSERT", sqlite3.SQLITE_IOERR_WRITE)

    answers = await append_each(store, 5) + await append_each(store, 1)

    assert {type(answer) for answer in answers} == {StoreUnavailable}
    assert len(failures) == 1
    await store.aclose()
    assert stored(tmp_path / "log.db") == 0


async def test_a_failed_checkpoint_stops_the_store_before_the_next_append(
    tmp_path: Path, connections: list[Faulty], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eventstore.sqlite.writer.CHECKPOINT_QUIET_BYTES", 1)
    failed: asyncio.Future[StoreUnavailable] = asyncio.get_running_loop().create_future()
    store = SqliteStore.open(tmp_path / "log.db", failed=failed.set_result)
    connections[0].fail("PRAGMA wal_checkpoint", sqlite3.SQLITE_IOERR_FSYNC)
    await append_each(store, 1)

    async with asyncio.timeout(HUNG_S):
        assert "disk failed" in str(await failed)
    with pytest.raises(StoreUnavailable, match="disk failed"):
        await store.append(fresh_stream(), drafts(1), expected=NO_STREAM)
    await store.aclose()


@pytest.mark.parametrize("code", [sqlite3.SQLITE_FULL, sqlite3.SQLITE_BUSY])
async def test_a_checkpoint_without_room_or_lock_is_made_later(
    tmp_path: Path, connections: list[Faulty], monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    monkeypatch.setattr("eventstore.sqlite.writer.CHECKPOINT_BUSY_BYTES", 1)
    failures: list[StoreUnavailable] = []
    store = SqliteStore.open(tmp_path / "log.db", failed=failures.append)
    connections[0].fail("PRAGMA wal_checkpoint", code)

    assert await append_each(store, 1) == [2]
    assert await append_each(store, 1) == [4]
    assert failures == []
    await store.aclose()


async def test_another_program_that_holds_the_file_is_waited_for_and_then_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eventstore.sqlite.database.BUSY_TIMEOUT_MS", 50)
    store = SqliteStore.open(tmp_path / "log.db")
    intruder = sqlite3.connect(tmp_path / "log.db", isolation_level=None)
    intruder.execute("BEGIN IMMEDIATE")

    with pytest.raises(StoreUnavailable, match="another process holds"):
        await store.append(fresh_stream(), drafts(1), expected=NO_STREAM)
    intruder.execute("ROLLBACK")
    intruder.close()
    assert await store.append(fresh_stream(), drafts(1), expected=NO_STREAM) == 1
    await store.aclose()


async def test_an_append_that_cannot_be_stored_fails_alone(
    tmp_path: Path, connections: list[Faulty]
) -> None:
    store = SqliteStore.open(tmp_path / "log.db")
    connections[0].setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 100_000)
    too_big = [Draft(draft().event_id, "NoteAdded", bytes(200_000), b"{}")]

    answers: list[Any] = await asyncio.gather(
        *(store.append(fresh_stream(), drafts(2), expected=NO_STREAM) for _ in range(10)),
        store.append(fresh_stream(), [*drafts(2), *too_big], expected=NO_STREAM),
        return_exceptions=True,
    )

    assert isinstance(answers.pop(), ValueError)
    assert sorted(answers) == list(range(2, 22, 2))
    assert len(await events_of_all(store)) == 20
    await store.aclose()


async def events_of_all(store: SqliteStore) -> list[object]:
    return [recorded async for page in store.read_all() for recorded in page]


# The process is killed, the disk fails under it


def killed_under_load(path: Path, mode: str, after_s: float) -> list[Reported]:
    appending = Appending(path, mode, tasks=32, count=10**9)
    appending.await_reports(REPORTS_MIN)
    time.sleep(after_s)
    appending.kill()
    return appending.reports()


@pytest.mark.slow
def test_kill_9_under_load_loses_nothing_acknowledged_and_tears_no_append(tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    lines: list[Reported] = []
    for kill in range(KILLS):
        lines += killed_under_load(path, "honest", 0.05 + 0.03 * kill)
    SqliteStore.open(path)._writer.close()

    assert len(lines) >= REPORTS_MIN * KILLS
    assert lost(path, lines) == []
    assert set(stored_streams(path).values()) == {2}


@pytest.mark.slow
def test_control_a_writer_that_acknowledges_before_the_commit_is_caught(tmp_path: Path) -> None:
    path = tmp_path / "log.db"

    # A kill may fall between two commits, when nothing is under way; one that does not is enough.
    assert any(
        lost(path, killed_under_load(path, "early", 0.05 + 0.01 * kill))
        for kill in range(3 * KILLS)
    )


def with_a_sync_failing(path: Path, mode: str) -> tuple[list[Reported], int]:
    """One task appends; after a while one sync of the process fails with EIO."""
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("strace is not here to make a sync fail")
    inject = ["-e", "trace=fsync,fdatasync", "-e", "inject=fsync,fdatasync:error=EIO:when=60"]
    under = [strace, "-f", "-qq", "-o", "/dev/null", *inject]
    if subprocess.run([*under, "true"], capture_output=True, check=False).returncode:
        pytest.skip("strace may not trace here")
    appending = Appending(path, mode, tasks=1, count=200, under=under)
    return appending.reports(), appending.process.returncode


def acked_after_the_unknown(lines: list[Reported]) -> int:
    words = [line.word for line in lines]
    return words[words.index("unknown") :].count("acked")


@pytest.mark.slow
def test_after_a_real_failed_sync_nothing_is_acknowledged_and_the_process_reports_it(
    tmp_path: Path,
) -> None:
    path = tmp_path / "log.db"

    lines, code = with_a_sync_failing(path, "honest")

    words = [line.word for line in lines]
    assert (words.count("unknown"), acked_after_the_unknown(lines)) == (1, 0)
    assert words.count("acked") > 20
    assert code == 3
    SqliteStore.open(path)._writer.close()
    assert lost(path, lines) == []


@pytest.mark.slow
def test_control_a_writer_that_continues_after_a_failed_sync_is_caught(tmp_path: Path) -> None:
    lines, _ = with_a_sync_failing(tmp_path / "log.db", "forgiving")

    assert acked_after_the_unknown(lines) > 0


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="prlimit is of Linux")
def test_a_file_that_hits_its_limit_stops_the_process_and_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    appending = Appending(path, "honest", tasks=8, count=10**9)
    resource.prlimit(appending.process.pid, resource.RLIMIT_FSIZE, (300_000, 300_000))

    lines = appending.reports()

    words = [line.word for line in lines]
    assert "acked" in words
    assert words[-1] == "refused"
    assert appending.process.returncode == 3
    SqliteStore.open(path)._writer.close()
    assert lost(path, lines) == []
