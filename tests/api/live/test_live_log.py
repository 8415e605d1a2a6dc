"""Whatever cuts a stream, it has each event that it wants once, in the log's order."""

import asyncio
import json
import tracemalloc
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, suppress
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.commands.headers import Sender
from api.commands.parse import from_line
from api.live.event import LiveEvent, Wanted
from api.live.log import LiveLog, Step
from eventstore.ledger.ledger import Ledger
from eventstore.memory import MemoryStore
from eventstore.port import EventReader, Page, Position
from tests.api.conftest import START, Clock, order
from tests.waiting import HUNG_S, until

ORDERS, CUSTOMERS = ("a", "b", "c"), ("ada", "grace")


class Log:
    """A log in memory, to which commands are sent."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        self._ledger = Ledger(self.store, clock=Clock())
        self._notes: Iterator[int] = iter(range(10**6))
        self.customer: dict[str, str] = {}
        self.events: list[tuple[int, str, str, set[str]]] = []
        """Position, type and order of each event; the order's customer before and after it."""

    async def add(self, order_id: str, customer: str | None) -> None:
        """One event: an order is placed, gets a note, or another customer."""
        before = self.customer.get(order_id)
        if before is None:
            customer = customer or CUSTOMERS[0]
            fields = order(order_id=order_id, customer_id=customer) | {"command": "place-order"}
            type_ = "OrderPlaced"
        elif customer is not None and customer != before:
            fields = {"command": "change-customer", "order_id": order_id, "reason": "r"}
            fields["customer_id"] = customer
            type_ = "CustomerChanged"
        else:
            customer = before
            fields = {"command": "add-note", "order_id": order_id, "text": "t"}
            fields["note_id"] = f"n{next(self._notes)}"
            type_ = "NoteAdded"
        line = json.dumps(fields).encode()
        answer = await self._ledger.submit(from_line(line, sender=Sender(channel="t"), now=START))
        assert [event.type for event in answer.events] == [type_]
        self.customer[order_id] = customer
        assert answer.position is not None
        self.events.append((answer.position, type_, order_id, {before or customer, customer}))

    def wanted(self, wanted: Wanted) -> list[int]:
        return [
            position
            for position, type_, order_id, customers in self.events
            if (not wanted.types or type_ in wanted.types)
            and wanted.order_id in {None, order_id}
            and (wanted.customer_id is None or wanted.customer_id in customers)
        ]


class Follower:
    """A client that keeps what it got and the position, and connects again after each cut."""

    def __init__(self, wanted: Wanted) -> None:
        self.wanted = wanted
        self.got: list[int] = []
        self.position = 0
        self._task: asyncio.Task[None] | None = None

    async def connect(self, live: LiveLog) -> None:
        await self.cut()
        self._task = asyncio.create_task(self._follow(live))

    @property
    def is_done(self) -> bool:
        """It has failed: cut() raises why."""
        return self._task is not None and self._task.done()

    async def cut(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _follow(self, live: LiveLog) -> None:
        begins = await live.start(self.position)
        async with aclosing(live.steps(self.wanted, begins, beat_s=0.001)) as steps:
            async for step in steps:
                self.got += [event.position for event in step.events]
                assert step.position >= self.position
                self.position = step.position


WANTED = st.builds(
    Wanted,
    types=st.frozensets(st.sampled_from(["OrderPlaced", "NoteAdded", "CustomerChanged"])),
    order_id=st.none() | st.sampled_from(ORDERS),
    customer_id=st.none() | st.sampled_from(CUSTOMERS),
)
STEPS = st.one_of(
    st.tuples(st.just("add"), st.sampled_from(ORDERS), st.none() | st.sampled_from(CUSTOMERS)),
    st.tuples(st.just("cut"), st.integers(0, 3)),
    st.tuples(st.just("restart")),
    st.tuples(st.just("wait"), st.integers(0, 12)),
    st.tuples(st.just("beat")),
)


class Run:
    """A log, its live streams, and clients of them."""

    def __init__(self, wanted: list[Wanted], kept_bytes_max: int) -> None:
        self._kept_bytes_max = kept_bytes_max
        self.log = Log()
        self.live = self._new()
        self.followers = [Follower(each) for each in wanted]

    def _new(self) -> LiveLog:
        return LiveLog(self.log.store, kept_bytes_max=self._kept_bytes_max, pace_s=0)

    async def connect(self) -> None:
        for follower in self.followers:
            await follower.connect(self.live)

    async def step(self, step: Any) -> None:
        match step:
            case ("add", order_id, customer):
                await self.log.add(order_id, customer)
            case ("cut", number):
                await self.followers[number % len(self.followers)].connect(self.live)
            case ("restart",):
                await self.live.aclose()
                self.live = self._new()
                await self.connect()
            case ("wait", times):
                for _ in range(times):
                    await asyncio.sleep(0)
            case ("beat",):
                await asyncio.sleep(0.001)

    async def end(self) -> None:
        """Wait until all clients have reached the log's end, and cut them."""
        head = self.log.events[-1][0] if self.log.events else 0
        await until(lambda: all(each.position >= head or each.is_done for each in self.followers))
        for follower in self.followers:
            await follower.cut()
        await self.live.aclose()


async def _played(steps: list[Any], wanted: list[Wanted], kept_bytes_max: int) -> None:
    run = Run(wanted, kept_bytes_max)
    await run.connect()
    for step in steps:
        await run.step(step)
    await run.end()
    for follower in run.followers:
        assert follower.got == run.log.wanted(follower.wanted)


@given(st.lists(STEPS, max_size=30), st.lists(WANTED, min_size=1, max_size=4), st.integers(0, 3000))
@settings(max_examples=150, deadline=None)
def test_each_stream_has_each_event_that_it_wants_once_in_order(
    steps: list[Any], wanted: list[Wanted], kept_bytes_max: int
) -> None:
    asyncio.run(_played(steps, wanted, kept_bytes_max))


def test_a_stream_that_is_not_woken_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: streams are woken with the position after the page instead of before it."""
    woken_by = LiveLog._woken_by

    def too_late(self: LiveLog, events: Any) -> Any:
        for waiter in list(woken_by(self, events)):
            waiter.reached.set_result(self._end)
        return ()

    monkeypatch.setattr(LiveLog, "_woken_by", too_late)
    steps = [("wait", 12), ("add", "a", None), ("wait", 12)]
    with pytest.raises(AssertionError):
        asyncio.run(_played(steps, [Wanted()], 3000))


async def test_a_page_that_comes_as_a_wait_ends_is_not_passed_over() -> None:
    log, live = Log(), LiveLog(MemoryStore())
    await log.add("a", None)
    [page] = [page async for page in log.store.read_all()]
    async with aclosing(live.steps(Wanted(), await live.start(None), beat_s=HUNG_S)) as steps:
        assert (await anext(steps)).caught_up
        next_ = asyncio.create_task(anext(steps))
        await until(lambda: None in live._waiting)
        [waiter] = live._waiting[None]
        live._beat(waiter)
        live._keep(page)
        assert [event.order_id for event in (await next_).events] == ["a"]


class Counting(EventReader):
    """Counts what is asked of a log."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store
        self.asked: list[str] = []

    def read_stream(self, stream: Any, *, after: Any = None) -> AsyncGenerator[Page, None]:
        self.asked.append("read_stream")
        return self._store.read_stream(stream, after=after)

    def read_all(self, *, after: Position | None = None) -> AsyncGenerator[Page, None]:
        self.asked.append("read_all")
        return self._store.read_all(after=after)

    def follow(self, *, after: Position | None = None) -> AsyncGenerator[Page, None]:
        self.asked.append("follow")
        return self._store.follow(after=after)

    async def head(self) -> Position | None:
        self.asked.append("head")
        return await self._store.head()

    async def check(self) -> None: ...

    async def aclose(self) -> None: ...


async def test_idle_streams_share_one_reading_of_the_log_and_cost_little() -> None:
    log = Log()
    await log.add("a", None)
    counting = Counting(log.store)
    live, count = LiveLog(counting), 300
    began = 0

    async def idle() -> None:
        nonlocal began
        async with aclosing(live.steps(Wanted(), await live.start(None))) as steps:
            async for _ in steps:
                began += 1

    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        tasks = [asyncio.create_task(idle()) for _ in range(count)]
        await until(lambda: began == count)
        asked = len(counting.asked)
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert counting.asked.count("follow") == 1
    assert (after - before) / count < 10_000
    for _ in range(200):
        await asyncio.sleep(0)
    assert len(counting.asked) == asked
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    assert live._reading is None


async def test_a_page_wakes_only_the_streams_that_want_some_of_it() -> None:
    log = Log()
    await log.add("a", None)
    await log.add("b", None)
    live = LiveLog(log.store)
    steps: dict[str, list[Step]] = {"a": [], "b": [], "typed": []}

    async def follow(name: str, wanted: Wanted) -> None:
        async with aclosing(live.steps(wanted, await live.start(None))) as found:
            async for step in found:
                steps[name].append(step)

    tasks = [
        asyncio.create_task(follow("a", Wanted(order_id="a"))),
        asyncio.create_task(follow("b", Wanted(order_id="b"))),
        asyncio.create_task(follow("typed", Wanted(types=frozenset({"OrderPlaced"})))),
    ]
    await until(lambda: all(steps.values()))
    await log.add("a", None)
    async with asyncio.timeout(HUNG_S):
        await until(lambda: any(step.events for step in steps["a"]))
    assert [len(found) for found in (steps["b"], steps["typed"])] == [1, 1]
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)


async def test_an_event_that_was_altered_is_sent_as_unreadable() -> None:
    log = Log()
    await log.add("a", None)
    [[recorded]] = [page async for page in log.store.read_all()]
    event = LiveEvent(replace(recorded, data=recorded.data.replace(b"teapot", b"teacup")))

    assert event.document["unreadable"] is True
    assert "data" not in event.document
    assert LiveEvent(recorded).document["data"]["customer_id"] == "ada"
