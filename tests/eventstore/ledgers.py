"""Shared by the tests of the ledger: submissions, a clock, and a store that fails on request."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from enum import Enum
from itertools import count
from typing import Any

from domain.commands import (
    AddNote,
    AuthorizePayment,
    Command,
    LineQuantity,
    OrderedItem,
    PlaceHold,
    PlaceOrder,
    PlanShipment,
    ReleaseHold,
)
from eventstore.ledger.ledger import Ledger
from eventstore.ledger.submission import Precondition, Submission
from eventstore.memory import MemoryStore
from eventstore.port import (
    Draft,
    Expected,
    OutcomeUnknown,
    Page,
    Position,
    Recorded,
    Revision,
    StorageFull,
    StreamName,
    WrongExpectedRevision,
)
from eventstore.record.chain import Link, verify_chain
from eventstore.record.codec import OrderEvent, decode

START = datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC)


class Clock:
    """Each reading is a second later."""

    def __init__(self, start: datetime = START) -> None:
        self.now = start

    def __call__(self) -> datetime:
        now = self.now
        self.now += timedelta(seconds=1)
        return now


def submission(command: Command, command_id: str, order_id: str = "o-1", **more: Any) -> Submission:
    fields = {"actor": "alice", "channel": "http", "correlation_id": "trace-1"} | more
    return Submission(order_id=order_id, command=command, command_id=command_id, **fields)


def at(*revisions: int) -> Precondition:
    """Only if the order is at one of these revisions."""
    return Precondition(revisions=frozenset(map(Revision, revisions)))


def place(order_id: str = "o-1", command_id: str = "place", **more: Any) -> Submission:
    command = PlaceOrder(
        order_id=order_id,
        customer_id="cust-1",
        currency="EUR",
        items=(OrderedItem(product_id="kettle", quantity=2, price_cents=4800),),
        shipping_cents=400,
    )
    return submission(command, command_id, order_id, **more)


def note(number: int, order_id: str = "o-1", text: str = "seen", **more: Any) -> Submission:
    return submission(AddNote(note_id=f"n-{number}", text=text), f"note-{number}", order_id, **more)


def authorize(number: int, order_id: str = "o-1", **more: Any) -> Submission:
    command = AuthorizePayment(payment_id=f"p-{number}", amount_cents=100, method="card")
    return submission(command, f"authorize-{number}", order_id, **more)


PLAN = submission(
    PlanShipment(shipment_id="s-1", lines=(LineQuantity(line=1, quantity=1),), location="A"), "plan"
)
HOLD = submission(PlaceHold(hold_id="h-1", kind="fraud", reason="check"), "hold")
RELEASE = submission(ReleaseHold(hold_id="h-1", reason="fine"), "release")

_OTHERS = count(1)


def another(store: MemoryStore) -> Ledger:
    """Another process on the same log, with nothing cached and another clock."""
    return Ledger(store, clock=Clock(START + timedelta(hours=next(_OTHERS))))


class Fault(Enum):
    NONE = "stored and answered"
    LOST = "stored, the answer lost"
    DROPPED = "not stored, no answer"
    LATE = "not stored yet, no answer; it arrives later"
    BROKEN = "stored, then an error that nobody foresaw"
    FULL = "no room"
    BEATEN = "another writer was first"


class FaultyStore(MemoryStore):
    """A log in memory that lets other tasks run before an append, and fails as `faults` lists."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        super().__init__()
        self.faults = deque(faults)
        self.sent: list[tuple[Draft, ...]] = []
        self.late: list[tuple[StreamName, Sequence[Draft], Expected]] = []

    async def append(
        self, stream: StreamName, drafts: Sequence[Draft], *, expected: Expected
    ) -> Position:
        self.sent.append(tuple(drafts))
        fault = self.faults.popleft() if self.faults else Fault.NONE
        await asyncio.sleep(0)
        if fault is Fault.FULL:
            raise StorageFull("no room")
        if fault is Fault.BEATEN:
            raise WrongExpectedRevision(stream, expected, None)
        if fault is Fault.LATE:
            self.late.append((stream, drafts, expected))
        if fault in {Fault.LATE, Fault.DROPPED}:
            raise OutcomeUnknown("no answer")
        position = await super().append(stream, drafts, expected=expected)
        if fault is Fault.BROKEN:
            raise RuntimeError("a bug in the store")
        if fault is Fault.LOST:
            raise OutcomeUnknown("no answer")
        return position

    async def arrive(self) -> None:
        """Late appends are stored or refused now; nobody gets the result."""
        while self.late:
            stream, drafts, expected = self.late.pop(0)
            try:
                await super().append(stream, drafts, expected=expected)
            except WrongExpectedRevision:
                continue


class GatedStore(MemoryStore):
    """A log in memory whose appends to one stream wait until the gate is open.

    As in the SQLite log, an append that was submitted is performed even if nobody waits for it any
    more.
    """

    def __init__(self, stream: str) -> None:
        super().__init__()
        self.gate = asyncio.Event()
        self.waiting = asyncio.Event()
        self._under_way: set[asyncio.Future[Position]] = set()
        self._in_order = asyncio.Lock()
        self._gated = stream

    async def append(
        self, stream: StreamName, drafts: Sequence[Draft], *, expected: Expected
    ) -> Position:
        work = asyncio.ensure_future(self._append(stream, drafts, expected))
        self._under_way.add(work)
        return await asyncio.shield(work)

    async def _append(
        self, stream: StreamName, drafts: Sequence[Draft], expected: Expected
    ) -> Position:
        if stream != self._gated:
            return await super().append(stream, drafts, expected=expected)
        async with self._in_order:
            self.waiting.set()
            await self.gate.wait()
            return await super().append(stream, drafts, expected=expected)


class CountingStore(MemoryStore):
    """A log in memory that counts the events read of streams."""

    def __init__(self) -> None:
        super().__init__()
        self.events_read = 0

    async def read_stream(
        self, stream: StreamName, *, after: Revision | None = None
    ) -> AsyncGenerator[Page, None]:
        async for page in super().read_stream(stream, after=after):
            self.events_read += len(page)
            yield page


async def stored(store: MemoryStore) -> list[OrderEvent]:
    """The whole log decoded, after verifying its chains."""
    log: list[Recorded] = []
    async for page in store.read_all():
        log += page
    links: dict[StreamName, Link] = {}
    verify_chain(log, links, from_start=True)
    return [decode(recorded) for recorded in log]
