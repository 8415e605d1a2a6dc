"""The writer of a generation: folds a batch and commits rows, progress and checkpoint as one.

The work is plain functions over a Connection, in one piece per batch; a session (of the kind of
database) runs them where the connection lives.
"""

import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, NamedTuple, TypeAlias, TypeVar

from sqlalchemy import Connection, Select, Table, delete, select

from projections.fold import Folded, Item, hinted_row, last_read_row
from projections.projection import Projection, Row
from projections.sources.log import LOG
from projections.storage.generations import Generations
from projections.storage.session import Session
from projections.storage.tables import (
    CHECKPOINT,
    COMMON,
    DISCARDS,
    HINTED,
    LAST_READ,
    PARKED,
    check_version,
)
from projections.worker.storing import Storing

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
    hinted: bool = False


class Committed(NamedTuple):
    """A commit: the events that it applied, into which generation, from when to when.

    repaired: orders that were built anew, as they were not as the log has them.
    """

    applied: Sequence[Item]
    generation: int
    began_ns: int
    ended_ns: int
    repaired: int = 0


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
    views, statements, storing: for change().
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
        self.statements = session.statements
        self.views = session.views(projection)
        self.storing = Storing(projection, session, self.views)

    async def commit(
        self,
        items: Sequence[Item],
        checkpoints: Checkpoints,
        *,
        last: Mapping[str, Item] = NONE_READ,
        unpark: str | None = None,
        hinted: bool = False,
    ) -> dict[str, int]:
        """Apply events and move the checkpoints, in one transaction; events may come again.

        Answers the holes: orders with events here that do not continue what is applied, and the
        last revision applied. Where there is one the checkpoints stay, as those events are not
        applied. last: by source, beside the log, the last event read of it; kept with the
        checkpoints. unpark: an order that waits no more; what it waited for is among the items.
        hinted: the events came over a bus, and are to be seen in the log by a sweep.
        """
        began_ns = time.time_ns()
        if items and items[-1].position == checkpoints.get(LOG):
            last = {**last, LOG: items[-1]}
        moved = _Moved(checkpoints, last, hinted)
        folded = await self._applied(items, moved, unpark)
        self._watch(Committed(folded.applied, self.number, began_ns, time.time_ns()))
        return folded.holes

    async def change(self, change: Callable[[Connection], T]) -> T:
        """Do something else to the generation, in one transaction."""
        result = await self._session.run(lambda: self._commit(change))
        await self.recall()
        return result

    def tell_repaired(self) -> None:
        """Tell the watch of an order that was built anew."""
        now_ns = time.time_ns()
        self._watch(Committed((), self.number, now_ns, now_ns, repaired=1))

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
        self._commit(lambda conn: self.statements.upsert(conn, table, rows))
        self._recall()

    def _commit(self, change: Callable[[Connection], T]) -> T:
        try:
            with self._connection.begin():
                result = change(self._connection)
        except BaseException:
            self.views.forget()
            raise
        self.views.settle()
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
        step = self.storing.singly if singly else self.storing.together
        folded = step(conn, items, self.parked - {unpark}, self.discards)
        self.statements.upsert(conn, PARKED, folded.parked)
        if not folded.holes:
            places = [{"source": name, "position": at} for name, at in moved.checkpoints.items()]
            read = [
                last_read_row(name, item)
                for name, item in moved.last.items()
                # What came over a bus and is not applied may be no event of the log.
                if not moved.hinted or any(item is one for one in reversed(folded.applied))
            ]
            self.statements.go_on(conn, places, read)
        if moved.hinted:
            last = {item.order_id: item for item in folded.applied}
            self.statements.upsert(conn, HINTED, [hinted_row(item) for item in last.values()])
        return folded
