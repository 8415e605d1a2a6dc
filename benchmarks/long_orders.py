"""What an event costs the read models on an order with one payment, and on one with thousands.

The same for refunds, shipments, returns and holds. CPU time of the writer, one event a batch and a
hundred, with orders of all lengths in turns.
"""

import tempfile
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from pathlib import Path
from statistics import median
from typing import NamedTuple, TypeAlias

from benchmarks.figures import Figure
from domain.commands import (
    AuthorizePayment,
    CapturePayment,
    Command,
    ConfirmOrder,
    DeliverShipment,
    DispatchShipment,
    GrantRefund,
    LineQuantity,
    OrderedItem,
    PlaceHold,
    PlaceOrder,
    PlanShipment,
    RefundPayment,
    RequestReturn,
)
from eventstore.ledger.ledger import Ledger
from eventstore.ledger.submission import Submission
from eventstore.memory import MemoryStore
from projections.fold import Item
from projections.models import MODELS
from projections.sources.log import decode_item
from projections.storage.open import open_generations
from projections.worker.writer import Writer, open_writer
from runtime.clock import utc_now
from runtime.loop import run

LENGTHS = (1, 1_000, 4_000)
ROUNDS = {1: 200, 100: 30}
"""By how many events a batch has."""
_UNIT = (LineQuantity(line=1, quantity=1),)
_MANY = (LineQuantity(line=1, quantity=10**5),)
BEGUN: Sequence[Command] = (
    ConfirmOrder(),
    CapturePayment(payment_id="all", capture_id="c", amount_cents=10**9),
    PlanShipment(shipment_id="all", lines=_MANY, location="north"),
    DispatchShipment(shipment_id="all", carrier="post", tracking="t"),
    DeliverShipment(shipment_id="all"),
)
"""What the steps of all cases need."""


def _payment(n: int) -> Sequence[Command]:
    captured = CapturePayment(payment_id=f"p{n}", capture_id="c", amount_cents=1)
    return AuthorizePayment(payment_id=f"p{n}", amount_cents=2, method="card"), captured


def _refund(n: int) -> Sequence[Command]:
    paid = RefundPayment(payment_id="all", payout_id=f"o{n}", refund_id=f"r{n}", amount_cents=1)
    return GrantRefund(refund_id=f"r{n}", amount_cents=1, reason="broken"), paid


def _shipment(n: int) -> Sequence[Command]:
    sent = DispatchShipment(shipment_id=f"s{n}", carrier="post", tracking=f"t{n}")
    return PlanShipment(shipment_id=f"s{n}", lines=_UNIT, location="north"), sent


def _return(n: int) -> Sequence[Command]:
    return (RequestReturn(return_id=f"b{n}", lines=_UNIT, reason="too small"),)


def _hold(n: int) -> Sequence[Command]:
    return (PlaceHold(hold_id=f"h{n}", kind="fraud", reason="looks odd"),)


Step: TypeAlias = Callable[[int], Sequence[Command]]
CASES: dict[str, tuple[Step, Sequence[str]]] = {
    "payments": (_payment, ("payment", "order")),
    "refunds": (_refund, ("payment", "order")),
    "shipments": (_shipment, ("shipment", "order")),
    "returns": (_return, ("shipment", "order")),
    "holds": (_hold, ("order",)),
}


class _History(NamedTuple):
    """before: events of orders of one length. batches: what is timed after them."""

    before: Sequence[Item]
    batches: Sequence[Sequence[Item]]


def measure(count: int) -> list[Figure]:
    """count: the length of the longest order."""
    lengths = [max(1, length * count // LENGTHS[-1]) for length in LENGTHS]
    return run(_measure(lengths))


async def _measure(lengths: Sequence[int]) -> list[Figure]:
    figures: list[Figure] = []
    for what, (step, models) in CASES.items():
        for size in ROUNDS:
            histories = [await _history(step, length, size) for length in lengths]
            for name in models:
                shortest, *longer = await _compare(name, histories)
                title = f"{name}: an event of {size} at a time, order with"
                figures.append(Figure(f"{title} {lengths[0]} {what}", shortest / size * 1e6, "us"))
                figures += [
                    Figure(f"{title} {n:,} / {lengths[0]} {what}", took / shortest, "", at_most=1.5)
                    for n, took in zip(lengths[1:], longer, strict=True)
                ]
    return figures


async def _history(step: Step, length: int, size: int) -> _History:
    """Of short orders there is one for each batch, so that they stay short."""
    before: list[Item] = []
    batches: list[Sequence[Item]] = []
    rounds = ROUNDS[size]
    orders = rounds if length < min(ROUNDS.values()) else 1
    for order in range(orders):
        timed = size * (rounds // orders)
        events, begun = await _events(step, f"order-{order}", length, timed)
        before += events[:begun]
        batches += [events[at : at + size] for at in range(begun, begun + timed, size)]
    return _History(before, batches)


async def _events(step: Step, order_id: str, length: int, timed: int) -> tuple[list[Item], int]:
    """An order's events, at least so many after those of its first steps; how many those are."""
    store = MemoryStore()
    ledger = Ledger(store, clock=utc_now)
    sent = events = 0

    async def submit(commands: Sequence[Command]) -> int:
        nonlocal sent, events
        for command in commands:
            sent += 1
            answer = await ledger.submit(
                Submission(
                    order_id=order_id,
                    command=command,
                    command_id=f"{sent}",
                    actor="bench",
                    channel="bench",
                    correlation_id=order_id,
                )
            )
            events += len(answer.events)
        return events

    item = OrderedItem(product_id="tea", quantity=10**6, price_cents=10**6)
    placed = PlaceOrder(order_id=order_id, customer_id="c1", currency="EUR", items=(item,))
    await submit((placed, *BEGUN))
    begun = 0
    for n in range(length):
        begun = await submit(step(n))
    n = length
    while events < begun + timed:
        await submit(step(n))
        n += 1
    return [decode_item(event) async for page in store.read_all() for event in page], begun


async def _compare(name: str, histories: Sequence[_History]) -> list[float]:
    """Seconds of CPU for a batch, by history."""
    took: list[list[float]] = [[] for _ in histories]
    async with AsyncExitStack() as stack:
        writers = [await stack.enter_async_context(_writer(name, each)) for each in histories]
        for round_ in range(len(histories[0].batches)):
            for writer, history, times in zip(writers, histories, took, strict=True):
                batch = history.batches[round_]
                started = time.process_time()
                holes = await writer.commit(batch, {})
                times.append(time.process_time() - started)
                assert not holes
    return [median(times) for times in took]


@asynccontextmanager
async def _writer(name: str, history: _History) -> AsyncIterator[Writer]:
    """Of a new read model that has applied what comes before the batches."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite+aiosqlite:///{Path(folder) / name}.db"
        async with aclosing(open_generations(url)) as generations:
            number = await generations.claim()
            await generations.create(MODELS[name], number)
            async with open_writer(MODELS[name], generations, number) as writer:
                for at in range(0, len(history.before), 500):
                    await writer.commit(history.before[at : at + 500], {})
                yield writer
