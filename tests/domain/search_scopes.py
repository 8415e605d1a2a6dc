"""The small worlds that the search walks through: a beginning, and every move with few ids."""

from dataclasses import dataclass

from domain import commands as c
from domain.commands import Command
from tests.domain.search_moves import (
    BILLED,
    CANCEL,
    CONFIRM,
    HOLD,
    RELEASE,
    authorize,
    cancel_items,
    capture,
    dispatch,
    grant,
    lines,
    payout,
    place,
    plan,
    receive,
    received,
    request_return,
)


@dataclass(frozen=True, slots=True)
class Scope:
    """setup: commands that are told first, all accepted; moves: what may be told next, any time."""

    name: str
    setup: tuple[Command, ...]
    moves: tuple[Command, ...]


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
SENT_AGAIN = Scope(
    "sent again",
    (place(2), CONFIRM, plan("s", l1=2), dispatch("s"), c.LoseShipment(shipment_id="s")),
    (
        plan("t", l1=2),
        plan("u", l1=1),
        dispatch("t"),
        dispatch("u"),
        c.DeliverShipment(shipment_id="s"),
        c.ReturnShipmentToSender(shipment_id="s"),
        c.LoseShipment(shipment_id="s", report_id="again"),
        c.DeliverShipment(shipment_id="t"),
        c.CancelShipment(shipment_id="t", reason="late"),
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
        c.FailPayment(payment_id="p", reason="other", report_id="second"),
        c.FailPayment(payment_id="p", reason="no funds", report_id="second"),
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
        c.GrantRefund(refund_id="l", amount_cents=1, reason="goodwill", lines=lines(l2=1)),
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
DISCOUNTED = Scope(
    "discounted",
    (place(2, discount_cents=4), capture(6)),  # goods 10, total 6
    (
        cancel_items("x", l1=1),
        cancel_items("y", l1=1),
        cancel_items("z", l1=2),
        grant(3),
        grant(2, "q"),
        grant(1, "s", 5),
        payout(3),
        payout(3, currency="USD"),
        c.RevokeRefund(refund_id="r", reason="mistake"),
        c.RevokeRefund(refund_id="q", reason="mistake"),
        CANCEL,
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
        c.ReceiveReturn(
            return_id="t",
            receipt_id="both",
            lines=received(1, 1, "good") + received(1, 1, "worn"),
        ),
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
    DISCOUNTED,
    SHIPPING,
    SENT_AGAIN,
    SPLIT,
    TWO_PAYMENTS,
    EVERYTHING,
)
