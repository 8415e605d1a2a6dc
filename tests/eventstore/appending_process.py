"""A process that appends until it is killed or its store fails, and reports each result.

Every append is of two events to a new stream. Writes a line for each: `acked <stream>`, `unknown
<stream>`, `refused <stream>` (then that task ends). Modes: honest; early (reports before it is
true); forgiving (continues after a failed sync). The tests must catch the last two.
"""

import asyncio
import os
import sys
from pathlib import Path

from eventstore.port import NO_STREAM, OutcomeUnknown, StoreError, StoreUnavailable
from eventstore.sqlite import SqliteStore
from eventstore.sqlite.writer import BatchWriter
from tests.contracts.event_store import drafts, fresh_stream


def say(*words: object) -> None:
    os.write(1, (" ".join(str(word) for word in words) + "\n").encode())


async def append_one(store: SqliteStore, mode: str) -> bool:
    """False: refused."""
    stream = fresh_stream()
    if mode == "early":
        say("acked", stream)
    try:
        await store.append(stream, drafts(2), expected=NO_STREAM)
    except OutcomeUnknown:
        say("unknown", stream)
    except StoreError:
        say("refused", stream)
        return False
    else:
        if mode != "early":
            say("acked", stream)
    return True


async def append_on_and_on(store: SqliteStore, mode: str, count: int) -> None:
    for _ in range(count):
        if not await append_one(store, mode):
            return


async def run(path: Path, mode: str, tasks: int, count: int) -> int:
    failures: list[StoreUnavailable] = []
    store = SqliteStore.open(path, failed=failures.append)
    say("ready", os.getpid())
    await asyncio.gather(*(append_on_and_on(store, mode, count) for _ in range(tasks)))
    await store.aclose()
    return 3 if failures else 0


if __name__ == "__main__":
    if sys.argv[2] == "forgiving":
        setattr(BatchWriter, "_fail", lambda _writer, _error: None)  # noqa: B010 - the guard, broken
    sys.exit(asyncio.run(run(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))))
