"""Reading $all. Events of other programs can be any number: the server looks through them."""

import asyncio
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing, suppress
from typing import Final

from esdbclient import exceptions as esdb
from esdbclient.protos.Grpc.streams_pb2 import ReadReq

from eventstore.eventstoredb import requests
from eventstore.eventstoredb.connection import Client, Connection
from eventstore.eventstoredb.faults import ERRORS
from eventstore.eventstoredb.progress import Progress
from eventstore.eventstoredb.reads import ReadCalls, Silent
from eventstore.eventstoredb.tries import Tries
from eventstore.eventstoredb.wire import CaughtUp
from eventstore.port import PAGE_MAX, Page, Position, PositionUnknown, Recorded

ANSWERED: Final = (
    esdb.NotFound,
    esdb.StreamIsDeleted,
    esdb.UnknownError,
    esdb.ExceptionThrownByHandler,
)
"""The server has answered: another try would have the same result."""
NO_SUCH_POSITION: Final = (esdb.UnknownError, esdb.ExceptionThrownByHandler)
"""The server's answers to a position of $all at which no event begins."""
HEADS_MAX: Final = 20
HEAD_S: Final = 600.0
"""Seconds in which the last event must be found, while the server answers other reads."""
PROBED: Final = f"{requests.PREFIX}daybook-check"
"""A stream that need not be there."""


class LogReader:
    """Reads $all on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._timing = connection.timing
        self._progress: Progress | None = None
        """Of the search for the last event. None: it is found quickly from the end."""
        self._last: Recorded | None = None
        """What it has found."""
        self._searching: asyncio.Task[Recorded | None] | None = None

    async def pages(self, progress: Progress) -> AsyncGenerator[Page, None]:
        """Events of orders after those of the progress, which goes on with them; up to the end.

        If the server is silent, it looks through events of other programs. Then it is subscribed
        to until it has caught up: a subscription reports how far it is, and another try goes on
        there. Raises PositionUnknown if no event has the position that the progress begins after;
        EventsLost if another one has it now; StoreUnavailable.
        """
        async with aclosing(self._parts(progress)) as parts:
            async for events in parts:
                for page in our_pages(events):
                    note(self._connection, page)
                    yield page

    async def _parts(self, progress: Progress) -> AsyncGenerator[Sequence[Recorded], None]:
        tries, is_silent = Tries(self._connection), False
        while True:
            client: Client | None = None
            begun = progress.begin
            try:
                client, calls = await self._connection.reads()
                read = self._subscribed if is_silent else self._read
                async with aclosing(read(calls, progress)) as parts:
                    async for events in parts:
                        tries.progressed()
                        yield events
                        tries.progressed()
            except NO_SUCH_POSITION as error:
                _begin_before(progress, error)
            except ANSWERED:
                raise
            except Silent as error:
                if is_silent and progress.begin == begun:
                    await tries.failed(error, client)
                is_silent = not is_silent
            except ERRORS as error:
                await tries.failed(error, client)
            else:
                return

    async def pages_back(self, until: Position) -> AsyncGenerator[Page, None]:
        """Events of orders up to that of the position, the last first. Raises StoreUnavailable."""
        events, _ = await self._read_at_once(requests.all_forwards(until, limit=1))
        while events:
            for page in our_pages(events):
                yield page
            request = requests.all_backwards(events[-1].position, limit=PAGE_MAX)
            events, _ = await self._read_at_once(request)

    async def head(self) -> Position | None:
        last = await self.last()
        return None if last is None else last.position

    async def last(self) -> Recorded | None:
        """The last event of an order. Found once for all who wait."""
        if self._searching is None or self._searching.done():
            self._searching = asyncio.ensure_future(self._search())
            self._searching.add_done_callback(_consume_exception)
        return await asyncio.shield(self._searching)

    async def _search(self) -> Recorded | None:
        if self._progress is None:
            self._last, is_far = await self._search_backwards()
            if is_far:
                position = None if self._last is None else self._last.position
                self._progress = Progress(position, self._last)
            return self._last
        # There are many events of other programs at the end: go on after those already seen.
        try:
            async with aclosing(self.pages(self._progress)) as pages:
                async for page in pages:
                    self._last = page[-1]
        except PositionUnknown:
            self._progress = None
            raise
        return self._last

    async def _search_backwards(self) -> tuple[Recorded | None, bool]:
        """The last event, and whether it took long, as it does if it is far from the end."""
        before: Position | None = None
        limit, is_far = 1, False
        while True:
            request = requests.all_backwards(before, limit=limit)
            events, was_slow = await self._read_at_once(request)
            is_far = is_far or was_slow
            for event in events:
                if is_ours(event):
                    return event, is_far
            if not events:
                return None, is_far
            before, limit = events[-1].position, HEADS_MAX

    async def _read_at_once(self, request: ReadReq) -> tuple[Sequence[Recorded], bool]:
        """The few events of an answer, and whether the server was silent meanwhile."""
        loop, tries = asyncio.get_running_loop(), Tries(self._connection)
        until_s, was_silent = loop.time() + HEAD_S, False
        while True:
            client: Client | None = None
            found: list[Recorded] = []
            try:
                client, calls = await self._connection.reads()
                async with calls.call(request, quiet_s=self._timing.silent_s) as call:
                    while True:
                        try:
                            told = await call.take()
                        except Silent:
                            was_silent = True
                            if loop.time() > until_s:
                                raise
                            await self._check_reads(calls)
                            continue
                        if told is None:
                            return found, was_silent
                        found += told.events
            except ANSWERED:
                raise
            except ERRORS as error:
                await tries.failed(error, client)

    async def _check_reads(self, calls: ReadCalls) -> None:
        """The server answers pings: it still has to answer other reads. Raises TimeoutError."""
        with suppress(*ANSWERED):
            await calls.events(PROBED, limit=1, within_s=self._timing.read_s)

    async def _read(
        self, calls: ReadCalls, progress: Progress
    ) -> AsyncGenerator[Sequence[Recorded], None]:
        known = progress.after if progress.is_at_event else None
        last = progress.last
        request = requests.all_forwards(progress.begin)
        progress.start()
        pages = pages_of(calls, request, quiet_s=self._timing.silent_s)
        async with aclosing(pages):
            async for page in pages:
                events: Sequence[Recorded] = page
                if known is not None:
                    self._check_known(known, page[0], last)
                    known, events = None, page[1:]
                progress.take_events(events)
                yield events
        if known is not None:
            raise _unknown(known)  # so the server answers for a position past the log's end

    async def _subscribed(
        self, calls: ReadCalls, progress: Progress
    ) -> AsyncGenerator[Sequence[Recorded], None]:
        """Ends when the server has caught up. No events: it reports that it is getting on."""
        request = requests.subscription(progress.begin)
        progress.start()
        async with calls.call(request, quiet_s=self._timing.read_s) as call:
            while told := await call.take():
                progress.take(told)
                yield told.events
                if any(isinstance(mark, CaughtUp) for _, mark in told.marks):
                    return
        raise esdb.ServiceUnavailable("the subscription has ended")

    def _check_known(self, position: Position, found: Recorded, last: Recorded | None) -> None:
        if found.position != position:
            raise _unknown(position)
        if last is not None and self._connection.seen is not None:
            self._connection.seen.compare(last, found)


async def pages_of(
    calls: ReadCalls, request: ReadReq, *, quiet_s: float
) -> AsyncGenerator[Sequence[Recorded], None]:
    """Of one call. An error comes after all events that arrived before it."""
    waiting: list[Recorded] = []
    failure: Exception | None = None
    try:
        async with calls.call(request, quiet_s=quiet_s) as call:
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


def note(connection: Connection, page: Page) -> None:
    """The events of the page are in the log."""
    if connection.seen is not None:
        connection.seen.note_page(page)


def our_pages(events: Sequence[Recorded]) -> Iterator[Page]:
    """Those of the events that are Daybook's."""
    for start in range(0, len(events), PAGE_MAX):
        if page := [event for event in events[start : start + PAGE_MAX] if is_ours(event)]:
            yield page


def is_ours(event: Recorded) -> bool:
    """Filtered again, as servers have let others through; also leaves out links, tombstones, and
    streams of impossible names.
    """
    return (
        event.stream.startswith(requests.PREFIX)
        and not event.type.startswith("$")
        and can_be_kept(event.stream)
    )


def can_be_kept(stream: str) -> bool:
    """Whether a read model can; if not, no command can have made a stream of that name."""
    return len(stream) <= requests.NAME_MAX and "\0" not in stream


def _begin_before(progress: Progress, error: Exception) -> None:
    """The server knows no event where reading was to go on."""
    if progress.begin is None:
        raise error
    if progress.is_at_event:
        raise _unknown(progress.begin) from None
    progress.forget_checkpoints()


def _unknown(after: Position) -> PositionUnknown:
    return PositionUnknown(
        f"no event of this log has position {after}: it is another log than before, or an "
        "older copy of it; rebuild the read models from it (daybook replay --all)"
    )


def _consume_exception(task: "asyncio.Task[Recorded | None]") -> None:
    """Nobody may be waiting for it any more."""
    if not task.cancelled():
        task.exception()
