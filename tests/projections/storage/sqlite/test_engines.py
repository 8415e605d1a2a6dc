import sqlite3
from contextlib import aclosing, closing
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from projections.storage.database import ReadDatabase
from projections.storage.sqlite.engines import create, writing
from projections.storage.tables import COMMON, applied
from replay.rebuild import rebuild
from tests.projections.toy import TALLY, Log, placed, url_of, writer_of
from tests.projections.worker.test_runner import brought_up


def opened() -> set[str]:
    """Names of the databases that this process has open, gone or not."""
    paths = [path.readlink() for path in Path("/proc/self/fd").iterdir() if path.is_symlink()]
    return {name for name in (path.name.split()[0] for path in paths) if name.endswith(".db")}


async def test_no_connection_to_a_deleted_generation_is_kept(tmp_path: Path) -> None:
    log = Log()
    await log.append("o-1", placed())
    async with writer_of(tmp_path) as writer:
        await brought_up(writer, log)
    async with aclosing(ReadDatabase(TALLY, url_of(tmp_path))) as database:
        for _ in range(3):
            assert await database.ask(lambda conn: applied(conn, "o-1")) == 0
            await rebuild(TALLY, url_of(tmp_path), log.store)
        path = await database.ask(lambda conn: conn.execute(text("PRAGMA database_list")).one()[2])
        assert path.endswith("tally.g4.db")
        assert {name for name in opened() if name.startswith("tally.g")} == {"tally.g4.db"}


def test_a_worker_never_creates_a_missing_database(tmp_path: Path) -> None:
    engine = writing(tmp_path / "tally.g1.db")
    with pytest.raises(OperationalError, match="unable to open"):
        engine.connect()
    engine.dispose()
    assert list(tmp_path.iterdir()) == []


def test_a_generation_is_never_built_over_another(tmp_path: Path) -> None:
    create(TALLY, tmp_path / "tally.g1.db")
    with pytest.raises(FileExistsError):
        create(TALLY, tmp_path / "tally.g1.db")


def test_the_file_contains_its_model_and_is_in_wal_mode(tmp_path: Path) -> None:
    create(TALLY, tmp_path / "tally.g1.db")
    with closing(sqlite3.connect(tmp_path / "tally.g1.db")) as conn:
        assert conn.execute("PRAGMA application_id").fetchone() == (0x44614279,)
        assert conn.execute("PRAGMA user_version").fetchone() == (TALLY.version,)
        assert conn.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        strict = dict(
            conn.execute("SELECT name, strict FROM pragma_table_list WHERE schema='main'")
        )
    assert all(strict[name] for name in COMMON.tables)
