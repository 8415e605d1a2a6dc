"""Waiting until a read model has applied a revision; all waiting queries share one poll."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final, NamedTuple, TypeAlias

from projections.storage.errors import NotBuilt
from projections.storage.reader import Query
from projections.storage.tables import Progress, progress_of

POLL_S: Final = 0.005
POLL_TIMEOUT_S: Final = 2.0
"""A poll that takes longer is given up: the database does not answer."""

_Ask: TypeAlias = Callable[[Query[Progress]], Awaitable[Progress]]


class Parked(Exception):
    """The read model has parked the order: it applies none of its further events."""


class _Waiter(NamedTuple):
    """A query that waits. ends_s: by the loop's clock; it is polled for once in any case."""

    order_id: str
    revision: int
    ends_s: float
    reached: asyncio.Future[None]

    def settle(self, progress: Progress, now_s: float) -> None:
        """End the waiting, where this progress decides it."""
        if progress.applied.get(self.order_id, -1) >= self.revision:
            self.reached.set_result(None)
        elif self.order_id in progress.parked:
            self.reached.set_exception(Parked())
        elif now_s >= self.ends_s:
            self.reached.set_exception(TimeoutError())


class RevisionWaiter:
    """Waits for revisions of one read model."""

    def __init__(self, ask: _Ask) -> None:
        self._ask = ask
        self._waiters: list[_Waiter] = []
        self._polling: asyncio.Task[None] | None = None

    async def until(self, order_id: str, revision: int, *, within_s: float) -> None:
        """Return once the model has applied that revision of the order; with within_s 0, poll once.

        Raises TimeoutError, Parked, and the error where the model cannot be read.
        """
        loop = asyncio.get_running_loop()
        waiter = _Waiter(order_id, revision, loop.time() + within_s, loop.create_future())
        self._waiters.append(waiter)
        if self._polling is None or self._polling.done():
            self._polling = asyncio.create_task(self._poll())
        try:
            async with asyncio.timeout(within_s + POLL_TIMEOUT_S):
                await waiter.reached
        finally:
            if waiter in self._waiters:
                self._waiters.remove(waiter)

    async def _poll(self) -> None:
        """Read the progress again and again, as long as a query waits."""
        now_s = asyncio.get_running_loop().time
        while self._waiters:
            waiting = [waiter for waiter in self._waiters if not waiter.reached.done()]
            orders = {waiter.order_id for waiter in waiting}
            try:
                progress = await self._ask(partial(progress_of, order_ids=orders))
            except NotBuilt as error:
                # Its worker has just started: the query waits for its tables as well.
                _end([waiter for waiter in waiting if now_s() >= waiter.ends_s], error)
            except Exception as error:  # noqa: BLE001 (raised in the queries that wait)
                _end(waiting, error)
            else:
                for waiter in waiting:
                    if not waiter.reached.done():
                        waiter.settle(progress, now_s())
            self._waiters = [waiter for waiter in self._waiters if not waiter.reached.done()]
            if self._waiters:
                await asyncio.sleep(POLL_S)


def _end(waiters: list[_Waiter], error: Exception) -> None:
    for waiter in waiters:
        if not waiter.reached.done():
            waiter.reached.set_exception(error)
