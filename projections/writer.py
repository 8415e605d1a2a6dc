"""The one writer of a generation: folds a batch and commits rows, progress and checkpoint as one.

The work is plain functions over a Connection, in one piece per batch. On SQLite they run in a
thread of the writer's own: statement by statement through an async driver, a batch of one event
costs five times as much.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

from sqlalchemy import Connection, Select, Table, delete, select
from sqlalchemy.exc import DatabaseError, InternalError, OperationalError

from eventstore.port import StoreError
from projections.database import (
    CHECKPOINT,
    COMMON,
    DISCARDS,
    LAST_READ,
    PARKED,
    add_indexes,
    check_version,
    writing,
)
from projections.fold import Folded, Item, fold, last_read_row, parked_row
from projections.generations import Generations, ReadModelError, sync_folder
from projections.projection import Projection, Row
from projections.source import LOG
from projections.statements import Statements
from projections.views import Views

T = TypeVar("T")
Checkpoints: TypeAlias = Mapping[str, int]
"""By source: the position behind which it is to go on."""


def is_environment(error: Exception) -> bool:
    """True for what no event is to blame for: the disk, a lock, the store, memory."""
    if isinstance(error, OperationalError | InternalError | StoreError | OSError | MemoryError):
        return True
    # DatabaseError itself says that the file is damaged; its other kinds are about values.
    return type(error) is DatabaseError


@asynccontextmanager
async def open_writer(
    projection: Projection[Any], generations: Generations, number: int, *, bulk: bool = False
) -> AsyncIterator["Writer"]:
    """Hold a generation and write it. Raises Held, ReadModelError, OperationalError.

    bulk: nothing needs to survive a crash before finish().
    """
    with generations.hold(number):
        path = generations.path(number)
        if not path.exists():
            raise ReadModelError(f"{path} is gone: run `daybook replay {projection.name}`")
        writer = Writer(projection, path, number, bulk=bulk)
        try:
            await writer.open()
            yield writer
        finally:
            await writer.aclose()


class Writer:
    """Use open_writer. One call at a time; a call that raises has changed nothing.

    parked: the orders that wait behind an event of theirs. discards: events to step over.
    """

    def __init__(
        self, projection: Projection[Any], path: Path, number: int, *, bulk: bool = False
    ) -> None:
        self.projection = projection
        self.number = number
        self.checkpoints: Checkpoints = {}
        self.parked: frozenset[str] = frozenset()
        self.discards: frozenset[tuple[str, int]] = frozenset()
        self._path = path
        self._engine = writing(path, bulk=bulk)
        self._statements = Statements(self._engine.dialect)
        self._views = Views(projection, self._statements)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"write-{projection.name}")
        self._conn: Connection | None = None

    async def open(self) -> None:
        await self._in_thread(self._open)

    async def aclose(self) -> None:
        try:
            await self._in_thread(self._close)
        finally:
            # Even when cancelled here: the lock must not go ahead of the thread that writes.
            self._thread.shutdown()

    async def commit(
        self, items: Sequence[Item], checkpoints: Checkpoints, *, unpark: str | None = None
    ) -> dict[str, int]:
        """Apply events and move the checkpoints, in one transaction; events may come again.

        Answers the holes: orders with events here that do not follow on their progress, and that
        progress. Where there is one the checkpoints stay, as those events are not applied.
        unpark: an order that waits no more; what it waited for is among the items.
        """
        return await self._in_thread(lambda: self._apply(items, checkpoints, unpark).holes)

    async def discard(self, rows: Sequence[Row]) -> None:
        """Step over these events from now on: rows (order_id, revision, who, why)."""
        await self._in_thread(lambda: self._put(DISCARDS, rows))

    async def rows(self, question: Select[Any]) -> list[Row]:
        """Ask the generation something."""
        return await self._in_thread(lambda: self._ask(question))

    async def finish(self) -> None:
        """Add the indexes and bring all of it to disk: what was left out for speed. Once."""
        await self._in_thread(self._finish)

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    # What follows runs in the writer's thread.

    def _open(self) -> None:
        self._conn = self._engine.connect()
        version = self._conn.exec_driver_sql("PRAGMA user_version").scalar_one()
        self._conn.rollback()
        check_version(self.projection, self._path, version)
        COMMON.create_all(self._conn)  # what a generation of an earlier Daybook does not have
        self._conn.commit()
        rows = self._ask(select(CHECKPOINT))
        self.checkpoints = {row["source"]: row["position"] for row in rows}
        self._recall()

    def _recall(self) -> None:
        self.parked = frozenset(row["order_id"] for row in self._ask(select(PARKED.c.order_id)))
        discards = self._ask(select(DISCARDS.c.order_id, DISCARDS.c.revision))
        self.discards = frozenset((row["order_id"], row["revision"]) for row in discards)

    def _close(self) -> None:
        if self._conn is not None:
            self._conn.close()
        self._engine.dispose()

    @property
    def _connection(self) -> Connection:
        if self._conn is None:
            raise RuntimeError("a writer is opened by open_writer")
        return self._conn

    def _ask(self, question: Select[Any]) -> list[Row]:
        try:
            return [dict(row) for row in self._connection.execute(question).mappings()]
        finally:
            self._connection.rollback()

    def _put(self, table: Table, rows: Sequence[Row]) -> None:
        self._commit(lambda conn: self._statements.upsert(conn, table, rows))
        self._recall()

    def _commit(self, change: Callable[[Connection], T]) -> T:
        try:
            with self._connection.begin():
                result = change(self._connection)
        except BaseException:
            self._views.forget()
            raise
        self._views.settle()
        return result

    def _apply(self, items: Sequence[Item], checkpoints: Checkpoints, unpark: str | None) -> Folded:
        try:
            folded = self._commit(lambda conn: self._store(conn, items, checkpoints, unpark))
        except Exception as error:
            if is_environment(error):
                raise
            # Some event's rows are refused: find it by going one at a time, and park its order.
            folded = self._commit(
                lambda conn: self._store(conn, items, checkpoints, unpark, singly=True)
            )
        if folded.parked or unpark is not None:
            self._recall()
        if not folded.holes:
            self.checkpoints = {**self.checkpoints, **checkpoints}
        return folded

    def _store(
        self,
        conn: Connection,
        items: Sequence[Item],
        checkpoints: Checkpoints,
        unpark: str | None,
        *,
        singly: bool = False,
    ) -> Folded:
        if unpark is not None:
            conn.execute(delete(PARKED).where(PARKED.c.order_id == unpark))
        step = self._store_singly if singly else self._store_events
        folded = step(conn, items, self.parked - {unpark})
        self._statements.upsert(conn, PARKED, folded.parked)
        if not folded.holes:
            moved = [{"source": name, "position": at} for name, at in checkpoints.items()]
            self._statements.upsert(conn, CHECKPOINT, moved)
            if items and items[-1].position == checkpoints.get(LOG):
                self._statements.upsert(conn, LAST_READ, [last_read_row(LOG, items[-1])])
        return folded

    def _store_events(
        self, conn: Connection, items: Sequence[Item], parked: frozenset[str]
    ) -> Folded:
        known = self._views.load(conn, (item.order_id for item in items))
        folded = fold(self.projection, known, items, parked=parked, discards=self.discards)
        self._views.store(conn, folded.progress)
        for table, rows in folded.entries.items():
            self._statements.add(conn, table, rows)
        return folded

    def _store_singly(
        self, conn: Connection, items: Sequence[Item], parked: frozenset[str]
    ) -> Folded:
        whole = Folded()
        for item in items:
            try:
                with conn.begin_nested():
                    folded = self._store_events(conn, [item], parked | whole.holes.keys())
                self._views.settle()
            except Exception as error:
                self._views.forget()
                if is_environment(error):
                    raise
                folded = Folded(parked=[parked_row(item, error)])
            whole.parked += folded.parked
            whole.holes |= folded.holes
            parked |= {row["order_id"] for row in folded.parked}
        return whole

    def _finish(self) -> None:
        with self._connection.begin():
            add_indexes(self._connection, self.projection)
        cursor = self._connection.connection.cursor()
        for setting in ("journal_mode = WAL", "synchronous = FULL", "wal_checkpoint(TRUNCATE)"):
            cursor.execute(f"PRAGMA {setting}")
        cursor.close()
        self._connection.rollback()
        with self._path.open("rb") as file:
            os.fsync(file.fileno())
        sync_folder(self._path.parent)
