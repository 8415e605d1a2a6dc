"""The end of the log, and waiting there for more."""

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable

from eventstore.port import Page, Position, StoreError


class Tail:
    """How far the log reaches as this process knows; followers wait here. For one event loop.

    awaited: set while somebody waits, for a thread that looks after the log; and from the end on.
    """

    def __init__(self, head: Position | None) -> None:
        self._head = head
        self._end: StoreError | None = None
        self._waiting: set[asyncio.Future[None]] = set()
        self.awaited = threading.Event()

    def advance(self, head: Position | None) -> None:
        """The log reaches to head now; wakes everybody if that is further than before."""
        if self._is_beyond(head):
            return
        self._head = head
        self._wake()

    def end(self, error: StoreError) -> None:
        """Nothing will come any more: who waits now or later gets the error."""
        self._end = error
        self.awaited.set()
        self._wake()

    async def beyond(self, position: Position | None) -> None:
        """Returns when the log has an event behind the position. Raises what `end` was told."""
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
    """The pages behind a position, then the ones that come; never ends of itself."""
    while True:
        await tail.beyond(after)
        async for page in read_all(after):
            yield page
            after = page[-1].position
