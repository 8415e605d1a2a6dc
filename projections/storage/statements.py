"""SQL of the write path, compiled once per table and writer.

SQLAlchemy's own executemany prepares a dictionary per row, which costs as much as SQLite does;
here a row becomes a tuple by one itemgetter. Written for the dialects that know ON CONFLICT.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import chain
from operator import itemgetter
from typing import Any, TypeAlias, TypeVar

from sqlalchemy import (
    Column,
    Connection,
    Delete,
    Insert,
    LargeBinary,
    Table,
    bindparam,
    delete,
    literal_column,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.exc import DBAPIError

from projections.projection import Row
from projections.storage.columns import WHOLE
from projections.storage.tables import CHECKPOINT, LAST_READ

T = TypeVar("T")
Key: TypeAlias = tuple[Any, ...]
_Pick: TypeAlias = Callable[[Row], Key]
PARTS = (256, 128, 64, 32, 16, 8, 4, 2, 1)
"""Rows per statement: few sizes, so that each is prepared once."""
_Made: TypeAlias = Callable[[Table, Dialect], Any]

_KNOWN = "SELECT order_id, revision, view, hash FROM views WHERE order_id IN (?)"
# SQLite reads the whole table for `(order_id, part) IN (VALUES ...)`. CROSS: in this order.
_PARTS = """
WITH wanted (order_id, part) AS (VALUES (?, ?))
SELECT order_id, part, view FROM wanted CROSS JOIN view_parts USING (order_id, part)
"""
_MOVE = "UPDATE views SET revision = ?, hash = ? WHERE order_id = ?"
_INSERTS: dict[str, Callable[[Table], Any]] = {
    "sqlite": sqlite.insert,
    "postgresql": postgresql.insert,
}


class Statements:
    """Writes rows in bulk; one per connection's dialect."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._compiled: dict[tuple[_Made, Table], tuple[str, _Pick]] = {}
        self._of_many: dict[tuple[str, int], str] = {}

    def known(
        self, conn: Connection, order_ids: Sequence[str]
    ) -> Iterable[tuple[str, int, str, str]]:
        """Those of these orders that have a view: order_id, revision, view, hash."""
        return self._with_cursor(conn, lambda cursor: self._all_known(cursor, order_ids))

    def parts(
        self, conn: Connection, wanted: Sequence[tuple[str, str]]
    ) -> Iterable[tuple[str, str, str]]:
        """Of these parts of views, by (order_id, part), those that are stored: order_id, part,
        view.
        """
        return self._with_cursor(conn, lambda cursor: self._all_parts(cursor, wanted))

    def upsert(self, conn: Connection, table: Table, rows: Sequence[Row]) -> None:
        """Write whole rows, whether or not rows of these primary keys exist."""
        self._insert(conn, _upsert, table, rows)

    def add_up(self, conn: Connection, table: Table, rows: Sequence[Row]) -> None:
        """Add new rows, or the sums of rows to those of the same primary keys."""
        self._insert(conn, adding_up, table, rows)

    def move(self, conn: Connection, moved: Sequence[tuple[int, str, str]]) -> None:
        """For views that an event does not change: revision, hash, order_id."""
        if moved:
            self._with_cursor(conn, lambda cursor: cursor.executemany(_MOVE, moved))

    def save_checkpoints(
        self, conn: Connection, places: Sequence[Row], read: Sequence[Row]
    ) -> None:
        """Write rows of CHECKPOINT, and of LAST_READ: the events read last."""
        self.upsert(conn, CHECKPOINT, places)
        self.upsert(conn, LAST_READ, read)

    def add(self, conn: Connection, table: Table, rows: Sequence[Row]) -> None:
        """Write new rows. Raises IntegrityError if one of these primary keys exists."""
        self._insert(conn, inserting, table, rows)

    def remove(self, conn: Connection, table: Table, keys: Iterable[Key]) -> None:
        """Delete rows by primary key."""
        names = [column.name for column in table.primary_key]
        self._many(conn, _delete, table, [dict(zip(names, key, strict=True)) for key in keys])

    def _insert(self, conn: Connection, made: _Made, table: Table, rows: Sequence[Row]) -> None:
        if rows:
            sql, pick = self._prepared(made, table)
            self._multi_row(conn, sql, [pick(row) for row in rows])

    def _many(self, conn: Connection, made: _Made, table: Table, rows: Sequence[Row]) -> None:
        if rows:
            sql, pick = self._prepared(made, table)
            conn.exec_driver_sql(sql, [pick(row) for row in rows])

    def _multi_row(self, conn: Connection, sql: str, rows: Sequence[Key]) -> None:
        """Many rows per statement, through the driver: SQLAlchemy takes 20 microseconds for each
        statement, and after each the thread releases the interpreter.
        """
        self._with_cursor(conn, lambda cursor: self._insert_all(cursor, sql, rows))

    def _insert_all(self, cursor: DBAPICursor, sql: str, rows: Sequence[Key]) -> None:
        one = f"({', '.join('?' * len(rows[0]))})"
        for part in _parts(rows):
            values = tuple(chain.from_iterable(part))
            cursor.execute(self._for_many(sql, one, len(part)), values)

    def _all_known(self, cursor: DBAPICursor, order_ids: Sequence[str]) -> list[Any]:
        found: list[Any] = []
        for part in _parts(order_ids):
            found += cursor.execute(self._for_many(_KNOWN, "?", len(part)), part).fetchall()
        return found

    def _all_parts(self, cursor: DBAPICursor, wanted: Sequence[tuple[str, str]]) -> list[Any]:
        found: list[Any] = []
        for some in _parts(wanted):
            sql = self._for_many(_PARTS, "(?, ?)", len(some))
            found += cursor.execute(sql, tuple(chain.from_iterable(some))).fetchall()
        return found

    def _for_many(self, sql: str, one: str, count: int) -> str:
        """A statement about one row or key as a statement about many."""
        if (sql, count) not in self._of_many:
            self._of_many[sql, count] = sql.replace(one, ", ".join([one] * count), 1)
        return self._of_many[sql, count]

    def _with_cursor(self, conn: Connection, work: Callable[[DBAPICursor], T]) -> T:
        """Run the work on the driver's cursor, in SQLAlchemy's transaction and with its errors."""
        cursor = conn.connection.cursor()
        known = self._dialect.loaded_dbapi.Error
        try:
            return work(cursor)
        except known as error:
            raise DBAPIError.instance(None, None, error, known, dialect=self._dialect) from error

    def _prepared(self, made: _Made, table: Table) -> tuple[str, _Pick]:
        if (made, table) not in self._compiled:
            self._compiled[made, table] = self._compile(made, table)
        return self._compiled[made, table]

    def _compile(self, made: _Made, table: Table) -> tuple[str, _Pick]:
        compiled = made(table, self._dialect).compile(dialect=self._dialect)
        columns = [table.columns[name] for name in compiled.positiontup or ()]
        pick = picking(columns)
        processors = [self._processor(column) for column in columns]
        if not any(processors):
            return str(compiled), pick
        return str(compiled), lambda row: tuple(
            value if process is None else process(value)
            for process, value in zip(processors, pick(row), strict=True)
        )

    def _processor(self, column: Column[Any]) -> Callable[[Any], Any] | None:
        if isinstance(column.type, LargeBinary):
            return None  # the drivers take bytes as they are
        return column.type.dialect_impl(self._dialect).bind_processor(self._dialect)


@cache
def key_of(table: Table) -> _Pick:
    """Returns the function that takes the primary key from a row."""
    return picking(list(table.primary_key))


def picking(columns: Sequence[Column[Any]]) -> _Pick:
    """Returns the function that takes these columns' values from a row, as a tuple."""
    names = [column.name for column in columns]
    if len(names) == 1:
        [name] = names
        return lambda row: (row[name],)
    return itemgetter(*names)


def _parts(rows: Sequence[T]) -> Iterator[Sequence[T]]:
    at = 0
    for size in PARTS:
        while len(rows) - at >= size:
            yield rows[at : at + size]
            at += size


def _upsert(table: Table, dialect: Dialect) -> Any:
    keys = list(table.primary_key)
    statement = _INSERTS[dialect.name](table)
    others = {
        column.name: statement.excluded[column.name]
        for column in table.columns
        if column not in keys
    }
    if not others:
        return statement.on_conflict_do_nothing(index_elements=keys)
    return statement.on_conflict_do_update(index_elements=keys, set_=others)


ADDED_UP: Mapping[str, str] = {
    "low": "(totals.low + excluded.low) % 1000000000",
    "high": "totals.high + excluded.high + (totals.low + excluded.low) / 1000000000",
}
"""How rows of TOTALS are added up: exact, with 0 <= low < 10^9, in whatever order."""


def adding_up(table: Table, dialect: Dialect) -> Any:
    sums = {name: literal_column(sql, WHOLE) for name, sql in ADDED_UP.items()}
    keys = list(table.primary_key)
    return _INSERTS[dialect.name](table).on_conflict_do_update(index_elements=keys, set_=sums)


def inserting(table: Table, _dialect: Dialect) -> Insert:
    return table.insert()


def _delete(table: Table, _dialect: Dialect) -> Delete:
    return delete(table).where(*(column == bindparam(column.name) for column in table.primary_key))
