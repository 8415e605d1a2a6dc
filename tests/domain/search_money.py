"""Small worlds of payments, refunds and chargebacks."""

from domain import commands as c
from tests.domain.search_moves import (
    BILLED,
    CANCEL,
    Scope,
    authorize,
    cancel_items,
    capture,
    grant,
    lines,
    payout,
    place,
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
        capture(8, currency="USD"),
        c.VoidPayment(payment_id="p", void_id="v", amount_cents=4),
        c.VoidPayment(payment_id="p", void_id="v", amount_cents=5, currency="USD"),
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
        c.RevokeRefund(refund_id="s", reason="mistake"),
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
