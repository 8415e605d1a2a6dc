"""Stopping by signal, and with the parent."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from runtime.stop import stop_on_signal
from tests.waiting import HUNG_S

ROOT = Path(__file__).parents[2]
CHILD = """
import asyncio
from runtime.stop import stop_with_parent

async def main() -> None:
    stop = asyncio.Event()
    stop_with_parent(stop, within_s=0.3)
    print("ready", flush=True)
    await stop.wait()
    print("stopping", flush=True)
    await asyncio.sleep(BUSY)
    print("done", flush=True)

asyncio.run(main())
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_sets_the_event(number: signal.Signals) -> None:
    with stop_on_signal() as stop:
        assert not stop.is_set()
        os.kill(os.getpid(), number)
        async with asyncio.timeout(HUNG_S):
            await stop.wait()


def test_a_process_that_does_not_stop_in_time_after_a_signal_is_ended() -> None:
    code = """
import asyncio, os, signal
from runtime.stop import stop_on_signal

async def main() -> None:
    with stop_on_signal(within_s=0.3) as stop:
        os.kill(os.getpid(), signal.SIGTERM)
        await stop.wait()
        await asyncio.sleep(3_600)

asyncio.run(main())
"""
    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, timeout=HUNG_S, check=False
    )
    assert (ended.returncode, b"did not stop in 0.3 s" in ended.stderr) == (143, True)


@pytest.mark.parametrize(("second", "code"), [("SIGTERM", 0), ("SIGINT", 130)])
def test_a_signal_of_another_kind_changes_nothing_and_the_same_again_is_as_ever(
    second: str, code: int
) -> None:
    """Ctrl-C reaches a whole group, of which a parent then ends its children with SIGTERM."""
    program = f"""
import asyncio, os, signal, sys
from runtime.stop import stop_on_signal

async def main() -> None:
    with stop_on_signal() as stop:
        os.kill(os.getpid(), signal.SIGINT)
        await stop.wait()
        os.kill(os.getpid(), signal.{second})
        await asyncio.sleep(0.1)

try:
    asyncio.run(main())
except KeyboardInterrupt:
    sys.exit(130)
"""
    ended = subprocess.run([sys.executable, "-c", program], cwd=ROOT, timeout=HUNG_S, check=False)
    assert ended.returncode == code


async def test_one_that_has_stopped_in_time_is_left_alone() -> None:
    with stop_on_signal(within_s=0.1) as stop:
        os.kill(os.getpid(), signal.SIGTERM)
        async with asyncio.timeout(HUNG_S):
            await stop.wait()
    await asyncio.sleep(0.3)


async def test_afterwards_signals_mean_what_they_did() -> None:
    with stop_on_signal():
        pass
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def _run(busy_s: float) -> tuple[int, str]:
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD.replace("BUSY", str(busy_s))],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdin is not None
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    child.stdin.close()
    code = child.wait(timeout=HUNG_S)
    rest = child.stdout.read()
    child.stdout.close()
    return code, rest


def test_a_child_stops_in_order_when_its_parent_is_gone() -> None:
    code, rest = _run(busy_s=0)
    assert (code, rest) == (0, "stopping\ndone\n")


def test_a_child_that_does_not_stop_in_time_is_ended() -> None:
    code, rest = _run(busy_s=3_600)
    assert (code, rest) == (1, "stopping\n")
