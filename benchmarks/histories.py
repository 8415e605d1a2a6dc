"""A log of believable orders, filled through the ledger as commands would."""

import asyncio
from collections.abc import Iterator

from domain.commands import (
    AuthorizePayment,
    CapturePayment,
    Command,
    ConfirmOrder,
    DeliverShipment,
    DispatchShipment,
    LineQuantity,
    OrderedItem,
    PlaceOrder,
    PlanShipment,
)
from eventstore.ledger.ledger import Ledger
from eventstore.ledger.submission import Submission
from eventstore.port import EventStore
from runtime.clock import utc_now

TASKS = 128
EVENTS_PER_ORDER = 7


def lifecycle(order_id: str) -> Iterator[Command]:
    yield PlaceOrder(
        order_id=order_id,
        customer_id="customer-1",
        currency="EUR",
        items=(
            OrderedItem(product_id="tea-green-100", quantity=2, price_cents=1250),
            OrderedItem(product_id="mug-blue", quantity=1, price_cents=990),
        ),
        shipping_cents=495,
        discount_cents=100,
    )
    yield AuthorizePayment(payment_id="p1", amount_cents=3885, method="card")
    yield ConfirmOrder()
    yield CapturePayment(payment_id="p1", capture_id="c1", amount_cents=3885)
    lines = (LineQuantity(line=1, quantity=2), LineQuantity(line=2, quantity=1))
    yield PlanShipment(shipment_id="s1", lines=lines, location="north")
    yield DispatchShipment(shipment_id="s1", carrier="post", tracking="t1")
    yield DeliverShipment(shipment_id="s1")


async def fill(store: EventStore, events: int) -> int:
    """Append whole lifecycles until there are about so many events; how many there are."""
    ledger = Ledger(store, clock=utc_now)
    orders = iter(range(events // EVENTS_PER_ORDER))

    async def work() -> int:
        written = 0
        for number in orders:
            order_id = f"order-{number}"
            for step, command in enumerate(lifecycle(order_id)):
                answer = await ledger.submit(
                    Submission(
                        order_id=order_id,
                        command=command,
                        command_id=f"{order_id}-{step}",
                        actor="bench",
                        channel="bench",
                        correlation_id=order_id,
                    )
                )
                written += len(answer.events)
        return written

    return sum(await asyncio.gather(*[work() for _ in range(TASKS)]))
