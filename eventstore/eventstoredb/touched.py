"""Streams that somebody deletes or cuts by hand while this process runs.

The server takes an append to a deleted or cut stream as it takes any other, and an order in memory
is continued without reading its stream. So changes of the streams' metadata are followed: whoever
deletes or cuts a stream changes it.
"""

import asyncio
import logging

from eventstore.eventstoredb import requests
from eventstore.eventstoredb.connection import Connection
from eventstore.eventstoredb.faults import ERRORS
from eventstore.eventstoredb.log_reader import NO_SUCH_POSITION
from eventstore.eventstoredb.progress import Progress
from eventstore.eventstoredb.reads import ReadCalls, Silent
from eventstore.eventstoredb.wire import Told
from eventstore.port import Position, StoreError, StreamName

_log = logging.getLogger("daybook.log")


class TouchedStreams:
    """Orders' streams whose metadata was changed since watch(). For one event loop."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._streams: set[StreamName] = set()
        self._progress: Progress | None = None
        self._watching: asyncio.Task[None] | None = None

    def __contains__(self, stream: StreamName) -> bool:
        return stream in self._streams

    def watch(self) -> None:
        """Follow the changes from now on, in the background; again after each failure."""
        if self._watching is None:
            self._watching = asyncio.ensure_future(self._watch())

    async def aclose(self) -> None:
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.wait({self._watching})

    async def _watch(self) -> None:
        backoff = self._connection.timing.backoff()
        while True:
            try:
                _, calls = await self._connection.reads()
                if self._progress is None:
                    self._progress = Progress(await _end(calls, self._connection.timing.read_s))
                await self._follow(calls, self._progress)
            except NO_SUCH_POSITION:
                self._progress = None  # another log: the process is told of it elsewhere
            except (StoreError, *ERRORS) as error:
                _log.debug("changes of metadata are not followed, trying again: %s", error)
            await asyncio.sleep(backoff.pause_s())

    async def _follow(self, calls: ReadCalls, progress: Progress) -> None:
        request = requests.metadata_subscription(progress.begin)
        progress.start()
        quiet_s = self._connection.timing.idle_s
        async with calls.call(request, quiet_s=quiet_s) as call:
            while True:
                try:
                    told = await call.take()
                except Silent:
                    continue
                if told is None:
                    return
                progress.take(told)
                self._take(told)

    def _take(self, told: Told) -> None:
        for event in told.events:
            stream = StreamName(event.stream.removeprefix("$$"))
            self._streams.add(stream)
            _log.warning("somebody has changed the metadata of %s: it may be cut", stream)


async def _end(calls: ReadCalls, within_s: float) -> Position | None:
    """The position of the log's last event of any kind."""
    async with calls.call(requests.last_of_all(), quiet_s=within_s) as call:
        while told := await call.take():
            if told.events:
                return told.events[-1].position
    return None
