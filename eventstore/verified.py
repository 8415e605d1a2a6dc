"""Reading a log and holding it against the hash chains of its streams, in bounded memory."""

import asyncio
from collections.abc import AsyncIterator
from typing import Final

from eventstore.chain import ChainBroken, Link, verify_chain
from eventstore.port import EventStore, Page, Recorded, StreamName
from eventstore.reading import event_at
from eventstore.through import Through, close

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


class VerifiedLog(Through):
    """A store whose log gives away no page that is not as it was written.

    read_all and follow raise ChainBroken there, whoever reads. Several may read it, each from the
    log's start or from where another one has read to: what was verified is not verified again.
    """

    def __init__(self, store: EventStore) -> None:
        super().__init__(store)
        self._chains = Chains(store)
        self._verified = -1
        self._one_at_a_time = asyncio.Lock()
        self._broken: ChainBroken | None = None

    async def _through(self, pages: AsyncIterator[Page]) -> AsyncIterator[Page]:
        try:
            async for page in pages:
                async with self._one_at_a_time:
                    await self._verify(page)
                yield page
        finally:
            await close(pages)

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
