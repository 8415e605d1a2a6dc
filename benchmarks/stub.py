"""The protocol stub of EventStoreDB as a process, and what is appended to it."""

import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from uuid import uuid4

from benchmarks.processes import ROOT
from eventstore.port import Draft, StreamName

DATA = b'{"note":"' + b"x" * 200 + b'"}'
METADATA = b'{"hash":"' + b"0" * 400 + b'"}'


@contextmanager
def stub_process(*options: str) -> Iterator[str]:
    """The stub until the block ends; its URI. It ends as a killed server does."""
    command = [sys.executable, "-m", "tests.esdb_stub", *options]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:
        try:
            assert child.stdout is not None
            yield child.stdout.readline().strip()
        finally:
            child.kill()


@asynccontextmanager
async def stub(*options: str) -> AsyncIterator[str]:
    """As stub_process(); the event loop stands still until it has started."""
    with stub_process(*options) as uri:
        yield uri


def new_stream() -> StreamName:
    return StreamName(f"order-{uuid4()}")


def draft() -> Draft:
    return Draft(uuid4(), "NoteAdded", DATA, METADATA)
