"""The small worlds that the search walks through: a beginning, and every move with few ids."""

from dataclasses import dataclass

from domain import commands as c
from domain.commands import Command, LineQuantity, ReceivedLine


@dataclass(frozen=True, slots=True)
class Scope:
    """setup: commands that are told first, all accepted; moves: what may be told next, any time."""

    name: str
    setup: tuple[Command, ...]
    moves: tuple[Command, ...]


def lines(**quantities: int) -> tuple[LineQuantity, ...]:
    """lines(l1=2) is two pieces of line 1."""
    return tuple(
        LineQuantity(line=int(name.removeprefix("l")), quantity=quantity)
        for name, quantity in quantities.items()
    )


def received(line: int, quantity: int, condition: str = "good") -> tuple[ReceivedLine, ...]:
    return (ReceivedLine(line=line, quantity=quantity, condition=condition),)


def place(
    *quantities: int, shipping_cents: int = 0, tax_cents: int = 0, discount_cents: int = 0
) -> Command:
    """A line for each quantity, at 5, 6, ... cents a piece."""
    items = tuple(
        c.OrderedItem(product_id=f"product-{n}", quantity=quantity, price_cents=n)
        for n, quantity in enumerate(quantities, start=5)
    )
    return c.PlaceOrder(
        order_id="o",
        customer_id="k",
        currency="EUR",
        items=items,
        shipping_cents=shipping_cents,
        tax_cents=tax_cents,
        discount_cents=discount_cents,
    )


def authorize(amount: int, payment: str = "p", currency: str | None = None) -> Command:
    return c.AuthorizePayment(
        payment_id=payment, amount_cents=amount, method="card", currency=currency
    )


def capture(
    amount: int, capture_id: str = "c", payment: str = "p", currency: str | None = None
) -> Command:
    return c.CapturePayment(
        payment_id=payment, capture_id=capture_id, amount_cents=amount, currency=currency
    )


def grant(amount: int, refund: str = "r", allowance: int | None = None) -> Command:
    return c.GrantRefund(
        refund_id=refund, amount_cents=amount, reason="goodwill", allowance_cents=allowance
    )


def payout(
    amount: int,
    payout_id: str = "o",
    refund: str | None = "r",
    payment: str = "p",
    currency: str | None = None,
) -> Command:
    return c.RefundPayment(
        payment_id=payment,
        payout_id=payout_id,
        amount_cents=amount,
        refund_id=refund,
        currency=currency,
    )


def plan(shipment: str, **quantities: int) -> Command:
    return c.PlanShipment(shipment_id=shipment, lines=lines(**quantities), location="north")


def dispatch(shipment: str, tracking: str = "t") -> Command:
    return c.DispatchShipment(shipment_id=shipment, carrier="post", tracking=tracking)


def cancel_items(cancellation: str, **quantities: int) -> Command:
    return c.CancelItems(cancellation_id=cancellation, lines=lines(**quantities), reason="less")


def request_return(return_id: str, **quantities: int) -> Command:
    return c.RequestReturn(return_id=return_id, lines=lines(**quantities), reason="broken")


def receive(return_id: str, receipt: str, quantity: int, condition: str = "good") -> Command:
    return c.ReceiveReturn(
        return_id=return_id, receipt_id=receipt, lines=received(1, quantity, condition)
    )


CONFIRM = c.ConfirmOrder()
CANCEL = c.CancelOrder(reason="changed mind")
HOLD = c.PlaceHold(hold_id="h", kind="fraud", reason="odd")
RELEASE = c.ReleaseHold(hold_id="h", reason="fine")
BILLED = place(2, shipping_cents=3, tax_cents=2, discount_cents=1)  # goods 10, total 14

WORDS = Scope(
    "order",
    (),
    (
        place(2),
        place(1),
        CONFIRM,
        CANCEL,
        c.CancelOrder(reason="another reason"),
        HOLD,
        c.PlaceHold(hold_id="h", kind="credit", reason="odd"),
        c.PlaceHold(hold_id="i", kind="fraud", reason="odd"),
        RELEASE,
        c.ReleaseHold(hold_id="j", reason="never placed"),
        c.AddNote(note_id="n", text="call first"),
        c.AddNote(note_id="n", text="another text"),
        cancel_items("x", l1=1),
        cancel_items("x", l1=2),
        cancel_items("y", l1=1, l2=1),
        authorize(5),
    ),
)
SHIPPING = Scope(
    "one shipment",
    (place(2), CONFIRM),
    (
        plan("s", l1=2),
        plan("s", l1=1),
        dispatch("s"),
        dispatch("s", "other"),
        c.CancelShipment(shipment_id="s", reason="late"),
        c.DeliverShipment(shipment_id="s"),
        c.LoseShipment(shipment_id="s"),
        c.ReturnShipmentToSender(shipment_id="s"),
        c.DeliverShipment(shipment_id="s", report_id="again"),
        c.CancelShipment(shipment_id="s2", reason="unknown"),
        plan("again", l1=2),
        cancel_items("x", l1=1),
        CANCEL,
    ),
)
SPLIT = Scope(
    "split shipments",
    (place(2, 1), CONFIRM),
    (
        plan("s", l1=1),
        plan("t", l1=1, l2=1),
        dispatch("s"),
        dispatch("t"),
        c.CancelShipment(shipment_id="t", reason="late"),
        c.DeliverShipment(shipment_id="s"),
        c.LoseShipment(shipment_id="s", report_id="later"),
        c.DeliverShipment(shipment_id="t"),
        plan("u", l1=1),
        cancel_items("x", l1=1),
        cancel_items("y", l2=1),
        HOLD,
        RELEASE,
        CANCEL,
    ),
)
PAYING = Scope(
    "one payment",
    (BILLED,),
    (
        authorize(10),
        authorize(9),
        authorize(10, currency="USD"),
        capture(6),
        capture(7),
        capture(4, "d"),
        c.VoidPayment(payment_id="p", void_id="v", amount_cents=4),
        c.ExpireAuthorization(payment_id="p"),
        c.FailPayment(payment_id="p", reason="no funds"),
        CANCEL,
    ),
)
CONTRADICTIONS = Scope(
    "contradictions",
    (BILLED, grant(0)),
    (
        capture(6),
        capture(6, currency="USD"),
        capture(7, currency="USD"),
        c.VoidPayment(payment_id="p", void_id="v", amount_cents=4),
        c.VoidPayment(payment_id="p", void_id="v", amount_cents=5),
        c.FailPayment(payment_id="p", reason="other"),
        c.FailPayment(payment_id="p", reason="other", report_id="second"),
        c.FailPayment(payment_id="p", reason="no funds", report_id="second"),
        payout(4, currency="USD"),
        payout(4),
        payout(4, refund="q"),
        c.FailRefund(refund_id="q", reason="closed account"),
    ),
)
REFUNDS = Scope(
    "refunds",
    (BILLED, authorize(14), capture(14)),
    (
        grant(6),
        grant(6, allowance=2),
        payout(4),
        payout(3, "o2"),
        c.FailRefund(refund_id="r", reason="closed account"),
        c.FailRefund(refund_id="r", payment_id="p", payout_id="o", reason="closed account"),
        c.FailRefund(refund_id="nobody", reason="closed account"),
        c.RevokeRefund(refund_id="r", reason="mistake"),
        cancel_items("x", l1=1),
        CANCEL,
    ),
)
GRANTS = Scope(
    "several grants",
    (BILLED, authorize(14), capture(14)),
    (
        grant(6),
        grant(7, "q"),
        grant(2, "own"),
        grant(2, "own", 0),
        payout(9),
        payout(2, "own", None),
        payout(2, "other", None),
        payout(1, "o3", "nobody"),
        c.RevokeRefund(refund_id="r", reason="mistake"),
        c.RevokeRefund(refund_id="q", reason="mistake"),
        c.RevokeRefund(refund_id="nobody", reason="mistake"),
        cancel_items("x", l1=2),
    ),
)
CHARGEBACKS = Scope(
    "chargebacks",
    (BILLED, authorize(14), capture(14)),
    (
        c.ChargeBackPayment(payment_id="p", chargeback_id="b", amount_cents=9),
        c.ChargeBackPayment(payment_id="p", chargeback_id="b", amount_cents=8),
        c.ChargeBackPayment(payment_id="p", chargeback_id="b2", amount_cents=6),
        c.ChargeBackPayment(payment_id="p", chargeback_id="b", amount_cents=9, currency="USD"),
        c.ReverseChargeback(payment_id="p", chargeback_id="b"),
        c.ReverseChargeback(payment_id="p", chargeback_id="b2"),
        grant(6),
        payout(6),
        payout(9, "o2", "nobody"),
        c.RevokeRefund(refund_id="r", reason="mistake"),
        CANCEL,
    ),
)
RETURNS = Scope(
    "returns",
    (place(2), CONFIRM, plan("s", l1=2), dispatch("s")),
    (
        c.DeliverShipment(shipment_id="s"),
        c.LoseShipment(shipment_id="s"),
        request_return("t", l1=1),
        request_return("t", l1=2),
        request_return("u", l1=1),
        receive("t", "e", 1),
        receive("t", "e", 1, "worn"),
        receive("t", "f", 1),
        receive("u", "e", 1),
        c.DeclineReturn(return_id="t", reason="too late"),
        c.CloseReturn(return_id="t"),
        c.CloseReturn(return_id="u"),
        CANCEL,
    ),
)
TWO_PAYMENTS = Scope(
    "two payments",
    (BILLED,),
    (
        authorize(8),
        authorize(6, "p2"),
        capture(8),
        capture(7, "c", "p2"),
        grant(5),
        grant(3, "q", 0),
        payout(4, "o"),
        payout(4, "o", "r", "p2"),
        payout(3, "o2", "q", "p2"),
        c.FailRefund(refund_id="r", payment_id="p2", reason="closed account"),
        c.RevokeRefund(refund_id="r", reason="mistake"),
        c.ChargeBackPayment(payment_id="p2", chargeback_id="b", amount_cents=4),
        c.ReverseChargeback(payment_id="p2", chargeback_id="b"),
        cancel_items("x", l1=1),
        CANCEL,
    ),
)
EVERYTHING = Scope(
    "everything",
    (place(2, 1, shipping_cents=3, discount_cents=4),),
    (
        CONFIRM,
        CANCEL,
        HOLD,
        RELEASE,
        cancel_items("x", l1=1),
        authorize(20),
        capture(15),
        capture(5, "d"),
        grant(6),
        payout(6),
        c.FailRefund(refund_id="r", reason="closed account"),
        c.RevokeRefund(refund_id="r", reason="mistake"),
        c.ChargeBackPayment(payment_id="p", chargeback_id="b", amount_cents=9),
        plan("s", l1=2),
        plan("t", l1=1, l2=1),
        dispatch("s"),
        c.DeliverShipment(shipment_id="s"),
        c.LoseShipment(shipment_id="s"),
        c.DeliverShipment(shipment_id="t"),
        request_return("e", l1=1),
        receive("e", "f", 1),
        c.CloseReturn(return_id="e"),
    ),
)

SCOPES = (
    WORDS,
    PAYING,
    RETURNS,
    CONTRADICTIONS,
    CHARGEBACKS,
    REFUNDS,
    GRANTS,
    SHIPPING,
    SPLIT,
    TWO_PAYMENTS,
    EVERYTHING,
)
