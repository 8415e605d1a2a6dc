"""A process that appends until it is killed or its store fails, and tells what it was told.

Writes a line per event: `acked <stream> <event id>`, `unknown <stream>`, `refused <stream>`.
Modes: honest; early (tells before it is true); forgiving (goes on after a failed sync). The last
two are what the tests must catch.
"""

import asyncio
import os
import sys
import uuid
from pathlib import Path

from eventstore.port import NO_STREAM, Draft, OutcomeUnknown, StoreError, StoreUnavailable
from eventstore.sqlite import SqliteStore
from eventstore.sqlite.writer import Writer
from tests.contracts.event_store import fresh_stream


def say(*words: object) -> None:
    os.write(1, (" ".join(str(word) for word in words) + "\n").encode())


async def append_one(store: SqliteStore, mode: str) -> None:
    stream, draft = fresh_stream(), Draft(uuid.uuid4(), "NoteAdded", b'{"n":1}', b"{}")
    if mode == "early":
        say("acked", stream, draft.event_id)
    try:
        await store.append(stream, [draft], expected=NO_STREAM)
    except OutcomeUnknown:
        say("unknown", stream)
    except StoreError:
        say("refused", stream)
    else:
        if mode != "early":
            say("acked", stream, draft.event_id)


async def append_on_and_on(store: SqliteStore, mode: str, count: int) -> None:
    for _ in range(count):
        await append_one(store, mode)


async def run(path: Path, mode: str, tasks: int, count: int) -> int:
    failures: list[StoreUnavailable] = []
    store = SqliteStore.open(path, failed=failures.append)
    say("ready", os.getpid())
    await asyncio.gather(*(append_on_and_on(store, mode, count) for _ in range(tasks)))
    await store.aclose()
    return 3 if failures else 0


if __name__ == "__main__":
    if sys.argv[2] == "forgiving":
        setattr(Writer, "_fail", lambda _writer, _error: None)  # noqa: B010 - the guard, broken
    sys.exit(asyncio.run(run(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))))
