"""Reading the log's file, in a thread of its own."""

import sqlite3
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from eventstore.port import PAGE_MAX, Page, Position, Recorded, Revision, StreamName
from eventstore.sqlite import sql
from eventstore.sqlite.crossing import Crossing
from eventstore.sqlite.database import connect_reader, legible, unavailable

BATCH_MAX = 16
"""Questions answered before their answers cross back: more would let the first ones wait."""


@dataclass(frozen=True, slots=True)
class Query:
    """One short transaction: a page of events."""

    sql: str
    parameters: tuple[str | int, ...]


Rows: TypeAlias = list[Recorded]


class Reading:
    """The read half of an EventStore. Every page is a transaction of its own."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection = connect_reader(path)
        self._thread: Crossing[Query, Rows] = Crossing(
            "log-reader",
            answer=self._answer,
            batch_max=BATCH_MAX,
            close=self._connection.close,
        )

    async def read_stream(
        self, stream: StreamName, *, after: Revision | None = None
    ) -> AsyncIterator[Page]:
        behind = -1 if after is None else after
        while page := await self._thread.ask(Query(sql.PAGE_OF_STREAM, (stream, behind))):
            yield page
            if len(page) < PAGE_MAX:
                return
            behind = page[-1].revision

    async def read_all(self, *, after: Position | None = None) -> AsyncIterator[Page]:
        behind = 0 if after is None else after
        while page := await self._thread.ask(Query(sql.PAGE_OF_ALL, (behind,))):
            yield page
            if len(page) < PAGE_MAX:
                return
            behind = page[-1].position

    async def head(self) -> Position | None:
        last = await self._thread.ask(Query(sql.LAST_ONE, ()))
        return last[0].position if last else None

    async def aclose(self) -> None:
        await self._thread.stop()

    def _answer(self, queries: Sequence[Query]) -> list[Rows | Exception]:
        return [self._rows(query) for query in queries]

    def _rows(self, query: Query) -> Rows | Exception:
        try:
            try:
                rows = self._connection.execute(query.sql, query.parameters).fetchall()
            except sqlite3.OperationalError:
                # Text that is no UTF-8, on a damaged page; any other error comes again.
                with legible(self._connection):
                    rows = self._connection.execute(query.sql, query.parameters).fetchall()
        except sqlite3.Error as error:
            return unavailable(error, self._path)
        return [sql.recorded(row) for row in rows]
