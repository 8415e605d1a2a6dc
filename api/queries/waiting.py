"""Waiting for one's own writes: everybody who waits for a read model shares one look at it."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final, NamedTuple, TypeAlias

from projections.storage.errors import NotBuilt
from projections.storage.reader import Query
from projections.storage.tables import Progress, progress_of

LOOK_AGAIN_S: Final = 0.005
LOOK_S: Final = 2.0
"""A look that takes longer is not waited for: the database does not answer."""

_Ask: TypeAlias = Callable[[Query[Progress]], Awaitable[Progress]]


class Parked(Exception):
    """The model does not apply the order's events any further."""


class _Waiter(NamedTuple):
    """ends_s: by the loop's clock; it is looked for once all the same."""

    order_id: str
    revision: int
    ends_s: float
    seen: asyncio.Future[None]

    def judge(self, progress: Progress, now_s: float) -> None:
        """End the waiting, where this look settles it."""
        if progress.applied.get(self.order_id, -1) >= self.revision:
            self.seen.set_result(None)
        elif self.order_id in progress.parked:
            self.seen.set_exception(Parked())
        elif now_s >= self.ends_s:
            self.seen.set_exception(TimeoutError())


class Waiting:
    """Waits for one read model."""

    def __init__(self, ask: _Ask) -> None:
        self._ask = ask
        self._waiters: list[_Waiter] = []
        self._looking: asyncio.Task[None] | None = None

    async def until(self, order_id: str, revision: int, *, within_s: float) -> None:
        """Until the model has applied that revision of the order; with within_s 0, look once.

        Raises TimeoutError, Parked, and what keeps the model from being read.
        """
        loop = asyncio.get_running_loop()
        waiter = _Waiter(order_id, revision, loop.time() + within_s, loop.create_future())
        self._waiters.append(waiter)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        try:
            async with asyncio.timeout(within_s + LOOK_S):
                await waiter.seen
        finally:
            if waiter in self._waiters:
                self._waiters.remove(waiter)

    async def _look(self) -> None:
        """Look again and again, for as long as somebody waits."""
        now_s = asyncio.get_running_loop().time
        while self._waiters:
            asking = [waiter for waiter in self._waiters if not waiter.seen.done()]
            orders = {waiter.order_id for waiter in asking}
            try:
                progress = await self._ask(partial(progress_of, order_ids=orders))
            except NotBuilt as error:
                # Its worker has only begun: to wait for the model is to wait for its tables too.
                _end([waiter for waiter in asking if now_s() >= waiter.ends_s], error)
            except Exception as error:  # noqa: BLE001 (reported to those who asked)
                _end(asking, error)
            else:
                for waiter in asking:
                    if not waiter.seen.done():
                        waiter.judge(progress, now_s())
            self._waiters = [waiter for waiter in self._waiters if not waiter.seen.done()]
            if self._waiters:
                await asyncio.sleep(LOOK_AGAIN_S)


def _end(waiters: list[_Waiter], error: Exception) -> None:
    for waiter in waiters:
        if not waiter.seen.done():
            waiter.seen.set_exception(error)
