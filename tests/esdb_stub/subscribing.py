"""Subscriptions: history, one caught-up message, then what comes, each event once and in order."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import TypeAlias
from uuid import uuid4

from esdbclient.protos.Grpc import streams_pb2

from tests.esdb_stub.log import Log, Stored
from tests.esdb_stub.messages import caught_up, checkpoint, confirmation
from tests.esdb_stub.reading import END, START, Asked, answer
from tests.esdb_stub.refusals import ConsumerTooSlow, HandlerThrew, NeverAsked, StreamDeleted

LIVE_BUFFER_EVENTS = 4_000
"""A live subscription that falls further behind is dropped, as a real server drops it."""

Extras: TypeAlias = Callable[[Log], Sequence[streams_pb2.ReadResp]]
"""Messages of a test's own, put before each event of $all and at its tail (see extras.py)."""


class Tail:
    """Wakes those who wait for the log to grow."""

    def __init__(self) -> None:
        self._grown = asyncio.Event()

    def grown(self) -> asyncio.Event:
        """Set when more is there than now: take it before looking at the log."""
        return self._grown

    def wake(self) -> None:
        self._grown.set()
        self._grown = asyncio.Event()


async def subscription(
    log: Log, tail: Tail, ask: Asked, extras: Extras
) -> AsyncIterator[streams_pb2.ReadResp]:
    """The answers to a subscription; never ends of itself. Raises Refusal."""
    if ask.stream and log.is_tombstoned(ask.stream):
        raise StreamDeleted(ask.stream)
    cursor = Cursor(log, ask)
    yield confirmation(str(uuid4()))
    if ask.filtered is not None and ask.filtered.interval == 0:
        await asyncio.Event().wait()
    is_live = False
    while True:
        grown = tail.grown()
        for message in _there(log, ask, cursor, extras):
            yield message
            if is_live and cursor.behind() > LIVE_BUFFER_EVENTS:
                raise ConsumerTooSlow
        if not is_live and cursor.is_there():
            yield caught_up()
            is_live = True
        await grown.wait()


def _there(
    log: Log, ask: Asked, cursor: "Cursor", extras: Extras
) -> Iterator[streams_pb2.ReadResp]:
    """What is to be told of the events behind the cursor, up to the tail."""
    for event in cursor.take():
        yield from extras(log)
        if ask.filtered is None or ask.filtered.matches(event):
            yield answer(log, ask, event)
        if cursor.is_checkpoint_due():
            yield checkpoint(event.position)
    yield from extras(log)


class Cursor:
    """Where a subscription stands: its place in the stream's or the log's events."""

    def __init__(self, log: Log, ask: Asked) -> None:
        self._log = log
        self._ask = ask
        self._events = log.every(ask.stream) if ask.stream else log.events
        self._next = self._first()
        self._is_past_end = self._next > len(self._events)
        self._considered = 0

    def take(self) -> Iterator[Stored]:
        """What is there behind the cursor, also what comes meanwhile."""
        if self._log.is_tombstoned(self._ask.stream):
            raise NeverAsked("following a stream that is being tombstoned")
        while self._next < len(self._events):
            event = self._events[self._next]
            self._next += 1
            self._considered += 1
            yield event

    def behind(self) -> int:
        return len(self._events) - self._next

    def is_checkpoint_due(self) -> bool:
        wanted = self._ask.filtered
        return wanted is not None and self._considered % wanted.interval == 0

    def is_there(self) -> bool:
        """A stream that is not there has nothing to catch up with."""
        return not self._ask.stream or self._log.is_there(self._ask.stream)

    def _first(self) -> int:
        begin = self._ask.begin
        if begin == END:
            return len(self._events)
        if not self._ask.stream:
            return 0 if begin in (START, 0) else self._behind_position(int(begin))
        seen = self._log.visible(self._ask.stream)
        first = seen[0].number if seen else len(self._events)
        return first if begin == START else max(first, int(begin) + 1)

    def _behind_position(self, position: int) -> int:
        index = self._log.index_of(position)
        if index is None:
            raise HandlerThrew
        return index + 1
