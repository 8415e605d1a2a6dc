"""A child process that is kept running."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from runtime import supervisor
from runtime.supervisor import Supervisor
from tests.waiting import HUNG_S, until

SLEEPER = (sys.executable, "-c", "import time; time.sleep(3_600)")
DEAF = (
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(3_600)",
)
READER = (sys.executable, "-c", "import sys; sys.stdin.read()")


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "PAUSE_S_MIN", 0.02)


@asynccontextmanager
async def running(kept: Supervisor) -> AsyncIterator[asyncio.Event]:
    stop = asyncio.Event()
    task = asyncio.create_task(kept.run(stop))
    try:
        await until(lambda: kept.pid is not None)
        yield stop
    finally:
        stop.set()
        async with asyncio.timeout(HUNG_S):
            await task


async def test_a_killed_child_is_started_again_and_counted() -> None:
    told: list[int] = []
    kept = Supervisor(SLEEPER, on_restart=lambda: told.append(1))
    async with running(kept):
        first = kept.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        await until(lambda: kept.pid not in (None, first))
        assert (kept.state, kept.restarts, told) == ("running", 1, [1])
    assert kept.state == "stopped"


async def test_pauses_grow_while_the_child_keeps_dying(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []

    async def note(_stop: asyncio.Event, pause_s: float) -> None:
        pauses.append(pause_s)
        await asyncio.sleep(0)

    monkeypatch.setattr(supervisor, "sleep_or_stop", note)
    monkeypatch.setattr(supervisor, "PAUSE_S_MAX", 0.1)
    kept = Supervisor((sys.executable, "-c", "raise SystemExit(3)"))
    stop = asyncio.Event()
    task = asyncio.create_task(kept.run(stop))
    await until(lambda: len(pauses) >= 5)
    stop.set()
    await task
    assert pauses[:5] == [0.02, 0.04, 0.08, 0.1, 0.1]


async def test_a_program_that_cannot_be_started_is_tried_again() -> None:
    kept = Supervisor(("/nonexistent/python",))
    stop = asyncio.Event()
    task = asyncio.create_task(kept.run(stop))
    await until(lambda: kept.restarts >= 2)
    stop.set()
    await task


@pytest.mark.parametrize(("command", "stop_s"), [(SLEEPER, 3_600), (DEAF, 0.1)])
async def test_stopping_ends_the_child_by_force_if_need_be(
    command: tuple[str, ...], stop_s: float
) -> None:
    kept = Supervisor(command, stop_s=stop_s)
    async with running(kept) as stop:
        pid = kept.pid
        assert pid is not None
        await asyncio.sleep(0.2)
        stop.set()
        await until(lambda: kept.state == "stopped")
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_the_childs_standard_input_stays_open_as_long_as_the_parent_lives() -> None:
    kept = Supervisor(READER)
    async with running(kept):
        await asyncio.sleep(0.2)
        assert (kept.state, kept.restarts) == ("running", 0)
