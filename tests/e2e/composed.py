"""Servers composed by the tests: `daybook serve`'s own composition, on a log that may cheat.

They are forked from a process that has everything imported already, so that a server is up in a
few hundredths of a second and fifty of them can be killed.
"""

import asyncio
import multiprocessing
import os
from collections.abc import AsyncIterator, Sequence
from multiprocessing.connection import Connection
from pathlib import Path

from api.composition import OpenLog, open_log
from api.serve import serve
from eventstore.opening import Failed
from eventstore.port import Draft, EventStore, Expected, Page, Position, Revision, StreamName
from runtime.logs import configure_logs
from runtime.loop import run
from runtime.settings import Settings

LATER_S = 0.05


class AnswersBeforeTheCommit:
    """A store that acknowledges at once and writes a little later: what must never happen."""

    def __init__(self, store: EventStore) -> None:
        self._store = store
        self._later: set[asyncio.Task[None]] = set()

    async def append(
        self, stream: StreamName, drafts: Sequence[Draft], *, expected: Expected
    ) -> Position:
        task = asyncio.create_task(self._append(stream, drafts, expected))
        self._later.add(task)
        task.add_done_callback(self._later.discard)
        return Position(1)

    async def _append(
        self, stream: StreamName, drafts: Sequence[Draft], expected: Expected
    ) -> None:
        await asyncio.sleep(LATER_S)
        await self._store.append(stream, drafts, expected=expected)

    def read_stream(
        self, stream: StreamName, *, after: Revision | None = None
    ) -> AsyncIterator[Page]:
        return self._store.read_stream(stream, after=after)

    def read_all(self, *, after: Position | None = None) -> AsyncIterator[Page]:
        return self._store.read_all(after=after)

    def follow(self, *, after: Position | None = None) -> AsyncIterator[Page]:
        return self._store.follow(after=after)

    async def head(self) -> Position | None:
        return await self._store.head()

    async def aclose(self) -> None:
        await self._store.aclose()


def open_cheating(url: str, failed: Failed) -> EventStore:
    return AnswersBeforeTheCommit(open_log(url, failed))


def run_server(folder: Path, opened_by: OpenLog, ready: Connection) -> None:
    """The body of a forked process."""
    os.dup2(ready.fileno(), 1)
    settings = Settings(data_dir=folder, port=0, log_level="ERROR")
    configure_logs(settings)
    run(serve(settings, workers=False, as_json=True, opened_by=opened_by))


FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["tests.e2e.composed"])
