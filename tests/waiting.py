"""Waiting for what happens in another task, thread or process.

Wait for a state that stays, or for an entry in a history: a state that comes and goes may have
gone between two polls. How quickly a thing happens is measured in benchmarks/, not asserted here.
"""

import asyncio
import time
from collections.abc import Callable

HUNG_S = 120.0
"""Ends a test that hangs, and is about nothing else: a busy machine may stop for 15 s anywhere."""


async def until(holds: Callable[[], bool], *, within_s: float = HUNG_S) -> None:
    """Returns when it holds. Raises TimeoutError."""
    async with asyncio.timeout(within_s):
        while not holds():  # noqa: ASYNC110 (what is waited for may be in files or other processes)
            await asyncio.sleep(0.01)


def wait_until(holds: Callable[[], bool], *, within_s: float = HUNG_S) -> None:
    """The same outside a loop. Raises AssertionError."""
    deadline = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < deadline, f"it did not happen within {within_s:g} s"
        time.sleep(0.02)
