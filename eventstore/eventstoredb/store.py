"""The store port on EventStoreDB."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing, suppress

from eventstore.concurrency import check_append
from eventstore.eventstoredb.appender import StreamAppender
from eventstore.eventstoredb.connection import Connection, Timing
from eventstore.eventstoredb.follower import Follower
from eventstore.eventstoredb.last_seen import LastSeen
from eventstore.eventstoredb.pages import PageReader
from eventstore.eventstoredb.probe import missing_rights
from eventstore.eventstoredb.rights import Rights
from eventstore.eventstoredb.touched import TouchedStreams
from eventstore.port import (
    NO_STREAM,
    Draft,
    Expected,
    Page,
    Position,
    Revision,
    StoreError,
    StoreUnavailable,
    StreamDeleted,
    StreamName,
)
from runtime.urls import parse_esdb_url


class EventStoreDb:
    """An EventStore that other processes append to as well. For one event loop.

    The server is not called before the first call of a method.
    """

    def __init__(self, url: str, *, timing: Timing | None = None) -> None:
        """Raises ValueError for a URL that cannot be parsed; the message never contains it."""
        self._url = url
        self._timing = timing or Timing()
        self._seen = LastSeen()
        self._rights = Rights(parse_esdb_url(url).shown, on_refused=self._watch_rights)
        self._watching: asyncio.Task[None] | None = None
        self._connection = Connection(
            url, "commands", self._timing, seen=self._seen, rights=self._rights
        )
        self._pages = PageReader(self._connection)
        self._appender = StreamAppender(self._connection)
        self.touched = TouchedStreams(self._connection)
        self._followers: set[Follower] = set()
        self._closed = False

    @property
    def trouble(self) -> str | None:
        return self._rights.trouble

    async def append(
        self, stream: StreamName, drafts: Sequence[Draft], *, expected: Expected
    ) -> Position:
        await self.check()
        check_append(drafts, expected)
        self.touched.watch()
        if stream in self.touched:
            await self._check_whole(stream)
        revision, position = await self._appender.append(stream, drafts, expected)
        first = 0 if expected is NO_STREAM else expected + 1
        # A deleted stream goes on after its last event. 0: stored once, and truncated since.
        if revision != first + len(drafts) - 1 or position == 0:
            raise StreamDeleted(f"{stream}: its events were deleted in the log by hand")
        self._seen.note(stream, revision, position, drafts[-1].metadata)
        return position

    def read_stream(
        self, stream: StreamName, *, after: Revision | None = None
    ) -> AsyncGenerator[Page, None]:
        return self._pages.read_stream(stream, after=after)

    async def read_all(self, *, after: Position | None = None) -> AsyncGenerator[Page, None]:
        async for page in self._pages.read_all(after=after):
            if self._seen.lost is not None:
                raise self._seen.lost
            yield page

    def read_back(self, until: Position) -> AsyncGenerator[Page, None]:
        """As ReadsBackwards of eventstore.part."""
        return self._pages.read_back(until)

    async def follow(self, *, after: Position | None = None) -> AsyncGenerator[Page, None]:
        self._check_open()
        # On its own connection: a subscription must neither end with that of the commands nor delay
        # it.
        follower = Follower(
            Connection(self._url, "follow", self._timing, seen=self._seen, rights=self._rights)
        )
        self._followers.add(follower)
        try:
            async with aclosing(follower.pages(after)) as pages:
                async for page in pages:
                    yield page
        finally:
            self._followers.discard(follower)
            await follower.aclose()

    async def check(self) -> None:
        """As the port's. Calls the server only after a cut of the connection."""
        self._check_open()
        if not self._connection.is_usable:
            await self._pages.verify_log()
        if self._seen.lost is not None:
            raise self._seen.lost

    async def head(self) -> Position | None:
        self._check_open()
        if any(follower.is_live for follower in self._followers):
            return self._seen.position
        return await self._pages.head()

    async def aclose(self) -> None:
        self._closed = True
        if self._watching is not None:
            self._watching.cancel()
        await self.touched.aclose()
        await self._appender.aclose()
        await asyncio.gather(
            self._connection.aclose(), *(follower.aclose() for follower in self._followers)
        )

    async def _check_whole(self, stream: StreamName) -> None:
        """Raises StreamDeleted if it does not begin with its first event."""
        async with aclosing(self._pages.read_stream(stream)) as pages:
            async for _page in pages:
                return

    def _watch_rights(self) -> None:
        if self._watching is None or self._watching.done():
            self._watching = asyncio.ensure_future(self._try_rights())

    async def _try_rights(self) -> None:
        """Until none is missing. No command may come that would show it, as health is red."""
        while self._rights.trouble is not None:
            await asyncio.sleep(self._timing.idle_s)
            with suppress(StoreError):
                self._rights.found(await missing_rights(self._pages, self._appender))

    def _check_open(self) -> None:
        if self._closed:
            raise StoreUnavailable("the store is closed")
