"""One fact at least for every kind of anomaly; a kind without an example fails."""

from dataclasses import dataclass

import pytest

from domain import commands as c
from domain.commands import Command
from domain.events import AnomalyRecorded, Event
from domain.order import decide
from domain.rules import ANOMALIES
from tests.domain.examples import (
    CANCELLED,
    PLACED,
    READY,
    TOTAL,
    authorized,
    captured,
    charged_back,
    delivered,
    expired,
    failed,
    granted,
    lost,
    order_of,
    planned,
    refund_failed,
    refunded,
    reversed_,
    revoked,
    shipped,
    unplanned,
    voided,
)

PAID = (PLACED, authorized(), captured())
AUTHORIZE = c.AuthorizePayment(payment_id="p1", amount_cents=TOTAL, method="card")
CHARGE_BACK = c.ChargeBackPayment(payment_id="p1", chargeback_id="b1", amount_cents=100)
DELIVER = c.DeliverShipment(shipment_id="s1")
FAIL_REFUND = c.FailRefund(refund_id="r1", reason="why")
REVERSE = c.ReverseChargeback(payment_id="p1", chargeback_id="b1")


def capture(amount: int, capture_id: str = "c9", currency: str | None = None) -> c.CapturePayment:
    return c.CapturePayment(
        payment_id="p1", capture_id=capture_id, amount_cents=amount, currency=currency
    )


def void(amount: int) -> c.VoidPayment:
    return c.VoidPayment(payment_id="p1", void_id="v9", amount_cents=amount)


def pay_out(amount: int, refund_id: str | None = "r1", payment_id: str = "p1") -> c.RefundPayment:
    return c.RefundPayment(
        payment_id=payment_id, payout_id="o9", amount_cents=amount, refund_id=refund_id
    )


@dataclass(frozen=True)
class Flagged:
    """kinds: all anomalies of the fact, in order; none: the fact is within its bounds."""

    name: str
    history: tuple[Event, ...]
    fact: Command
    kinds: tuple[str, ...]


OUT_OF_BOUNDS = (
    Flagged(
        "another currency, though also above",
        (PLACED, CANCELLED),
        capture(9, "c1", "USD"),
        ("currency-mismatch",),
    ),
    Flagged("never authorized", (PLACED,), capture(1), ("captured-above-authorized",)),
    Flagged("a cent above", PAID, capture(1), ("captured-above-authorized",)),
    Flagged(
        "after cancel",
        (PLACED, authorized(), CANCELLED),
        capture(TOTAL),
        ("captured-after-cancel",),
    ),
    Flagged(
        "after void", (PLACED, authorized(), voided(TOTAL)), capture(1), ("captured-after-void",)
    ),
    Flagged(
        "after expiry", (PLACED, authorized(), expired()), capture(1), ("captured-after-expiry",)
    ),
    Flagged(
        "after failure", (PLACED, authorized(), failed()), capture(1), ("captured-after-failure",)
    ),
    Flagged(
        "everything at once",
        (PLACED, voided(1), expired(), failed(), CANCELLED),
        capture(1),
        (
            "captured-above-authorized",
            "captured-after-cancel",
            "captured-after-void",
            "captured-after-expiry",
            "captured-after-failure",
        ),
    ),
    Flagged("authorized late", (PLACED, CANCELLED), AUTHORIZE, ("authorized-after-cancel",)),
    Flagged("voided too much", (PLACED, authorized(10)), void(11), ("voided-above-authorized",)),
    Flagged("voided what was captured", PAID, void(1), ("voided-above-authorized",)),
    Flagged(
        "refunded too much",
        (*PAID, granted(TOTAL), charged_back(1)),
        pay_out(TOTAL),
        ("refunded-above-captured",),
    ),
    Flagged(
        "refunded from another payment",
        (*PAID, granted(5)),
        pay_out(5, payment_id="p2"),
        ("refunded-above-captured",),
    ),
    Flagged("none named, none granted", PAID, pay_out(5, None), ("refund-without-grant",)),
    Flagged("none named, nothing paid", PAID, pay_out(0, None), ("refund-without-grant",)),
    Flagged(
        "a second payout of one grant",
        (*PAID, granted(5), refunded(3)),
        pay_out(3),
        ("refund-without-grant",),
    ),
    Flagged(
        "a payout after revoking",
        (*PAID, granted(5), revoked(5)),
        pay_out(5),
        ("refund-without-grant",),
    ),
    Flagged("a refund never granted", PAID, pay_out(5), ("refund-without-grant", "unknown-refund")),
    Flagged("a failure of a refund never granted", PAID, FAIL_REFUND, ("unknown-refund",)),
    Flagged(
        "charged back too much",
        (*PAID, granted(TOTAL), refunded(TOTAL)),
        CHARGE_BACK,
        ("charged-back-above-captured",),
    ),
    Flagged(
        "charged back what is granted",
        (*PAID, granted(TOTAL)),
        CHARGE_BACK,
        ("charged-back-above-captured",),
    ),
    Flagged("a reversal of nothing", PAID, REVERSE, ("unknown-chargeback",)),
    Flagged(
        "delivered while planned",
        (*READY, planned("s1", 1)),
        DELIVER,
        ("delivered-before-dispatch",),
    ),
    Flagged(
        "lost while planned",
        (*READY, planned("s1", 1)),
        c.LoseShipment(shipment_id="s1"),
        ("delivered-before-dispatch",),
    ),
    Flagged(
        "a cancelled shipment",
        (*READY, planned("s1", 1), unplanned("s1")),
        DELIVER,
        ("dispatched-after-cancel",),
    ),
    Flagged(
        "a cancelled shipment of a cancelled order",
        (*READY, planned("s1", 1), unplanned("s1"), CANCELLED),
        DELIVER,
        ("dispatched-after-cancel", "overshipped"),
    ),
    Flagged("never planned", READY, DELIVER, ("unknown-shipment",)),
    Flagged(
        "never planned, and reported with another outcome",
        (*READY, lost("s1")),
        DELIVER,
        ("unknown-shipment", "outcome-contradicted"),
    ),
    Flagged(
        "delivered after lost",
        (*READY, *shipped("s1", 1), lost("s1")),
        DELIVER,
        ("outcome-contradicted",),
    ),
    Flagged(
        "found after it was sent again",
        (*READY, *shipped("s1", 2), lost("s1"), planned("s2", 2)),
        c.ReturnShipmentToSender(shipment_id="s1"),
        ("outcome-contradicted",),
    ),
    Flagged(
        "delivered after it was sent again",
        (*READY, *shipped("s1", 2), lost("s1"), planned("s2", 2)),
        DELIVER,
        ("outcome-contradicted", "overshipped"),
    ),
)
WITHIN_BOUNDS = (
    Flagged("authorized", (PLACED,), AUTHORIZE, ()),
    Flagged("all of it captured", (PLACED, authorized()), capture(TOTAL), ()),
    Flagged("nothing captured", (PLACED,), capture(0), ()),
    Flagged("the rest captured after a void", (PLACED, authorized(10), voided(4)), capture(6), ()),
    Flagged("the rest voided", (PLACED, authorized(10), captured(4)), void(6), ()),
    Flagged(
        "more than the total, but authorized",
        (PLACED, authorized(TOTAL + 9)),
        capture(TOTAL + 9),
        (),
    ),
    Flagged("refunded", (*PAID, granted(5)), pay_out(5), ()),
    Flagged(
        "refunded, the grant has the payout's id",
        (*PAID, granted(5, 0, "o9")),
        pay_out(5, None),
        (),
    ),
    Flagged(
        "a payout of what was paid out before revoking",
        (*PAID, granted(5), revoked(2)),
        pay_out(3),
        (),
    ),
    Flagged(
        "a payout again after it failed",
        (*PAID, granted(5), refunded(5), refund_failed()),
        c.FailRefund(refund_id="r1", payment_id="p1", reason="why"),
        (),
    ),
    Flagged("charged back", PAID, CHARGE_BACK, ()),
    Flagged("charged back, the rest is granted", (*PAID, granted(TOTAL - 100)), CHARGE_BACK, ()),
    Flagged(
        "a chargeback after its reversal", (*PAID, granted(TOTAL), reversed_()), CHARGE_BACK, ()
    ),
    Flagged("reversed", (*PAID, charged_back(100)), REVERSE, ()),
    Flagged("delivered", (*READY, *shipped("s1", 2)), DELIVER, ()),
    Flagged(
        "delivered again by another report",
        (*READY, *shipped("s1", 2), delivered("s1")),
        c.DeliverShipment(shipment_id="s1", report_id="x1"),
        (),
    ),
)


@pytest.mark.parametrize("example", OUT_OF_BOUNDS, ids=lambda example: example.name)
def test_a_fact_that_breaks_a_check_is_recorded_with_an_anomaly(example: Flagged) -> None:
    assert _kinds(example) == example.kinds


@pytest.mark.parametrize("example", WITHIN_BOUNDS, ids=lambda example: example.name)
def test_a_fact_that_breaks_no_check_has_no_anomaly(example: Flagged) -> None:
    assert _kinds(example) == ()


def _kinds(example: Flagged) -> tuple[str, ...]:
    event, *flags = decide(example.fact, order_of(*example.history))
    assert not isinstance(event, AnomalyRecorded)
    return tuple(flag.kind for flag in flags if isinstance(flag, AnomalyRecorded))


def test_every_kind_of_anomaly_has_an_example() -> None:
    contradiction = decide(
        c.FailPayment(payment_id="p1", reason="other"), order_of(PLACED, failed())
    )

    kinds = {kind for example in OUT_OF_BOUNDS for kind in example.kinds}
    kinds |= {flag.kind for flag in contradiction if isinstance(flag, AnomalyRecorded)}
    assert kinds == set(ANOMALIES)


def test_anomalies_are_recorded_in_the_order_of_the_table() -> None:
    order = list(ANOMALIES)
    for example in OUT_OF_BOUNDS:
        assert list(example.kinds) == sorted(example.kinds, key=order.index)


def test_an_anomaly_names_its_fact_and_the_figures() -> None:
    _, flag = decide(capture(1), order_of(*PAID))

    assert flag == AnomalyRecorded(
        kind="captured-above-authorized",
        refers_to="capture-payment:p1/c9/EUR",
        detail=("payment: authorized 4000, captured 4001, voided 0, refunded 0, charged back 0"),
    )
