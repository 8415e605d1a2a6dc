"""`daybook demo`: a ledger in a temporary folder, and a day of a small tea shop through HTTP.

It uses Daybook as anybody would: `daybook serve` in a process of its own, and its HTTP API. The day
is a file of commands, sent as `daybook submit --url` sends one.
"""

import asyncio
import contextlib
import json
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from api.commands.submit import Summary, line_count, through_server
from daybook_client import AsyncClient, Sender
from daybook_client.documents import Projection
from runtime.settings import PREFIX
from runtime.stop import stop_on_signal
from runtime.terminal import Exit, ExitError, progress, say

STARTS_IN_S = 60.0
CATCHES_UP_IN_S = 60.0
DAY: Final = Path(__file__).parent / "day.ndjson"
"""Commands about 200 orders; tests.demo.day makes it."""


@dataclass(frozen=True, slots=True)
class Server:
    url: str
    folder: Path
    client: AsyncClient


@contextlib.asynccontextmanager
async def ledger() -> AsyncIterator[Server]:
    """A ledger in its own folder on a free port; both are removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="daybook-demo-") as name:
        folder = Path(name)
        child = await asyncio.create_subprocess_exec(
            *_serve_command(), env=_environment(folder), stdout=asyncio.subprocess.PIPE
        )
        try:
            url = await _address(child)
            async with AsyncClient(url, sender=Sender(actor="demo")) as client:
                yield Server(url, folder, client)
        finally:
            await _end(child)


async def play(server: Server) -> Summary:
    """Send the day's commands. Raises ExitError where one fails for another reason than a rule."""
    summary = Summary(allow_refused=True)
    started = time.perf_counter()
    with DAY.open("rb") as file:
        bar = progress("a day of a tea shop", total=line_count(file), unit="lines")
        async with aclosing(through_server(server.url, file)) as answers:
            with bar:
                async for answer in answers:
                    summary.add(json.loads(answer))
                    bar.update()
    summary.seconds = time.perf_counter() - started
    if summary.exit_code is not Exit.DONE:
        raise ExitError(f"the day was not taken: {summary.document()}", Exit.UNAVAILABLE)
    return summary


async def stay(server: Server) -> None:
    """Wait for Ctrl-C or SIGTERM."""
    with stop_on_signal() as stop:
        say(f"\nThe ledger stays up at {server.url} until Ctrl-C; its files are in {server.folder}")
        await stop.wait()


async def caught_up(server: Server) -> Sequence[Projection]:
    """The read models, once none lags. Raises ExitError where that takes too long."""
    deadline = time.monotonic() + CATCHES_UP_IN_S
    while True:
        models = (await server.client.projections())["items"]
        if all(model["behind"] is False for model in models):
            return models
        if time.monotonic() > deadline:
            raise ExitError("the read models do not catch up", Exit.UNAVAILABLE)
        await asyncio.sleep(0.05)


def _serve_command() -> Iterable[str]:
    return sys.executable, str(Path(__file__).parents[2] / "daybook.py"), "serve", "--json"


def _environment(folder: Path) -> dict[str, str]:
    """The environment of the server: none of the user's settings."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    mine = {
        "DATA_DIR": str(folder),
        "PORT": "0",
        "GRPC_PORT": "off",
        "LOG_LEVEL": "WARNING",
        "LOG_FORMAT": "plain",
    }
    return clean | {PREFIX + name: value for name, value in mine.items()}


async def _address(child: asyncio.subprocess.Process) -> str:
    """The URL in the line that `serve --json` puts out when it is ready."""
    assert child.stdout is not None
    try:
        async with asyncio.timeout(STARTS_IN_S):
            line = await child.stdout.readline()
    except TimeoutError:
        raise ExitError("the demo's ledger did not start in time", Exit.UNAVAILABLE) from None
    if not line:
        raise ExitError("the demo's ledger ended at its start; see above", Exit.UNAVAILABLE)
    return str(json.loads(line)["url"])


async def _end(child: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        child.terminate()
    try:
        async with asyncio.timeout(15):
            await child.wait()
    except TimeoutError:
        child.kill()
        await child.wait()
