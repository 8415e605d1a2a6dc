"""Connections to a generation that is a SQLite file.

WAL with synchronous=NORMAL: a power cut may lose the last commits, but rows, progress and
checkpoints are lost together, and the events are applied again.
"""

import os
import sqlite3
from collections.abc import Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from sqlalchemy import URL, Engine, create_engine, event
from sqlalchemy.schema import CreateTable

from projections.projection import Projection
from projections.storage.tables import COMMON, add_indexes
from runtime.files import sync_folder

APPLICATION_ID = 0x44614279
"""In the file's header: it is a read model of Daybook ("DaBy")."""

BUSY_MS = 1_000
"""How long a connection waits for the lock of another one before it raises OperationalError."""

NO_OTHERS: Final[Mapping[str, Path]] = {}
_READ = ("query_only = 1",)
_LIVE = ("journal_mode = WAL", "synchronous = NORMAL")
# Nobody reads it yet, and after a crash it is deleted: a write-ahead log would write all twice.
_BULK = ("journal_mode = MEMORY", "synchronous = OFF", "cache_size = -65536")


def reading(path: Path, others: Mapping[str, Path] = NO_OTHERS) -> Engine:
    """For any process and its threads, beside a live writer. others: files whose tables are read
    too, by the schema that they are named with.
    """
    engine = create_engine(_url(path, "ro"), connect_args={"check_same_thread": False})
    _configure(engine, "BEGIN", _READ)

    @event.listens_for(engine, "connect")
    def connected(dbapi: Any, _record: object) -> None:
        for schema, other in others.items():
            dbapi.execute(f"ATTACH ? AS {schema}", (uri(other, "ro"),))

    return engine


def writing(path: Path, *, bulk: bool = False) -> Engine:
    """For the one process that holds the generation; the file must exist.

    bulk: for a generation that is not live yet; nothing is durable before finish().
    """
    # To read and then write in a deferred transaction fails at once if another one has written.
    # Each of a model's tables is written by a dozen statements (storage.statements.PARTS).
    driver = {"check_same_thread": False, "cached_statements": 512}
    engine = create_engine(_url(path, "rw"), connect_args=driver)
    _configure(engine, "BEGIN IMMEDIATE", _BULK if bulk else _LIVE)
    return engine


def create(projection: Projection[Any], path: Path, *, indexed: bool = True) -> None:
    """Create a generation's file with its empty tables. Raises FileExistsError.

    indexed: with the indexes; else call add_indexes() when the tables are full.
    """
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    engine = writing(path)
    try:
        with engine.connect() as conn:
            conn.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
            conn.exec_driver_sql(f"PRAGMA user_version = {projection.version}")
            conn.exec_driver_sql("CREATE TABLE generation (model TEXT NOT NULL) STRICT")
            conn.exec_driver_sql("INSERT INTO generation VALUES (?)", (projection.name,))
            COMMON.create_all(conn)
            for empty in projection.tables.sorted_tables:
                conn.execute(CreateTable(empty))
            if indexed:
                add_indexes(conn, projection)
            conn.commit()
    finally:
        engine.dispose()
    sync_folder(path.parent)


def model_of(path: Path) -> str | None:
    """The read model that a generation's file was made for; None if it does not contain that."""
    # UnicodeDecodeError: of the message about a damaged schema, which has bytes of the file in it.
    with (
        suppress(sqlite3.Error, UnicodeDecodeError),
        closing(sqlite3.connect(uri(path, "ro"), uri=True)) as conn,
    ):
        row = conn.execute("SELECT model FROM generation").fetchone()
        return None if row is None else str(row[0])
    return None


def uri(path: Path, mode: str) -> str:
    """The URI by which SQLite opens a file in the mode "ro" or "rw"."""
    return f"file:{quote(str(path.absolute()))}?mode={mode}"


def _url(path: Path, mode: str) -> URL:
    return URL.create("sqlite", database=uri(path, mode), query={"uri": "true"})


def _configure(engine: Engine, begin: str, settings: tuple[str, ...]) -> None:
    """Open transactions ourselves: on Python 3.11 the driver does so only before DML."""

    @event.listens_for(engine, "connect")
    def connected(dbapi: Any, _record: object) -> None:
        dbapi.isolation_level = None
        cursor = dbapi.cursor()
        # The wait for locks first: to change the journal mode already needs one.
        for setting in (f"busy_timeout = {BUSY_MS}", *settings):
            cursor.execute(f"PRAGMA {setting}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begun(conn: Any) -> None:
        conn.exec_driver_sql(begin)
