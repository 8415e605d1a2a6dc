"""Limits on requests: how long one may take, and how many of one kind run at a time.

The time limit costs a request next to nothing. asyncio.timeout sets up and removes a timer for each
request, which is a twentieth of the cost of a command. Here one timer checks all requests from time
to time.
"""

import asyncio
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Any, TypeVar

from api.http.problems import Rejected

T = TypeVar("T")

CHECKS = 8
"""In the time of the limit. A request is cancelled at most an eighth of the limit too late."""


class RequestDeadlines:
    """Limits the time of requests. limit_s: of each (and up to an eighth of it more)."""

    def __init__(self, limit_s: float) -> None:
        self._limit_s = limit_s
        self._ends_s: dict[asyncio.Task[Any], float] = {}
        self._cancelled: set[asyncio.Task[Any]] = set()
        self._checking = False

    async def wait_for(self, request: Callable[[], Awaitable[T]]) -> T:
        """The result of the request. Raises TimeoutError, and what the request raises."""
        loop = asyncio.get_running_loop()
        task = asyncio.current_task(loop)
        if task is None:
            raise RuntimeError("a request needs a task")
        self._ends_s[task] = loop.time() + self._limit_s
        if not self._checking:
            self._check_later(loop)
        try:
            return await request()
        except asyncio.CancelledError:
            if task in self._cancelled and task.uncancel() == 0:
                raise TimeoutError from None
            raise
        finally:
            del self._ends_s[task]
            self._cancelled.discard(task)

    def _check_later(self, loop: asyncio.AbstractEventLoop) -> None:
        self._checking = True
        loop.call_later(self._limit_s / CHECKS, self._check, loop)

    def _check(self, loop: asyncio.AbstractEventLoop) -> None:
        now_s = loop.time()
        for task, end_s in self._ends_s.items():
            if now_s >= end_s and task not in self._cancelled:
                self._cancelled.add(task)
                task.cancel()
        self._checking = False
        if self._ends_s:
            self._check_later(loop)


class ConcurrencyLimit:
    """`with limit:` counts the block. Raises Rejected (overloaded) where most of them are running.

    of: what is limited, in the plural.
    """

    def __init__(self, most: int, of: str) -> None:
        self._most = most
        self._of = of
        self._running = 0

    def __enter__(self) -> None:
        if self._running >= self._most:
            raise Rejected("overloaded", f"{self._most} {self._of} are in progress")
        self._running += 1

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._running -= 1
