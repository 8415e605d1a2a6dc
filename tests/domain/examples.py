"""Events for histories, by short names: one order of two lines, 2 x 500 and 3 x 1000 cents.

goods 4000 + shipping 300 + tax 200 - discount 500 = total 4000. Each name says the event; what a
test does not care about has a default.
"""

from typing import Literal

from domain import commands as c
from domain import events as e
from domain.events import Event
from domain.order import fold
from domain.state import Order

PLACE = c.PlaceOrder(
    order_id="o1",
    customer_id="c1",
    currency="EUR",
    items=(
        c.OrderedItem(product_id="tea", quantity=2, price_cents=500),
        c.OrderedItem(product_id="cup", quantity=3, price_cents=1000),
    ),
    shipping_cents=300,
    tax_cents=200,
    discount_cents=500,
    channel="web",
)


def item(line: int, product_id: str, quantity: int, price_cents: int, **fields: int) -> e.Item:
    return e.Item(
        line=line,
        product_id=product_id,
        quantity=quantity,
        price_cents=price_cents,
        amount_cents=quantity * price_cents,
        discount_cents=fields.get("discount_cents", 0),
        tax_cents=fields.get("tax_cents", 0),
        tax_code="",
        name="",
        unit="",
        requires_shipping=True,
    )


PLACED = e.OrderPlaced(
    order_id="o1",
    customer_id="c1",
    currency="EUR",
    exponent=2,
    items=(
        item(1, "tea", 2, 500, discount_cents=125, tax_cents=46),
        item(2, "cup", 3, 1000, discount_cents=375, tax_cents=138),
    ),
    shipping_cents=300,
    shipping_discount_cents=0,
    shipping_tax_cents=16,
    shipping_tax_code="",
    tax_cents=200,
    discount_cents=500,
    prices_include_tax=False,
    attributes={},
    total_cents=4000,
    channel="web",
)
TOTAL = PLACED.total_cents
CONFIRMED = e.OrderConfirmed()
CANCELLED = e.OrderCancelled(reason="why")
READY = (PLACED, CONFIRMED)


def order_of(*history: Event) -> Order:
    order = fold(history)
    assert order is not None
    return order


def parts(*quantities: int) -> tuple[c.LineQuantity, ...]:
    """A quantity for line 1, line 2, ...; 0 leaves the line out."""
    numbered = enumerate(quantities, start=1)
    return tuple(c.LineQuantity(line=line, quantity=many) for line, many in numbered if many)


def items_cancelled(cancellation_id: str, *quantities: int) -> e.ItemsCancelled:
    return e.ItemsCancelled(
        cancellation_id=cancellation_id,
        lines=parts(*quantities),
        shipping_cents=0,
        refund_id=None,
        credit=None,
        reason="why",
    )


def adjusted(amount: int, adjustment_id: str = "j1") -> e.OrderAdjusted:
    """A charge is other, a credit is of goods."""
    parts_ = e.Parts(other_cents=amount) if amount > 0 else e.Parts(goods_cents=amount)
    return e.OrderAdjusted(
        adjustment_id=adjustment_id, amount_cents=amount, parts=parts_, label="fee", reason="why"
    )


def adjustment_revoked(adjustment_id: str = "j1") -> e.AdjustmentRevoked:
    return e.AdjustmentRevoked(adjustment_id=adjustment_id, reason="why")


def written_off(amount: int, write_off_id: str = "w1", forgiven_cents: int = 0) -> e.WrittenOff:
    return e.WrittenOff(
        write_off_id=write_off_id,
        amount_cents=amount,
        forgiven_cents=forgiven_cents,
        reason="why",
    )


def write_off_revoked(write_off_id: str = "w1") -> e.WriteOffRevoked:
    return e.WriteOffRevoked(write_off_id=write_off_id, reason="why")


def held(hold_id: str = "h1") -> e.HoldPlaced:
    return e.HoldPlaced(hold_id=hold_id, kind="fraud", reason="why")


def released(hold_id: str = "h1") -> e.HoldReleased:
    return e.HoldReleased(hold_id=hold_id, reason="why")


def noted(note_id: str = "n1", text: str = "hello") -> e.NoteAdded:
    return e.NoteAdded(note_id=note_id, text=text)


def authorized(
    amount: int = TOTAL,
    payment_id: str = "p1",
    currency: str = "EUR",
    authorization_id: str | None = None,
) -> e.PaymentAuthorized:
    return e.PaymentAuthorized(
        payment_id=payment_id,
        authorization_id=authorization_id or payment_id,
        amount_cents=amount,
        currency=currency,
        counted_cents=None,
        method="card",
        report_id=None,
    )


def captured(
    amount: int = TOTAL, payment_id: str = "p1", capture_id: str = "c1", currency: str = "EUR"
) -> e.PaymentCaptured:
    return e.PaymentCaptured(
        payment_id=payment_id,
        capture_id=capture_id,
        amount_cents=amount,
        currency=currency,
        counted_cents=None,
        method=None,
        report_id=None,
    )


def voided(amount: int, payment_id: str = "p1", void_id: str = "v1") -> e.PaymentVoided:
    return e.PaymentVoided(
        payment_id=payment_id,
        void_id=void_id,
        amount_cents=amount,
        currency="EUR",
        counted_cents=None,
        report_id=None,
    )


def expired(payment_id: str = "p1", authorization_id: str | None = None) -> e.AuthorizationExpired:
    return e.AuthorizationExpired(
        payment_id=payment_id, authorization_id=authorization_id or payment_id, report_id=None
    )


def failed(payment_id: str = "p1", reason: str = "why") -> e.PaymentFailed:
    return e.PaymentFailed(payment_id=payment_id, reason=reason, report_id=None)


def granted(
    amount: int, credit: int = 0, refund_id: str = "r1", parts_: e.Parts | None = None
) -> e.RefundGranted:
    """parts_: of the credit; all of it goods if left out."""
    return e.RefundGranted(
        refund_id=refund_id,
        amount_cents=amount,
        credit_cents=credit,
        parts=parts_ or e.Parts(goods_cents=credit),
        reason="why",
        lines=(),
    )


def revoked(amount: int, refund_id: str = "r1", credit: int = 0) -> e.RefundRevoked:
    return e.RefundRevoked(
        refund_id=refund_id,
        revoked_cents=amount,
        credit=e.Parts(goods_cents=credit),
        reason="why",
    )


def refunded(
    amount: int, refund_id: str = "r1", payment_id: str = "p1", payout_id: str = "o1"
) -> e.PaymentRefunded:
    return e.PaymentRefunded(
        payment_id=payment_id,
        payout_id=payout_id,
        refund_id=refund_id,
        amount_cents=amount,
        currency="EUR",
        counted_cents=None,
        method=None,
        report_id=None,
    )


def refund_failed(
    refund_id: str | None = "r1", payment_id: str | None = None, payout_id: str | None = None
) -> e.RefundFailed:
    return e.RefundFailed(
        refund_id=refund_id,
        payment_id=payment_id,
        payout_id=payout_id,
        reason="why",
        report_id=None,
    )


def charged_back(
    amount: int, chargeback_id: str = "b1", payment_id: str = "p1"
) -> e.PaymentChargedBack:
    return e.PaymentChargedBack(
        payment_id=payment_id,
        chargeback_id=chargeback_id,
        amount_cents=amount,
        currency="EUR",
        counted_cents=None,
        report_id=None,
    )


def reversed_(chargeback_id: str = "b1", payment_id: str = "p1") -> e.ChargebackReversed:
    return e.ChargebackReversed(
        payment_id=payment_id,
        chargeback_id=chargeback_id,
        amount_cents=None,
        currency=None,
        counted_cents=None,
        report_id=None,
    )


def planned(
    shipment_id: str,
    *quantities: int,
    replaces: str | Literal[True] | None = None,
    replaced: tuple[str, ...] = (),
) -> e.ShipmentPlanned:
    """replaced: for each line of the shipment, the one first sent."""
    lines = parts(*quantities)
    return e.ShipmentPlanned(
        shipment_id=shipment_id,
        lines=lines,
        location="warehouse",
        replaces=replaces,
        replaced=tuple(
            e.ReplacedLine(line=part.line, shipment_id=id_)
            for part, id_ in zip(lines, replaced, strict=bool(replaced))
        ),
        reason="",
    )


def unplanned(shipment_id: str) -> e.ShipmentCancelled:
    return e.ShipmentCancelled(shipment_id=shipment_id, reason="why")


def dispatched(shipment_id: str, tracking: str | None = "t1") -> e.ShipmentDispatched:
    return e.ShipmentDispatched(shipment_id=shipment_id, carrier="dhl", tracking=tracking)


def delivered(
    shipment_id: str, report_id: str | None = None, lines: tuple[c.LineQuantity, ...] = ()
) -> e.ShipmentDelivered:
    return e.ShipmentDelivered(shipment_id=shipment_id, lines=lines, report_id=report_id)


def lost(
    shipment_id: str, report_id: str | None = None, lines: tuple[c.LineQuantity, ...] = ()
) -> e.ShipmentLost:
    return e.ShipmentLost(shipment_id=shipment_id, lines=lines, report_id=report_id)


def sent_back(
    shipment_id: str, report_id: str | None = None, lines: tuple[c.LineQuantity, ...] = ()
) -> e.ShipmentReturnedToSender:
    return e.ShipmentReturnedToSender(shipment_id=shipment_id, lines=lines, report_id=report_id)


def shipped(shipment_id: str, *quantities: int) -> tuple[Event, ...]:
    return planned(shipment_id, *quantities), dispatched(shipment_id)


def arrived(shipment_id: str, *quantities: int) -> tuple[Event, ...]:
    return *shipped(shipment_id, *quantities), delivered(shipment_id)


def return_requested(return_id: str, *quantities: int) -> e.ReturnRequested:
    return e.ReturnRequested(return_id=return_id, lines=parts(*quantities), reason="why")


def return_received(return_id: str, receipt_id: str, *quantities: int) -> e.ReturnReceived:
    return e.ReturnReceived(
        return_id=return_id,
        receipt_id=receipt_id,
        lines=as_received(*quantities),
        report_id=None,
    )


def as_received(*quantities: int) -> tuple[c.ReceivedLine, ...]:
    return tuple(
        c.ReceivedLine(line=part.line, quantity=part.quantity, condition="good")
        for part in parts(*quantities)
    )


def declined(return_id: str) -> e.ReturnDeclined:
    return e.ReturnDeclined(return_id=return_id, reason="why")


def closed(return_id: str) -> e.ReturnClosed:
    return e.ReturnClosed(return_id=return_id)


def anomaly(kind: str, refers_to: str, detail: str, anomaly_id: str = "1") -> e.AnomalyRecorded:
    return e.AnomalyRecorded(kind=kind, anomaly_id=anomaly_id, refers_to=refers_to, detail=detail)
