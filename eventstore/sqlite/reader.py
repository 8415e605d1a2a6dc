"""The log's file for other processes than the one that writes: read, and followed by polling."""

import asyncio
import sqlite3
import threading
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

from eventstore.port import (
    Page,
    Position,
    Revision,
    StoreError,
    StoreUnavailable,
    StreamName,
)
from eventstore.sqlite import sql
from eventstore.sqlite.batch_thread import STOP_S
from eventstore.sqlite.database import connect_reader, unavailable
from eventstore.sqlite.files import OpenFiles
from eventstore.sqlite.pages import PageReader
from eventstore.tail import Tail, follow

POLL_BUSY_S = 0.002
POLL_IDLE_S = 0.020
BUSY_FOR_S = 1.0
"""For so long after a commit the file is polled often."""


class SqliteReader:
    """An EventReader, whether or not another process is writing."""

    @classmethod
    def open(cls, path: Path) -> "SqliteReader":
        """Raises StoreUnavailable (no log yet, another program's or a newer file), LogDamaged."""
        return cls(path.resolve())

    def __init__(self, path: Path) -> None:
        self._path = path
        self._pages = PageReader(path)
        self._tail = Tail(None)
        self._watch: Watch | None = None
        self._closed = False

    def read_stream(
        self, stream: StreamName, *, after: Revision | None = None
    ) -> AsyncGenerator[Page, None]:
        return self._pages.read_stream(stream, after=after)

    def read_all(self, *, after: Position | None = None) -> AsyncGenerator[Page, None]:
        return self._pages.read_all(after=after)

    async def follow(self, *, after: Position | None = None) -> AsyncGenerator[Page, None]:
        if self._watch is None and not self._closed:
            self._tail = Tail(None)
            self._watch = Watch(self._path, self._tail, end=self._give_up)
        async for page in follow(self._tail, lambda position: self.read_all(after=position), after):
            yield page

    async def head(self) -> Position | None:
        return await self._pages.head()

    async def check(self) -> None:
        """As the port's. The thread that reads checks the files."""
        if self._pages.lost is not None:
            raise self._pages.lost

    async def aclose(self) -> None:
        self._closed = True
        self._tail.end(StoreUnavailable("the store is closed"))
        if self._watch is not None:
            await self._watch.stop()
        await self._pages.aclose()

    def _give_up(self, error: StoreError) -> None:
        """The watch has ended, and so has waiting for it. The next follower starts a new one."""
        self._watch = None
        self._tail.end(error)


class Watch:
    """A thread that reports the log's head to the event loop, soon after each commit.

    It polls often while commits come, seldom while none do, and not at all while no follower waits:
    each poll takes the interpreter lock from the read models that are still catching up.
    """

    def __init__(
        self,
        path: Path,
        tail: Tail,
        *,
        end: Callable[[StoreError], None],
    ) -> None:
        self._path = path
        self._connection = connect_reader(path)
        self._files = OpenFiles(path)
        self._tail = tail
        self._end = end
        self._loop = asyncio.get_running_loop()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="log-watch", daemon=True)
        self._thread.start()

    async def stop(self) -> None:
        """Only after Tail.end(), as the thread may be waiting for followers."""
        self._stopping.set()
        await asyncio.to_thread(self._thread.join, STOP_S)

    def _run(self) -> None:
        try:
            self._poll()
        except sqlite3.Error as error:
            self._to_loop(partial(self._end, unavailable(error, self._path)))
        finally:
            self._connection.close()

    def _poll(self) -> None:
        seen: int | None = None
        busy_until = 0.0
        while not self._stopping.is_set():
            [version] = self._connection.execute("PRAGMA data_version").fetchone()
            now = time.monotonic()
            if changed := self._files.changed():
                self._to_loop(partial(self._end, StoreUnavailable(f"{changed}: opened again")))
                return
            if version != seen:
                seen, busy_until = version, now + BUSY_FOR_S
                [head] = self._connection.execute(sql.HEAD).fetchone()
                self._to_loop(partial(self._tail.advance, head))
            self._stopping.wait(POLL_BUSY_S if now < busy_until else POLL_IDLE_S)
            self._tail.awaited.wait()

    def _to_loop(self, callback: Callable[[], None]) -> None:
        with suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(callback)
