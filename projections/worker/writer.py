"""The writer of a generation: rows, progress and checkpoints of a batch in one transaction.

The work is plain functions over a Connection, one piece per batch. A session (one kind for each
kind of database) runs them where its connection lives.
"""

import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final, NamedTuple, TypeAlias, TypeVar

from sqlalchemy import Connection, Select, Table, delete, select

from projections.fold import (
    NOT_APPLIED,
    Discards,
    Folded,
    Item,
    fold,
    hinted_row,
    last_read_row,
    parked_row,
)
from projections.projection import Projection, Row
from projections.sources.log import LOG
from projections.storage.generations import Generations
from projections.storage.reader import plain_rows
from projections.storage.session import Session
from projections.storage.statements import ADDED_UP
from projections.storage.tables import (
    CHECKPOINT,
    COMMON,
    DISCARDS,
    HINTED,
    LAST_READ,
    PARKED,
    TOTALS,
    check_version,
)
from projections.storage.totals import BULK_DUE_AT, DUE_AT, TotalsWriter
from projections.storage.views import Views

T = TypeVar("T")
_ADD_UP = (
    f" WHERE true ON CONFLICT ({', '.join(column.name for column in TOTALS.primary_key)}) DO UPDATE"
    f" SET {', '.join(f'{name} = {sql}' for name, sql in ADDED_UP.items())}"
)
NO_EVENTS: Mapping[str, Item] = {}
ATTEMPTS_MAX = 10
"""For a batch that conflicts with other writers; in each attempt at least one writer succeeds."""
NO_POSITION: Final = -1
"""The position in HINTED of an order of which nothing is applied."""

Checkpoints: TypeAlias = Mapping[str, int]
"""By source: the position after which to continue."""


class _Moves(NamedTuple):
    """What a batch changes besides views, rows and entries."""

    checkpoints: Checkpoints
    last: Mapping[str, Item]
    unpark: str | None
    hinted: bool


class Committed(NamedTuple):
    """One commit.

    applied: the events that it applied. began_ns, ended_ns: Unix time in nanoseconds. repaired:
    orders that were rebuilt because they differed from the log.
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

    bulk: nothing needs to survive a crash before finish(). watch: called after each commit.
    """
    async with generations.session(projection, number, bulk=bulk) as session:
        totals = TotalsWriter(projection, session.statements, BULK_DUE_AT if bulk else DUE_AT)
        writer = Writer(projection, session, number, totals, watch)
        await session.run(writer.open)
        yield writer


class Writer:
    """Made by open_writer. One call at a time; a call that raises has changed nothing.

    parked: orders that wait after an event that cannot be applied. discards: events to skip.
    views, statements, applier: for change().
    """

    def __init__(
        self,
        projection: Projection[Any],
        session: Session,
        number: int,
        totals: TotalsWriter,
        watch: Watch = lambda _: None,
    ) -> None:
        self._watch = watch
        self._totals = totals
        self.projection = projection
        self.number = number
        self.checkpoints: Checkpoints = {}
        self.parked: frozenset[str] = frozenset()
        self.discards: frozenset[tuple[str, int]] = frozenset()
        self._session = session
        self.statements = session.statements
        self.views = session.views(projection, totals)
        self.applier = Applier(projection, session, self.views, totals)

    async def commit(
        self,
        items: Sequence[Item],
        checkpoints: Checkpoints,
        *,
        last: Mapping[str, Item] = NO_EVENTS,
        unpark: str | None = None,
        hinted: bool = False,
    ) -> dict[str, int]:
        """Apply events and save checkpoints in one transaction. Events applied before are skipped.

        Returns the holes: for each order whose events do not continue what is applied, the last
        revision applied. If there is a hole, its events are not applied and no checkpoint is saved.
        last: for each source other than the log, the last event read; saved with the checkpoints.
        unpark: an order that is no longer parked; the items contain the event it waited for.
        hinted: the events came over a bus; a sweep is to find them in the log.
        """
        began_ns = time.time_ns()
        if items and items[-1].position == checkpoints.get(LOG):
            last = {**last, LOG: items[-1]}
        folded = await self._apply_again(items, _Moves(checkpoints, last, unpark, hinted))
        self._watch(Committed(folded.applied, self.number, began_ns, time.time_ns()))
        return folded.holes

    async def change(self, change: Callable[[Connection], T]) -> T:
        """Run another change of the generation in one transaction; returns its result."""
        result = await self._session.run(lambda: self._commit(change))
        await self.recall()
        return result

    def report_repaired(self) -> None:
        """Report to the watch that an order was rebuilt."""
        now_ns = time.time_ns()
        self._watch(Committed((), self.number, now_ns, now_ns, repaired=1))

    async def discard(self, rows: Sequence[Row]) -> None:
        """Skip these events from now on. rows: {order_id, revision, who, why}."""
        await self._session.run(lambda: self._put(DISCARDS, rows))

    async def absorb(self, numbers: Sequence[int]) -> None:
        """Copy the rows of other generations into this one; no two may have the same order.

        Checkpoints belong to a whole generation: those of the last one replace this one's.
        """
        await self._session.run(lambda: self._absorb(numbers))

    async def rows(self, query: Select[Any]) -> list[Row]:
        """The rows of a query over the generation."""
        return await self._session.run(lambda: self._ask(query))

    async def recall(self) -> None:
        """Read again which orders are parked and which events discarded: others may change them."""
        await self._session.run(self._recall)

    async def finish(self) -> None:
        """Once, after a bulk load: add the indexes and bring everything to disk."""
        await self._session.run(self._finish)

    async def _apply_again(self, items: Sequence[Item], moves: _Moves) -> Folded:
        """Apply a batch; again where another writer was faster."""
        for left in reversed(range(ATTEMPTS_MAX)):
            try:
                return await self._session.run(lambda: self._apply(items, moves))
            except Exception as error:
                if not left or not self._session.is_write_conflict(error):
                    raise
        raise AssertionError

    # What follows runs inside Session.run.

    def open(self) -> None:
        check_version(self.projection, self._session.description, self._session.version())
        COMMON.create_all(self._connection)  # a generation of an older Daybook lacks some
        self._connection.commit()
        rows = self._ask(select(CHECKPOINT))
        self.checkpoints = {row["source"]: row["position"] for row in rows}
        with self._connection.begin():
            self._totals.opened(self._connection)
        self._recall()

    def _finish(self) -> None:
        self._commit(self._totals.merge)
        self._session.finish(self.projection)

    def _absorb(self, numbers: Sequence[int]) -> None:
        with self._session.attach(numbers) as schemas:
            self._commit(lambda conn: self._copy(conn, schemas))
        self.open()

    def _copy(self, conn: Connection, schemas: Sequence[str]) -> None:
        """INSERT ... SELECT inside the database, in one transaction. New pages are not journalled,
        so memory stays bounded.
        """
        conn.execute(delete(CHECKPOINT))
        conn.execute(delete(LAST_READ))
        for table in (*COMMON.sorted_tables, *self.projection.tables.sorted_tables):
            of_generation = table in {CHECKPOINT, LAST_READ}
            for schema in schemas[-1:] if of_generation else schemas:
                rows = f"INSERT INTO {table.name} SELECT * FROM {schema}.{table.name}"  # noqa: S608 (our own names)
                conn.exec_driver_sql(rows + (_ADD_UP if table is TOTALS else ""))

    def _recall(self) -> None:
        self.parked = frozenset(row["order_id"] for row in self._ask(select(PARKED.c.order_id)))
        discards = self._ask(select(DISCARDS.c.order_id, DISCARDS.c.revision))
        self.discards = frozenset((row["order_id"], row["revision"]) for row in discards)

    @property
    def _connection(self) -> Connection:
        return self._session.connection

    def _ask(self, query: Select[Any]) -> list[Row]:
        try:
            return plain_rows(self._connection.execute(query))
        finally:
            self._connection.rollback()

    def _put(self, table: Table, rows: Sequence[Row]) -> None:
        self._commit(lambda conn: self.statements.upsert(conn, table, rows))
        self._recall()

    def _commit(self, change: Callable[[Connection], T]) -> T:
        try:
            with self._connection.begin():
                result = change(self._connection)
                if self._totals.is_due and self._session.may_merge():
                    self._totals.merge(self._connection)
        except BaseException:
            self.views.forget()
            raise
        self.views.settle()
        return result

    def _apply(self, items: Sequence[Item], moves: _Moves) -> Folded:
        try:
            folded = self._commit(lambda conn: self._store(conn, items, moves))
        except Exception as error:
            if self._session.is_environment(error):
                raise
            # The rows of some event are refused: find it one by one, and park its order.
            folded = self._commit(lambda conn: self._store(conn, items, moves, singly=True))
        if folded.parked or moves.unpark is not None:
            self._recall()
        if not folded.holes:
            self.checkpoints = {**self.checkpoints, **moves.checkpoints}
        return folded

    def _store(
        self, conn: Connection, items: Sequence[Item], moves: _Moves, *, singly: bool = False
    ) -> Folded:
        if moves.unpark is not None:
            conn.execute(delete(PARKED).where(PARKED.c.order_id == moves.unpark))
        found = self._session.parked_and_discarded({item.order_id for item in items})
        if found is not None:
            self.parked, self.discards = found
        apply = self.applier.one_by_one if singly else self.applier.together
        folded = apply(conn, items, self.parked - {moves.unpark}, self.discards)
        self.statements.upsert(conn, PARKED, folded.parked)
        if not folded.holes:
            places = [{"source": name, "position": at} for name, at in moves.checkpoints.items()]
            read = [
                last_read_row(name, item)
                for name, item in moves.last.items()
                # What came over a bus and was not applied may be no event of the log.
                if not moves.hinted or any(item is one for one in reversed(folded.applied))
            ]
            self.statements.save_checkpoints(conn, places, read)
        if moves.hinted:
            last = {item.order_id: item for item in folded.applied}
            self.statements.upsert(conn, HINTED, [hinted_row(item) for item in last.values()])
        return folded


class Applier:
    """Folds events and writes their rows, within the caller's transaction.

    discards: events to skip. whole: the events are all that the log has of their order, of which
    nothing is applied.
    """

    def __init__(
        self, projection: Projection[Any], session: Session, views: Views, totals: TotalsWriter
    ) -> None:
        self._projection = projection
        self._session = session
        self._views = views
        self._totals = totals

    def together(
        self,
        conn: Connection,
        items: Sequence[Item],
        parked: frozenset[str],
        discards: Discards,
        *,
        whole: bool = False,
    ) -> Folded:
        """All events at once. Raises the database's error where the rows of one are refused."""
        known = self._views.load(conn, (item.order_id for item in items))
        self._views.load_parts(items)
        folded = fold(self._projection, known, items, parked=parked, discards=discards, whole=whole)
        changes = self._totals.changes()
        self._views.store(conn, folded.progress, changes)
        for table, rows in folded.entries.items():
            self._session.statements.add(conn, table, rows)
            changes.added(table, rows)
        self._totals.save(conn, changes)
        return folded

    def one_by_one(
        self,
        conn: Connection,
        items: Sequence[Item],
        parked: frozenset[str],
        discards: Discards,
        *,
        whole: bool = False,
    ) -> Folded:
        """Each event within a savepoint; an event whose rows are refused parks its order."""
        done = Folded()
        for item in items:
            waiting = parked | done.holes.keys()
            try:
                folded = self._one(conn, item, waiting, discards, whole=whole)
            except Exception as error:
                if self._session.is_environment(error):
                    raise
                folded = self._in_place_of_others(conn, item, waiting, discards, error, whole=whole)
            done.applied += folded.applied
            done.parked += folded.parked
            done.holes |= folded.holes
            parked |= {row["order_id"] for row in folded.parked}
        return done

    def order(self, conn: Connection, items: Sequence[Item], discards: Discards) -> Folded:
        """All events that the log has of one order, of which nothing is applied."""
        try:
            with conn.begin_nested():
                return self.together(conn, items, frozenset(), discards, whole=True)
        except Exception as error:
            if self._session.is_environment(error):
                raise
            self._views.forget()
            return self.one_by_one(conn, items, frozenset(), discards, whole=True)

    def _one(
        self,
        conn: Connection,
        item: Item,
        waiting: frozenset[str],
        discards: Discards,
        *,
        whole: bool,
    ) -> Folded:
        try:
            with conn.begin_nested():
                folded = self.together(conn, [item], waiting, discards, whole=whole)
        except Exception:
            self._views.forget()
            raise
        self._views.settle()
        return folded

    def _in_place_of_others(
        self,
        conn: Connection,
        item: Item,
        waiting: frozenset[str],
        discards: Discards,
        error: Exception,
        *,
        whole: bool,
    ) -> Folded:
        """Again without the orders that have a row at its position, which only one event can have.
        They are removed, to be read from the log. If there are none, the event's order is parked.
        """
        removed = remove_others_at(conn, self._projection, self._views, item)
        if not removed:
            return Folded(parked=[parked_row(item, error)])
        folded = self._one(conn, item, waiting, discards, whole=whole)
        folded.holes |= dict.fromkeys(removed, NOT_APPLIED)
        return folded


def remove_others_at(
    conn: Connection, projection: Projection[Any], views: Views, item: Item
) -> Sequence[str]:
    """Remove the other orders that have a row at the item's position; returns their ids.

    Of two orders with an event at one position at most one is as the log has it, and only the log
    can say which. The one that was stored first is removed and listed in HINTED, to be compared
    with the log; the other one is compared by the sweep.
    """
    found: set[str] = set()
    for table in projection.tables.sorted_tables:
        if "position" in table.columns:
            is_there = table.c.position == item.position
            others = select(table.c.order_id).where(is_there, table.c.order_id != item.order_id)
            found.update(conn.execute(others).scalars())
    for order_id in found:
        views.remove(conn, [order_id])
        conn.execute(HINTED.delete().where(HINTED.c.order_id == order_id))
        hint = {"order_id": order_id, "revision": NOT_APPLIED, "position": NO_POSITION}
        conn.execute(HINTED.insert().values(**hint))
    return sorted(found)
