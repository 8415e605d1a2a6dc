"""Waiting for one's own writes: everybody who waits for a read model shares one look at it."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final, NamedTuple, TypeAlias

from projections.asking import Question
from projections.database import applied_of

LOOK_AGAIN_S: Final = 0.005


_Ask: TypeAlias = Callable[[Question[dict[str, int]]], Awaitable[dict[str, int]]]


class _Waiter(NamedTuple):
    order_id: str
    revision: int
    seen: asyncio.Future[None]


class Waiting:
    """Waits for one read model."""

    def __init__(self, ask: _Ask) -> None:
        self._ask = ask
        self._waiters: list[_Waiter] = []
        self._looking: asyncio.Task[None] | None = None

    async def until(self, order_id: str, revision: int, *, within_s: float) -> None:
        """Until the model has applied that revision of the order.

        Raises TimeoutError, and what keeps the model from being read.
        """
        waiter = _Waiter(order_id, revision, asyncio.get_running_loop().create_future())
        self._waiters.append(waiter)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        try:
            async with asyncio.timeout(within_s):
                await waiter.seen
        finally:
            if waiter in self._waiters:
                self._waiters.remove(waiter)

    async def _look(self) -> None:
        """Look again and again, for as long as somebody waits."""
        while self._waiters:
            asking = list(self._waiters)
            wanted = {waiter.order_id for waiter in asking}
            try:
                found = await self._ask(partial(applied_of, order_ids=wanted))
            except Exception as error:  # noqa: BLE001 (told to those who asked)
                self._end(asking, error)
                continue
            self._end([w for w in asking if found.get(w.order_id, -1) >= w.revision])
            await asyncio.sleep(LOOK_AGAIN_S)

    def _end(self, waiters: list[_Waiter], error: Exception | None = None) -> None:
        ended = {id(waiter.seen) for waiter in waiters}
        self._waiters = [waiter for waiter in self._waiters if id(waiter.seen) not in ended]
        for waiter in waiters:
            if waiter.seen.done():
                continue
            if error is None:
                waiter.seen.set_result(None)
            else:
                waiter.seen.set_exception(error)
