"""Asking something that may not answer: one question at a time, with a limit on the wait."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Generic, TypeVar

T = TypeVar("T")


class Look(Generic[T]):
    """A question whose answer is shared by all that ask while it is under way.

    One that takes longer than within_s is not cancelled, because a frozen database keeps even the
    cancellation waiting. The next caller waits for the same one.
    """

    def __init__(self, look: Callable[[], Awaitable[T]], within_s: float) -> None:
        self._look = look
        self._within_s = within_s
        self._looking: asyncio.Task[T] | None = None

    async def now(self, within_s: float | None = None) -> T:
        """within_s: instead of the look's own. Raises TimeoutError, and what the look raises."""
        within_s = self._within_s if within_s is None else within_s
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._looked())
            self._looking.add_done_callback(_retrieve)
        looking = self._looking
        await asyncio.wait((looking,), timeout=within_s)
        if not looking.done():
            raise TimeoutError(f"no answer within {within_s:g} s")
        return looking.result()

    def close(self) -> None:
        """Cancel what is under way, without waiting for its end."""
        if self._looking is not None:
            self._looking.cancel()

    async def _looked(self) -> T:
        return await self._look()


async def answered_within(within_s: float, work: Awaitable[T]) -> T:
    """The result of the work. If it takes longer it is cancelled, and its end is not awaited.

    Raises TimeoutError, and what the work raises.
    """
    working = asyncio.ensure_future(work)
    working.add_done_callback(_retrieve)
    try:
        await asyncio.wait((working,), timeout=within_s)
        if working.done():
            return working.result()
    finally:
        working.cancel()
    raise TimeoutError(f"no answer within {within_s:g} s")


def _retrieve(looking: "asyncio.Future[T]") -> None:
    """An error that nobody waits for any more is not logged."""
    with suppress(asyncio.CancelledError):
        looking.exception()
