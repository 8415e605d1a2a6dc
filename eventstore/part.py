"""One part of a log: the events of some of its orders, up to a position."""

from collections.abc import AsyncGenerator
from zlib import crc32

from eventstore.decorator import ReaderDecorator
from eventstore.port import PAGE_MAX, EventReader, Page, Position, Recorded
from eventstore.record.codec import order_id_of


def part_of(order_id: str, of: int) -> int:
    """Which of `of` parts an order belongs to; the same in every process."""
    return crc32(order_id.encode()) % of


class PartOfLog(ReaderDecorator):
    """A reader of one of `of` parts, up to the position `until`.

    For a log without gaps up to that position (eventstore.stores.is_dense).
    """

    def __init__(self, store: EventReader, part: int, *, of: int, until: int) -> None:
        super().__init__(store)
        self._part = part
        self._of = of
        self._until = until

    async def head(self) -> Position | None:
        """Searched backwards from the end, a page at a time."""
        after = self._until
        while after > 0:
            after = max(0, after - PAGE_MAX)
            async for page in self._store.read_all(after=Position(after)):
                if found := self._found(page):
                    return found[-1].position
                break
        return None

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
