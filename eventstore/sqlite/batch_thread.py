"""A thread that handles requests of an event loop in batches."""

import asyncio
import queue
import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Generic, TypeVar

from eventstore.port import StoreUnavailable

Request = TypeVar("Request")
Result = TypeVar("Result")

STOP_S = 10.0
GATHER_S = 0.002
"""For how long at most requests are gathered while more keep coming."""
QUIET_TURNS = 2
"""Idle iterations of the event loop before the thread is woken: bytes read in one iteration become
an HTTP request in the next and a request to this thread in the one after.
"""


class BatchThread(Generic[Request, Result]):
    """A thread that handles the requests of one event loop, a batch at a time.

    handle: runs in the thread; returns a result or an exception for each request, in their order.
    before_results: runs on the loop, once for each batch, before its results are delivered.
    pause: runs in the thread after a batch (False), and when no request came for quiet_s (True);
        if it returns True, `before_results` runs once more.
    close: runs in the thread at its end.
    A request is handled even if its caller no longer waits.
    """

    def __init__(
        self,
        name: str,
        *,
        handle: Callable[[Sequence[Request]], Sequence[Result | Exception]],
        batch_max: int,
        close: Callable[[], None],
        before_results: Callable[[], None] = lambda: None,
        pause: Callable[[bool], bool] = lambda _quiet: False,
        quiet_s: float | None = None,
    ) -> None:
        self._handle = handle
        self._batch_max = batch_max
        self._close = close
        self._before_results = before_results
        self._pause = pause
        self._quiet_s = quiet_s
        self._requests: deque[tuple[Request, asyncio.Future[Result]]] = deque()
        self._wakeups: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._wake_pending = False
        self._more = False
        self._stopping = False
        self._loop: asyncio.AbstractEventLoop | None = None
        # A daemon, so that a disk that hangs cannot keep the process from ending.
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def submit(self, request: Request) -> "asyncio.Future[Result]":
        """The future result. Raises StoreUnavailable once stopped. Cancelling it undoes nothing."""
        if self._stopping:
            raise StoreUnavailable("the store is closed")
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
        waiting: asyncio.Future[Result] = self._loop.create_future()
        self._requests.append((request, waiting))
        if not self._wake_pending:
            self._wake_pending = True
            until_s = self._loop.time() + GATHER_S
            self._loop.call_soon(self._wake, self._loop, 0, 0, until_s)
        return waiting

    def _wake(
        self, loop: asyncio.AbstractEventLoop, seen: int, quiet_turns: int, until_s: float
    ) -> None:
        """Wake the thread once QUIET_TURNS iterations of the loop have brought no more requests.

        A commit costs as much as thirty events in it, and each wake-up of the thread takes the
        interpreter lock from the loop. A loop with nothing else to do wakes the thread at once.
        """
        waiting_now = len(self._requests)
        quiet_turns = 0 if seen < waiting_now else quiet_turns + 1
        if quiet_turns < QUIET_TURNS and waiting_now < self._batch_max and loop.time() < until_s:
            loop.call_soon(self._wake, loop, waiting_now, quiet_turns, until_s)
        else:
            self._wakeups.put(None)

    async def stop(self) -> None:
        """Handle the requests submitted before, then end the thread. Waits at most STOP_S."""
        if not self._stopping:
            self._stopping = True
            self._wakeups.put(None)
        await asyncio.to_thread(self._thread.join, STOP_S)
        if self._thread.is_alive():
            raise StoreUnavailable(f"{self._thread.name}: the disk did not answer in {STOP_S:g} s")

    def _run(self) -> None:
        while self._requests or not self._stopping:
            quiet = self._await_wakeup()
            batch = self._take()
            if batch:
                results = self._handled([request for request, _ in batch])
                self._to_loop(partial(self._deliver, [future for _, future in batch], results))
            if not self._stopping and self._pause(quiet):
                self._to_loop(self._before_results)
        self._close()

    def _handled(self, requests: Sequence[Request]) -> Sequence[Result | Exception]:
        try:
            return self._handle(requests)
        except Exception as error:  # noqa: BLE001 - the callers get it
            return [error] * len(requests)

    def _await_wakeup(self) -> bool:
        """Wait until a batch is gathered. True: no request came for quiet_s."""
        if self._more or self._stopping:
            return False
        try:
            self._wakeups.get(timeout=self._quiet_s)
        except queue.Empty:
            return True
        return False

    def _take(self) -> list[tuple[Request, asyncio.Future[Result]]]:
        # In this order: whoever submits from here on wakes the thread, so no request is left
        # waiting.
        self._wake_pending = False
        waiting = self._requests
        batch = [waiting.popleft() for _ in range(min(len(waiting), self._batch_max))]
        self._more = len(batch) == self._batch_max
        return batch

    def _to_loop(self, callback: Callable[[], None]) -> None:
        # RuntimeError: the loop has ended, and with it everyone who waited.
        if self._loop is not None:
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(callback)

    def _deliver(
        self, waiting: Sequence[asyncio.Future[Result]], results: Sequence[Result | Exception]
    ) -> None:
        self._before_results()
        for future, result in zip(waiting, results, strict=True):
            if future.done():
                continue
            if isinstance(result, Exception):
                future.set_exception(result)
            else:
                future.set_result(result)
