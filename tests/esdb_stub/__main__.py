"""python -m tests.esdb_stub [--port N] [--data FILE]: the stub as a process; prints its address."""

import asyncio
import sys
from pathlib import Path

import click

from tests.esdb_stub.journal import Journal
from tests.esdb_stub.server import Stub


@click.command()
@click.option("--port", default=0, help="0: any free one.")
@click.option("--data", type=click.Path(path_type=Path), help="Keep the log here over restarts.")
def main(port: int, data: Path | None) -> None:
    """A protocol stub of EventStoreDB on the loopback, until it is killed."""
    asyncio.run(_serve(port, data))


async def _serve(port: int, data: Path | None) -> None:
    if data is None:
        server = Stub()
    else:
        journal = Journal(data)
        server = Stub(stored=journal.keep)
        for batch in journal.batches():
            server.log.restore(batch)
        server.log.forget_recent()
    await server.start(port)
    sys.stdout.write(server.uri + "\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


main()
