"""A writer's connection to a SQLite file, in a thread of its own.

Statement by statement through an async driver, a batch of one event costs five times as much.
"""

import asyncio
import os
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Lock
from types import TracebackType
from typing import Any, Self, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DatabaseError, InternalError, OperationalError

from eventstore.port import StoreError
from projections.projection import Projection
from projections.storage.sqlite.engines import uri, writing
from projections.storage.sqlite.files import Files
from projections.storage.statements import Statements
from projections.storage.tables import add_indexes
from projections.storage.totals import TotalsWriter
from projections.storage.views import Views
from runtime.files import sync_folder

T = TypeVar("T")


TURN_S = 0.05
"""How long a model waits for another one of its process to finish its batch. No longer, as that one
may wait for its disk, and models must not delay each other."""

_turn = Lock()


def _in_turn(work: Callable[[], T]) -> T:
    """One model after the other: threads that contend for the interpreter cost four models a tenth
    more per event (measured).
    """
    has_turn = _turn.acquire(timeout=TURN_S)
    try:
        return work()
    finally:
        if has_turn:
            _turn.release()


class SqliteSession:
    """See projections.storage.session.Session. Use as a context."""

    shared = False

    def __init__(self, files: Files, number: int, name: str, *, bulk: bool = False) -> None:
        """name: of the model, for the thread."""
        self._files = files
        self._path = files.path(number)
        self.description = self._path.name
        self._engine = writing(self._path, bulk=bulk)
        self.statements = Statements(self._engine.dialect)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"write-{name}")
        self._conn: Connection | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            await self.run(self._close)
        finally:
            # Even when cancelled: the lock is not released before the writing thread has ended.
            self._thread.shutdown()

    @property
    def connection(self) -> Connection:
        if self._conn is None:
            self._conn = self._engine.connect()
        return self._conn

    async def run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, _in_turn, work)

    def views(self, projection: Projection[Any], totals: TotalsWriter) -> Views:
        return Views(projection, self.statements, totals)

    def may_merge(self) -> bool:
        return True

    def version(self) -> int:
        version: int = self.connection.exec_driver_sql("PRAGMA user_version").scalar_one()
        self.connection.rollback()
        return version

    def is_environment(self, error: Exception) -> bool:
        if isinstance(error, OperationalError | InternalError | StoreError | OSError | MemoryError):
            return True
        # DatabaseError itself means a damaged file; its other subclasses are about values.
        return type(error) is DatabaseError

    def is_write_conflict(self, error: Exception) -> bool:
        del error
        return False

    def parked_and_discarded(self, order_ids: Collection[str]) -> None:
        del order_ids

    @contextmanager
    def attach(self, numbers: Sequence[int]) -> Iterator[Sequence[str]]:
        schemas = {f"g{number}": uri(self._files.path(number), "ro") for number in numbers}
        # Not through SQLAlchemy, which begins a transaction: within one nothing can be attached.
        cursor = self.connection.connection.cursor()
        attached = []
        try:
            for schema, file in schemas.items():
                cursor.execute("ATTACH ? AS ?", (file, schema))
                attached.append(schema)
            yield attached
        finally:
            for schema in attached:
                cursor.execute("DETACH ?", (schema,))
            cursor.close()

    def finish(self, projection: Projection[Any]) -> None:
        with self.connection.begin():
            add_indexes(self.connection, projection)
        cursor = self.connection.connection.cursor()
        for setting in ("journal_mode = WAL", "synchronous = FULL", "wal_checkpoint(TRUNCATE)"):
            cursor.execute(f"PRAGMA {setting}")
        cursor.close()
        self.connection.rollback()
        with self._path.open("rb") as file:
            os.fsync(file.fileno())
        sync_folder(self._path.parent)

    def _close(self) -> None:
        if self._conn is not None:
            self._conn.close()
        self._engine.dispose()
