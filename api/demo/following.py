"""The day on the live stream: the demo follows what it sends, as any other program could."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from typing import Final

from daybook_client import AsyncClient, LiveEvent
from runtime.terminal import Exit, ExitError

SHOWN_EVERY: Final = 150
"""Of so many events one is shown as it comes."""
ENDS_IN_S: Final = 60.0


class Following:
    """Follows the log from its beginning, in a task of its own. show: some of the events."""

    def __init__(self, client: AsyncClient, show: Callable[[LiveEvent], None]) -> None:
        self._events = 0
        self._wanted: int | None = None
        self._task = asyncio.create_task(self._follow(client, show))

    async def all_of(self, events: int) -> int:
        """How many events came, once it is so many.

        Raises DaybookError where the stream failed, and ExitError where it takes too long.
        """
        self._wanted = events
        if self._events < events:
            try:
                async with asyncio.timeout(ENDS_IN_S):
                    await self._task
            except TimeoutError:
                came = f"{self._events:,} of {events:,} events came on the live stream"
                raise ExitError(came, Exit.UNAVAILABLE) from None
        return self._events

    async def aclose(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _follow(self, client: AsyncClient, show: Callable[[LiveEvent], None]) -> None:
        async with aclosing(client.follow(after=0)) as stream:
            async for event in stream:
                if self._events % SHOWN_EVERY == 0:
                    show(event)
                self._events += 1
                if self._events == self._wanted:
                    return
