"""Following $all: read up to the tail, then subscribe; after a cut, the same again.

Only the positions of events are used from a subscription. Servers have sent checkpoints that were
ahead of events still to come, and a position 0 with "caught up".
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from eventstore.eventstoredb import requests
from eventstore.eventstoredb.connection import Connection
from eventstore.eventstoredb.faults import ERRORS
from eventstore.eventstoredb.pages import PageReader, page_of
from eventstore.eventstoredb.reads import ReadCall
from eventstore.port import PAGE_MAX, EventsLost, Page, Position, Recorded, StoreUnavailable

_log = logging.getLogger("daybook.log")


class Cut(Exception):
    """The subscription has ended; the events before that are complete."""


class Follower:
    """One follower of $all, on its own connection; never ends on its own."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._pages = PageReader(connection)
        self._timing = connection.timing
        self._closed: StoreUnavailable | None = None
        self._last: Recorded | None = None

    async def pages(self, after: Position | None) -> AsyncGenerator[Page, None]:
        """As follow of the port. Raises PositionUnknown, EventsLost; StoreUnavailable if closed."""
        backoff = self._timing.backoff()
        while True:
            try:
                async with aclosing(self._until_cut(after)) as pages:
                    async for page in pages:
                        after = page[-1].position
                        backoff.reset()
                        yield page
            except EventsLost:
                raise
            except (Cut, StoreUnavailable, *ERRORS) as error:
                if self._closed is not None:
                    raise self._closed from None
                _log.warning("the subscription to the log was cut, trying again: %s", error)
            await asyncio.sleep(backoff.pause_s())

    async def aclose(self) -> None:
        """Whoever waits in pages() gets StoreUnavailable."""
        self._closed = StoreUnavailable("the store is closed")
        await self._connection.aclose()

    async def _until_cut(self, after: Position | None) -> AsyncGenerator[Page, None]:
        seen = self._connection.seen
        if seen is not None and seen.lost is not None:
            raise seen.lost
        async with aclosing(self._pages.read_all(after=after, last=self._last)) as pages:
            async for page in pages:
                yield page
                self._last = page[-1]
                after = page[-1].position
        client, calls = await self._connection.reads()
        try:
            request = requests.subscription(after)
            async with calls.call(request, quiet_s=self._timing.idle_s) as call:
                while True:
                    events = await self._arriving(call, after)
                    for start in range(0, len(events), PAGE_MAX):
                        if page := page_of(events[start : start + PAGE_MAX]):
                            if seen is not None:
                                seen.note_page(page)
                            yield page
                            self._last = page[-1]
                            after = page[-1].position
        finally:
            await self._connection.discard(client)

    async def _arriving(self, call: ReadCall, after: Position | None) -> Sequence[Recorded]:
        """The events that have arrived. Raises Cut if the subscription has ended."""
        try:
            told = await call.take()
        except TimeoutError:
            await self._check_quiet(after)
            return ()
        if told is None:
            raise Cut("the subscription has ended")
        return told.events

    async def _check_quiet(self, after: Position | None) -> None:
        """No event came for a while: raises Cut if the log has one that should have come."""
        head = await self._pages.head()
        if head is not None and (after is None or head > after):
            raise Cut("the subscription no longer brings events")
