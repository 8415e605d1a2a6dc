"""Servers composed by the tests: `daybook serve`'s own composition, on a log that may cheat.

They are forked from a process that has everything imported already, so that a server is up in a
few hundredths of a second and fifty of them can be killed.
"""

import asyncio
import json
import multiprocessing
import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from api.composition import OpenLog, open_log
from api.serve import serve
from daybook import exit_code
from eventstore.port import (
    Draft,
    EventStore,
    Expected,
    Position,
    StorageFull,
    StoreUnavailable,
    StreamName,
)
from eventstore.stores import Failed
from runtime.logs import configure_logs
from runtime.loop import run
from runtime.settings import Settings

LATER_S = 5.0
FAILS_AFTER = 50


class Over:
    """All of a store but its append."""

    def __init__(self, store: EventStore) -> None:
        self._store = store
        self._position = Position(0)
        self.read_stream = store.read_stream
        self.read_all = store.read_all
        self.follow = store.follow
        self.head = store.head
        self.check = store.check
        self.aclose = store.aclose


class AnswersBeforeTheCommit(Over):
    """A store that acknowledges at once and writes a little later: what must never happen."""

    def __init__(self, store: EventStore) -> None:
        super().__init__(store)
        self._later: set[asyncio.Task[None]] = set()

    async def append(
        self, stream: StreamName, drafts: Sequence[Draft], *, expected: Expected
    ) -> Position:
        task = asyncio.create_task(self._append(stream, drafts, expected))
        self._later.add(task)
        task.add_done_callback(self._later.discard)
        self._position = Position(self._position + len(drafts))
        return self._position

    async def _append(
        self, stream: StreamName, drafts: Sequence[Draft], expected: Expected
    ) -> None:
        await asyncio.sleep(LATER_S)
        await self._store.append(stream, drafts, expected=expected)


class FailsAfterAWhile(Over):
    """A store whose disk fails: what was under way is refused, and the composition is notified."""

    def __init__(self, store: EventStore, failed: Failed) -> None:
        super().__init__(store)
        self._failed = failed
        self._left = FAILS_AFTER

    async def append(
        self, stream: StreamName, drafts: Sequence[Draft], *, expected: Expected
    ) -> Position:
        self._left -= 1
        if self._left > 0:
            return await self._store.append(stream, drafts, expected=expected)
        error = StoreUnavailable("the disk has failed")
        self._failed(error)
        raise error


class AnswersWithoutRoom(Over):
    """A store that acknowledges what found no room: what must never happen."""

    async def append(
        self, stream: StreamName, drafts: Sequence[Draft], *, expected: Expected
    ) -> Position:
        with suppress(StorageFull):
            await self._store.append(stream, drafts, expected=expected)
        self._position = Position(self._position + len(drafts))
        return self._position


def open_forgiving(url: str, failed: Failed) -> EventStore:
    return AnswersWithoutRoom(open_log(url, failed))


def open_failing(url: str, failed: Failed) -> EventStore:
    return FailsAfterAWhile(open_log(url, failed), failed)


def open_cheating(url: str, failed: Failed) -> EventStore:
    return AnswersBeforeTheCommit(open_log(url, failed))


def run_server(folder: Path, opened_by: OpenLog, ready: Connection) -> None:
    """The body of a forked process."""
    os.dup2(ready.fileno(), 1)
    settings = Settings(data_dir=folder, port=0, log_level="ERROR")
    configure_logs(settings)
    command = serve(settings, workers=False, as_json=True, opened_by=opened_by)
    sys.exit(exit_code(lambda: run(command)))


FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["tests.e2e.composed"])


@asynccontextmanager
async def server(folder: Path, opened_by: OpenLog) -> AsyncIterator[tuple[ForkServerProcess, str]]:
    """Forks a server and yields it with its URL; killed at the end if it still runs."""
    reading, ready = FORKS.Pipe(duplex=False)
    process = FORKS.Process(target=run_server, args=(folder, opened_by, ready))
    process.start()
    ready.close()
    try:
        line = await asyncio.to_thread(os.read, reading.fileno(), 4096)
        assert line, "the server did not start"
        yield process, json.loads(line)["url"]
    finally:
        reading.close()
        process.kill()
        await asyncio.to_thread(process.join)
        process.close()
