"""A reader of another reader's log, with each page of the log transformed."""

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator

from eventstore.port import EventReader, Page, Position, Revision, StreamName


class ReaderDecorator(ABC):
    """An EventReader whose read_all and follow give transformed pages. Closing it closes the
    store.
    """

    def __init__(self, store: EventReader) -> None:
        self._store = store

    @abstractmethod
    def _transform(self, pages: AsyncGenerator[Page, None]) -> AsyncGenerator[Page, None]:
        """The transformed pages. Closes the pages given, however it ends."""

    def read_stream(
        self, stream: StreamName, *, after: Revision | None = None
    ) -> AsyncGenerator[Page, None]:
        return self._store.read_stream(stream, after=after)

    def read_all(self, *, after: Position | None = None) -> AsyncGenerator[Page, None]:
        return self._transform(self._store.read_all(after=after))

    def follow(self, *, after: Position | None = None) -> AsyncGenerator[Page, None]:
        return self._transform(self._store.follow(after=after))

    async def head(self) -> Position | None:
        return await self._store.head()

    async def check(self) -> None:
        await self._store.check()

    async def aclose(self) -> None:
        await self._store.aclose()
