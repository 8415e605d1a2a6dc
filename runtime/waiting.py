"""Waiting for a time or for work, but no longer than until a stop; and pauses that grow."""

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from typing import TypeVar

T = TypeVar("T")


class Backoff:
    """The pauses of one loop of retries, in seconds: each twice the one before, up to max_s."""

    def __init__(self, min_s: float, max_s: float) -> None:
        self._min_s = min_s
        self._max_s = max_s
        self._next_s = min_s

    def pause_s(self) -> float:
        """The pause before the next try."""
        pause_s, self._next_s = self._next_s, min(2 * self._next_s, self._max_s)
        return pause_s

    def reset(self) -> None:
        """A try has succeeded: the next pause is the shortest again."""
        self._next_s = self._min_s


async def sleep_or_stop(stop: asyncio.Event, pause_s: float) -> None:
    """Returns after the pause, or when stop is set if that is sooner."""
    with suppress(TimeoutError):
        async with asyncio.timeout(pause_s):
            await stop.wait()


async def done_or_set(work: "asyncio.Future[T]", event: asyncio.Event) -> None:
    """Returns when the work is done or the event is set; the work goes on."""
    waiting = asyncio.ensure_future(event.wait())
    try:
        await asyncio.wait((work, waiting), return_when=asyncio.FIRST_COMPLETED)
    finally:
        waiting.cancel()


async def run_until(stop: asyncio.Event, work: Awaitable[T]) -> T | None:
    """The result of the work; None if stop is set first, and the work is then cancelled.

    Raises what the work raises. When this returns or raises, the work has ended.
    """
    working = asyncio.ensure_future(work)
    try:
        await done_or_set(working, stop)
        return working.result() if working.done() else None
    finally:
        working.cancel()
        await asyncio.wait((working,))
