"""The protocol stub of EventStoreDB as a process, and what is appended to it."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

from benchmarks.processes import ROOT
from eventstore.port import Draft, StreamName

DATA = b'{"note":"' + b"x" * 200 + b'"}'
METADATA = b'{"hash":"' + b"0" * 400 + b'"}'


@asynccontextmanager
async def stub(*options: str) -> AsyncIterator[str]:
    """The stub until the block ends; its URI. It ends as a killed server does."""
    command = [sys.executable, "-m", "tests.esdb_stub", *options]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:  # noqa: ASYNC220
        try:
            assert child.stdout is not None
            yield (await asyncio.to_thread(child.stdout.readline)).strip()
        finally:
            child.kill()


def new_stream() -> StreamName:
    return StreamName(f"order-{uuid4()}")


def draft() -> Draft:
    return Draft(uuid4(), "NoteAdded", DATA, METADATA)
