"""The events of an order that is long enough for its view to be head and parts."""

from collections.abc import Iterator

from domain.commands import LineQuantity
from domain.events import (
    AnomalyRecorded,
    ChargebackReversed,
    Event,
    HoldPlaced,
    HoldReleased,
    OrderConfirmed,
    OrderPlaced,
    PaymentAuthorized,
    PaymentCaptured,
    PaymentChargedBack,
    PaymentRefunded,
    RefundFailed,
    RefundGranted,
    ReturnClosed,
    ReturnRequested,
    ShipmentCancelled,
    ShipmentDelivered,
    ShipmentDispatched,
    ShipmentLost,
    ShipmentPlanned,
)
from tests.projections.told import item, told


def long_history(order_id: str = "o-1", rounds: int = 8) -> list[Event]:
    """Each round has some 14 events."""
    placed = told(
        OrderPlaced,
        order_id=order_id,
        customer_id="c-1",
        currency="EUR",
        exponent=2,
        items=(
            item(1, "cup", 100, 500),
            item(2, "pot", 50, 700),
        ),
        shipping_cents=300,
        tax_cents=200,
        discount_cents=100,
        total_cents=85_400,
        channel="shop",
    )
    events: list[Event] = [placed, OrderConfirmed()]
    for n in range(rounds):
        events += _money(n)
        events += _goods(n)
    return events


def _money(n: int) -> Iterator[Event]:
    paid, refund = f"p-{n}", f"r-{n}"
    yield told(PaymentAuthorized, payment_id=paid, amount_cents=900, currency="EUR", method="card")
    if n % 3:
        yield told(
            PaymentCaptured, payment_id=paid, capture_id="k", amount_cents=900, currency="EUR"
        )
    yield told(
        RefundGranted, refund_id=refund, amount_cents=50, credit_cents=20, reason="broken", lines=()
    )
    yield told(
        PaymentRefunded,
        payment_id=paid,
        payout_id="a",
        refund_id=refund,
        amount_cents=50,
        currency="EUR",
    )
    if n % 2:
        yield told(RefundFailed, payment_id=paid, payout_id="a", reason="no iban")
    yield told(
        PaymentChargedBack, payment_id=paid, chargeback_id="b", amount_cents=9, currency="EUR"
    )
    yield told(
        AnomalyRecorded,
        kind="charged-back-above-captured",
        anomaly_id=str(n + 1),
        refers_to=f"payment:{paid}",
    )
    if n % 4 == 0:
        yield told(ChargebackReversed, payment_id="p-0", chargeback_id="b")


def _goods(n: int) -> Iterator[Event]:
    sent, back = f"s-{n}", f"b-{n}"
    lines = (LineQuantity(line=1, quantity=2), LineQuantity(line=2, quantity=1))
    yield HoldPlaced(hold_id=f"h-{n}", kind="fraud", reason="looks odd")
    yield HoldReleased(hold_id=f"h-{n}", reason="is fine")
    yield told(ShipmentPlanned, shipment_id=sent, lines=lines, location="north")
    if n % 4 == 3:
        yield ShipmentCancelled(shipment_id=sent, reason="too late")
        return
    yield told(ShipmentDispatched, shipment_id=sent, carrier="post", tracking=f"t-{n}")
    if n % 4 == 2:
        yield told(ShipmentLost, shipment_id=sent, report_id=None)
        return
    yield told(ShipmentDelivered, shipment_id=sent, report_id=None)
    yield ReturnRequested(return_id=back, lines=lines[:1], reason="too small")
    if n % 2:
        yield ReturnClosed(return_id=back)
