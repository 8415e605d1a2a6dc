"""Read databases of both kinds for the same tests: a folder and a name identify one of them.

The fixture `kind` (tests/conftest.py) selects the kind of a test. What is read here is read without
Daybook's own code, and without a loop.
"""

import sqlite3
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol

from projections.storage.generations import Pointer
from projections.storage.heartbeats import WorkerState
from projections.storage.sqlite.files import Files
from projections.storage.sqlite.heartbeats import read_report
from tests.parts.postgres import PostgresServer

Tables = dict[str, list[tuple[Any, ...]]]


class Kind(Protocol):
    name: str

    def url(self, folder: Path, name: str) -> str: ...
    def pointer(self, folder: Path, name: str) -> Pointer: ...
    def numbers(self, folder: Path, name: str) -> list[int]: ...
    def contents(self, folder: Path, name: str, generation: int) -> Tables: ...
    def report(self, folder: Path, name: str) -> WorkerState | None: ...


class Sqlite:
    name = "sqlite"

    def url(self, folder: Path, name: str) -> str:
        return f"sqlite+aiosqlite:///{folder}/{name}.db"

    def pointer(self, folder: Path, name: str) -> Pointer:
        return Files(folder / name).pointer()

    def numbers(self, folder: Path, name: str) -> list[int]:
        return Files(folder / name).numbers()

    def contents(self, folder: Path, name: str, generation: int) -> Tables:
        path = Files(folder / name).path(generation)
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as conn:
            tables = conn.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            return {
                table: in_order(conn.execute(f"SELECT * FROM {table}").fetchall())
                for (table,) in sorted(tables)
                if table != "generation"  # of the file and not of its content: its model
            }

    def report(self, folder: Path, name: str) -> WorkerState | None:
        return read_report(folder / "workers", name)


class OnPostgres:
    """A database per folder and name, created when it is first asked for."""

    name = "postgres"

    def __init__(self, server: PostgresServer) -> None:
        self.server = server
        self._urls: dict[str, str] = {}

    def url(self, folder: Path, name: str) -> str:
        database = self.database(folder, name)
        if database not in self._urls:
            self._urls[database] = self.server.database(database)
        return self._urls[database]

    def database(self, folder: Path, name: str = "tally") -> str:
        return f"d_{sha256(f'{folder}/{name}'.encode()).hexdigest()[:16]}"

    def ask(self, folder: Path, name: str, sql: str) -> list[tuple[Any, ...]]:
        self.url(folder, name)
        return self.server.ask(sql, database=self.database(folder, name))

    def pointer(self, folder: Path, name: str) -> Pointer:
        if self.ask(folder, name, "SELECT to_regclass('daybook.pointer')") == [(None,)]:
            return Pointer()
        rows = self.ask(folder, name, "SELECT live, previous, last FROM daybook.pointer")
        return Pointer(*rows[0]) if rows else Pointer()

    def numbers(self, folder: Path, name: str) -> list[int]:
        schemas = self.ask(
            folder, name, "SELECT nspname FROM pg_namespace WHERE nspname ~ '^g[0-9]'"
        )
        return sorted(int(schema.removeprefix("g")) for (schema,) in schemas)

    def contents(self, folder: Path, name: str, generation: int) -> Tables:
        self.url(folder, name)
        tables = self.server.tables(self.database(folder, name), f"g{generation}")
        return {table: in_order(tables[table]) for table in sorted(tables)}

    def report(self, folder: Path, name: str) -> WorkerState | None:
        if self.ask(folder, name, "SELECT to_regclass('daybook.worker')") == [(None,)]:
            return None
        fields = "name, pid, state, reason, generation, position, heartbeat::text, host"
        rows = self.ask(folder, name, f"SELECT {fields} FROM daybook.worker")
        names = [field.partition(":")[0] for field in fields.split(", ")]
        [*found] = (WorkerState(**dict(zip(names, row, strict=True))) for row in rows)
        return found[0] if found else None

    def drop(self) -> None:
        for database in self._urls:
            self.server.drop(database)


def in_order(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Rows as both kinds give them: SQLite has no booleans."""
    plain = [tuple(int(it) if isinstance(it, bool) else it for it in row) for row in rows]
    return sorted(plain, key=repr)


kind: Kind = Sqlite()
"""Of the test that runs."""
