"""Following $all: read up to the tail, then subscribe; after a cut, the same again."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from copy import copy

from eventstore.eventstoredb import requests
from eventstore.eventstoredb.connection import Connection
from eventstore.eventstoredb.faults import ERRORS
from eventstore.eventstoredb.log_reader import LogReader, note, our_pages
from eventstore.eventstoredb.progress import Progress
from eventstore.eventstoredb.reads import ReadCall, Silent
from eventstore.eventstoredb.wire import CaughtUp
from eventstore.port import EventsLost, Page, Position, Recorded, StoreUnavailable

_log = logging.getLogger("daybook.log")


class Cut(Exception):
    """The subscription has ended; the events before that are complete."""


class Follower:
    """One follower of $all, on its own connection; never ends on its own."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._log = LogReader(connection)
        self._timing = connection.timing
        self._closed: StoreUnavailable | None = None
        self._progress = Progress()
        self.is_live = False
        """Whether all events have come, and further ones come as they are appended."""

    async def pages(self, after: Position | None) -> AsyncGenerator[Page, None]:
        """As follow of the port. Raises PositionUnknown, EventsLost; StoreUnavailable if closed."""
        backoff = self._timing.backoff()
        self._progress = Progress(after)
        while True:
            try:
                async with aclosing(self._until_cut()) as pages:
                    async for page in pages:
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

    async def _until_cut(self) -> AsyncGenerator[Page, None]:
        seen, progress = self._connection.seen, self._progress
        if seen is not None and seen.lost is not None:
            raise seen.lost
        async with aclosing(self._log.pages(progress)) as pages:
            async for page in pages:
                yield page
        client, calls = await self._connection.reads()
        request = requests.subscription(progress.begin)
        progress.start()
        try:
            async with calls.call(request, quiet_s=self._timing.idle_s) as call:
                while True:
                    events = await self._arriving(call)
                    for page in our_pages(events):
                        note(self._connection, page)
                        yield page
        finally:
            self.is_live = False
            await self._connection.discard(client)

    async def _arriving(self, call: ReadCall) -> Sequence[Recorded]:
        """The events that have arrived. Raises Cut if the subscription has ended."""
        try:
            told = await call.take()
        except Silent:
            await self._check_quiet()
            return ()
        if told is None:
            raise Cut("the subscription has ended")
        self._progress.take(told)
        if any(isinstance(mark, CaughtUp) for _, mark in told.marks):
            self.is_live = True
        return told.events

    async def _check_quiet(self) -> None:
        """No event came for a while: raises Cut if the log has one that should have come."""
        async with aclosing(self._log.pages(copy(self._progress))) as pages:
            async for _page in pages:
                raise Cut("the subscription no longer brings events")
