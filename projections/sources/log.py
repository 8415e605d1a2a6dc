"""Where events come from, for the runner: here the log. One read and decode serve all models.

A model takes what it needs when it is ready for more (nothing is pushed), and gets all there is by
then up to a batch. A model that stands still holds up nobody.
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
"""The name of the log among sources: the key of its checkpoint."""

START = -1
"""Before all positions."""
BATCH_MAX = 500
BULK_MAX = 2_000
"""Of a replay: the more of an order's events come in one batch, the less often it is written."""
PACE_S = 0.005
PACE_MAX_S = 0.1
PACE_PER_EVENT_S = 0.0004
"""Between two readings of the log, at least, so that what comes close together is committed
together: a commit costs each of four models 0.3 ms besides its events. The more the last reading
brought, the longer, as from 2,500 events a second on the models keep a core busy."""
RING_MAX = 8
"""Decoded pages that are kept for models that are a little behind."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Events in the source's order, and the checkpoints that hold once they are applied.

    last: by part of the source the last event read there, where the log's checkpoint runs behind
    what is applied: by it another log is known. hinted: they came over a bus, not from the log.
    """

    items: Sequence[Item]
    checkpoints: Mapping[str, int]
    last: Mapping[str, Item] = field(default_factory=dict)
    hinted: bool = False


@dataclass(frozen=True, slots=True)
class Swept:
    """A page of the log whose events are most likely applied: only what is not gets decoded.

    Empty where the log has nothing new. through: the sweep ends with it, at this position.
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
    ) -> AsyncGenerator[Batch | Swept, None]:
        """Batches behind the checkpoints; an event may come again, none is left out.

        stop_at_tail: end where the source ended when it was asked; else wait there for more. A
        source may end before: it is then asked again, with the checkpoints as they are by then.
        Closing it, or cancelling the task that waits for it, disturbs no other reader.
        """
        ...


Decode: TypeAlias = Callable[[Recorded], Item]


def decode_item(recorded: Recorded) -> Item:
    """The event, or what is known of it where it does not decode, or its hash is not that of its
    content; never raises.
    """
    item = decode_unverified(recorded)
    if isinstance(item, Undecoded):
        return item
    try:
        verify_content(recorded)
    except ChainBroken as error:
        return undecoded(recorded, error)
    return item


def decode_unverified(recorded: Recorded) -> Item:
    """As decode_item(), whatever its hash."""
    try:
        return decode(recorded)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 (whatever fails parks the order, not the source)
        return undecoded(recorded, error)


def undecoded(recorded: Recorded, error: Exception) -> Undecoded:
    """What stands for an event that is not to be applied."""
    return Undecoded(
        order_id=order_id_of(recorded.stream),
        revision=recorded.revision,
        position=recorded.position,
        type=recorded.type,
        recorded=recorded,
        error=error,
    )


def decoded_from(log: VerifiedLog) -> Decode:
    """Events that were read through it, of which it knows whether they are as they were written."""

    def decode(recorded: Recorded) -> Item:
        item, fault = decode_unverified(recorded), log.fault(recorded)
        return item if fault is None or isinstance(item, Undecoded) else undecoded(recorded, fault)

    return decode


@dataclass(frozen=True, slots=True)
class _Decoded:
    """A page of the log. after, end: positions it begins behind and ends with."""

    after: int
    end: int
    items: Sequence[Item]


class SharedLog:
    """The log as a source, shared by the models of a process. aclose() when all are done.

    The pages read last stand in a ring. A model at its end asks for the next page; one that is
    inside reads from memory; one that fell out reads pages of its own until it is in again.
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
        """batch_max, bulk_max: events of a batch, live and up to the tail. ring_max: in pages.

        pace_s: least time from one reading to the next. decode: instead of decode_item().
        """
        self._store = store
        self._decode = decode
        self._batch_max = batch_max
        # A batch is put together in the ring.
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
                    # The log ends before the ring begins, so it has lost its end: do not spin.
                    await asyncio.sleep(PACE_MAX_S)
            elif at < self._end and not self._grows(at, tail):
                items = self._remembered(at, self._batch_max if tail is None else self._bulk_max)
                at = items[-1].position
                yield Batch(items, {LOG: at})
            else:
                await self._read_on(max(at, self._end))

    async def aclose(self) -> None:
        """Stop reading; models that wait for more get CancelledError."""
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.wait({self._reading})
        await self._let_go()

    @property
    def _start(self) -> int:
        return self._ring[0].after if self._ring else self._end

    async def _tail(self) -> int:
        head = await self._store.head()
        return START if head is None else head

    def _grows(self, at: int, tail: int | None) -> bool:
        """True where a batch up to the tail can have another page and still fit the ring."""
        if tail is None or self._end >= tail:
            return False
        pages = sum(page.end > at for page in self._ring)
        return (pages + 1) * PAGE_MAX <= self._bulk_max

    def _remembered(self, at: int, limit: int) -> Sequence[Item]:
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
        """Wait for the page after the ring. The reading goes on for the others if cancelled."""
        if self._reading is None or self._reading.done():
            if at != self._end:
                # Before anybody else runs: a model that is behind `at` must read pages of its own.
                # If it joined this reading it would wait for events after the log's end.
                self._ring.clear()
                self._end, self._moved = at, True
            self._reading = asyncio.create_task(self._read_page(at))
            self._reading.add_done_callback(_looked_at)
        reading = self._reading
        await asyncio.wait({reading})
        reading.result()

    async def _read_page(self, at: int) -> None:
        try:
            if self._cursor is None or self._moved:
                await self._let_go()
                self._moved = False
                self._cursor = self._store.follow(after=position_of(at))
            await self._keep_pace()
            page = await anext(self._cursor)
            now_s = asyncio.get_running_loop().time()
            self._next_s = now_s + _pace_s(len(page), self._pace_s)
        except BaseException:
            await self._let_go()
            raise
        items = self._decoded(page)
        self._ring.append(_Decoded(self._end, page[-1].position, items))
        self._end = page[-1].position

    async def _keep_pace(self) -> None:
        now_s = asyncio.get_running_loop().time()
        if self._next_s > now_s:
            await asyncio.sleep(self._next_s - now_s)

    async def _let_go(self) -> None:
        cursor, self._cursor = self._cursor, None
        if cursor is not None:
            await cursor.aclose()


def _pace_s(events: int, least_s: float) -> float:
    """After a full page there is more to read already."""
    if not least_s or events >= PAGE_MAX:
        return least_s
    return max(least_s, min(PACE_MAX_S, events * PACE_PER_EVENT_S))


def position_of(at: int) -> Position | None:
    """As the store takes it."""
    return None if at == START else Position(at)


def _looked_at(task: asyncio.Task[None]) -> None:
    """A reading whose readers have all gone may fail without a word."""
    if not task.cancelled():
        task.exception()
