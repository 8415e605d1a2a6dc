"""A writer's connection to a PostgreSQL schema, which others may write at the same time.

Each batch locks the rows of its orders' views, so that the second of two writers sees what the
first one has applied. A view in memory is used only if its revision and hash are the row's.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy import Connection, Table
from sqlalchemy.engine import AdaptedConnection
from sqlalchemy.ext.asyncio import AsyncConnection

from projections.fold import NOTHING_APPLIED, Progress
from projections.projection import Projection, Row
from projections.storage.generations import schema
from projections.storage.postgres.errors import is_about_values, is_race
from projections.storage.statements import ADDED_UP, Key, Statements, inserting
from projections.storage.tables import CHECKPOINT, LAST_READ, TOTALS, VIEW_PARTS, VIEWS, add_indexes
from projections.storage.totals import TotalsWriter
from projections.storage.views import Views

T = TypeVar("T")

COPY_MIN = 50
"""From this number of rows on, COPY with its extra round trip is faster than INSERTs."""

# In order, so that two writers never wait for each other. A view that is in memory as it is stored
# is not sent.
_LOCK = """
SELECT order_id, views.revision,
       CASE WHEN views.revision = kept.revision AND views.hash = kept.hash THEN NULL ELSE view END,
       views.hash
FROM views JOIN unnest($1::text[], $2::bigint[], $3::text[]) AS kept (order_id, revision, hash)
  USING (order_id)
ORDER BY order_id FOR UPDATE OF views
"""
_PARTS = """
SELECT order_id, part, view
FROM view_parts JOIN unnest($1::text[], $2::text[]) AS wanted (order_id, part)
  USING (order_id, part)
"""
_WAITING = """
SELECT order_id, NULL AS revision FROM parked WHERE order_id = ANY($1::text[])
UNION ALL SELECT order_id, revision FROM discards WHERE order_id = ANY($1::text[])
"""
MERGING = 0x44614254
"""Of the advisory lock of a generation's writer that merges changes of totals ("DaBT")."""
_MERGE = "SELECT pg_try_advisory_xact_lock($1, hashtext(current_schema()))"
_MOVE = "UPDATE views SET revision = $1, hash = $2 WHERE order_id = $3"
# Both tables in one statement: each statement is a round trip, in every batch.
_SAVE_CHECKPOINTS = """
WITH places AS (
  INSERT INTO checkpoint (source, position)
  SELECT * FROM unnest($1::text[], $2::bigint[])
  ON CONFLICT (source) DO UPDATE SET position = excluded.position
)
INSERT INTO last_read (source, position, stream, revision, digest)
SELECT * FROM unnest($3::text[], $4::bigint[], $5::text[], $6::bigint[], $7::text[])
ON CONFLICT (source) DO UPDATE SET position = excluded.position, stream = excluded.stream,
  revision = excluded.revision, digest = excluded.digest
"""


_ADD_UP = f"""
INSERT INTO totals (dated, size, start, name, currency, dimension, high, low)
SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::text[],
  $7::bigint[], $8::bigint[])
ON CONFLICT (dated, size, start, name, currency, dimension)
DO UPDATE SET low = {ADDED_UP["low"]}, high = {ADDED_UP["high"]}
"""  # noqa: S608 (our own names)


class PostgresStatements(Statements):
    """Many new rows go through COPY."""

    def parts(
        self, conn: Connection, wanted: Sequence[tuple[str, str]]
    ) -> Iterable[tuple[str, str, str]]:
        order_ids, parts = [order_id for order_id, _ in wanted], [part for _, part in wanted]
        rows = conn.exec_driver_sql(_PARTS, (order_ids, parts)).all()
        return [(row[0], row[1], row[2]) for row in rows]

    def move(self, conn: Connection, moved: Sequence[tuple[int, str, str]]) -> None:
        if moved:
            conn.exec_driver_sql(_MOVE, list(moved))

    def save_checkpoints(
        self, conn: Connection, places: Sequence[Row], read: Sequence[Row]
    ) -> None:
        if places or read:
            columns = _columns(CHECKPOINT, places) + _columns(LAST_READ, read)
            conn.exec_driver_sql(_SAVE_CHECKPOINTS, columns)

    def add_up(self, conn: Connection, table: Table, rows: Sequence[Row]) -> None:
        """All in one statement: a merge has hundreds of rows."""
        if rows:
            assert table is TOTALS
            conn.exec_driver_sql(_ADD_UP, _columns(TOTALS, rows))

    def add(self, conn: Connection, table: Table, rows: Sequence[Row]) -> None:
        if len(rows) < COPY_MIN:
            super().add(conn, table, rows)
            return
        _, pick = self._prepared(inserting, table)
        columns = [column.name for column in table.columns]
        records = [pick(row) for row in rows]
        driver = conn.connection.dbapi_connection
        assert isinstance(driver, AdaptedConnection)
        driver.run_async(
            lambda raw: raw.copy_records_to_table(table.name, records=records, columns=columns)
        )

    def _multi_row(self, conn: Connection, sql: str, rows: Sequence[Key]) -> None:
        conn.exec_driver_sql(sql, list(rows))


class LockedViews(Views):
    """Views whose rows are locked as they are loaded."""

    def load(self, conn: Connection, order_ids: Iterable[str]) -> dict[str, Progress]:
        self._conn = conn
        wanted = sorted(set(order_ids))
        kept = [self._progress(order_id) for order_id in wanted]
        asked = (wanted, [at.revision for at in kept], [at.hash for at in kept])
        found = set()
        for order_id, revision, text, hash_ in conn.exec_driver_sql(_LOCK, asked):
            found.add(order_id)
            if text is not None:
                self._keep(order_id, revision, text, hash_)
        for removed in set(wanted) - found:  # by another instance, which repairs the order
            self._kept.pop(removed, None)
        return self._known(found)

    def _progress(self, order_id: str) -> Progress:
        kept = self._kept.get(order_id)
        return NOTHING_APPLIED if kept is None else kept.progress


class PostgresSession:
    """See projections.storage.session.Session."""

    shared = True

    def __init__(self, conn: AsyncConnection, description: str, version: int) -> None:
        self.description = description
        self.statements: Statements = PostgresStatements(conn.dialect)
        self._conn = conn
        self._version = version

    @property
    def connection(self) -> Connection:
        return self._conn.sync_connection  # type: ignore[return-value]

    async def run(self, work: Callable[[], T]) -> T:
        return await self._conn.run_sync(lambda _: work())

    def views(self, projection: Projection[Any], totals: TotalsWriter) -> Views:
        return LockedViews(projection, self.statements, totals)

    def may_merge(self) -> bool:
        """The lock ends with the transaction, after its changes can be seen."""
        mine: bool = self.connection.exec_driver_sql(_MERGE, (MERGING,)).scalar_one()
        return mine

    def version(self) -> int:
        return self._version

    def is_environment(self, error: Exception) -> bool:
        return not is_about_values(error)

    def is_write_conflict(self, error: Exception) -> bool:
        return is_race(error)

    def parked_and_discarded(
        self, order_ids: Collection[str]
    ) -> tuple[frozenset[str], frozenset[tuple[str, int]]]:
        rows = self.connection.exec_driver_sql(_WAITING, (list(order_ids),)).all()
        parked = frozenset(order_id for order_id, revision in rows if revision is None)
        return parked, frozenset((row[0], row[1]) for row in rows if row[1] is not None)

    @contextmanager
    def attach(self, numbers: Sequence[int]) -> Iterator[Sequence[str]]:
        yield [schema(number) for number in numbers]

    def finish(self, projection: Projection[Any]) -> None:
        with self.connection.begin():
            add_indexes(self.connection, projection)
            for table in (VIEWS, VIEW_PARTS, *projection.tables.sorted_tables):
                self.connection.exec_driver_sql(f"ANALYZE {table.name}")
            # This commit brings the earlier ones to disk as well.
            self.connection.exec_driver_sql("SET LOCAL synchronous_commit = on")


def _columns(table: Table, rows: Sequence[Row]) -> tuple[list[Any], ...]:
    """The rows' values, a list for each of the table's columns."""
    return tuple([row[column.name] for row in rows] for column in table.columns)
