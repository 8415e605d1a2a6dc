"""Reading a log and holding it against the hash chains of its streams, in bounded memory."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from typing import Final

from eventstore.chain import ChainBroken, Link, verify_chain
from eventstore.port import (
    Draft,
    EventStore,
    Expected,
    Page,
    Position,
    Recorded,
    Revision,
    StreamName,
)
from eventstore.reading import event_at

LINKS_MAX: Final = 100_000


class Chains:
    """Verifies the chain of every stream of a log in bounded memory.

    links_max: streams remembered; of one that was put away the event before is read again.
    """

    def __init__(self, store: EventStore, *, links_max: int = LINKS_MAX) -> None:
        self._store = store
        self._links_max = links_max
        self._links: dict[StreamName, Link] = {}

    async def verify(self, page: Page) -> None:
        """The events that follow on those given before. Raises ChainBroken, StoreError."""
        first: dict[StreamName, Recorded] = {}
        for recorded in page:
            first.setdefault(recorded.stream, recorded)
        for recorded in first.values():
            if recorded.revision > 0 and recorded.stream not in self._links:
                await self._recall(recorded)
        verify_chain(page, self._links, from_start=True)
        while len(self._links) > self._links_max:
            del self._links[next(iter(self._links))]

    def fork(self) -> "Chains":
        """To go over the same events twice from here."""
        fork = Chains(self._store, links_max=self._links_max)
        fork._links = dict(self._links)
        return fork

    async def _recall(self, recorded: Recorded) -> None:
        before = await event_at(self._store, recorded.stream, recorded.revision - 1)
        if before is not None:
            verify_chain([before], self._links, from_start=False)


class VerifiedLog:
    """A store whose log gives away no page that is not as it was written.

    read_all and follow raise ChainBroken there, whoever reads. Several may read it, each from the
    log's start or from where another one has read to: what was verified is not verified again.
    """

    def __init__(self, store: EventStore) -> None:
        self._store = store
        self._chains = Chains(store)
        self._verified = -1
        self._one_at_a_time = asyncio.Lock()
        self._broken: ChainBroken | None = None

    async def append(
        self, stream: StreamName, drafts: Sequence[Draft], *, expected: Expected
    ) -> Position:
        return await self._store.append(stream, drafts, expected=expected)

    def read_stream(
        self, stream: StreamName, *, after: Revision | None = None
    ) -> AsyncIterator[Page]:
        return self._store.read_stream(stream, after=after)

    def read_all(self, *, after: Position | None = None) -> AsyncIterator[Page]:
        return self._each_verified(self._store.read_all(after=after))

    def follow(self, *, after: Position | None = None) -> AsyncIterator[Page]:
        return self._each_verified(self._store.follow(after=after))

    async def head(self) -> Position | None:
        return await self._store.head()

    async def aclose(self) -> None:
        await self._store.aclose()

    async def _each_verified(self, pages: AsyncIterator[Page]) -> AsyncIterator[Page]:
        try:
            async for page in pages:
                async with self._one_at_a_time:
                    await self._verify(page)
                yield page
        finally:
            if isinstance(pages, AsyncGenerator):
                await pages.aclose()

    async def _verify(self, page: Page) -> None:
        # Half of that page has been taken into the chains.
        if self._broken is not None:
            raise self._broken
        try:
            await self._chains.verify([r for r in page if r.position > self._verified])
        except ChainBroken as error:
            self._broken = error
            raise
        self._verified = max(self._verified, page[-1].position)
