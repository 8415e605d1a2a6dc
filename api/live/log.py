"""The log as it grows, read once for all live streams of a server.

Nothing is pushed: a stream asks for the next events when it has sent the last ones, so a client
that reads slowly fills no memory and delays nobody. The last pages of the log are kept; a stream
that is before them reads the log itself until it has reached them. A stream at the end waits, and a
new page wakes only those that want some of it.
"""

import asyncio
from collections import defaultdict, deque
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from types import TracebackType
from typing import Final, NamedTuple, Self

from api.http.problems import Rejected
from api.http.sharing import Turn, Turns
from api.live.customers import Customers
from api.live.event import LiveEvent, Wanted
from eventstore.port import EventReader, Page, PositionUnknown
from eventstore.record.codec import stream_name
from projections.sources.log import START, position_of

BEAT_S: Final = 15.0
"""A stream that has nothing to send says after so long how far it is."""
PACE_S: Final = 0.004
"""The least time between two reads: events that come close together are sent together."""
PACE_PER_STREAM_S: Final = 0.00008
"""What a stream that is woken costs: while many are, the log is read less often, so that events are
sent together and commands have their share of the core.
"""
STEP_EVENTS_MAX: Final = 500
KEPT_BYTES_MAX: Final = 8 * 1_048_576
"""Of the pages kept, as they are stored."""


class Step(NamedTuple):
    """Events in the log's order, perhaps none. position: where a stream resumes after them.
    caught_up: the log had no more at that time.
    """

    events: Sequence[LiveEvent]
    position: int
    caught_up: bool


@dataclass(frozen=True, slots=True)
class _KeptPage:
    """after: the position it begins after; end: its last position."""

    after: int
    end: int
    events: Sequence[LiveEvent]
    bytes: int


class _Waiter(NamedTuple):
    """A stream at the end of the log. reached: the position up to which nothing is wanted."""

    wanted: Wanted
    reached: asyncio.Future[int]


class LiveLog:
    """The live streams of one server. `async with`; they end with the block.

    The log is read while there is a stream.
    """

    def __init__(
        self,
        store: EventReader,
        *,
        kept_bytes_max: int = KEPT_BYTES_MAX,
        pace_s: float = PACE_S,
    ) -> None:
        self._store = store
        self._kept_bytes_max = kept_bytes_max
        self._pace_s = pace_s
        self._turns = Turns()
        self._customers = Customers(store)
        self._kept: deque[_KeptPage] = deque()
        self._kept_bytes = 0
        self._end = START
        self._waiting: dict[str | None, set[_Waiter]] = defaultdict(set)
        self._streams = 0
        self._reading: asyncio.Task[None] | None = None
        self._beginning = asyncio.Lock()
        self._closed = False

    def __len__(self) -> int:
        """Streams now."""
        return self._streams

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """End all streams."""
        self._closed = True
        for waiter in self._all_waiting():
            waiter.reached.set_result(self._end)
        await self._stop_reading()

    async def start(self, after: int | None) -> int:
        """The position that a stream begins after. None: where the log ends now; 0: before all.

        Raises Rejected (unknown-position) for one beyond the log's end; StoreError.
        """
        head = await self._store.head()
        end = START if head is None else head
        if after is None:
            return end
        if after > max(end, 0):
            raise Rejected("unknown-position", f"the log ends at position {max(end, 0)}")
        return after if after > 0 else START

    async def steps(
        self, wanted: Wanted, after: int, *, beat_s: float = BEAT_S
    ) -> AsyncGenerator[Step, None]:
        """The events after a position, in the log's order, each once; close it with aclosing().

        It waits for more at the log's end, and ends when the server stops. A step without events is
        yielded when the stream has caught up for the first time, and when there were no events for
        beat_s.

        Raises Rejected (unknown-position) for a position that no event of the log has; StoreError.
        """
        time = asyncio.get_running_loop().time
        last_s, was_caught_up = time(), False
        async with aclosing(self._all_steps(wanted, after, beat_s)) as steps:
            async for step in steps:
                is_news = bool(step.events) or (step.caught_up and not was_caught_up)
                was_caught_up = was_caught_up or step.caught_up
                if is_news or time() >= last_s + 0.9 * beat_s:
                    last_s = time()
                    yield step

    async def _all_steps(
        self, wanted: Wanted, after: int, beat_s: float
    ) -> AsyncGenerator[Step, None]:
        """As steps(), with one for each page that was looked through."""
        self._streams += 1
        try:
            await self._begin_reading()
            at, told = after, False
            while not self._closed:
                if at < self._start:
                    async with aclosing(self._catch_up(wanted, at, beat_s)) as read:
                        async for step in read:
                            at = step.position or START
                            yield step
                else:
                    step = await self._next(wanted, at, beat_s, told=told)
                    at, told = step.position or START, told or step.caught_up
                    yield step
        except PositionUnknown:
            raise Rejected("unknown-position", "no event of this log has the position") from None
        finally:
            self._streams -= 1
            if not self._streams:
                await self._stop_reading()

    @property
    def _start(self) -> int:
        return self._kept[0].after if self._kept else self._end

    async def _next(self, wanted: Wanted, at: int, beat_s: float, *, told: bool) -> Step:
        """The next step of a stream that is among the pages kept. told: that it is at the end."""
        if at < self._end:
            events, at = await self._from_memory(wanted, at)
            return Step(events, at, at >= self._end)
        if not told:
            return Step((), max(at, 0), caught_up=True)
        await self._begin_reading()  # again, where it has failed
        if at < self._end:
            return Step((), max(at, 0), caught_up=False)
        at = max(at, await self._wait(wanted, beat_s))
        if self._start <= at < self._end:
            events, at = await self._from_memory(wanted, at)
            return Step(events, at, at >= self._end)
        return Step((), max(at, 0), caught_up=at >= self._end)

    async def _wait(self, wanted: Wanted, beat_s: float) -> int:
        """Wait for a page with wanted events, or for beat_s. The position up to which there are
        none: where that page begins, or where the log's pages ended when the time was over.

        Raises StoreError where the log cannot be read.
        """
        loop = asyncio.get_running_loop()
        waiter = _Waiter(wanted, loop.create_future())
        waiting = self._waiting[wanted.order_id]
        waiting.add(waiter)
        # No cancellation: a page that came between it and this task's next turn would be lost.
        timer = loop.call_later(beat_s, self._beat, waiter)
        try:
            return await waiter.reached
        finally:
            timer.cancel()
            waiting.discard(waiter)
            if not waiting:
                self._waiting.pop(wanted.order_id, None)

    def _beat(self, waiter: _Waiter) -> None:
        if not waiter.reached.done():
            waiter.reached.set_result(self._end)

    async def _from_memory(self, wanted: Wanted, at: int) -> tuple[list[LiveEvent], int]:
        """Events of the pages kept, and the position up to which they were looked through."""
        found: list[LiveEvent] = []
        for page in list(self._kept):
            if page.end <= at:
                continue
            found += [event for event in page.events if event.position > at and wanted.takes(event)]
            at = page.end
            if len(found) >= STEP_EVENTS_MAX:
                break
        return await self._of_customer(wanted, found), at

    async def _catch_up(self, wanted: Wanted, at: int, beat_s: float) -> AsyncGenerator[Step, None]:
        """Steps up to the pages kept."""
        pages = self._from_order if wanted.order_id is not None else self._from_log
        before = at
        async with aclosing(pages(wanted, at)) as steps:
            async for step in steps:
                at = step.position
                yield step
        if at == before:
            # The log ends before the pages kept begin: it has lost its end.
            await asyncio.sleep(beat_s)

    async def _from_log(self, wanted: Wanted, at: int) -> AsyncGenerator[Step, None]:
        turn = self._turns.new()
        async with aclosing(self._store.read_all(after=position_of(at))) as pages:
            async for page in pages:
                yield await self._step(wanted, page, at, page[-1].position, turn)
                if self._closed or page[-1].position >= self._start:
                    return

    async def _from_order(self, wanted: Wanted, at: int) -> AsyncGenerator[Step, None]:
        """From the order's stream, where all of it up to the last page kept is by now."""
        assert wanted.order_id is not None
        turn, through = self._turns.new(), self._end
        async with aclosing(self._store.read_stream(stream_name(wanted.order_id))) as pages:
            async for page in pages:
                if page[-1].position > at:
                    end = min(page[-1].position, through)
                    yield await self._step(wanted, page, at, end, turn)
                if page[-1].position >= through:
                    break
        yield Step((), max(through, 0), caught_up=False)

    async def _step(self, wanted: Wanted, page: Page, after: int, end: int, turn: Turn) -> Step:
        await turn.go_on()
        with turn:
            events = [LiveEvent(each) for each in page if after < each.position <= end]
            found = [event for event in events if wanted.takes(event)]
            for event in found:
                _ = event.frame  # decoded here, within the turn
        return Step(await self._of_customer(wanted, found), end, caught_up=False)

    async def _of_customer(self, wanted: Wanted, found: list[LiveEvent]) -> list[LiveEvent]:
        if wanted.customer_id is None:
            return found
        return [event for event in found if wanted.customer_id in await self._customers.of(event)]

    async def _begin_reading(self) -> None:
        async with self._beginning:
            if self._reading is not None and not self._reading.done():
                return
            head = await self._store.head()
            self._kept.clear()
            self._kept_bytes = 0
            self._end = START if head is None else head
            self._reading = asyncio.create_task(self._read())

    async def _stop_reading(self) -> None:
        reading, self._reading = self._reading, None
        if reading is not None:
            reading.cancel()
            await asyncio.wait({reading})

    async def _read(self) -> None:
        try:
            async with aclosing(self._store.follow(after=position_of(self._end))) as pages:
                async for page in pages:
                    woken = self._keep(page)
                    await asyncio.sleep(max(self._pace_s, woken * PACE_PER_STREAM_S))
        except Exception as error:  # noqa: BLE001 (raised in every stream that waits)
            for waiter in self._all_waiting():
                waiter.reached.set_exception(error)

    def _keep(self, page: Page) -> int:
        """The number of streams that it wakes."""
        events = [LiveEvent(each) for each in page]
        size = sum([len(each.data) + len(each.metadata) for each in page])
        self._kept.append(_KeptPage(self._end, page[-1].position, events, size))
        self._kept_bytes += size
        while self._kept_bytes > self._kept_bytes_max and len(self._kept) > 1:
            self._kept_bytes -= self._kept.popleft().bytes
        began, self._end = self._end, page[-1].position
        woken = list(self._woken_by(events))
        for waiter in woken:
            waiter.reached.set_result(began)
        return len(woken)

    def _woken_by(self, events: Sequence[LiveEvent]) -> Iterator[_Waiter]:
        """Those that want some of the events, each once."""
        orders: dict[str | None, list[LiveEvent]] = defaultdict(list)
        for event in events:
            if event.order_id in self._waiting:
                orders[event.order_id].append(event)
        if None in self._waiting:
            orders[None] = list(events)
        for order_id, own in orders.items():
            for waiter in self._waiting[order_id]:
                if not waiter.reached.done() and any(map(waiter.wanted.takes, own)):
                    yield waiter

    def _all_waiting(self) -> list[_Waiter]:
        return [
            waiter
            for waiting in self._waiting.values()
            for waiter in waiting
            if not waiter.reached.done()
        ]
