"""A time limit on requests that costs them next to nothing.

asyncio.timeout sets up and takes down a timer for each request, which is a twentieth of what a
command costs; here one timer looks at all of them now and then.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

T = TypeVar("T")

LOOKS = 8
"""In the time of the limit: a request is given up by an eighth too late at most."""


class Patience:
    """Waits for requests, each for at most limit_s (and up to an eighth of it more)."""

    def __init__(self, limit_s: float) -> None:
        self._limit_s = limit_s
        self._ends_s: dict[asyncio.Task[Any], float] = {}
        self._given_up: set[asyncio.Task[Any]] = set()
        self._looking = False

    async def wait_for(self, request: Callable[[], Awaitable[T]]) -> T:
        """Raises TimeoutError, and what the request raises."""
        loop = asyncio.get_running_loop()
        task = asyncio.current_task(loop)
        if task is None:
            raise RuntimeError("a request is waited for in a task")
        self._ends_s[task] = loop.time() + self._limit_s
        if not self._looking:
            self._look_later(loop)
        try:
            return await request()
        except asyncio.CancelledError:
            if task in self._given_up and task.uncancel() == 0:
                raise TimeoutError from None
            raise
        finally:
            del self._ends_s[task]
            self._given_up.discard(task)

    def _look_later(self, loop: asyncio.AbstractEventLoop) -> None:
        self._looking = True
        loop.call_later(self._limit_s / LOOKS, self._look, loop)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        now_s = loop.time()
        for task, end_s in self._ends_s.items():
            if now_s >= end_s and task not in self._given_up:
                self._given_up.add(task)
                task.cancel()
        self._looking = False
        if self._ends_s:
            self._look_later(loop)
