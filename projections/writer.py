"""The writer of a generation: folds a batch and commits rows, progress and checkpoint as one.

The work is plain functions over a Connection, in one piece per batch; a session (of the kind of
database) runs them where the connection lives.
"""

import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, NamedTuple, TypeAlias, TypeVar

from sqlalchemy import Connection, Select, Table, delete, select

from projections.database import (
    CHECKPOINT,
    COMMON,
    DISCARDS,
    LAST_READ,
    PARKED,
    check_version,
)
from projections.fold import Folded, Item, fold, last_read_row, parked_row
from projections.generations import Generations
from projections.projection import Projection, Row
from projections.session import Session
from projections.source import LOG

T = TypeVar("T")
NONE_READ: Mapping[str, Item] = {}
COLLISIONS_MAX = 10
"""Of one batch with other writers; each time at least one of them gets on."""

Checkpoints: TypeAlias = Mapping[str, int]
"""By source: the position behind which it is to go on."""


class _Moved(NamedTuple):
    """What a batch moves beside views and rows."""

    checkpoints: Checkpoints
    last: Mapping[str, Item]


class Committed(NamedTuple):
    """A commit: the events that it applied, into which generation, from when to when."""

    applied: Sequence[Item]
    generation: int
    began_ns: int
    ended_ns: int


Watch: TypeAlias = Callable[[Committed], object]


@asynccontextmanager
async def open_writer(
    projection: Projection[Any],
    generations: Generations,
    number: int,
    *,
    bulk: bool = False,
    watch: Watch = lambda _: None,
) -> AsyncIterator["Writer"]:
    """Hold a generation and write it. Raises Held, ReadModelError, OperationalError.

    bulk: nothing needs to survive a crash before finish(). watch: told of each commit.
    """
    async with generations.session(projection, number, bulk=bulk) as session:
        writer = Writer(projection, session, number, watch)
        await session.run(writer.open)
        yield writer


class Writer:
    """Use open_writer. One call at a time; a call that raises has changed nothing.

    parked: the orders that wait behind an event of theirs. discards: events to step over.
    """

    def __init__(
        self,
        projection: Projection[Any],
        session: Session,
        number: int,
        watch: Watch = lambda _: None,
    ) -> None:
        self._watch = watch
        self.projection = projection
        self.number = number
        self.checkpoints: Checkpoints = {}
        self.parked: frozenset[str] = frozenset()
        self.discards: frozenset[tuple[str, int]] = frozenset()
        self._session = session
        self._statements = session.statements
        self._views = session.views(projection)

    async def commit(
        self,
        items: Sequence[Item],
        checkpoints: Checkpoints,
        *,
        last: Mapping[str, Item] = NONE_READ,
        unpark: str | None = None,
    ) -> dict[str, int]:
        """Apply events and move the checkpoints, in one transaction; events may come again.

        Answers the holes: orders with events here that do not follow on their progress, and that
        progress. Where there is one the checkpoints stay, as those events are not applied.
        last: by source, beside the log, the last event read of it; kept with the checkpoints.
        unpark: an order that waits no more; what it waited for is among the items.
        """
        began_ns = time.time_ns()
        if items and items[-1].position == checkpoints.get(LOG):
            last = {**last, LOG: items[-1]}
        moved = _Moved(checkpoints, last)
        folded = await self._applied(items, moved, unpark)
        self._watch(Committed(folded.applied, self.number, began_ns, time.time_ns()))
        return folded.holes

    async def discard(self, rows: Sequence[Row]) -> None:
        """Step over these events from now on: rows (order_id, revision, who, why)."""
        await self._session.run(lambda: self._put(DISCARDS, rows))

    async def absorb(self, numbers: Sequence[int]) -> None:
        """Take in all of these generations, none of which has an order of another one or of this.

        Of the checkpoints, which are the generation's own, those of the last one hold.
        """
        await self._session.run(lambda: self._absorb(numbers))

    async def rows(self, question: Select[Any]) -> list[Row]:
        """Ask the generation something."""
        return await self._session.run(lambda: self._ask(question))

    async def recall(self) -> None:
        """Look up again who is parked and what is discarded: another writer may change it."""
        await self._session.run(self._recall)

    async def finish(self) -> None:
        """Add the indexes and bring all of it to disk: what was left out for speed. Once."""
        await self._session.run(lambda: self._session.finish(self.projection))

    async def _applied(self, items: Sequence[Item], moved: _Moved, unpark: str | None) -> Folded:
        for left in reversed(range(COLLISIONS_MAX)):
            try:
                return await self._session.run(lambda: self._apply(items, moved, unpark))
            except Exception as error:
                if not left or not self._session.collided(error):
                    raise
        raise AssertionError

    # What follows runs where the session says.

    def open(self) -> None:
        check_version(self.projection, self._session.place, self._session.version())
        COMMON.create_all(self._connection)  # what a generation of an earlier Daybook does not have
        self._connection.commit()
        rows = self._ask(select(CHECKPOINT))
        self.checkpoints = {row["source"]: row["position"] for row in rows}
        self._recall()

    def _absorb(self, numbers: Sequence[int]) -> None:
        with self._session.attached(numbers) as schemas:
            self._commit(lambda conn: self._take(conn, schemas))
        self.open()

    def _take(self, conn: Connection, schemas: Sequence[str]) -> None:
        """As the databases copy rows, in one transaction: pages that are new in it are in no
        journal, so that memory is bounded.
        """
        conn.execute(delete(CHECKPOINT))
        conn.execute(delete(LAST_READ))
        for table in (*COMMON.sorted_tables, *self.projection.tables.sorted_tables):
            of_one = table in {CHECKPOINT, LAST_READ}
            for schema in schemas[-1:] if of_one else schemas:
                rows = f"INSERT INTO {table.name} SELECT * FROM {schema}.{table.name}"  # noqa: S608 (our own names)
                conn.exec_driver_sql(rows)

    def _recall(self) -> None:
        self.parked = frozenset(row["order_id"] for row in self._ask(select(PARKED.c.order_id)))
        discards = self._ask(select(DISCARDS.c.order_id, DISCARDS.c.revision))
        self.discards = frozenset((row["order_id"], row["revision"]) for row in discards)

    @property
    def _connection(self) -> Connection:
        return self._session.connection

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

    def _apply(self, items: Sequence[Item], moved: _Moved, unpark: str | None) -> Folded:
        try:
            folded = self._commit(lambda conn: self._store(conn, items, moved, unpark))
        except Exception as error:
            if self._session.is_environment(error):
                raise
            # Some event's rows are refused: find it by going one at a time, and park its order.
            folded = self._commit(lambda conn: self._store(conn, items, moved, unpark, singly=True))
        if folded.parked or unpark is not None:
            self._recall()
        if not folded.holes:
            self.checkpoints = {**self.checkpoints, **moved.checkpoints}
        return folded

    def _store(
        self,
        conn: Connection,
        items: Sequence[Item],
        moved: _Moved,
        unpark: str | None,
        *,
        singly: bool = False,
    ) -> Folded:
        if unpark is not None:
            conn.execute(delete(PARKED).where(PARKED.c.order_id == unpark))
        waiting = self._session.waiting({item.order_id for item in items})
        if waiting is not None:
            self.parked, self.discards = waiting
        step = self._store_singly if singly else self._store_events
        folded = step(conn, items, self.parked - {unpark})
        self._statements.upsert(conn, PARKED, folded.parked)
        if not folded.holes:
            places = [{"source": name, "position": at} for name, at in moved.checkpoints.items()]
            read = [last_read_row(name, item) for name, item in moved.last.items()]
            self._statements.go_on(conn, places, read)
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
                if self._session.is_environment(error):
                    raise
                folded = Folded(parked=[parked_row(item, error)])
            whole.applied += folded.applied
            whole.parked += folded.parked
            whole.holes |= folded.holes
            parked |= {row["order_id"] for row in folded.parked}
        return whole
