import asyncio
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select, text
from sqlalchemy.exc import OperationalError

from projections.database import COMMON, VIEWS, ReadDatabase, applied, create, ensure_built, writing
from projections.generations import BeingBuilt, NotBuilt, ReadModelError, generations
from projections.projection import Projection
from projections.writer import open_writer
from replay.rebuild import rebuild
from tests.projections.toy import (
    ORDERS,
    TALLY,
    Log,
    captured,
    files,
    note,
    placed,
    url_of,
    writer_of,
)


@pytest.fixture
async def log() -> Log:
    log = Log()
    await log.append("o-1", placed(), captured())
    return log


def opened() -> set[str]:
    """Names of the databases that this process has open, gone or not."""
    paths = [path.readlink() for path in Path("/proc/self/fd").iterdir() if path.is_symlink()]
    return {name for name in (path.name.split()[0] for path in paths) if name.endswith(".db")}


async def fill(folder: Path, log: Log) -> None:
    async with writer_of(folder) as writer:
        await writer.commit(await log.items(), {})


async def test_nothing_built_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    database = ReadDatabase(TALLY, url_of(tmp_path))
    with pytest.raises(NotBuilt, match="start its worker or replay it"):
        async with database.connect():
            pass
    assert files(tmp_path) == []


async def test_applied_tells_an_orders_last_revision(tmp_path: Path, log: Log) -> None:
    await fill(tmp_path, log)
    database = ReadDatabase(TALLY, url_of(tmp_path))
    async with database.connect() as conn:
        assert await conn.run_sync(applied, "o-1") == 1
        assert await conn.run_sync(applied, "o-2") is None
    await database.aclose()


async def test_a_reader_cannot_write(tmp_path: Path, log: Log) -> None:
    await fill(tmp_path, log)
    database = ReadDatabase(TALLY, url_of(tmp_path))
    async with database.connect() as conn:
        with pytest.raises(OperationalError, match="readonly"):
            await conn.execute(VIEWS.delete())
    await database.aclose()


async def test_what_one_connection_asks_is_of_one_moment(tmp_path: Path, log: Log) -> None:
    await fill(tmp_path, log)
    database = ReadDatabase(TALLY, url_of(tmp_path))
    async with database.connect() as conn:
        before = (await conn.execute(select(VIEWS))).all()
        await log.append("o-1", note())
        await fill(tmp_path, log)

        assert (await conn.execute(select(VIEWS))).all() == before
    async with database.connect() as conn:
        assert (await conn.execute(select(VIEWS))).all() != before
    await database.aclose()


async def test_readers_move_over_at_the_switch_and_a_reader_inside_ends_where_it_began(
    tmp_path: Path, log: Log
) -> None:
    await fill(tmp_path, log)
    database = ReadDatabase(TALLY, url_of(tmp_path))
    async with database.connect() as inside:
        await log.append("o-2", placed("o-2"))
        await rebuild(TALLY, url_of(tmp_path), log.store)
        async with database.connect() as conn:
            assert len((await conn.execute(select(ORDERS))).all()) == 2

        assert len((await inside.execute(select(ORDERS))).all()) == 1
        path = (await inside.execute(text("PRAGMA database_list"))).one()[2]
        assert path.endswith("tally.g1.db")
    await database.aclose()


async def test_no_connection_stays_on_a_generation_that_is_gone(tmp_path: Path, log: Log) -> None:
    await fill(tmp_path, log)
    database = ReadDatabase(TALLY, url_of(tmp_path))
    for _ in range(3):
        async with database.connect() as conn:
            assert await conn.run_sync(applied, "o-1") == 1
        await rebuild(TALLY, url_of(tmp_path), log.store)
    async with database.connect():
        assert {name for name in opened() if name.startswith("tally.g")} == {"tally.g4.db"}
    await database.aclose()


async def test_a_question_is_answered_in_one_piece_by_the_live_generation(
    tmp_path: Path, log: Log
) -> None:
    await fill(tmp_path, log)
    database = ReadDatabase(TALLY, url_of(tmp_path))
    assert await database.ask(applied_to("o-1", "o-2")) == [1, None]

    await log.append("o-2", placed("o-2"))
    await rebuild(TALLY, url_of(tmp_path), log.store)

    assert await database.ask(applied_to("o-1", "o-2")) == [1, 0]
    await database.aclose()


async def test_a_question_cannot_write(tmp_path: Path, log: Log) -> None:
    await fill(tmp_path, log)
    database = ReadDatabase(TALLY, url_of(tmp_path))
    with pytest.raises(OperationalError, match="readonly"):
        await database.ask(lambda conn: conn.execute(VIEWS.delete()))
    await database.aclose()


async def test_a_question_sees_one_moment_and_holds_up_no_other(tmp_path: Path, log: Log) -> None:
    await fill(tmp_path, log)
    database = ReadDatabase(TALLY, url_of(tmp_path))
    begun, go_on = threading.Event(), threading.Event()

    def twice(conn: Connection) -> tuple[int | None, int | None]:
        first = applied(conn, "o-1")
        begun.set()
        assert go_on.wait(10)
        return first, applied(conn, "o-1")

    slow = asyncio.create_task(database.ask(twice))
    await asyncio.to_thread(begun.wait, 10)
    await log.append("o-1", note())
    await fill(tmp_path, log)
    assert await database.ask(applied_to("o-1")) == [2]
    go_on.set()

    assert await slow == (1, 1)
    await database.aclose()


async def test_a_question_that_nobody_waits_for_any_more_leaves_no_connection(
    tmp_path: Path, log: Log
) -> None:
    await fill(tmp_path, log)
    database = ReadDatabase(TALLY, url_of(tmp_path))
    begun, go_on = threading.Event(), threading.Event()

    def slow(conn: Connection) -> None:
        applied(conn, "o-1")
        begun.set()
        assert go_on.wait(10)

    asking = asyncio.create_task(database.ask(slow))
    await asyncio.to_thread(begun.wait, 10)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    closing = asyncio.create_task(database.aclose())
    await asyncio.sleep(0.05)
    assert not closing.done()
    go_on.set()
    await closing

    assert not [name for name in opened() if name.startswith("tally.g")]


def applied_to(*order_ids: str) -> Callable[[Connection], list[int | None]]:
    return lambda conn: [applied(conn, order_id) for order_id in order_ids]


def test_a_worker_never_makes_a_database_out_of_nothing(tmp_path: Path) -> None:
    engine = writing(tmp_path / "tally.g1.db")
    with pytest.raises(OperationalError, match="unable to open"):
        engine.connect()
    engine.dispose()
    assert list(tmp_path.iterdir()) == []


def test_a_generation_is_never_built_over_another(tmp_path: Path) -> None:
    create(TALLY, tmp_path / "tally.g1.db")
    with pytest.raises(FileExistsError):
        create(TALLY, tmp_path / "tally.g1.db")


def test_the_file_says_whose_it_is_and_that_it_is_wal(tmp_path: Path) -> None:
    create(TALLY, tmp_path / "tally.g1.db")
    with closing(sqlite3.connect(tmp_path / "tally.g1.db")) as conn:
        assert conn.execute("PRAGMA application_id").fetchone() == (0x44614279,)
        assert conn.execute("PRAGMA user_version").fetchone() == (TALLY.version,)
        assert conn.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        strict = dict(
            conn.execute("SELECT name, strict FROM pragma_table_list WHERE schema='main'")
        )
    assert all(strict[name] for name in COMMON.tables)


def test_the_first_generation_is_built_once(tmp_path: Path) -> None:
    assert ensure_built(TALLY, url_of(tmp_path)).live() == 1
    assert ensure_built(TALLY, url_of(tmp_path)).live() == 1


def test_nothing_is_built_while_another_process_builds(tmp_path: Path) -> None:
    with (
        generations(url_of(tmp_path)).building(),
        pytest.raises(BeingBuilt, match="next generation"),
    ):
        ensure_built(TALLY, url_of(tmp_path))


@pytest.mark.parametrize(
    ("version", "advice"), [(2, "run `daybook replay tally`"), (0, "start a newer Daybook")]
)
async def test_tables_of_another_version_are_refused_with_what_to_do(
    tmp_path: Path, version: int, advice: str
) -> None:
    found = ensure_built(TALLY, url_of(tmp_path))
    other: Projection[Any] = Projection(
        name=TALLY.name,
        version=version,
        tables=TALLY.tables,
        view=TALLY.view,
        initial=TALLY.initial,
        evolve=TALLY.evolve,
        rows=TALLY.rows,
    )
    with pytest.raises(ReadModelError, match=advice):
        async with open_writer(other, found, found.live()):
            pass
