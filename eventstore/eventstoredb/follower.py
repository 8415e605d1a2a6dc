"""Following $all: read up to the tail, then subscribe; after a cut, the same again.

Only the positions of events are used from a subscription. Servers have sent checkpoints that were
ahead of events still to come, and a position 0 with "caught up".
"""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing, suppress

from esdbclient.streams import AsyncCatchupSubscription

from eventstore.eventstoredb.connection import Connection
from eventstore.eventstoredb.faults import ERRORS
from eventstore.eventstoredb.pages import OURS, PageReader, page_of
from eventstore.eventstoredb.wire import arriving
from eventstore.port import PAGE_MAX, EventsLost, Page, Position, Recorded, StoreUnavailable

ARRIVED_MAX = 4 * PAGE_MAX

_log = logging.getLogger("daybook.log")


class Cut(Exception):
    """The subscription has ended; the events before that are complete."""


class Arrivals:
    """Events between a subscription and the follower; bounded."""

    def __init__(self) -> None:
        self._events: deque[Recorded] = deque()
        self._end: Exception | None = None
        self._changed = asyncio.Event()
        self._taken = asyncio.Event()

    async def put(self, event: Recorded) -> None:
        while len(self._events) >= ARRIVED_MAX:
            self._taken.clear()
            await self._taken.wait()
        self._events.append(event)
        self._changed.set()

    def end(self, error: Exception) -> None:
        """No more events come; those that have arrived can still be taken. The first end counts."""
        self._end = self._end or error
        self._changed.set()

    async def take(self, *, idle_s: float) -> Sequence[Recorded]:
        """The events that have arrived, up to a page, waiting for the first; none if none comes in
        time.

        Raises the error of end() when all are taken.
        """
        if not self._events and self._end is None:
            self._changed.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(idle_s):
                    await self._changed.wait()
        if not self._events and self._end is not None:
            raise self._end
        taken = [self._events.popleft() for _ in range(min(len(self._events), PAGE_MAX))]
        self._taken.set()
        return taken


class Follower:
    """One follower of $all, on its own connection; never ends on its own."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._pages = PageReader(connection)
        self._timing = connection.timing
        self._arrivals = Arrivals()
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
        self._arrivals.end(self._closed)
        await self._connection.aclose()

    async def _until_cut(self, after: Position | None) -> AsyncGenerator[Page, None]:
        seen = self._connection.seen
        if seen is not None and seen.lost is not None:
            raise seen.lost
        async for page in self._pages.read_all(after=after, last=self._last):
            yield page
            self._last = page[-1]
            after = page[-1].position
        self._arrivals = arrivals = Arrivals()
        if self._closed is not None:
            raise self._closed
        pump = asyncio.create_task(self._pump(arrivals, after))
        try:
            while True:
                events = await arrivals.take(idle_s=self._timing.idle_s)
                if not events:
                    await self._check_quiet(after)
                elif page := page_of(events):
                    if seen is not None:
                        seen.note_page(page)
                    yield page
                    self._last = page[-1]
                    after = page[-1].position
        finally:
            pump.cancel()
            await asyncio.wait({pump}, timeout=self._timing.stop_s)

    async def _pump(self, arrivals: Arrivals, after: Position | None) -> None:
        """Move events from a subscription to the arrivals until it ends; any end is a Cut."""
        try:
            client = await self._connection.client()
            await self._connection.verify_log(client)
            subscription = await client.subscribe_to_all(commit_position=after, **OURS)
            assert isinstance(subscription, AsyncCatchupSubscription)
            try:
                async with aclosing(arriving(subscription)) as events:
                    async for event in events:
                        await arrivals.put(event)
            finally:
                await subscription.stop()
                await self._connection.discard(client)
            arrivals.end(Cut("the subscription has ended"))
        except ERRORS as error:
            arrivals.end(Cut(self._connection.advice(error)))
        except BaseException as error:
            arrivals.end(Cut(f"{type(error).__name__}: {error}"))
            raise

    async def _check_quiet(self, after: Position | None) -> None:
        """No event came for a while: raises Cut if the log has one that should have come."""
        head = await self._pages.head()
        if head is not None and (after is None or head > after):
            raise Cut("the subscription no longer brings events")
