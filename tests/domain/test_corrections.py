"""How anomalies end, and how a fact that was told wrongly is taken back."""

from dataclasses import replace
from typing import Any

import pytest

from domain import commands as c
from domain import events as e
from domain.events import Event
from domain.order import decide, fold
from domain.rules import OrderRefused
from domain.state import Order
from domain.values import Malformed
from tests.domain.examples import (
    CANCELLED,
    PLACED,
    READY,
    authorized,
    captured,
    charged_back,
    failed,
    granted,
    order_of,
    refund_failed,
    refunded,
    reversed_,
    voided,
)

PAID = (*READY, authorized(), captured())
CAPTURE = c.CapturePayment(payment_id="p1", capture_id="c2", amount_cents=100)
RETRACT = c.RetractFact(
    fact="capture-payment", payment_id="p1", capture_id="c2", reason="typed wrongly"
)
RESOLVE = c.ResolveAnomaly(anomaly_id="1", reason="the bank confirmed it")


def after(order: Order, *commands: c.Command) -> Order:
    for command in commands:
        folded = fold(decide(command, order), order)
        assert folded is not None
        order = folded
    return order


def anomalies(order: Order) -> list[tuple[str, str, str]]:
    return [(each.kind, each.refers_to, each.state) for each in order.anomalies.recorded.values()]


# Bounds -------------------------------------------------------------------------------------------

ABOVE = ("captured-above-authorized", "payment:p1")


def test_a_bound_is_recorded_once_and_explained_while_it_holds() -> None:
    raise_ = c.AdjustAuthorization(payment_id="p1", adjustment_id="j1", amount_cents=4200)
    order = after(order_of(*PAID), CAPTURE, replace(CAPTURE, capture_id="c3"))
    assert anomalies(order) == [(*ABOVE, "open")]
    assert order.anomalies.open_count == 1

    order = after(order, raise_)
    assert anomalies(order) == [(*ABOVE, "explained")]
    assert order.anomalies.open_count == 0

    order = after(order, replace(CAPTURE, capture_id="c4"))
    assert anomalies(order) == [(*ABOVE, "open")]


def test_a_resolved_bound_is_recorded_again_if_it_is_broken_by_more() -> None:
    order = after(order_of(*PAID), CAPTURE, RESOLVE)
    assert anomalies(order) == [(*ABOVE, "resolved")]

    void = c.VoidPayment(payment_id="p2", void_id="v1", amount_cents=0)
    assert anomalies(after(order, void)) == [(*ABOVE, "resolved")]
    more = after(order, replace(CAPTURE, capture_id="c3"))
    assert anomalies(more) == [(*ABOVE, "resolved"), (*ABOVE, "open")]
    assert list(more.anomalies.recorded) == ["1", "2"]


def test_a_resolved_bound_is_recorded_again_if_it_held_since() -> None:
    order = after(order_of(*PAID), CAPTURE, RESOLVE, RETRACT)
    assert anomalies(order) == [(*ABOVE, "resolved")]

    again = replace(CAPTURE, amount_cents=1)
    assert anomalies(after(order, again)) == [(*ABOVE, "resolved"), (*ABOVE, "open")]


def test_a_command_too_may_break_a_bound_and_mend_it() -> None:
    """Captured since the cancellation, within what was billed since; then that is revoked."""
    charge = c.AdjustOrder(adjustment_id="j1", amount_cents=100, label="fee", reason="why")
    revoke = c.RevokeAdjustment(adjustment_id="j1", reason="why")
    order = after(order_of(*READY, CANCELLED), charge, CAPTURE)
    assert anomalies(order) == []

    order = after(order, revoke)
    late = ("captured-after-cancel", "order")
    assert anomalies(order) == [(*late, "open")]
    grant = c.GrantRefund(refund_id="r1", amount_cents=100, reason="why")
    pay_out = c.RefundPayment(payment_id="p1", payout_id="o1", amount_cents=100, refund_id="r1")
    assert anomalies(after(order, grant, pay_out)) == [(*late, "explained")]


def test_a_reversed_chargeback_explains_what_it_broke() -> None:
    history = (*PAID, granted(4000))
    charge_back = c.ChargeBackPayment(payment_id="p1", chargeback_id="b1", amount_cents=1)
    order = after(order_of(*history), charge_back)
    assert anomalies(order) == [("charged-back-above-captured", "order", "open")]

    reverse = c.ReverseChargeback(payment_id="p1", chargeback_id="b1")
    assert anomalies(after(order, reverse))[0][2] == "explained"


def test_a_report_that_takes_the_failure_of_another_opens_that_ones_anomaly_again() -> None:
    """The failure takes the first report by its id; e1 comes first until one without an id does."""
    payout = c.RefundPayment(payment_id="p1", payout_id="o1", amount_cents=5, report_id="e1")
    fail = c.FailRefund(payment_id="p1", payout_id="o1", reason="why")
    order = after(order_of(*PAID), payout, fail)
    assert anomalies(order) == [("refund-without-grant", "refund:o1", "explained")]

    order = after(order, replace(payout, report_id=None, refund_id="r1"))
    assert anomalies(order) == [("refund-without-grant", "refund:o1", "open")]


@pytest.mark.parametrize("end", ["retract", "resolve"])
def test_a_report_ends_when_its_fact_is_retracted_or_by_hand(end: str) -> None:
    order = after(order_of(*PAID), replace(CAPTURE, currency="USD"))
    mismatch = ("currency-mismatch", "capture-payment:p1/c2/USD")
    assert anomalies(order) == [(*mismatch, "open")]

    order = after(order, RESOLVE if end == "resolve" else replace(RETRACT, currency="usd"))
    assert anomalies(order) == [(*mismatch, "resolved" if end == "resolve" else "explained")]


def test_ids_with_a_slash_are_told_apart() -> None:
    one = c.FailPayment(payment_id="a/b", reason="why", report_id="c")
    other = c.FailPayment(payment_id="a", reason="why", report_id="b/c")
    order = after(order_of(*READY), one, other)

    order = after(order, replace(one, reason="other"), replace(other, reason="other"))

    assert [refers_to for _, refers_to, _ in anomalies(order)] == [
        "fail-payment:a%2Fb/c",
        "fail-payment:a/b%2Fc",
    ]


# A fact told again after its end ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("history", "again"),
    [
        (
            (charged_back(100), reversed_()),
            c.ChargeBackPayment(payment_id="p1", chargeback_id="b1", amount_cents=100),
        ),
        (
            (granted(100), refunded(100), refund_failed("r1", "p1", "o1")),
            c.RefundPayment(payment_id="p1", payout_id="o1", amount_cents=100, refund_id="r1"),
        ),
        (
            (e.AuthorizationExpired(payment_id="p1", authorization_id="p1", report_id=None),),
            c.AuthorizePayment(payment_id="p1", amount_cents=4000, method="card"),
        ),
    ],
    ids=["chargeback", "payout", "authorization"],
)
def test_a_fact_told_again_after_its_end_is_flagged_once_and_counts_no_more(
    history: tuple[Event, ...], again: c.Command
) -> None:
    before = order_of(*PAID, *history)

    order = after(before, again, again)

    assert [kind for kind, _, _ in anomalies(order)] == ["repeated-after-end"]
    assert order.money == before.money
    assert anomalies(after(order, RESOLVE, again))[-1][2] == "resolved"


def test_a_partly_reversed_chargeback_is_not_at_its_end() -> None:
    partly = replace(reversed_(), amount_cents=40)
    again = c.ChargeBackPayment(payment_id="p1", chargeback_id="b1", amount_cents=100)

    assert decide(again, order_of(*PAID, charged_back(100), partly)) == ()


# Retraction ---------------------------------------------------------------------------------------


def test_other_content_can_be_told_after_a_retraction_and_the_same_is_flagged() -> None:
    order = after(order_of(*READY), CAPTURE, RETRACT)
    assert order.money.captured_cents == 0

    assert after(order, replace(CAPTURE, amount_cents=7)).money.captured_cents == 7
    same = after(order, CAPTURE, CAPTURE)
    assert same.money.captured_cents == 0
    assert anomalies(same) == [("repeated-after-end", "capture-payment:p1/c2/EUR", "open")]


def test_what_is_retracted_is_a_fact_that_counts() -> None:
    for history in ((), (captured(100, currency="USD", capture_id="c2"),)):
        with pytest.raises(OrderRefused, match="unknown-fact"):
            decide(RETRACT, order_of(*READY, *history))
    with pytest.raises(OrderRefused, match="unknown-fact"):
        decide(RETRACT, after(order_of(*READY), CAPTURE, RETRACT))


@pytest.mark.parametrize(
    ("fact", "ids"),
    [
        (voided(5), {"payment_id": "p1", "void_id": "v1"}),
        (failed("p1"), {"payment_id": "p1"}),
        (refund_failed("r1", "p1", "o1"), {"payment_id": "p1", "payout_id": "o1"}),
        (refund_failed("r1"), {"refund_id": "r1"}),
        (reversed_(), {"payment_id": "p1", "chargeback_id": "b1"}),
        (authorized(5, authorization_id="a2"), {"payment_id": "p1", "authorization_id": "a2"}),
    ],
    ids=lambda value: type(value).__name__,
)
def test_each_fact_is_named_by_its_ids(fact: Any, ids: dict[str, str]) -> None:
    command = c.RetractFact(
        fact={
            e.PaymentVoided: "void-payment",
            e.PaymentFailed: "fail-payment",
            e.RefundFailed: "fail-refund",
            e.ChargebackReversed: "reverse-chargeback",
            e.PaymentAuthorized: "authorize-payment",
        }[type(fact)],
        reason="why",
        **ids,
    )

    [event, *_] = decide(command, order_of(*READY, fact))

    assert isinstance(event, e.FactRetracted)
    assert event.fact == command.fact


def test_a_failure_told_again_after_its_retraction_is_flagged_without_its_refund_too() -> None:
    fail = c.FailRefund(refund_id="r1", payment_id="p1", payout_id="o1", reason="why")
    retract = c.RetractFact(fact="fail-refund", payment_id="p1", payout_id="o1", reason="why")
    order = after(order_of(*READY), fail, retract, replace(fail, refund_id=None))

    assert [kind for kind, _, _ in anomalies(order)] == ["repeated-after-end"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"fact": "deliver-shipment"}, "fact"),
        ({"fact": "capture"}, "fact"),
        ({"capture_id": None}, "capture_id"),
    ],
)
def test_a_malformed_retraction_cannot_be_made(change: dict[str, Any], field: str) -> None:
    with pytest.raises(Malformed) as malformed:
        replace(RETRACT, **change)

    assert malformed.value.field == field


# Logs of version 1 --------------------------------------------------------------------------------


def old(kind: str, refers_to: str) -> e.AnomalyRecorded:
    return e.AnomalyRecorded(kind=kind, anomaly_id=None, refers_to=refers_to, detail="figures")


@pytest.mark.parametrize(
    ("history", "recorded", "state"),
    [
        (
            (captured(9),),
            old("captured-above-authorized", "capture-payment:p1/c1/EUR"),
            "explained",
        ),
        (
            (authorized(8), captured(9)),
            old("captured-above-authorized", "capture-payment:p1/c1/EUR"),
            "open",
        ),
        (
            (authorized(8), voided(1), captured(8)),
            old("captured-after-void", "capture-payment:p1/c1/EUR"),
            "open",
        ),
        ((captured(8),), old("captured-after-failure", "capture-payment:p1/c1/EUR"), "explained"),
        ((refunded(8, "r7"),), old("unknown-refund", "refund-payment:p1/o1/EUR"), "open"),
        ((refund_failed("r7"),), old("unknown-refund", "fail-refund:r7/-/-"), "explained"),
        ((reversed_(),), old("unknown-chargeback", "reverse-chargeback:p1/b1"), "open"),
        (
            (captured(9, currency="USD"),),
            old("currency-mismatch", "capture-payment:p1/c1/USD"),
            "open",
        ),
    ],
    ids=lambda value: getattr(value, "kind", None),
)
def test_anomalies_of_version_1_are_judged_by_the_same_bounds(
    history: tuple[Event, ...], recorded: e.AnomalyRecorded, state: str
) -> None:
    order = order_of(*READY, *history, recorded)

    assert order.anomalies.recorded["1"].state == state


def test_all_anomalies_of_version_1_about_one_bound_end_together() -> None:
    first = old("captured-above-authorized", "capture-payment:p1/c1/EUR")
    second = old("captured-above-authorized", "capture-payment:p1/c2/EUR")
    history = (authorized(8), captured(9), first, captured(9, capture_id="c2"), second)
    order = order_of(PLACED, *history)
    assert order.anomalies.open_count == 2

    assert after(order, RESOLVE).anomalies.open_count == 1
    raised = c.AdjustAuthorization(payment_id="p1", adjustment_id="j1", amount_cents=18)
    assert after(order, raised).anomalies.open_count == 0
