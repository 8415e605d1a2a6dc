"""The log's file: its connections, its table, and the checks on opening it."""

import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from itertools import pairwise
from pathlib import Path
from typing import TypeAlias
from urllib.parse import quote

from eventstore.known import KnownEvent, digest
from eventstore.port import Recorded, StoreUnavailable
from eventstore.sqlite import sql

BUSY_TIMEOUT_MS = 5_000

Verify: TypeAlias = Callable[[Sequence[Recorded]], None]
"""Given events in position order; raises for the first that is not as it was written."""


class LogDamaged(StoreUnavailable):
    """The file does not contain what was written. Names the position if it is known."""


def connect_writer(path: Path) -> sqlite3.Connection:
    """The one connection that writes; creates the table in an empty file.

    Raises StoreUnavailable (another program's file, a newer format), LogDamaged.
    """
    return _connect(path, "rw", _prepare_writer)


def connect_reader(path: Path) -> sqlite3.Connection:
    """A connection that cannot write. Raises StoreUnavailable, LogDamaged."""
    if not path.exists():
        raise StoreUnavailable(
            f"{path}: there is no log yet; the process that writes it creates it"
        )
    return _connect(path, "ro", _prepare_reader)


def check(connection: sqlite3.Connection, verify: Verify | None) -> None:
    """Raises LogDamaged, or what verify raises, if the file is damaged."""
    try:
        [answer] = connection.execute("PRAGMA quick_check(1)").fetchone()
        with legible(connection):
            rows = connection.execute(sql.LAST).fetchall()
    except sqlite3.DatabaseError as error:
        answer, rows = str(error), []
    if answer != "ok":
        raise LogDamaged(f"the log's file is damaged ({answer}); {_readable_up_to(connection)}")
    events = [sql.recorded(row) for row in reversed(rows)]
    for before, event in pairwise(events):
        if event.position != before.position + 1:
            raise LogDamaged(f"the log is damaged: position {before.position + 1} is missing")
    if verify is not None:
        verify(events)


def holds(path: Path, known: KnownEvent) -> bool:
    """Whether the file has this event. True also if it is too damaged to know: check() finds that.

    Raises StoreUnavailable, LogDamaged, as connect_reader, for a file that is no log.
    """
    if not path.exists() or not path.stat().st_size:
        return False
    with closing(connect_reader(path)) as connection:
        try:
            row = connection.execute(sql.ONE_OF_STREAM, (known.stream, known.revision)).fetchone()
        except sqlite3.DatabaseError:
            return True
    return row is not None and digest(sql.recorded(row).metadata) == known.digest


def _connect(
    path: Path, mode: str, prepare: Callable[[sqlite3.Connection], None]
) -> sqlite3.Connection:
    connection = None
    try:
        connection = sqlite3.connect(
            f"file:{quote(str(path))}?mode={mode}",
            uri=True,
            isolation_level=None,
            check_same_thread=False,  # opened here, then used by one thread alone
        )
        connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        prepare(connection)
    except (sqlite3.Error, StoreUnavailable, UnicodeDecodeError) as error:
        if connection is not None:
            connection.close()
        raise unavailable(error, path) from error
    return connection


def unavailable(error: Exception, path: Path) -> StoreUnavailable:
    """The error as the port's StoreUnavailable, naming the file."""
    if isinstance(error, UnicodeDecodeError):  # SQLite's message quotes bytes of the damaged schema
        return LogDamaged(f"{path}: its schema is damaged")
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
        return LogDamaged(f"{path}: {error}")
    cannot_write = code in {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY}
    if cannot_write and not os.access(path.parent, os.W_OK):
        return StoreUnavailable(
            f"{path.parent} is read-only here, and SQLite creates files beside a log to read it:"
            f" copy {path.name}, and {path.name}-wal if there is one, into a folder that you can"
            " write to, and use that copy"
        )
    kind = type(error) if isinstance(error, StoreUnavailable) else StoreUnavailable
    return kind(f"{path}: {error}")


@contextmanager
def legible(connection: sqlite3.Connection) -> Iterator[None]:
    """Within the block, text that is not UTF-8 is no error."""
    connection.text_factory = sql.text
    try:
        yield
    finally:
        connection.text_factory = str


def _prepare_writer(connection: sqlite3.Connection) -> None:
    # Checked first: setting journal_mode alone would change another program's file.
    fresh = _is_empty(connection)
    if not fresh:
        _refuse_foreign(connection)
    configure_writer(connection)
    if fresh:
        create(connection)
    else:
        connection.execute(sql.NO_GAP)  # the earliest logs do not have it
    # After a SIGKILL the write-ahead log may contain a commit that was never synced. This syncs it,
    # before anything is read from it.
    busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        raise StoreUnavailable(
            "a reader still reads an old state of the log: stop it, then start again"
        )


def configure_writer(connection: sqlite3.Connection) -> None:
    """Every commit is on the disk when it returns; checkpoints are made only explicitly."""
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",
        "fullfsync = ON",  # macOS: fsync alone does not reach the disk there
        "checkpoint_fullfsync = ON",
        "wal_autocheckpoint = 0",
        "mmap_size = 0",
        "trusted_schema = OFF",
    ):
        connection.execute(f"PRAGMA {pragma}").fetchall()


def create(connection: sqlite3.Connection) -> None:
    """The table, application id and format, in one transaction."""
    connection.execute("BEGIN IMMEDIATE")
    for statement in sql.CREATE:
        connection.execute(statement)
    connection.execute("COMMIT")


def _prepare_reader(connection: sqlite3.Connection) -> None:
    if _is_empty(connection):
        raise StoreUnavailable("there is no log in it yet; the process that writes it creates it")
    _refuse_foreign(connection)
    connection.execute("PRAGMA query_only = ON")
    connection.execute("PRAGMA mmap_size = 0")


def _is_empty(connection: sqlite3.Connection) -> bool:
    [tables] = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    return tables == 0 and _pragma(connection, "application_id") == 0


def _refuse_foreign(connection: sqlite3.Connection) -> None:
    if _pragma(connection, "application_id") != sql.APPLICATION_ID:
        raise StoreUnavailable("this file belongs to another program: use another one")
    found = _pragma(connection, "user_version")
    if found != sql.FORMAT:
        raise StoreUnavailable(
            f"written by another version of Daybook (format {found}, this one has {sql.FORMAT}): "
            "install the version that wrote it, or a newer one"
        )


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    [value] = connection.execute(f"PRAGMA {name}").fetchone()
    return int(value)


def _readable_up_to(connection: sqlite3.Connection) -> str:
    position = 0
    with suppress(sqlite3.DatabaseError):
        for row in connection.execute(sql.EVERYTHING):
            position = row[0]
    # A cursor reads ahead, so the scan may have stopped early.
    with suppress(sqlite3.DatabaseError):
        while connection.execute(sql.ONE, (position + 1,)).fetchone():
            position += 1
    return f"its events are readable up to position {position}"
