"""`daybook demo`: a ledger in a temporary folder, and a day of a small shop through HTTP.

It uses Daybook as anybody would: `daybook serve` in a process of its own, and its HTTP API.
"""

import asyncio
import contextlib
import json
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeAlias

import httpx

from api.demo.day import Step, Story, day
from runtime.settings import PREFIX
from runtime.stop import stop_on_signal
from runtime.terminal import Exit, ExitError, progress, say

STARTS_IN_S = 20.0
CATCHES_UP_IN_S = 20.0
VISITORS = 8
"""Orders that are under way at the same time."""

Document: TypeAlias = dict[str, Any]


@dataclass(slots=True)
class Played:
    """What came of the day's commands."""

    statuses: Counter[int] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    replayed: int = 0
    seconds: float = 0.0

    @property
    def commands(self) -> int:
        return self.statuses.total()


@dataclass(frozen=True, slots=True)
class Server:
    url: str
    folder: Path
    http: httpx.AsyncClient


@contextlib.asynccontextmanager
async def ledger() -> AsyncIterator[Server]:
    """A ledger of its own on a free port, gone with its folder afterwards."""
    with tempfile.TemporaryDirectory(prefix="daybook-demo-") as name:
        folder = Path(name)
        child = await asyncio.create_subprocess_exec(
            *_serve_command(), env=_environment(folder), stdout=asyncio.subprocess.PIPE
        )
        try:
            url = await _address(child)
            async with httpx.AsyncClient(base_url=url, timeout=30) as http:
                yield Server(url, folder, http)
        finally:
            await _end(child)


async def play(server: Server, *, wanted_bar: bool | None = None) -> Played:
    """Send the day's commands, those of one order in order, several orders at a time."""
    stories = day(_yesterday())
    played, visitors = Played(), asyncio.Semaphore(VISITORS)
    started = time.perf_counter()
    with progress(
        "a day of a tea shop", total=len(stories), unit="orders", wanted=wanted_bar
    ) as bar:

        async def tell(story: Story) -> None:
            async with visitors:
                for step in story:
                    await _do(server, step, played)
                bar.update()

        async with asyncio.TaskGroup() as tasks:
            for story in stories:
                tasks.create_task(tell(story))
    played.seconds = time.perf_counter() - started
    return played


async def send(server: Server, step: Step) -> httpx.Response:
    """One command, as a shop's own program would send it."""
    placing = step.command == "place-order"
    path = "/v1/orders" if placing else f"/v1/orders/{step.order_id}/{step.command}"
    body = step.fields | ({"order_id": step.order_id} if placing else {})
    headers = {
        "Idempotency-Key": step.key,
        "Daybook-Actor": step.actor,
        "Daybook-Correlation-Id": step.order_id,
    }
    return await server.http.post(path, json=body, headers=headers)


async def get(server: Server, path: str, **query: str | int) -> Document:
    """A query's answer. Raises ExitError where it is not 200."""
    answer = await server.http.get(path, params=query)
    if answer.status_code != httpx.codes.OK:
        raise ExitError(f"{path} answered {answer.status_code}: {answer.text}", Exit.UNAVAILABLE)
    document: Document = answer.json()
    return document


async def stay(server: Server) -> None:
    """Until the user has seen enough."""
    with stop_on_signal() as stop:
        say(f"\nThe ledger stays up at {server.url} until Ctrl-C; its files are in {server.folder}")
        await stop.wait()


async def caught_up(server: Server) -> Document:
    """/v1/projections once no read model lags. Raises ExitError when that takes too long."""
    deadline = time.monotonic() + CATCHES_UP_IN_S
    while True:
        document = await get(server, "/v1/projections")
        if all(model["behind"] is False for model in document["items"]):
            return document
        if time.monotonic() > deadline:
            raise ExitError("the read models do not catch up", Exit.UNAVAILABLE)
        await asyncio.sleep(0.05)


async def _do(server: Server, step: Step, played: Played) -> None:
    for _ in range(step.times):
        answer = await send(server, step)
        played.statuses[answer.status_code] += 1
        document = answer.json()
        if answer.is_success:
            played.replayed += document["replayed"]
        elif "rule" in document:
            played.refusals[document["rule"]] += 1
        else:
            raise ExitError(f"{step.command} answered {answer.text}", Exit.UNAVAILABLE)


def _serve_command() -> Iterable[str]:
    return sys.executable, str(Path(__file__).parents[2] / "daybook.py"), "serve", "--json"


def _environment(folder: Path) -> dict[str, str]:
    """The demo is the same whatever the user has set."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    mine = {"DATA_DIR": str(folder), "PORT": "0", "LOG_LEVEL": "WARNING", "LOG_FORMAT": "plain"}
    return clean | {PREFIX + name: value for name, value in mine.items()}


async def _address(child: asyncio.subprocess.Process) -> str:
    """The URL that `serve --json` says when it is ready."""
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


def _yesterday() -> datetime:
    today = datetime.fromtimestamp(time.time(), UTC).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    return today - timedelta(days=1)
