"""Reading streams and $all, page by page. After a failure reading goes on where it got to."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from contextlib import aclosing
from itertools import takewhile
from typing import Final

from esdbclient import exceptions as esdb
from esdbclient.protos.Grpc.streams_pb2 import ReadReq

from eventstore.eventstoredb import requests
from eventstore.eventstoredb.connection import Client, Connection
from eventstore.eventstoredb.faults import ERRORS
from eventstore.eventstoredb.last_seen import truncated_before
from eventstore.eventstoredb.reads import ReadCalls
from eventstore.eventstoredb.requests import PREFIX
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

HEADS_MAX: Final = 20
DELETED: Final = 2**63 - 1
"""The $tb (truncate before) of a deleted stream."""


ANSWERED: Final = (
    esdb.NotFound,
    esdb.StreamIsDeleted,
    esdb.UnknownError,
    esdb.ExceptionThrownByHandler,
)
"""The server has answered: another try would have the same result."""
NO_SUCH_POSITION: Final = (esdb.UnknownError, esdb.ExceptionThrownByHandler)
"""The server's answers to a position of $all at which no event begins."""


class PageReader:
    """The reading half of an EventStore, on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._timing = connection.timing

    async def read_stream(
        self, stream: StreamName, *, after: Revision | None = None
    ) -> AsyncGenerator[Page, None]:
        """As the port's. Raises StreamDeleted also if only the first events were truncated.

        ChainBroken if a link or a system event is in the stream.
        """
        last = start = -1 if after is None else after
        try:
            read = self._resumed(lambda: requests.stream(stream, stream_position=last + 1))
            async with aclosing(read) as pages:
                async for events in pages:
                    if events[0].revision != last + 1:
                        raise _truncated(stream)
                    last = events[-1].revision
                    if page := list(takewhile(is_ours, events)):
                        self._note(page)
                        yield page
                    if len(page) < len(events):
                        why = "a link or a system event was written into the stream here"
                        raise ChainBroken(events[len(page)], why)
        except esdb.NotFound:
            if await self._was_deleted(stream):
                raise _deleted(stream) from None
            return
        except esdb.StreamIsDeleted:
            raise _deleted(stream) from None
        if last == start == -1:
            raise _truncated(stream)

    async def read_all(
        self, *, after: Position | None = None, last: Recorded | None = None
    ) -> AsyncGenerator[Page, None]:
        """As the port's. Raises PositionUnknown if no event of the log has the position `after`.

        last: the event that was read at `after`. Raises EventsLost if another one is there now.
        """
        known = after

        def ask() -> ReadReq:
            """A read includes the event at the position."""
            nonlocal known
            known = after
            return requests.all_forwards(after)

        try:
            async with aclosing(self._resumed(ask)) as pages:
                async for events in pages:
                    begin = 0
                    if known is not None:
                        self._check_known(known, events[0], last)
                        known, begin = None, 1
                    if page := page_of(events[begin:]):
                        self._note(page)
                        yield page
                        last = page[-1]
                        after = last.position
        except NO_SUCH_POSITION:
            if after is None:
                raise
            raise _unknown(after) from None
        if known is not None:
            raise _unknown(known)  # so the server answers for a position past the log's end

    async def verify_log(self) -> None:
        """As Connection.verify_log, but tried again. Raises StoreUnavailable."""
        tries = _Tries(self._connection)
        while True:
            try:
                async with self._connection.call():
                    return
            except ERRORS as error:
                await tries.failed(error)

    async def head(self) -> Position | None:
        last = await self.last()
        return None if last is None else last.position

    async def last(self) -> Recorded | None:
        """The log's last event."""
        before: Position | None = None
        limit = 1
        while events := await self._read(requests.all_backwards(before, limit=limit)):
            for event in events:
                if is_ours(event):
                    return event
            before, limit = events[-1].position, HEADS_MAX
        return None

    async def all_of(self, stream: StreamName) -> Sequence[Recorded]:
        """Of a short stream, of any kind. Raises NotFound, StreamIsDeleted, StoreUnavailable."""
        return await self._read(requests.stream(stream))

    async def last_of(self, stream: StreamName) -> Recorded | None:
        """The last event of any stream; None if there is none."""
        try:
            events = await self._read(requests.stream(stream, backwards=True, limit=1))
        except esdb.NotFound:
            return None
        return events[0] if events else None

    def _note(self, page: Page) -> None:
        if self._connection.seen is not None:
            self._connection.seen.note_page(page)

    async def _was_deleted(self, stream: StreamName) -> bool:
        try:
            events = await self._read(requests.stream(f"$${stream}", backwards=True, limit=1))
        except esdb.NotFound:
            return False
        except esdb.StreamIsDeleted:
            return True
        return any(truncated_before(event.data) > 0 for event in events)

    def _check_known(self, position: Position, found: Recorded, last: Recorded | None) -> None:
        if found.position != position:
            raise _unknown(position)
        if last is not None and self._connection.seen is not None:
            self._connection.seen.compare(last, found)

    async def _read(self, request: ReadReq) -> Sequence[Recorded]:
        """All events of a short answer. Raises StoreUnavailable, and the errors in ANSWERED."""
        tries = _Tries(self._connection)
        while True:
            client: Client | None = None
            try:
                client, calls = await self._connection.reads()
                async with aclosing(self._pages_of(calls, request)) as pages:
                    return [event async for page in pages for event in page]
            except ANSWERED:
                raise
            except ERRORS as error:
                await tries.failed(error, client)

    async def _resumed(
        self, ask: Callable[[], ReadReq]
    ) -> AsyncGenerator[Sequence[Recorded], None]:
        """Pages of what is asked for; after a failure of what is asked for then.

        Raises StoreUnavailable if no event comes for patience_s, and the errors in ANSWERED.
        """
        tries = _Tries(self._connection)
        while True:
            client: Client | None = None
            try:
                client, calls = await self._connection.reads()
                async with aclosing(self._pages_of(calls, ask())) as pages:
                    async for page in pages:
                        tries.progressed()
                        yield page
                        tries.progressed()
            except ANSWERED:
                raise
            except ERRORS as error:
                await tries.failed(error, client)
            else:
                return

    async def _pages_of(
        self, calls: ReadCalls, request: ReadReq
    ) -> AsyncGenerator[Sequence[Recorded], None]:
        """Of one call. An error comes after all events that arrived before it."""
        waiting: list[Recorded] = []
        failure: Exception | None = None
        try:
            async with calls.call(request, quiet_s=self._timing.read_s) as call:
                while told := await call.take():
                    waiting += told.events
                    while len(waiting) >= PAGE_MAX:
                        yield waiting[:PAGE_MAX]
                        del waiting[:PAGE_MAX]
        except ERRORS as error:
            failure = error
        if waiting:
            yield waiting
        if failure is not None:
            raise failure


class _Tries:
    """Of one read, while the server is away."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._backoff = connection.timing.backoff()
        self._progressed_s = asyncio.get_running_loop().time()

    def progressed(self) -> None:
        self._progressed_s = asyncio.get_running_loop().time()
        self._backoff.reset()

    async def failed(self, error: Exception, client: Client | None = None) -> None:
        """Pause before another try. Raises StoreUnavailable if it has taken too long."""
        if client is not None:
            await self._connection.discard(client)
        pause_s = self._backoff.pause_s()
        until_s = self._progressed_s + self._connection.timing.patience_s
        if asyncio.get_running_loop().time() + pause_s > until_s:
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


def _truncated(stream: StreamName) -> StreamDeleted:
    return StreamDeleted(f"{stream}: its first events were truncated in the log by hand")


def _unknown(after: Position) -> PositionUnknown:
    return PositionUnknown(
        f"no event of this log has position {after}: it is another log than before, or an "
        "older copy of it; rebuild the read models from it (daybook replay --all)"
    )
