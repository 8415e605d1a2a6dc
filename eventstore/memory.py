"""The log in memory: for tests, and as the smallest example of an adapter."""

from bisect import bisect_right
from collections.abc import AsyncGenerator, Sequence

from eventstore.concurrency import Placed, check_append, find_duplicate_append
from eventstore.port import (
    PAGE_MAX,
    Draft,
    Expected,
    Page,
    Position,
    Recorded,
    Revision,
    StoreUnavailable,
    StreamName,
)
from eventstore.tail import Tail, follow

POSITION_STEP = 3
"""Positions are 3, 6, 9, ... so that nothing tested here can rely on their having no gaps."""


class MemoryStore:
    """An EventStore for one process and one event loop; nothing is kept after it ends."""

    def __init__(self) -> None:
        self._log: list[Recorded] = []
        self._streams: dict[StreamName, list[Recorded]] = {}
        self._tail = Tail(None)
        self._closed = False

    @property
    def trouble(self) -> str | None:
        """Nobody's rights matter here."""
        return None

    async def append(
        self, stream: StreamName, drafts: Sequence[Draft], *, expected: Expected
    ) -> Position:
        self._check_open()
        check_append(drafts, expected)
        stored = self._streams.get(stream, [])

        def placed_after(revision: int, count: int) -> list[Placed]:
            events = stored[revision + 1 : revision + 1 + count]
            return [(event.event_id, event.position) for event in events]

        duplicate = find_duplicate_append(
            stream,
            drafts,
            expected=expected,
            current=stored[-1].revision if stored else None,
            placed_after=placed_after,
        )
        return self._write(stream, drafts) if duplicate is None else duplicate

    def _write(self, stream: StreamName, drafts: Sequence[Draft]) -> Position:
        stored = self._streams.setdefault(stream, [])
        for draft in drafts:
            recorded = Recorded(
                stream=stream,
                revision=Revision(len(stored)),
                position=Position((len(self._log) + 1) * POSITION_STEP),
                event_id=draft.event_id,
                type=draft.type,
                data=draft.data,
                metadata=draft.metadata,
            )
            stored.append(recorded)
            self._log.append(recorded)
        head = self._log[-1].position
        self._tail.advance(head)
        return head

    async def read_stream(
        self, stream: StreamName, *, after: Revision | None = None
    ) -> AsyncGenerator[Page, None]:
        self._check_open()
        start = 0 if after is None else after + 1
        while page := self._streams.get(stream, [])[start : start + PAGE_MAX]:
            yield page
            start += len(page)

    async def read_all(self, *, after: Position | None = None) -> AsyncGenerator[Page, None]:
        self._check_open()
        start = 0 if after is None else bisect_right(self._log, after, key=_position)
        while page := self._log[start : start + PAGE_MAX]:
            yield page
            start += len(page)

    def follow(self, *, after: Position | None = None) -> AsyncGenerator[Page, None]:
        return follow(self._tail, lambda position: self.read_all(after=position), after)

    async def head(self) -> Position | None:
        self._check_open()
        return self._log[-1].position if self._log else None

    async def check(self) -> None:
        """No other process can change it."""

    async def aclose(self) -> None:
        self._closed = True
        self._tail.end(StoreUnavailable("the store is closed"))

    def _check_open(self) -> None:
        if self._closed:
            raise StoreUnavailable("the store is closed")


def _position(recorded: Recorded) -> Position:
    return recorded.position
