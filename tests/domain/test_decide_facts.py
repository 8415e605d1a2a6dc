"""A fact is recorded once. Reported again with another content, it is a contradiction."""

from dataclasses import fields, replace

import pytest

from domain import commands as c
from domain.commands import COMMAND_NAMES, FACTS, Fact
from domain.events import PaymentFailed
from domain.facts import EVENT_OF
from tests.domain.examples import (
    PLACED,
    READY,
    anomaly,
    authorized,
    captured,
    delivered,
    expired,
    granted,
    lost,
    order_of,
    refund_failed,
    refunded,
    shipped,
)
from tests.specification import given

PAYING = (PLACED, authorized())
CAPTURE = c.CapturePayment(payment_id="p1", capture_id="c1", amount_cents=4000)
CONTRADICTED = anomaly(
    "contradicting-fact",
    "capture-payment:p1/c1/EUR",
    'recorded: {"amount_cents":4000,"counted_cents":null,"method":null};'
    ' told: {"amount_cents":3000,"counted_cents":null,"method":null}',
)


def test_a_fact_is_recorded_in_the_currency_of_the_order_if_it_names_none() -> None:
    given(*PAYING).when(CAPTURE).then(captured())


def test_a_fact_reported_again_is_no_event() -> None:
    given(*PAYING, captured()).when(CAPTURE).then_nothing_happened()
    given(*PAYING, captured()).when(replace(CAPTURE, currency="EUR")).then_nothing_happened()


def test_a_fact_reported_again_with_another_amount_is_a_contradiction() -> None:
    given(*PAYING, captured()).when(replace(CAPTURE, amount_cents=3000)).then(CONTRADICTED)


def test_each_contradiction_is_recorded_once() -> None:
    history = (*PAYING, captured(), CONTRADICTED)
    given(*history).when(replace(CAPTURE, amount_cents=3000)).then_nothing_happened()
    given(*history).when(CAPTURE).then_nothing_happened()
    detail = CONTRADICTED.detail.replace("3000", "2000")
    other = replace(CONTRADICTED, detail=detail, anomaly_id="2")
    given(*history).when(replace(CAPTURE, amount_cents=2000)).then(other)


def test_a_contradiction_changes_no_counter() -> None:
    before, after = order_of(*PAYING, captured()), order_of(*PAYING, captured(), CONTRADICTED)

    assert (after.money, after.goods) == (before.money, before.goods)


def test_the_same_fact_in_another_currency_is_another_fact_and_in_no_counter() -> None:
    mismatch = anomaly(
        "currency-mismatch",
        "capture-payment:p1/c1/USD",
        "the order is in EUR, not in USD",
    )
    dollars = replace(CAPTURE, currency="USD")
    given(*PAYING, captured()).when(dollars).then(captured(currency="USD"), mismatch)
    order = order_of(*PAYING, captured(currency="USD"), mismatch)
    assert order.money == order_of(*PAYING).money


def test_one_id_names_a_capture_in_one_payment_only() -> None:
    here = (*PAYING, authorized(payment_id="p2"), captured(1, "p2"))
    given(*here).when(CAPTURE).then(captured())


def test_a_payout_without_a_refund_id_belongs_to_the_refund_of_its_own_id() -> None:
    payout = c.RefundPayment(payment_id="p1", payout_id="o1", amount_cents=5)
    here = (*PAYING, captured(), granted(5, refund_id="o1"))
    given(*here).when(payout).then(refunded(5, "o1"))
    given(*here, refunded(5, "o1")).when(replace(payout, refund_id="o1")).then_nothing_happened()


def test_a_failed_payout_is_recognised_by_its_payment_and_its_own_id() -> None:
    here = (*PAYING, captured(), granted(5), refunded(5), refund_failed("r1", "p1", "o1"))
    command = c.FailRefund(payment_id="p1", payout_id="o1", reason="why")
    given(*here).when(command).then_nothing_happened()
    given(*here).when(replace(command, refund_id="r2")).then_nothing_happened()
    given(*here).when(replace(command, report_id="x1")).then_is_decided()


def test_a_failure_that_names_no_payout_is_told_apart_by_its_refund() -> None:
    here = (*PAYING, refund_failed("r1"))
    given(*here).when(c.FailRefund(refund_id="r1", reason="why")).then_nothing_happened()
    given(*here).when(c.FailRefund(refund_id="r2", reason="why")).then(
        refund_failed("r2"),
        anomaly(
            "failure-without-payout",
            "fail-refund:r2/-/-",
            "payment_id and payout_id name the payout that failed",
        ),
    )


def test_an_outcome_can_be_reported_again_under_another_report_id() -> None:
    here = (*READY, *shipped("s1", 2), delivered("s1"), lost("s1"))
    given(*here).when(c.DeliverShipment(shipment_id="s1")).then_nothing_happened()
    contradicted = anomaly(
        "outcome-contradicted",
        "deliver-shipment:s1/x1",
        "shipment was dispatched; outcome before: lost",
    )
    again = c.DeliverShipment(shipment_id="s1", report_id="x1")
    given(*here).when(again).then(delivered("s1", "x1"), contradicted)


def test_with_another_report_id_it_is_another_expiry_or_failure() -> None:
    here = (*PAYING, expired())
    given(*here).when(c.ExpireAuthorization(payment_id="p1")).then_nothing_happened()
    given(*here).when(c.ExpireAuthorization(payment_id="p1", report_id="x1")).then(
        replace(expired(), report_id="x1")
    )
    given(*here).when(c.FailPayment(payment_id="p1", reason="why", report_id="x1")).then(
        PaymentFailed(payment_id="p1", reason="why", report_id="x1")
    )


def test_two_kinds_of_fact_may_have_the_same_ids() -> None:
    given(*READY, *shipped("s1", 2), delivered("s1")).when(c.LoseShipment(shipment_id="s1")).then(
        lost("s1"),
        anomaly(
            "outcome-contradicted",
            "lose-shipment:s1",
            "shipment was dispatched; outcome before: delivered",
        ),
    )


@pytest.mark.parametrize("fact", EVENT_OF, ids=COMMAND_NAMES.get)
def test_a_fact_and_its_event_have_the_same_fields_and_an_identity(fact: type[Fact]) -> None:
    event = EVENT_OF[fact]

    assert {field.name for field in fields(fact)} == {field.name for field in fields(event)}
    assert event.identity


def test_every_fact_is_among_these() -> None:
    assert EVENT_OF.keys() == FACTS
