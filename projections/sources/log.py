"""The sources that the runner takes events from, and the log as one: read and decoded once for all
models of a process.

Nothing is pushed: a model asks for a batch when it is ready, and gets what has been recorded by
then, up to a batch. A model that stops delays no other.
"""

import asyncio
from bisect import bisect_right
from collections import deque
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from eventstore.port import PAGE_MAX, EventReader, Page, Position, Recorded
from eventstore.record.chain import ChainBroken, verify_content
from eventstore.record.codec import decode, order_id_of
from eventstore.verified import VerifiedLog
from projections.fold import Item, Undecoded

LOG = "log"
"""The log's name among sources: the key of its checkpoint."""

START = -1
"""Before all positions."""
BATCH_MAX = 500
BULK_MAX = 2_000
"""Of a replay: the more events of an order a batch contains, the fewer times it is written."""
PACE_S = 0.005
PACE_MAX_S = 0.1
PACE_PER_EVENT_S = 0.0004
"""The least time between two reads of the log. So events that come close together are committed
together: a commit costs each of four models 0.3 ms besides its events. The pause grows with the
number of events last read, as from 2,500 events a second on the models keep a core busy."""
RING_MAX = 8
"""Decoded pages kept in memory for models that are slightly behind."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Events in the source's order, and the checkpoints that hold once they are applied.

    last: for each partition of a bus, the last event read of it; by it a model that resumes finds
    out that it is on another log. hinted: the events came over a bus, not from the log.
    """

    items: Sequence[Item]
    checkpoints: Mapping[str, int]
    last: Mapping[str, Item] = field(default_factory=dict)
    hinted: bool = False


@dataclass(frozen=True, slots=True)
class LogPage:
    """A page of the log, most of whose events are applied already: only the others are decoded.

    page: empty if the log has nothing new. through: where the sweep ends, if this is its last page.
    """

    page: Page
    checkpoints: Mapping[str, int]
    through: int | None = None

    @property
    def items(self) -> Sequence[Item]:
        """All of them decoded."""
        return [decode_item(recorded) for recorded in self.page]


class Source(Protocol):
    def batches(
        self, after: Mapping[str, int], *, stop_at_tail: bool
    ) -> AsyncGenerator[Batch | LogPage, None]:
        """Batches after the checkpoints; an event may come again, none is left out.

        stop_at_tail: end where the source ended at the time of the call; else wait there for more.
        A source may end earlier: call it again then, with the new checkpoints. Closing the batches,
        or cancelling the task that waits for them, affects no other reader.
        """
        ...


Decode: TypeAlias = Callable[[Recorded], Item]


def decode_item(recorded: Recorded) -> Item:
    """The event; Undecoded if it cannot be decoded, or its hash is not that of its content."""
    item = decode_unverified(recorded)
    if isinstance(item, Undecoded):
        return item
    try:
        verify_content(recorded)
    except ChainBroken as error:
        return undecoded(recorded, error)
    return item


def decode_unverified(recorded: Recorded) -> Item:
    """As decode_item(), but its hash is not verified."""
    try:
        return decode(recorded)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 (any failure parks the order and does not stop the source)
        return undecoded(recorded, error)


def undecoded(recorded: Recorded, error: Exception) -> Undecoded:
    """What takes the place of an event that cannot be applied."""
    return Undecoded(
        order_id=order_id_of(recorded.stream),
        revision=recorded.revision,
        position=recorded.position,
        type=recorded.type,
        recorded=recorded,
        error=error,
    )


def decoded_from(log: VerifiedLog) -> Decode:
    """Decodes events read through a VerifiedLog, which knows which of them were altered."""

    def decode(recorded: Recorded) -> Item:
        item, fault = decode_unverified(recorded), log.fault(recorded)
        return item if fault is None or isinstance(item, Undecoded) else undecoded(recorded, fault)

    return decode


@dataclass(frozen=True, slots=True)
class _Decoded:
    """A page of the log. after: the position it begins after; end: its last position."""

    after: int
    end: int
    items: Sequence[Item]


class SharedLog:
    """The log as a source, shared by the models of a process. aclose() when all are done.

    The last pages read are kept in a ring. A model at its end makes the next page be read; a model
    inside it reads from memory; a model before it reads pages of its own until it has reached it.
    """

    def __init__(
        self,
        store: EventReader,
        *,
        batch_max: int = BATCH_MAX,
        bulk_max: int = BULK_MAX,
        ring_max: int = RING_MAX,
        pace_s: float = PACE_S,
        decode: Decode | None = None,
    ) -> None:
        """batch_max, bulk_max: events in a batch, live and up to the tail. ring_max: in pages.

        pace_s: least time between two reads. decode: instead of decode_item().
        """
        self._store = store
        self._decode = decode
        self._batch_max = batch_max
        # A batch is assembled from the ring.
        self._bulk_max = min(bulk_max, (ring_max - 1) * PAGE_MAX)
        self._ring: deque[_Decoded] = deque(maxlen=ring_max)
        self._end = START
        self._moved = False
        self._pace_s = pace_s
        self._next_s = 0.0
        self._cursor: AsyncGenerator[Page, None] | None = None
        self._reading: asyncio.Task[None] | None = None

    async def batches(
        self, after: Mapping[str, int], *, stop_at_tail: bool
    ) -> AsyncGenerator[Batch, None]:
        """See Source."""
        at = after.get(LOG, START)
        tail = await self._tail() if stop_at_tail else None
        while tail is None or at < tail:
            if at < self._start:
                before = at
                async with aclosing(self._own_pages(at)) as pages:
                    async for items in pages:
                        at = items[-1].position
                        yield Batch(items, {LOG: at})
                        if at >= self._start:
                            break
                if at == before:
                    # The log ends before the ring begins: it has lost its end.
                    await asyncio.sleep(PACE_MAX_S)
            elif at < self._end and not self._grows(at, tail):
                items = self._from_memory(at, self._batch_max if tail is None else self._bulk_max)
                at = items[-1].position
                yield Batch(items, {LOG: at})
            else:
                await self._read_on(max(at, self._end))

    async def aclose(self) -> None:
        """Stop reading. Models that wait for more get CancelledError."""
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.wait({self._reading})
        await self._close_cursor()

    @property
    def _start(self) -> int:
        return self._ring[0].after if self._ring else self._end

    async def _tail(self) -> int:
        head = await self._store.head()
        return START if head is None else head

    def _grows(self, at: int, tail: int | None) -> bool:
        """Whether a batch up to the tail can take another page and still fit the ring."""
        if tail is None or self._end >= tail:
            return False
        pages = sum(page.end > at for page in self._ring)
        return (pages + 1) * PAGE_MAX <= self._bulk_max

    def _from_memory(self, at: int, limit: int) -> Sequence[Item]:
        found: list[Item] = []
        for page in self._ring:
            if page.end <= at:
                continue
            items = page.items
            if page.after < at:
                items = items[bisect_right(items, at, key=lambda item: item.position) :]
            if found and len(found) + len(items) > limit:
                break
            found.extend(items)
        return found

    async def _own_pages(self, at: int) -> AsyncGenerator[Sequence[Item], None]:
        read = self._store.read_all(after=position_of(at))
        async for page in read:
            yield self._decoded(page)

    def _decoded(self, page: Page) -> Sequence[Item]:
        decode = self._decode or decode_item
        return [decode(recorded) for recorded in page]

    async def _read_on(self, at: int) -> None:
        """Wait for the page after the ring. If cancelled, the read continues for the others."""
        if self._reading is None or self._reading.done():
            if at != self._end:
                # At once: a model that is behind `at` has to read pages of its own. If it joined
                # this read, it would wait for events after the log's end.
                self._ring.clear()
                self._end, self._moved = at, True
            self._reading = asyncio.create_task(self._read_page(at))
            self._reading.add_done_callback(_consume_exception)
        reading = self._reading
        await asyncio.wait({reading})
        reading.result()

    async def _read_page(self, at: int) -> None:
        try:
            if self._cursor is None or self._moved:
                await self._close_cursor()
                self._moved = False
                self._cursor = self._store.follow(after=position_of(at))
            await self._keep_pace()
            page = await anext(self._cursor)
            now_s = asyncio.get_running_loop().time()
            self._next_s = now_s + _pace_s(len(page), self._pace_s)
        except BaseException:
            await self._close_cursor()
            raise
        items = self._decoded(page)
        self._ring.append(_Decoded(self._end, page[-1].position, items))
        self._end = page[-1].position

    async def _keep_pace(self) -> None:
        now_s = asyncio.get_running_loop().time()
        if self._next_s > now_s:
            await asyncio.sleep(self._next_s - now_s)

    async def _close_cursor(self) -> None:
        cursor, self._cursor = self._cursor, None
        if cursor is not None:
            await cursor.aclose()


def _pace_s(events: int, least_s: float) -> float:
    """Only the least time after a full page: there is more to read already."""
    if not least_s or events >= PAGE_MAX:
        return least_s
    return max(least_s, min(PACE_MAX_S, events * PACE_PER_EVENT_S))


def position_of(at: int) -> Position | None:
    """As the parameter of a store."""
    return None if at == START else Position(at)


def _consume_exception(task: asyncio.Task[None]) -> None:
    """A read that no model waits for any more may fail unnoticed."""
    if not task.cancelled():
        task.exception()
