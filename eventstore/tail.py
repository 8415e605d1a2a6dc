"""The tail of the log, where followers wait for new events."""

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable

from eventstore.port import Page, Position, StoreError


class Tail:
    """The log's head as far as this process knows it; followers wait here. For one event loop.

    awaited: set while a follower waits, for a thread that polls the log; set for good by end().
    """

    def __init__(self, head: Position | None) -> None:
        self._head = head
        self._end: StoreError | None = None
        self._waiting: set[asyncio.Future[None]] = set()
        self.awaited = threading.Event()

    def advance(self, head: Position | None) -> None:
        """The head is now at least this position; wakes the followers if it has moved."""
        if self._is_beyond(head):
            return
        self._head = head
        self._wake()

    def end(self, error: StoreError) -> None:
        """No more events will come: everyone who waits now or later gets the error."""
        self._end = error
        self.awaited.set()
        self._wake()

    async def beyond(self, position: Position | None) -> None:
        """Returns when the log has an event after the position. Raises the error of end()."""
        while self._end is None and not self._is_further_than(position):
            waiter = asyncio.get_running_loop().create_future()
            self._waiting.add(waiter)
            self.awaited.set()
            try:
                await waiter
            finally:
                self._waiting.discard(waiter)
                if not self._waiting and self._end is None:
                    self.awaited.clear()
        if self._end is not None:
            raise self._end

    def _is_further_than(self, position: Position | None) -> bool:
        return self._head is not None and (position is None or self._head > position)

    def _is_beyond(self, head: Position | None) -> bool:
        return head is None or (self._head is not None and self._head >= head)

    def _wake(self) -> None:
        for waiter in self._waiting:
            if not waiter.done():
                waiter.set_result(None)


async def follow(
    tail: Tail,
    read_all: Callable[[Position | None], AsyncGenerator[Page, None]],
    after: Position | None,
) -> AsyncGenerator[Page, None]:
    """The pages after a position, then the new ones; never ends on its own."""
    while True:
        await tail.beyond(after)
        async for page in read_all(after):
            yield page
            after = page[-1].position
