"""Reading streams and $all, page by page. A page that could not be read is tried again."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Sequence
from itertools import takewhile
from typing import Any, Final, TypedDict

from esdbclient import exceptions as esdb
from esdbclient.streams import AsyncReadResponse

from eventstore.eventstoredb.connection import Client, Connection
from eventstore.eventstoredb.faults import ERRORS
from eventstore.eventstoredb.last_seen import truncated_before
from eventstore.eventstoredb.wire import collected
from eventstore.port import (
    PAGE_MAX,
    Page,
    Position,
    PositionUnknown,
    Recorded,
    Revision,
    StreamDeleted,
    StreamName,
)
from eventstore.record.chain import ChainBroken

PREFIX: Final = "order-"
READ_MAX: Final = 4 * PAGE_MAX
"""Events of $all in one call, as a call costs as much as reading a dozen events."""
HEADS_MAX: Final = 20
MISSING_MAX: Final = 10_000
DELETED: Final = 2**63 - 1
"""The $tb (truncate before) of a deleted stream."""


ANSWERED: Final = (
    esdb.NotFound,
    esdb.StreamIsDeleted,
    esdb.UnknownError,
    esdb.ExceptionThrownByHandler,
)
"""The server has answered: another try would have the same result."""


class _Ours(TypedDict):
    filter_include: Sequence[str]
    filter_by_stream_name: bool


OURS: Final[_Ours] = {
    # One pattern: from several the client builds one that also matches other names.
    # An order's id may have any characters but those that end a line.
    "filter_include": (f"{PREFIX}.+",),
    "filter_by_stream_name": True,
}
"""The server's filter for Daybook's events in $all."""


class PageReader:
    """The reading half of an EventStore, on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._timing = connection.timing
        self._missing: set[StreamName] = set()

    async def read_stream(
        self, stream: StreamName, *, after: Revision | None = None
    ) -> AsyncGenerator[Page, None]:
        """As the port's. Raises StreamDeleted also if only the first events were truncated.

        ChainBroken if a link or a system event is in the stream.
        """
        start = -1 if after is None else after
        while events := await self._stream_after(stream, start):
            page = list(takewhile(is_ours, events))
            if page:
                self._note(page)
                yield page
            if len(page) < len(events):
                why = "a link or a system event was written into the stream here"
                raise ChainBroken(events[len(page)], why)
            if len(events) < PAGE_MAX:
                return
            start = events[-1].revision

    async def read_all(
        self, *, after: Position | None = None, last: Recorded | None = None
    ) -> AsyncGenerator[Page, None]:
        """As the port's. Raises PositionUnknown if no event of the log has the position `after`.

        last: the event that was read at `after`. Raises EventsLost if another one is there now.
        """
        while True:
            events = await self._all_after(after, last)
            for start in range(0, len(events), PAGE_MAX):
                if page := page_of(events[start : start + PAGE_MAX]):
                    self._note(page)
                    yield page
            if len(events) < READ_MAX:
                return
            last = events[-1]
            after = last.position

    async def verify_log(self) -> None:
        """As Connection.verify_log, but tried again. Raises StoreUnavailable."""
        await self._read(None)

    async def head(self) -> Position | None:
        last = await self.last()
        return None if last is None else last.position

    async def last(self) -> Recorded | None:
        """The log's last event."""
        before, limit = None, 1
        while events := await self._read_all(commit_position=before, backwards=True, limit=limit):
            for event in events:
                if is_ours(event):
                    return event
            before, limit = events[-1].position, HEADS_MAX
        return None

    async def last_of(self, stream: StreamName) -> Recorded | None:
        """The last event of any stream; None if there is none."""
        try:
            events = await self._read_stream(stream, backwards=True, limit=1)
        except esdb.NotFound:
            return None
        return events[0] if events else None

    async def check_never_was(self, stream: StreamName) -> None:
        """Raises StreamDeleted, as the server would continue a deleted stream, but not from 0.

        Costs nothing if a read has just found no such stream.
        """
        if stream in self._missing:
            self._missing.discard(stream)
        elif await self._was_deleted(stream):
            raise _deleted(stream)

    def _note(self, page: Page) -> None:
        if self._connection.seen is not None:
            self._connection.seen.note_page(page)

    async def _was_deleted(self, stream: StreamName) -> bool:
        try:
            events = await self._read_stream(f"$${stream}", backwards=True, limit=1)
        except esdb.NotFound:
            return False
        except esdb.StreamIsDeleted:
            return True
        return any(truncated_before(event.data) > 0 for event in events)

    async def _stream_after(self, stream: StreamName, after: int) -> Sequence[Recorded]:
        try:
            events = await self._read_stream(stream, stream_position=after + 1, limit=PAGE_MAX)
        except esdb.NotFound:
            if await self._was_deleted(stream):
                raise _deleted(stream) from None
            self._remember_missing(stream)
            return ()
        except esdb.StreamIsDeleted:
            raise _deleted(stream) from None
        if events[0].revision != after + 1 if events else after == -1:
            raise StreamDeleted(f"{stream}: its first events were truncated in the log by hand")
        return events

    def _remember_missing(self, stream: StreamName) -> None:
        if len(self._missing) >= MISSING_MAX:
            self._missing.clear()
        self._missing.add(stream)

    async def _all_after(self, after: Position | None, last: Recorded | None) -> Sequence[Recorded]:
        limit = READ_MAX if after is None else READ_MAX + 1
        try:
            events = await self._read_all(commit_position=after, limit=limit)
        except (esdb.UnknownError, esdb.ExceptionThrownByHandler):
            # The server's answer to a position at which no event begins.
            if after is None:
                raise
            raise _unknown(after) from None
        if after is None:
            return events
        # A read includes the event at the position; past the log's end there is none.
        if not events or events[0].position != after:
            raise _unknown(after)
        if last is not None and self._connection.seen is not None:
            self._connection.seen.compare(last, events[0])
        return events[1:]

    async def _read_stream(self, stream: str, **options: Any) -> Sequence[Recorded]:
        return await self._read(
            lambda client: client.read_stream(stream, timeout=self._timing.read_s, **options)
        )

    async def _read_all(self, **options: Any) -> Sequence[Recorded]:
        return await self._read(
            lambda client: client.read_all(timeout=self._timing.read_s, **OURS, **options)
        )

    async def _read(
        self, call: Callable[[Client], Awaitable[AsyncReadResponse]] | None
    ) -> Sequence[Recorded]:
        """The events of the call, tried again while the server is away. Raises StoreUnavailable.

        call: None to verify the log only.
        """
        loop = asyncio.get_running_loop()
        until_s = loop.time() + self._timing.patience_s
        backoff = self._timing.backoff()
        while True:
            client: Client | None = None
            try:
                async with self._connection.call() as client:
                    return await collected(await call(client)) if call else ()
            except ANSWERED:
                raise
            except ERRORS as error:
                if client is not None:
                    await self._connection.discard(client)
                pause_s = backoff.pause_s()
                if loop.time() + pause_s > until_s:
                    raise self._connection.unavailable(error) from error
            await asyncio.sleep(pause_s)


def page_of(events: Iterable[Recorded]) -> Page:
    """Those of the events that are Daybook's."""
    return [event for event in events if is_ours(event)]


def is_ours(event: Recorded) -> bool:
    """Filtered again, as servers have let others through; also leaves out links and tombstones."""
    return event.stream.startswith(PREFIX) and not event.type.startswith("$")


def _deleted(stream: StreamName) -> StreamDeleted:
    return StreamDeleted(f"{stream}: the stream was deleted in the log by hand")


def _unknown(after: Position) -> PositionUnknown:
    return PositionUnknown(
        f"no event of this log has position {after}: it is another log than before, or an "
        "older copy of it; rebuild the read models from it (daybook replay --all)"
    )
