"""One fact at least for every kind of anomaly; a kind without an example fails."""

from dataclasses import dataclass, replace

import pytest

from domain import commands as c
from domain.commands import Command
from domain.events import AnomalyRecorded, Event
from domain.facts import retraction_of
from domain.order import decide, evolve
from domain.rules import BOUNDS, REPORTS
from tests.domain.examples import (
    CANCELLED,
    PLACED,
    READY,
    TOTAL,
    anomaly,
    arrived,
    as_received,
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
    return_received,
    return_requested,
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


def pay_out(
    amount: int,
    refund_id: str | None = "r1",
    payment_id: str = "p1",
    payout_id: str = "o9",
) -> c.RefundPayment:
    return c.RefundPayment(
        payment_id=payment_id, payout_id=payout_id, amount_cents=amount, refund_id=refund_id
    )


def receive(*quantities: int) -> c.ReceiveReturn:
    lines = as_received(*quantities)
    return c.ReceiveReturn(return_id="b1", receipt_id="x1", lines=lines)


FAILED = refund_failed(None, "p1", "o1")
RECEIVED = return_received("b1", "x1", 1)
RETRACTED = (
    *READY,
    return_requested("b1", 1),
    RECEIVED,
    retraction_of(RECEIVED, "another order's"),
)
REPEATED = ("repeated-after-end",)


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
    Flagged("a cent above", PAID, capture(1), ("captured-above-authorized",)),
    Flagged(
        "after cancel",
        (PLACED, authorized(), CANCELLED),
        capture(TOTAL),
        ("captured-after-cancel",),
    ),
    Flagged(
        "after void",
        (PLACED, authorized(), voided(TOTAL)),
        capture(1),
        ("voided-above-authorized",),
    ),
    Flagged(
        "after expiry", (PLACED, authorized(), expired()), capture(1), ("captured-after-expiry",)
    ),
    Flagged(
        "everything at once",
        (PLACED, authorized(1), voided(2), expired(), failed(), CANCELLED),
        capture(2),
        (
            "captured-above-authorized",
            "captured-after-cancel",
            "captured-after-expiry",
            "voided-above-authorized",
        ),
    ),
    Flagged("authorized late", (PLACED, CANCELLED), AUTHORIZE, ("authorized-after-cancel",)),
    Flagged("voided too much", (PLACED, authorized(10)), void(11), ("voided-above-authorized",)),
    Flagged("voided what was captured", PAID, void(1), ("voided-above-authorized",)),
    Flagged(
        "refunded what was charged back",
        (*PAID, granted(TOTAL), charged_back(1)),
        pay_out(TOTAL),
        ("charged-back-above-captured",),
    ),
    Flagged(
        "refunded from another payment",
        (*PAID, granted(5)),
        pay_out(5, payment_id="p2"),
        ("refunded-above-captured",),
    ),
    Flagged("none named, none granted", PAID, pay_out(5, None), ("refund-without-grant",)),
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
    Flagged("a refund never granted", PAID, pay_out(5), ("refund-without-grant",)),
    Flagged("a failure of no payout", PAID, FAIL_REFUND, ("failure-without-payout",)),
    Flagged(
        "captured under two reports",
        (PLACED, captured()),
        replace(capture(TOTAL, "c1"), report_id="e2"),
        ("told-again",),
    ),
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
    Flagged("not announced", (*READY, *arrived("s1", 2)), receive(2), ("unannounced-return",)),
    Flagged(
        "neither announced nor delivered",
        READY,
        receive(2),
        ("unannounced-return", "received-above-delivered"),
    ),
    Flagged(
        "more than announced",
        (*READY, *arrived("s1", 2), return_requested("b1", 1)),
        receive(2),
        ("received-above-requested",),
    ),
    Flagged(
        "received under two reports",
        (*READY, *arrived("s1", 2), return_requested("b1", 2), return_received("b1", "x1", 1)),
        replace(receive(1), report_id="e2"),
        ("told-again",),
    ),
)
REPORTED_AGAIN = (
    Flagged(
        "other content",
        (PLACED, failed()),
        c.FailPayment(payment_id="p1", reason="other"),
        ("contradicting-fact",),
    ),
    Flagged(
        "other goods",
        (*READY, return_requested("b1", 1), return_received("b1", "x1", 1)),
        receive(2),
        ("contradicting-fact",),
    ),
    Flagged("after its reversal", (*PAID, charged_back(100), reversed_()), CHARGE_BACK, REPEATED),
    Flagged("after it failed", (*PAID, refunded(5), FAILED), pay_out(5, payout_id="o1"), REPEATED),
    Flagged("after it expired", (PLACED, authorized(), expired()), AUTHORIZE, REPEATED),
    Flagged("after it was retracted", RETRACTED, receive(1), REPEATED),
)
WITHIN_BOUNDS = (
    Flagged("authorized", (PLACED,), AUTHORIZE, ()),
    Flagged("never authorized", (PLACED,), capture(1), ()),
    Flagged("after failure", (PLACED, authorized(), failed()), capture(1), ()),
    Flagged("none named, nothing paid", PAID, pay_out(0, None), ()),
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
        "failed again by another report",
        (*PAID, granted(5), refunded(5), FAILED),
        c.FailRefund(payment_id="p1", payout_id="o1", reason="why", report_id="e2"),
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


@pytest.mark.parametrize("example", REPORTED_AGAIN, ids=lambda example: example.name)
def test_a_fact_that_is_odd_when_it_is_reported_again_is_an_anomaly_alone(
    example: Flagged,
) -> None:
    order = order_of(*example.history)
    [flag] = decide(example.fact, order)
    assert isinstance(flag, AnomalyRecorded)
    assert (flag.kind,) == example.kinds
    after = evolve(order, flag)
    assert (after.status, after.money, after.goods) == (order.status, order.money, order.goods)
    assert decide(example.fact, after) == ()


def _kinds(example: Flagged) -> tuple[str, ...]:
    event, *flags = decide(example.fact, order_of(*example.history))
    assert not isinstance(event, AnomalyRecorded)
    return tuple(flag.kind for flag in flags if isinstance(flag, AnomalyRecorded))


def test_every_kind_of_anomaly_has_an_example() -> None:
    examples = (*OUT_OF_BOUNDS, *REPORTED_AGAIN)
    kinds = {kind for example in examples for kind in example.kinds}
    assert kinds == set(BOUNDS) | set(REPORTS)


def test_anomalies_are_recorded_in_the_order_of_the_table() -> None:
    order = [*REPORTS, *BOUNDS]
    for example in OUT_OF_BOUNDS:
        assert list(example.kinds) == sorted(example.kinds, key=order.index)


def test_an_anomaly_about_a_bound_names_its_thing_and_the_figures() -> None:
    _, flag = decide(capture(1), order_of(*PAID))

    assert flag == anomaly(
        "captured-above-authorized",
        "payment:p1",
        "authorized 4000, captured 4001, voided 0, refunded 0, charged back 0",
    )


def test_an_anomaly_about_a_report_names_its_fact_and_the_figures() -> None:
    _, flag = decide(DELIVER, order_of(*READY, *shipped("s1", 1), lost("s1")))

    assert flag == anomaly(
        "outcome-contradicted",
        "deliver-shipment:s1",
        "shipment was dispatched; outcome before: lost",
    )
