"""Events for histories, by short names: one order of two lines, 2 x 500 and 3 x 1000 cents.

goods 4000 + shipping 300 + tax 200 - discount 500 = total 4000. Each name says the event; what a
test does not care about has a default.
"""

from domain.commands import (
    LineQuantity,
    OrderedItem,
    PlaceOrder,
    ReceivedLine,
)
from domain.events import (
    AnomalyRecorded,
    AuthorizationExpired,
    ChargebackReversed,
    Event,
    HoldPlaced,
    HoldReleased,
    Item,
    ItemsCancelled,
    NoteAdded,
    OrderCancelled,
    OrderConfirmed,
    OrderPlaced,
    PaymentAuthorized,
    PaymentCaptured,
    PaymentChargedBack,
    PaymentFailed,
    PaymentRefunded,
    PaymentVoided,
    RefundFailed,
    RefundGranted,
    RefundRevoked,
    ReturnClosed,
    ReturnDeclined,
    ReturnReceived,
    ReturnRequested,
    ShipmentCancelled,
    ShipmentDelivered,
    ShipmentDispatched,
    ShipmentLost,
    ShipmentPlanned,
    ShipmentReturnedToSender,
)
from domain.order import fold
from domain.state import Order

PLACE = PlaceOrder(
    order_id="o1",
    customer_id="c1",
    currency="EUR",
    items=(
        OrderedItem(product_id="tea", quantity=2, price_cents=500),
        OrderedItem(product_id="cup", quantity=3, price_cents=1000),
    ),
    shipping_cents=300,
    tax_cents=200,
    discount_cents=500,
    channel="web",
)
PLACED = OrderPlaced(
    order_id="o1",
    customer_id="c1",
    currency="EUR",
    exponent=2,
    items=(
        Item(line=1, product_id="tea", quantity=2, price_cents=500),
        Item(line=2, product_id="cup", quantity=3, price_cents=1000),
    ),
    shipping_cents=300,
    tax_cents=200,
    discount_cents=500,
    total_cents=4000,
    channel="web",
)
TOTAL = PLACED.total_cents
CONFIRMED = OrderConfirmed()
CANCELLED = OrderCancelled(reason="why")
READY = (PLACED, CONFIRMED)


def order_of(*history: Event) -> Order:
    order = fold(history)
    assert order is not None
    return order


def parts(*quantities: int) -> tuple[LineQuantity, ...]:
    """A quantity for line 1, line 2, ...; 0 leaves the line out."""
    numbered = enumerate(quantities, start=1)
    return tuple(LineQuantity(line=line, quantity=many) for line, many in numbered if many)


def items_cancelled(cancellation_id: str, *quantities: int) -> ItemsCancelled:
    return ItemsCancelled(cancellation_id=cancellation_id, lines=parts(*quantities), reason="why")


def held(hold_id: str = "h1") -> HoldPlaced:
    return HoldPlaced(hold_id=hold_id, kind="fraud", reason="why")


def released(hold_id: str = "h1") -> HoldReleased:
    return HoldReleased(hold_id=hold_id, reason="why")


def noted(note_id: str = "n1", text: str = "hello") -> NoteAdded:
    return NoteAdded(note_id=note_id, text=text)


def authorized(
    amount: int = TOTAL, payment_id: str = "p1", currency: str = "EUR"
) -> PaymentAuthorized:
    return PaymentAuthorized(
        payment_id=payment_id, amount_cents=amount, currency=currency, method="card"
    )


def captured(
    amount: int = TOTAL, payment_id: str = "p1", capture_id: str = "c1", currency: str = "EUR"
) -> PaymentCaptured:
    return PaymentCaptured(
        payment_id=payment_id, capture_id=capture_id, amount_cents=amount, currency=currency
    )


def voided(amount: int, payment_id: str = "p1", void_id: str = "v1") -> PaymentVoided:
    return PaymentVoided(
        payment_id=payment_id, void_id=void_id, amount_cents=amount, currency="EUR"
    )


def expired(payment_id: str = "p1") -> AuthorizationExpired:
    return AuthorizationExpired(payment_id=payment_id, report_id=None)


def failed(payment_id: str = "p1", reason: str = "why") -> PaymentFailed:
    return PaymentFailed(payment_id=payment_id, reason=reason, report_id=None)


def granted(amount: int, allowance: int = 0, refund_id: str = "r1") -> RefundGranted:
    return RefundGranted(
        refund_id=refund_id, amount_cents=amount, allowance_cents=allowance, reason="why", lines=()
    )


def revoked(amount: int, refund_id: str = "r1") -> RefundRevoked:
    return RefundRevoked(refund_id=refund_id, revoked_cents=amount, reason="why")


def refunded(
    amount: int, refund_id: str = "r1", payment_id: str = "p1", payout_id: str = "o1"
) -> PaymentRefunded:
    return PaymentRefunded(
        payment_id=payment_id,
        payout_id=payout_id,
        refund_id=refund_id,
        amount_cents=amount,
        currency="EUR",
    )


def refund_failed(
    refund_id: str = "r1", payment_id: str | None = None, payout_id: str | None = None
) -> RefundFailed:
    return RefundFailed(
        refund_id=refund_id, payment_id=payment_id, payout_id=payout_id, reason="why"
    )


def charged_back(
    amount: int, chargeback_id: str = "b1", payment_id: str = "p1"
) -> PaymentChargedBack:
    return PaymentChargedBack(
        payment_id=payment_id, chargeback_id=chargeback_id, amount_cents=amount, currency="EUR"
    )


def reversed_(chargeback_id: str = "b1", payment_id: str = "p1") -> ChargebackReversed:
    return ChargebackReversed(payment_id=payment_id, chargeback_id=chargeback_id)


def planned(shipment_id: str, *quantities: int) -> ShipmentPlanned:
    return ShipmentPlanned(shipment_id=shipment_id, lines=parts(*quantities), location="warehouse")


def unplanned(shipment_id: str) -> ShipmentCancelled:
    return ShipmentCancelled(shipment_id=shipment_id, reason="why")


def dispatched(shipment_id: str) -> ShipmentDispatched:
    return ShipmentDispatched(shipment_id=shipment_id, carrier="dhl", tracking="t1")


def delivered(shipment_id: str, report_id: str | None = None) -> ShipmentDelivered:
    return ShipmentDelivered(shipment_id=shipment_id, report_id=report_id)


def lost(shipment_id: str, report_id: str | None = None) -> ShipmentLost:
    return ShipmentLost(shipment_id=shipment_id, report_id=report_id)


def sent_back(shipment_id: str, report_id: str | None = None) -> ShipmentReturnedToSender:
    return ShipmentReturnedToSender(shipment_id=shipment_id, report_id=report_id)


def shipped(shipment_id: str, *quantities: int) -> tuple[Event, ...]:
    return planned(shipment_id, *quantities), dispatched(shipment_id)


def arrived(shipment_id: str, *quantities: int) -> tuple[Event, ...]:
    return *shipped(shipment_id, *quantities), delivered(shipment_id)


def return_requested(return_id: str, *quantities: int) -> ReturnRequested:
    return ReturnRequested(return_id=return_id, lines=parts(*quantities), reason="why")


def return_received(return_id: str, receipt_id: str, *quantities: int) -> ReturnReceived:
    return ReturnReceived(
        return_id=return_id, receipt_id=receipt_id, lines=as_received(*quantities)
    )


def as_received(*quantities: int) -> tuple[ReceivedLine, ...]:
    return tuple(
        ReceivedLine(line=part.line, quantity=part.quantity, condition="good")
        for part in parts(*quantities)
    )


def declined(return_id: str) -> ReturnDeclined:
    return ReturnDeclined(return_id=return_id, reason="why")


def closed(return_id: str) -> ReturnClosed:
    return ReturnClosed(return_id=return_id)


def anomaly(kind: str, refers_to: str, detail: str) -> AnomalyRecorded:
    return AnomalyRecorded(kind=kind, refers_to=refers_to, detail=detail)
