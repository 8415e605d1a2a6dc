"""Reading pages of the log, in a thread of its own."""

import logging
import sqlite3
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from eventstore.known import KnownEvent, events_lost
from eventstore.port import (
    PAGE_MAX,
    EventsLost,
    Page,
    Position,
    Recorded,
    Revision,
    StoreUnavailable,
    StreamName,
)
from eventstore.sqlite import sql
from eventstore.sqlite.batch_thread import BatchThread
from eventstore.sqlite.database import connect_reader, legible, unavailable
from eventstore.sqlite.files import OpenFiles

_log = logging.getLogger("daybook.log")

BATCH_MAX = 16
"""Queries in one batch: with more of them the first would wait for the last."""


@dataclass(frozen=True, slots=True)
class Query:
    """One short transaction: a page of events."""

    sql: str
    parameters: tuple[str | int, ...]


Rows: TypeAlias = list[Recorded]


class PageReader:
    """The reading half of an EventStore. Each page is read in its own transaction."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection = connect_reader(path)
        self._files = OpenFiles(path)
        self._last: Recorded | None = None
        self.lost: EventsLost | None = None
        self._thread: BatchThread[Query, Rows] = BatchThread(
            "log-reader",
            handle=self._run,
            batch_max=BATCH_MAX,
            close=self._close,
        )

    async def read_stream(
        self, stream: StreamName, *, after: Revision | None = None
    ) -> AsyncGenerator[Page, None]:
        start = -1 if after is None else after
        while page := await self._thread.submit(Query(sql.PAGE_OF_STREAM, (stream, start))):
            yield page
            if len(page) < PAGE_MAX:
                return
            start = page[-1].revision

    async def read_all(self, *, after: Position | None = None) -> AsyncGenerator[Page, None]:
        start = 0 if after is None else after
        while page := await self._thread.submit(Query(sql.PAGE_OF_ALL, (start,))):
            yield page
            if len(page) < PAGE_MAX:
                return
            start = page[-1].position

    async def head(self) -> Position | None:
        last = await self._thread.submit(Query(sql.LAST_ONE, ()))
        return last[0].position if last else None

    async def aclose(self) -> None:
        await self._thread.stop()

    def _close(self) -> None:
        self._connection.close()

    def _run(self, queries: Sequence[Query]) -> list[Rows | Exception]:
        if self.lost is None and (changed := self._files.changed()):
            _log.warning("%s: it is opened again", changed)
            if (error := self._reopened()) is not None:
                return [error for _ in queries]
        if self.lost is not None:
            return [EventsLost(str(self.lost)) for _ in queries]
        return [self._rows(query) for query in queries]

    def _reopened(self) -> StoreUnavailable | None:
        """Open the new file if it has the events that were read from the other one."""
        try:
            connection = connect_reader(self._path)
        except StoreUnavailable as error:
            return error
        last = self._last
        if last is not None and not _has(connection, last):
            connection.close()
            self.lost = events_lost([KnownEvent.of("this process", last)])
            _log.critical("nothing is read any more: %s", self.lost)
            return None
        self._connection.close()
        self._connection, self._files = connection, OpenFiles(self._path)
        return None

    def _rows(self, query: Query) -> Rows | Exception:
        try:
            try:
                rows = self._connection.execute(query.sql, query.parameters).fetchall()
            except sqlite3.OperationalError:
                # Text that is not UTF-8, on a damaged page. Any other error is raised again.
                with legible(self._connection):
                    rows = self._connection.execute(query.sql, query.parameters).fetchall()
        except sqlite3.Error as error:
            return unavailable(error, self._path)
        found = [sql.recorded(row) for row in rows]
        if found and (self._last is None or found[-1].position > self._last.position):
            self._last = found[-1]
        return found


def _has(connection: sqlite3.Connection, event: Recorded) -> bool:
    row = connection.execute(sql.ONE_OF_STREAM, (event.stream, event.revision)).fetchone()
    return row is not None and sql.recorded(row).metadata == event.metadata
