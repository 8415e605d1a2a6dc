"""The last event of the log that this process has seen, and whether the log still has it.

A server that was restored from an older backup answers as before, and its clients connect again on
their own. So after every cut of a connection this event is looked up first.
"""

import json
import logging
from typing import Any, Final, Protocol

from esdbclient import exceptions as esdb

from eventstore.known import KnownEvent, digest, events_lost
from eventstore.port import EventsLost, Page, Position, Recorded, Revision, StreamName

_log = logging.getLogger("daybook.log")

READS: Final = 2
"""An answer that was cut off looks like one that found no event: so it is read twice."""


class Lookup(Protocol):
    """Reads a few events of a stream, on one connection."""

    async def events(self, stream: str, *, within_s: float, **options: Any) -> list[Recorded]:
        """options: as esdbclient's read_stream. Raises NotFound, StreamIsDeleted and the client's
        other errors.
        """


class LastSeen:
    """Shared by all connections of a store. lost: set for good once the log lacks the event."""

    def __init__(self) -> None:
        self.lost: EventsLost | None = None
        self._last: tuple[StreamName, Revision, Position, bytes] | None = None

    @property
    def has_nothing_to_verify(self) -> bool:
        return self._last is None or self.lost is not None

    @property
    def position(self) -> Position | None:
        """Of that event; None if none was seen."""
        return None if self._last is None else self._last[2]

    def note(
        self, stream: StreamName, revision: Revision, position: Position, metadata: bytes
    ) -> None:
        """An event that is durably in the log."""
        if self._last is None or position > self._last[2]:
            self._last = stream, revision, position, metadata

    def note_page(self, page: Page) -> None:
        last = page[-1]
        self.note(last.stream, last.revision, last.position, last.metadata)

    async def verify(self, lookup: Lookup, *, within_s: float) -> None:
        """Look the event up, on a new connection. Raises EventsLost, and the client's errors."""
        if self._last is None:
            return
        stream, revision, position, metadata = self._last
        for _ in range(READS):
            found = await _event(lookup, stream, revision, within_s)
            if found is not None and found.metadata == metadata:
                return
            if found is None and await _was_truncated(lookup, stream, within_s):
                return
        raise self._lose(KnownEvent("this process", stream, revision, position, digest(metadata)))

    def compare(self, last: Recorded, found: Recorded) -> None:
        """Raises EventsLost if another event is found at the position of the last one read."""
        if found.metadata != last.metadata or found.stream != last.stream:
            raise self._lose(KnownEvent.of("this process", last))

    def _lose(self, known: KnownEvent) -> EventsLost:
        self.lost = events_lost([known])
        _log.critical("nothing is written or followed any more: %s", self.lost)
        return self.lost


async def _event(
    lookup: Lookup, stream: StreamName, revision: Revision, within_s: float
) -> Recorded | None:
    try:
        events = await lookup.events(stream, stream_position=revision, limit=1, within_s=within_s)
    except (esdb.NotFound, esdb.StreamIsDeleted):
        return None
    return events[0] if events and events[0].revision == revision else None


async def _was_truncated(lookup: Lookup, stream: StreamName, within_s: float) -> bool:
    """Whether the stream was deleted or truncated by hand: damage to that order alone."""
    try:
        events = await lookup.events(f"$${stream}", backwards=True, limit=1, within_s=within_s)
    except esdb.NotFound:
        return False
    except esdb.StreamIsDeleted:
        return True
    return any(_truncates(event.data) for event in events)


def _truncates(metadata: bytes) -> bool:
    return truncated_before(metadata) > 0 or b"$maxCount" in metadata or b"$maxAge" in metadata


def truncated_before(metadata: bytes) -> int:
    """The first revision that remains of a stream, by its metadata."""
    try:
        document: Any = json.loads(metadata)
        return int(document.get("$tb", 0))
    except (ValueError, AttributeError, TypeError):
        return 0
