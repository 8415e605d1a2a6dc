"""A log in a file, served as prepared bytes over HTTP/2: EventStoreDB's protocol at full speed.

As a process: python -m benchmarks.prepared LOG-FILE   (prints its address)
"""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from benchmarks.processes import ROOT
from eventstore.sqlite import SqliteReader
from runtime.loop import run
from tests.http2.peer import peer
from tests.http2.prepared import PreparedLog


@asynccontextmanager
async def prepared(log: Path) -> AsyncIterator[str]:
    """Served until the block ends; its URI."""
    command = [sys.executable, "-m", "benchmarks.prepared", str(log)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:  # noqa: ASYNC220
        try:
            assert child.stdout is not None
            yield (await asyncio.to_thread(child.stdout.readline)).strip()
        finally:
            child.kill()


async def serve(path: Path) -> None:
    store, log = SqliteReader.open(path), PreparedLog()
    log.add([recorded async for page in store.read_all() for recorded in page])
    await store.aclose()
    async with peer(log.answer) as server:
        print(server.uri, flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    run(serve(Path(sys.argv[1])))
