"""Verifying a log against the hash chains of its streams while it is read, in bounded memory."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import suppress
from typing import Final

from eventstore.decorator import ReaderDecorator
from eventstore.lookup import event_at
from eventstore.port import (
    EventReader,
    Page,
    Position,
    Recorded,
    StoreError,
    StreamDeleted,
    StreamName,
)
from eventstore.record.chain import (
    ChainBroken,
    Link,
    Links,
    as_written,
    hashes_of,
    verify_chain,
)
from eventstore.record.schemas import SCHEMAS

LINKS_MAX: Final = 100_000
ALTERED_MAX: Final = 100
"""Up to so many orders with altered or missing events each is damage to that order alone; with
more, the log as a whole cannot be trusted.
"""


class ChainVerifier:
    """Verifies the chain of every stream of a log in bounded memory.

    links_max: streams remembered. For a forgotten one the previous event is read again.
    """

    def __init__(self, store: EventReader, *, links_max: int = LINKS_MAX) -> None:
        self._store = store
        self._links_max = links_max
        self._links: dict[StreamName, Link] = {}

    async def verify(self, page: Page) -> None:
        """Verify the next events of the log. Raises ChainBroken, StoreError."""
        for recorded in self._forgotten(page):
            before = await self._before(recorded)
            if before is not None:
                verify_chain([before], self._links, from_start=False)
        verify_chain(page, self._links, from_start=True)
        self._forget_oldest()

    async def faults(self, page: Page) -> Mapping[Position, ChainBroken]:
        """The events of a page that are not as they were written, by position.

        Continues after each of them. An event that merely follows a gap is not among them. Raises
        StoreError.
        """
        for recorded in self._forgotten(page):
            with suppress(StreamDeleted, ChainBroken):
                before = await self._before(recorded)
                if before is not None:
                    self._links[before.stream] = as_written(before)
        found = faults_of(page, self._links, from_start=True)
        self._forget_oldest()
        return found

    def fork(self) -> "ChainVerifier":
        """A copy, to verify the same events twice from here."""
        fork = ChainVerifier(self._store, links_max=self._links_max)
        fork._links = dict(self._links)
        return fork

    def _forgotten(self, page: Page) -> Sequence[Recorded]:
        """The first event in the page of each stream that is not remembered any more."""
        first: dict[StreamName, Recorded] = {}
        for recorded in page:
            first.setdefault(recorded.stream, recorded)
        return [
            recorded
            for recorded in first.values()
            if recorded.revision > 0 and recorded.stream not in self._links
        ]

    async def _before(self, recorded: Recorded) -> Recorded | None:
        return await event_at(self._store, recorded.stream, recorded.revision - 1)

    def _forget_oldest(self) -> None:
        while len(self._links) > self._links_max:
            del self._links[next(iter(self._links))]


def faults_of(page: Page, links: Links, *, from_start: bool) -> Mapping[Position, ChainBroken]:
    """The events that are not as they were written, by position; see verify_chain()."""
    found: dict[Position, ChainBroken] = {}
    left = list(page)
    while left:
        try:
            verify_chain(left, links, from_start=from_start)
        except ChainBroken as error:
            at = next(n for n, one in enumerate(left) if one.position == error.position)
            broken = left[at]
            if not _follows_gap(broken, links.get(broken.stream)):
                found[broken.position] = error
            links[broken.stream] = as_written(broken)
            left = left[at + 1 :]
        else:
            left = []
    return found


def begins_foreign(recorded: Recorded) -> bool:
    """Whether another program began the stream: it is no order of Daybook's, altered or not."""
    return recorded.revision == 0 and recorded.type not in SCHEMAS and hashes_of(recorded) is None


def _follows_gap(recorded: Recorded, last: Link | None) -> bool:
    """Whether events before it are missing."""
    return recorded.revision > (0 if last is None else last.revision + 1)


class LogAltered(StoreError):
    """So many orders are not as they were written that the log cannot be trusted."""


class VerifiedLog(ReaderDecorator):
    """A reader that verifies the log's chains as it is read: see fault().

    read_all and follow raise LogAltered once more than ALTERED_MAX orders are altered; streams that
    another program began do not count. Several
    callers may read, each from the start or from where another one has read to; nothing is verified
    twice.
    """

    def __init__(self, store: EventReader) -> None:
        super().__init__(store)
        self._chains = ChainVerifier(store)
        self._verified = -1
        self._one_at_a_time = asyncio.Lock()
        self._faults: dict[Position, ChainBroken] = {}
        self._altered: set[StreamName] = set()
        self._foreign: set[StreamName] = set()

    def fault(self, recorded: Recorded) -> ChainBroken | None:
        """What is wrong with an event of a page that was read; None if it is as written."""
        return self._faults.get(recorded.position)

    async def _transform(self, pages: AsyncGenerator[Page, None]) -> AsyncGenerator[Page, None]:
        try:
            async for page in pages:
                async with self._one_at_a_time:
                    await self._verify(page)
                yield page
        finally:
            await pages.aclose()

    async def _verify(self, page: Page) -> None:
        if len(self._altered) <= ALTERED_MAX:
            found = await self._chains.faults([r for r in page if r.position > self._verified])
            self._verified = max(self._verified, page[-1].position)
            self._faults |= found
            self._foreign |= {r.stream for r in page if r.position in found and begins_foreign(r)}
            self._altered |= {fault.stream for fault in found.values()} - self._foreign
        if len(self._altered) > ALTERED_MAX:
            first = self._faults[min(self._faults)]
            raise LogAltered(f"more than {ALTERED_MAX} orders are altered; the first: {first}")
