"""Reading streams and $all, page by page. After a failure reading goes on where it got to."""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from itertools import takewhile

from esdbclient import exceptions as esdb
from esdbclient.protos.Grpc.streams_pb2 import ReadReq

from eventstore.eventstoredb import requests
from eventstore.eventstoredb.connection import Client, Connection
from eventstore.eventstoredb.faults import ERRORS
from eventstore.eventstoredb.last_seen import truncated_before
from eventstore.eventstoredb.log_reader import ANSWERED, LogReader, is_ours, note, pages_of
from eventstore.eventstoredb.progress import Progress
from eventstore.eventstoredb.tries import Tries
from eventstore.port import (
    Page,
    Position,
    Recorded,
    Revision,
    StreamDeleted,
    StreamName,
)
from eventstore.record.chain import ChainBroken


class PageReader:
    """The reading half of an EventStore, on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._timing = connection.timing
        self._log = LogReader(connection)

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
                        note(self._connection, page)
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

    def read_all(
        self, *, after: Position | None = None, last: Recorded | None = None
    ) -> AsyncGenerator[Page, None]:
        """As the port's. Raises PositionUnknown if no event of the log has the position `after`.

        last: the event that was read at `after`. Raises EventsLost if another one is there now.
        """
        return self._log.pages(Progress(after, last))

    def read_back(self, until: Position) -> AsyncGenerator[Page, None]:
        return self._log.pages_back(until)

    async def verify_log(self) -> None:
        """Returns when it is connected to a log that has the event last seen.

        Raises EventsLost; StoreUnavailable after some tries.
        """
        tries = Tries(self._connection)
        while True:
            client: Client | None = None
            try:
                client = await self._connection.client()
                await self._connection.reads()
            except ERRORS as error:
                await tries.failed(error, client)
            else:
                return

    async def head(self) -> Position | None:
        return await self._log.head()

    async def last(self) -> Recorded | None:
        """The log's last event."""
        return await self._log.last()

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

    async def _was_deleted(self, stream: StreamName) -> bool:
        try:
            events = await self._read(requests.stream(f"$${stream}", backwards=True, limit=1))
        except esdb.NotFound:
            return False
        except esdb.StreamIsDeleted:
            return True
        return any(truncated_before(event.data) > 0 for event in events)

    async def _read(self, request: ReadReq) -> Sequence[Recorded]:
        """All events of a short answer. Raises StoreUnavailable, and the errors in ANSWERED."""
        tries = Tries(self._connection)
        while True:
            client: Client | None = None
            try:
                client, calls = await self._connection.reads()
                async with aclosing(pages_of(calls, request, quiet_s=self._timing.read_s)) as pages:
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
        tries = Tries(self._connection)
        while True:
            client: Client | None = None
            try:
                client, calls = await self._connection.reads()
                async with aclosing(pages_of(calls, ask(), quiet_s=self._timing.read_s)) as pages:
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


def _deleted(stream: StreamName) -> StreamDeleted:
    return StreamDeleted(f"{stream}: the stream was deleted in the log by hand")


def _truncated(stream: StreamName) -> StreamDeleted:
    return StreamDeleted(f"{stream}: its first events were truncated in the log by hand")
