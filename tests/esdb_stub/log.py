"""The stub's log: streams, $all, metadata streams and what they cut off. No gRPC in here."""

import time
from bisect import bisect_left
from collections.abc import Callable, Sequence
from typing import NamedTuple
from uuid import UUID

from tests.esdb_stub.metadata import DELETED, Bounds, bounds_of, meta_stream, truncated
from tests.esdb_stub.recent import RecentIds
from tests.esdb_stub.refusals import (
    ANY,
    EXISTS,
    NO_STREAM,
    AppendTooLarge,
    BadRequest,
    DeleteRefused,
    NeverAsked,
    StreamDeleted,
    WrongVersion,
)

APPEND_BYTES_MAX = 1_048_576
"""Of data, summed over a batch; types and metadata are not counted."""
TOMBSTONE = DELETED
"""Number of the event that says a stream is gone for ever."""
RECORD_BYTES = 90
FIRST_POSITION = 548
TICK_STEP = 10
"""Events are a microsecond apart at least, as their times differ within a batch."""
JSON = "application/json"


class Proposed(NamedTuple):
    event_id: UUID
    type: str
    content_type: str
    data: bytes
    metadata: bytes


class Stored(NamedTuple):
    stream: str
    number: int
    position: int
    created: int
    event_id: UUID
    type: str
    content_type: str
    data: bytes
    metadata: bytes


class Done(NamedTuple):
    number: int
    position: int
    """Of the last event; 0 where it was there once and is cut off."""


class Log:
    """What is stored, and the rules by which it is; every method is one atomic step."""

    def __init__(self, *, stored: Callable[[Sequence[Stored]], None] = lambda _: None) -> None:
        self.events: list[Stored] = []
        self._stored = stored
        self._positions: list[int] = []
        self._streams: dict[str, list[Stored]] = {}
        self._bounds: dict[str, Bounds] = {}
        self._tombstoned: set[str] = set()
        self._recent = RecentIds()
        self._next_position = FIRST_POSITION
        self._created = 0

    # Looking

    @property
    def end(self) -> int:
        """The position that the next event will have."""
        return self._next_position

    def last(self, stream: str) -> int:
        """Number of the stream's last event, -1 where there is none."""
        return len(self._streams.get(stream, ())) - 1

    def is_tombstoned(self, stream: str) -> bool:
        return stream in self._tombstoned or stream.removeprefix("$$") in self._tombstoned

    def is_soft_deleted(self, stream: str) -> bool:
        return self._bounds.get(stream, Bounds()).truncate_before == DELETED

    def is_there(self, stream: str) -> bool:
        return self.last(stream) != -1 and not self.is_soft_deleted(stream)

    def visible(self, stream: str) -> Sequence[Stored]:
        """The stream's events that its metadata does not cut off, in order."""
        events = self._streams.get(stream, [])
        bounds = self._bounds.get(stream)
        if stream.startswith("$$"):
            bounds = Bounds(count_max=1)
        if bounds is None:
            return events
        first = bounds.truncate_before
        if bounds.count_max is not None:
            first = max(first, len(events) - bounds.count_max)
        if bounds.age_s_max is None:
            return events[first:]
        oldest = time.time_ns() // 100 - bounds.age_s_max * 10_000_000
        return [event for event in events[first:] if event.created >= oldest]

    def every(self, stream: str) -> Sequence[Stored]:
        """The stream's events, cut off or not; grows as the stream does."""
        return self._streams.setdefault(stream, [])

    def at(self, stream: str, number: int) -> Stored | None:
        """The event a link names, or None."""
        events = self._streams.get(stream, [])
        return events[number] if 0 <= number < len(events) else None

    def index_of(self, position: int) -> int | None:
        """Place in events of the event at a position; behind the last: their number; else None."""
        index = bisect_left(self._positions, position)
        if position == 0 or index == len(self._positions):
            return index
        return index if self._positions[index] == position else None

    # Writing

    def append(self, stream: str, proposed: Sequence[Proposed], expected: int) -> Done:
        """All or nothing; the same again at the same place writes nothing. Raises Refusal."""
        _check(stream, proposed)
        if self.is_tombstoned(stream):
            raise StreamDeleted(stream)
        if expected == EXISTS:
            self._check_exists(stream)
        there = self._repeated(stream, proposed, expected)
        if there is not None:
            seen = self.visible(stream)
            is_seen = bool(seen) and seen[0].number <= there
            return Done(there, self._streams[stream][there].position if is_seen else 0)
        if not proposed:
            return self._append_nothing(stream)
        if self.is_soft_deleted(stream):
            self._set_truncate_before(stream, self.last(stream) + 1)
        return self._write(stream, proposed)

    def delete(self, stream: str, expected: int) -> Done:
        """The stream's events are no longer seen in it; its numbers go on behind them."""
        self._check_delete(stream, expected)
        if self.last(stream) == -1:
            raise DeleteRefused(stream, expected, -1)
        return self._set_truncate_before(stream, DELETED)

    def tombstone(self, stream: str, expected: int) -> Done:
        """The stream is gone for ever, also where it never was."""
        self._check_delete(stream, expected)
        if self.last(stream) == -1 and expected not in (ANY, NO_STREAM):
            raise DeleteRefused(stream, expected, -1)
        self._tombstoned.add(stream)
        event = Proposed(UUID(int=len(self.events) + 1), "$streamDeleted", "", b"", b"")
        self._store([self._stamped(stream, TOMBSTONE, event)])
        return Done(TOMBSTONE, self.events[-1].position)

    def restore(self, batch: Sequence[Stored]) -> None:
        """Take in what an earlier run stored."""
        self._keep(batch)
        self._next_position = batch[-1].position + _size(batch[-1])
        self._created = batch[-1].created

    def forget_recent(self) -> None:
        """As a restart does; only numbers and NO_STREAM know a repeat then."""
        self._recent = RecentIds()

    def _check_exists(self, stream: str) -> None:
        if self.is_soft_deleted(stream):
            raise StreamDeleted(stream)
        if self.last(stream) == -1 and self.last(meta_stream(stream)) == -1:
            raise WrongVersion(EXISTS, -1)

    def _check_delete(self, stream: str, expected: int) -> None:
        if self.is_tombstoned(stream):
            raise StreamDeleted(stream)
        last = self.last(stream)
        if self.is_soft_deleted(stream) and expected != ANY:
            if expected == EXISTS:
                raise StreamDeleted(stream)
            raise NeverAsked("deleting a deleted stream at a number")
        if last == -1 and self.last(meta_stream(stream)) != -1:
            raise NeverAsked("deleting a stream that has only metadata")
        if last != -1 and expected not in (ANY, EXISTS, last):
            raise DeleteRefused(stream, expected, last)

    def _append_nothing(self, stream: str) -> Done:
        if self.is_soft_deleted(stream):
            raise NeverAsked("appending nothing to a deleted stream")
        return Done(self.last(stream), self._next_position)

    def _repeated(self, stream: str, proposed: Sequence[Proposed], expected: int) -> int | None:
        """Number of the original's last event where all of it is there; None: write."""
        if expected in (ANY, EXISTS):
            return self._remembered(stream, proposed, expected)
        last = self.last(stream)
        if expected == last:
            return None
        if expected > last:
            raise WrongVersion(expected, last)
        there = self._streams[stream][expected + 1 : expected + 1 + len(proposed)]
        matching = 0
        for event, again in zip(there, proposed, strict=False):
            if event.event_id != again.event_id:
                break
            matching += 1
        if matching == len(proposed) > 0:
            return expected + matching
        if matching == 0 and expected == NO_STREAM and self.is_soft_deleted(stream) and proposed:
            return None
        raise WrongVersion(expected, last)

    def _remembered(self, stream: str, proposed: Sequence[Proposed], expected: int) -> int | None:
        number: int | None = None
        for n, again in enumerate(proposed):
            known = self._recent.number_of(again.event_id, stream)
            if known is None and n > 0:
                raise WrongVersion(expected, self.last(stream))
            if known is None:
                return None
            number = known
        return number

    def _write(self, stream: str, proposed: Sequence[Proposed]) -> Done:
        first = self.last(stream) + 1
        self._store([self._stamped(stream, first + n, one) for n, one in enumerate(proposed)])
        return Done(self.last(stream), self.events[-1].position)

    def _stamped(self, stream: str, number: int, one: Proposed) -> Stored:
        self._created = max(time.time_ns() // 100, self._created + TICK_STEP)
        event = Stored(stream, number, self._next_position, self._created, *one)
        self._next_position += _size(event)
        return event

    def _set_truncate_before(self, stream: str, number: int) -> Done:
        name = meta_stream(stream)
        events = self._streams.get(name)
        data = truncated(events[-1].data if events else b"{}", number)
        event = Proposed(UUID(int=len(self.events) + 1), "$metadata", JSON, data, b"")
        return self._write(name, [event])

    def _store(self, batch: Sequence[Stored]) -> None:
        self._stored(batch)
        self._keep(batch)

    def _keep(self, batch: Sequence[Stored]) -> None:
        for event in batch:
            self.events.append(event)
            self._positions.append(event.position)
            if event.number == TOMBSTONE:
                self._tombstoned.add(event.stream)
                continue
            self._streams.setdefault(event.stream, []).append(event)
            self._recent.add(event.event_id, event.stream, event.number)
            if event.stream.startswith("$$"):
                self._bounds[event.stream[2:]] = bounds_of(event.data)


def _check(stream: str, proposed: Sequence[Proposed]) -> None:
    if not stream:
        raise BadRequest("Value cannot be null. (Parameter 'value')")
    for one in proposed:
        if not one.type:
            raise BadRequest("Empty eventType provided. (Parameter 'eventType')")
        if one.event_id.int == 0:
            raise BadRequest("Empty eventId provided. (Parameter 'eventId')")
    if sum(len(one.data) for one in proposed) > APPEND_BYTES_MAX:
        raise AppendTooLarge


def _size(event: Stored) -> int:
    words = len(event.stream) + len(event.type)
    return RECORD_BYTES + words + len(event.data) + len(event.metadata)
