"""SQL of the write path, compiled once per table and writer.

SQLAlchemy's own executemany prepares a dictionary per row, which costs as much as SQLite does;
here a row becomes a tuple by one itemgetter. Written for the dialects that know ON CONFLICT.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from itertools import chain
from operator import itemgetter
from typing import Any, TypeAlias

from sqlalchemy import Column, Connection, Delete, Insert, LargeBinary, Table, bindparam, delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect

from projections.database import CHECKPOINT, LAST_READ
from projections.projection import Row

Key: TypeAlias = tuple[Any, ...]
_Pick: TypeAlias = Callable[[Row], Key]
ROWS_OF_A_STATEMENT = (64, 16, 4, 1)
_Made: TypeAlias = Callable[[Table, Dialect], Any]


_INSERTS: dict[str, Callable[[Table], Any]] = {
    "sqlite": sqlite.insert,
    "postgresql": postgresql.insert,
}


class Statements:
    """Writes rows in bulk; one per connection's dialect.

    move: for views that stay as they are while their order goes on: (revision, order_id).
    """

    move = "UPDATE views SET revision = ? WHERE order_id = ?"

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._compiled: dict[tuple[_Made, Table], tuple[str, _Pick]] = {}

    def upsert(self, conn: Connection, table: Table, rows: Sequence[Row]) -> None:
        """Write rows whole, whether or not rows of these primary keys are there."""
        self._insert(conn, _upsert, table, rows)

    def go_on(self, conn: Connection, places: Sequence[Row], read: Sequence[Row]) -> None:
        """Write checkpoints, and the events that were read last."""
        self.upsert(conn, CHECKPOINT, places)
        self.upsert(conn, LAST_READ, read)

    def add(self, conn: Connection, table: Table, rows: Sequence[Row]) -> None:
        """Write new rows; IntegrityError where one of these primary keys is taken."""
        self._insert(conn, inserting, table, rows)

    def remove(self, conn: Connection, table: Table, keys: Iterable[Key]) -> None:
        """Delete rows by primary key."""
        names = [column.name for column in table.primary_key]
        self._many(conn, _delete, table, [dict(zip(names, key, strict=True)) for key in keys])

    def _insert(self, conn: Connection, made: _Made, table: Table, rows: Sequence[Row]) -> None:
        if rows:
            sql, pick = self._prepared(made, table)
            self._in_few(conn, sql, [pick(row) for row in rows])

    def _many(self, conn: Connection, made: _Made, table: Table, rows: Sequence[Row]) -> None:
        if rows:
            sql, pick = self._prepared(made, table)
            conn.exec_driver_sql(sql, [pick(row) for row in rows])

    def _in_few(self, conn: Connection, sql: str, rows: Sequence[Key]) -> None:
        """Many rows a statement: after each the thread lets go of the interpreter, and other
        models' threads take it (measured with four of them: a fifth of what an event costs).
        """
        one = f"({', '.join('?' * len(rows[0]))})"
        at = 0
        for size in ROWS_OF_A_STATEMENT:
            statement = sql.replace(one, ", ".join([one] * size), 1)
            while len(rows) - at >= size:
                conn.exec_driver_sql(statement, tuple(chain.from_iterable(rows[at : at + size])))
                at += size

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
    """What takes the primary key out of a row."""
    return picking(list(table.primary_key))


def picking(columns: Sequence[Column[Any]]) -> _Pick:
    """What takes these columns' values out of a row, as a tuple."""
    names = [column.name for column in columns]
    if len(names) == 1:
        [name] = names
        return lambda row: (row[name],)
    return itemgetter(*names)


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


def inserting(table: Table, _dialect: Dialect) -> Insert:
    return table.insert()


def _delete(table: Table, _dialect: Dialect) -> Delete:
    return delete(table).where(*(column == bindparam(column.name) for column in table.primary_key))
