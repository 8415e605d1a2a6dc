"""From the event loop to a thread and back, many questions at a time."""

import asyncio
import queue
import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Generic, TypeVar

from eventstore.port import StoreUnavailable

Q = TypeVar("Q")
A = TypeVar("A")

STOP_S = 10.0
GATHER_S = 0.002
"""How long at most questions are gathered while more keep coming."""
QUIET_TURNS = 2
"""What arrives in one turn of the loop is a request in the next and a question after that."""


class BatchThread(Generic[Q, A]):
    """A thread that answers what one event loop asks, a batch at a time.

    answer: runs in the thread; one answer or exception for each question, in their order.
    delivered: runs on the loop, once for each batch, before its answers arrive.
    pause: runs in the thread when a batch has been answered (False) and when no question came for
        quiet_s (True); returning True says that there is news, and `delivered` runs once more.
    close: runs in the thread at its end.
    A question that nobody waits for any more is answered all the same.
    """

    def __init__(
        self,
        name: str,
        *,
        answer: Callable[[Sequence[Q]], Sequence[A | Exception]],
        batch_max: int,
        close: Callable[[], None],
        delivered: Callable[[], None] = lambda: None,
        pause: Callable[[bool], bool] = lambda _quiet: False,
        quiet_s: float | None = None,
    ) -> None:
        self._answer = answer
        self._batch_max = batch_max
        self._close = close
        self._delivered = delivered
        self._pause = pause
        self._quiet_s = quiet_s
        self._questions: deque[tuple[Q, asyncio.Future[A]]] = deque()
        self._wakeups: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._wake_pending = False
        self._more = False
        self._stopping = False
        self._loop: asyncio.AbstractEventLoop | None = None
        # A daemon, so that a disk that hangs cannot keep the process from ending.
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def ask(self, question: Q) -> "asyncio.Future[A]":
        """Raises StoreUnavailable once stopped. Cancelling the future takes nothing back."""
        if self._stopping:
            raise StoreUnavailable("the store is closed")
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
        waiting: asyncio.Future[A] = self._loop.create_future()
        self._questions.append((question, waiting))
        if not self._wake_pending:
            self._wake_pending = True
            until_s = self._loop.time() + GATHER_S
            self._loop.call_soon(self._wake, self._loop, 0, 0, until_s)
        return waiting

    def _wake(
        self, loop: asyncio.AbstractEventLoop, seen: int, quiet_turns: int, until_s: float
    ) -> None:
        """Wake the thread, once QUIET_TURNS of the loop have brought no more questions.

        A commit costs as much as thirty events in it, and every wake-up of the thread takes the
        interpreter from the requests; a loop with nothing else to do rings at once.
        """
        asked = len(self._questions)
        quiet_turns = 0 if seen < asked else quiet_turns + 1
        if quiet_turns < QUIET_TURNS and asked < self._batch_max and loop.time() < until_s:
            loop.call_soon(self._wake, loop, asked, quiet_turns, until_s)
        else:
            self._wakeups.put(None)

    async def stop(self) -> None:
        """Answers what was asked before, then ends the thread; gives up waiting after STOP_S."""
        if not self._stopping:
            self._stopping = True
            self._wakeups.put(None)
        await asyncio.to_thread(self._thread.join, STOP_S)
        if self._thread.is_alive():
            raise StoreUnavailable(f"{self._thread.name}: the disk did not answer in {STOP_S:g} s")

    def _run(self) -> None:
        while self._questions or not self._stopping:
            quiet = self._await_wakeup()
            batch = self._take()
            if batch:
                answers = self._answers([question for question, _ in batch])
                self._to_loop(partial(self._deliver, [future for _, future in batch], answers))
            if not self._stopping and self._pause(quiet):
                self._to_loop(self._delivered)
        self._close()

    def _answers(self, questions: Sequence[Q]) -> Sequence[A | Exception]:
        try:
            return self._answer(questions)
        except Exception as error:  # noqa: BLE001 - whatever it was, those who asked must hear it
            return [error] * len(questions)

    def _await_wakeup(self) -> bool:
        """Until the questions of a batch are gathered; True: it was quiet."""
        if self._more or self._stopping:
            return False
        try:
            self._wakeups.get(timeout=self._quiet_s)
        except queue.Empty:
            return True
        return False

    def _take(self) -> list[tuple[Q, asyncio.Future[A]]]:
        # In this order: who asks from here on rings, so that no question is left lying.
        self._wake_pending = False
        waiting = self._questions
        batch = [waiting.popleft() for _ in range(min(len(waiting), self._batch_max))]
        self._more = len(batch) == self._batch_max
        return batch

    def _to_loop(self, callback: Callable[[], None]) -> None:
        # RuntimeError: the loop has ended, and with it everybody who waited.
        if self._loop is not None:
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(callback)

    def _deliver(
        self, waiting: Sequence[asyncio.Future[A]], answers: Sequence[A | Exception]
    ) -> None:
        self._delivered()
        for future, answer in zip(waiting, answers, strict=True):
            if future.done():
                continue
            if isinstance(answer, Exception):
                future.set_exception(answer)
            else:
                future.set_result(answer)
