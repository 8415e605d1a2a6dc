"""One part of a log: the events of some of its orders, up to a position."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Protocol, runtime_checkable
from zlib import crc32

from eventstore.decorator import ReaderDecorator
from eventstore.port import PAGE_MAX, EventReader, Page, Position, Recorded
from eventstore.record.codec import order_id_of


def part_of(order_id: str, of: int) -> int:
    """Which of `of` parts an order belongs to; the same in every process."""
    return crc32(order_id.encode()) % of


@runtime_checkable
class ReadsBackwards(Protocol):
    """A log with gaps between its positions."""

    def read_back(self, until: Position) -> AsyncGenerator[Page, None]:
        """Its events up to that of the position, the last page and the last event first."""
        ...


class PartOfLog(ReaderDecorator):
    """A reader of one of `of` parts, up to the position `until`, which an event has.

    Of a log that can be read backwards, or has no gaps (eventstore.stores.is_dense).
    """

    def __init__(self, store: EventReader, part: int, *, of: int, until: int) -> None:
        super().__init__(store)
        self._part = part
        self._of = of
        self._until = until

    async def head(self) -> Position | None:
        """Searched backwards from the end, a page at a time."""
        async with aclosing(self._backwards()) as pages:
            async for page in pages:
                if found := self._found(page):
                    return max(recorded.position for recorded in found)
        return None

    async def _backwards(self) -> AsyncGenerator[Page, None]:
        if isinstance(self._store, ReadsBackwards):
            async with aclosing(self._store.read_back(Position(self._until))) as pages:
                async for page in pages:
                    yield page
            return
        after = self._until
        while after > 0:
            after = max(0, after - PAGE_MAX)
            async with aclosing(self._store.read_all(after=Position(after))) as pages:
                async for page in pages:
                    yield page
                    break

    def _found(self, page: Page) -> list[Recorded]:
        part, of, until = self._part, self._of, self._until
        return [
            recorded
            for recorded in page
            if part_of(order_id_of(recorded.stream), of) == part and recorded.position <= until
        ]

    async def _transform(self, pages: AsyncGenerator[Page, None]) -> AsyncGenerator[Page, None]:
        """Regrouped into full pages, as a page has a fixed cost for whoever reads it."""
        found: list[Recorded] = []
        try:
            async for page in pages:
                found += self._found(page)
                ends = page[-1].position >= self._until
                while len(found) >= PAGE_MAX or (found and ends):
                    yield found[:PAGE_MAX]
                    found = found[PAGE_MAX:]
        finally:
            await pages.aclose()
        if found:
            yield found
