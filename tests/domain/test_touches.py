"""An event touches every bound that it may break or mend: looking at all bounds of all things after
each event, as no order could afford, finds no other.
"""

from collections.abc import Iterable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain import commands as c
from domain import events as e
from domain.anomalies import NO_WATCH, watch_key
from domain.commands import Command
from domain.order import decide, fold
from domain.postings import account_totals
from domain.references import Ids, ids_of, reference
from domain.rules import OrderRefused
from domain.state import Order
from domain.touches import BOUND_ABOUT, TOUCHES
from tests.domain.examples import READY, parts

REPORTS: tuple[str | None, ...] = (None, "e1")
COMMANDS: tuple[Command, ...] = (
    c.CancelOrder(reason="why"),
    c.CancelItems(cancellation_id="x1", lines=parts(1), shipping_cents=100, reason="why"),
    c.CancelItems(cancellation_id="x2", lines=parts(0, 3), refund_id="r1", reason="why"),
    c.AdjustOrder(adjustment_id="j1", amount_cents=-900, label="goodwill", reason="why"),
    c.AdjustOrder(adjustment_id="j2", amount_cents=700, label="fee", reason="why"),
    c.RevokeAdjustment(adjustment_id="j1", reason="why"),
    c.RevokeAdjustment(adjustment_id="j2", reason="why"),
    c.WriteOff(write_off_id="w1", amount_cents=400, reason="why"),
    c.RevokeWriteOff(write_off_id="w1", reason="why"),
    c.GrantRefund(refund_id="r1", amount_cents=1500, reason="why"),
    c.GrantRefund(refund_id="r2", amount_cents=2500, credit_cents=0, reason="why"),
    c.RevokeRefund(refund_id="r1", reason="why"),
    c.AcceptRefund(payment_id="p1", payout_id="o1", reason="why"),
    c.ResolveAnomaly(anomaly_id="1", reason="why"),
    c.ResolveAnomaly(anomaly_id="2", reason="why"),
    c.AdjustAuthorization(payment_id="p1", adjustment_id="j1", amount_cents=3000),
    c.FailPayment(payment_id="p1", reason="why"),
    c.RecordFee(fee_id="f1", amount_cents=30, kind="processing"),
    *(
        fact
        for report_id in REPORTS
        for fact in (
            c.AuthorizePayment(
                payment_id="p1", amount_cents=2000, method="card", report_id=report_id
            ),
            c.CapturePayment(
                payment_id="p1", capture_id="c1", amount_cents=2500, report_id=report_id
            ),
            c.VoidPayment(payment_id="p1", void_id="v1", amount_cents=500, report_id=report_id),
            c.ExpireAuthorization(payment_id="p1", report_id=report_id),
            c.RefundPayment(
                payment_id="p1",
                payout_id="o1",
                amount_cents=1500,
                refund_id="r1" if report_id else "r2",
                report_id=report_id,
            ),
            c.FailRefund(payment_id="p1", payout_id="o1", reason="why", report_id=report_id),
            c.ChargeBackPayment(
                payment_id="p1", chargeback_id="b1", amount_cents=2000, report_id=report_id
            ),
            c.ReverseChargeback(payment_id="p1", chargeback_id="b1", report_id=report_id),
            c.RetractFact(
                fact="capture-payment",
                payment_id="p1",
                capture_id="c1",
                report_id=report_id,
                reason="why",
            ),
            c.RetractFact(
                fact="refund-payment",
                payment_id="p1",
                payout_id="o1",
                report_id=report_id,
                reason="why",
            ),
            c.RetractFact(
                fact="charge-back-payment",
                payment_id="p1",
                chargeback_id="b1",
                report_id=report_id,
                reason="why",
            ),
        )
    ),
)


def steps(commands: Iterable[Command]) -> Iterator[Order]:
    """The order after each command that it does not refuse."""
    order = fold(READY)
    for command in commands:
        assert order is not None
        try:
            events = decide(command, order)
        except OrderRefused:
            continue
        order = fold(events, order)
        assert order is not None
        yield order


def things(order: Order, thing: str) -> list[Ids]:
    """All things of the sort that the order has."""
    money = order.money
    if thing == "order":
        return [()]
    if thing == "payment":
        return [(id_,) for id_ in money.payments]
    if thing == "refund":
        return [(id_,) for id_ in money.refunds]
    return [ids_of(key) for key in money.movements if key.startswith(f"{thing}:")]


def missed(order: Order) -> list[str]:
    """The bounds of which something else is known than a look at them says now."""
    found = []
    for (kind, thing), bound in BOUND_ABOUT.items():
        for ids in things(order, thing):
            excess = max(0, bound.excess(order, ids))
            watch = order.anomalies.watches.get(watch_key(kind, reference(thing, ids)), NO_WATCH)
            forgotten = excess > 0 and watch.is_news(excess)
            if watch.excess != excess or forgotten:
                found.append(f"{kind} {reference(thing, ids)}: {excess}, not {watch.excess}")
    return found


@settings(max_examples=150)
@given(st.lists(st.sampled_from(COMMANDS), max_size=30))
def test_no_bound_is_missed_and_the_accounts_are_in_balance(commands: list[Command]) -> None:
    for order in steps(commands):
        assert missed(order) == []
        assert sum(account_totals(order.money).values()) == 0


def test_a_touch_left_out_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: an event that touches nothing."""
    story = (
        c.CapturePayment(payment_id="p1", capture_id="c1", amount_cents=2500),
        c.ChargeBackPayment(payment_id="p1", chargeback_id="b1", amount_cents=2000),
        c.RefundPayment(payment_id="p1", payout_id="o1", amount_cents=1500),
        c.ReverseChargeback(payment_id="p1", chargeback_id="b1"),
    )
    assert [missed(order) for order in steps(story)] == [[], [], [], []]

    monkeypatch.delitem(TOUCHES, e.ChargebackReversed)
    assert [bool(missed(order)) for order in steps(story)] == [False, False, False, True]
