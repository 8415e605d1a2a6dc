"""A store whose log is read through something: its pages are another one's, changed."""

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, AsyncIterator, Sequence

from eventstore.port import Draft, EventStore, Expected, Page, Position, Revision, StreamName


class Through(ABC):
    """The store's, but for the pages of read_all and follow. aclose() closes the store."""

    def __init__(self, store: EventStore) -> None:
        self._store = store

    @abstractmethod
    def _through(self, pages: AsyncIterator[Page]) -> AsyncIterator[Page]:
        """What becomes of the log's pages; close() them, however it ends."""

    async def append(
        self, stream: StreamName, drafts: Sequence[Draft], *, expected: Expected
    ) -> Position:
        return await self._store.append(stream, drafts, expected=expected)

    def read_stream(
        self, stream: StreamName, *, after: Revision | None = None
    ) -> AsyncIterator[Page]:
        return self._store.read_stream(stream, after=after)

    def read_all(self, *, after: Position | None = None) -> AsyncIterator[Page]:
        return self._through(self._store.read_all(after=after))

    def follow(self, *, after: Position | None = None) -> AsyncIterator[Page]:
        return self._through(self._store.follow(after=after))

    async def head(self) -> Position | None:
        return await self._store.head()

    async def check(self) -> None:
        await self._store.check()

    async def aclose(self) -> None:
        await self._store.aclose()


async def close(pages: AsyncIterator[Page]) -> None:
    """End a reading before its end, whatever kind of iterator it is."""
    if isinstance(pages, AsyncGenerator):
        await pages.aclose()
