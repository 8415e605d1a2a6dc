"""Refusals by each rule. That every rule of the table refuses something, the search checks."""

from dataclasses import dataclass, replace

import pytest

from domain import commands as c
from domain.commands import Command
from domain.events import AnomalyResolved, Event
from domain.rules import RULES, OrderRefused
from domain.values import CENTS_MAX, ITEMS_MAX
from tests.domain.examples import (
    CANCELLED,
    CONFIRMED,
    PLACE,
    PLACED,
    READY,
    TOTAL,
    adjusted,
    adjustment_revoked,
    anomaly,
    arrived,
    as_received,
    authorized,
    captured,
    charged_back,
    closed,
    declined,
    delivered,
    dispatched,
    granted,
    held,
    items_cancelled,
    lost,
    noted,
    parts,
    planned,
    refund_failed,
    refunded,
    released,
    return_received,
    return_requested,
    revoked,
    shipped,
    unplanned,
    write_off_revoked,
    written_off,
)
from tests.specification import given


@dataclass(frozen=True)
class Refusal:
    rule: str
    name: str
    history: tuple[Event, ...]
    command: Command


CONFIRM = c.ConfirmOrder()
CANCEL = c.CancelOrder(reason="why")
HOLD = c.PlaceHold(hold_id="h1", kind="fraud", reason="why")
PLAN = c.PlanShipment(shipment_id="s1", lines=parts(2), location="warehouse")
DISPATCH = c.DispatchShipment(shipment_id="s1", carrier="dhl", tracking="t1")
GRANT = c.GrantRefund(refund_id="r1", amount_cents=100, reason="why", credit_cents=0)
REVOKE = c.RevokeRefund(refund_id="r1", reason="why")
RETURN = c.RequestReturn(return_id="b1", lines=parts(1), reason="why")
RECEIVE = c.ReceiveReturn(return_id="b1", receipt_id="x1", lines=as_received(1))
DECLINE = c.DeclineReturn(return_id="b1", reason="why")
CLOSE = c.CloseReturn(return_id="b1")
CANCEL_ITEMS = c.CancelItems(cancellation_id="x1", lines=parts(1), reason="why")
PAID = (*READY, authorized(), captured())
ARRIVED = (*READY, *arrived("s1", 2))
RETURNING = (*ARRIVED, return_requested("b1", 1))
UNANNOUNCED = (*ARRIVED, return_received("b1", "x1", 1))
AGAIN = replace(PLAN, replaces=True, reason="broken")
CORRECT = c.CorrectTracking(shipment_id="s1", carrier="ups", tracking="t2", reason="why")
TICKET = replace(PLACED.items[1], requires_shipping=False)
ADD = c.AddItems(
    addition_id="a1", items=(c.OrderedItem(product_id="jug", quantity=1, price_cents=700),)
)
ADJUST = c.AdjustOrder(adjustment_id="j1", amount_cents=-5, label="fee", reason="why")
WRITE_OFF = c.WriteOff(write_off_id="w1", amount_cents=5, reason="why")
REVOKE_ADJUSTMENT = c.RevokeAdjustment(adjustment_id="j1", reason="why")
REVOKE_WRITE_OFF = c.RevokeWriteOff(write_off_id="w1", reason="why")
CREDIT = replace(GRANT, credit_cents=1)
ACCEPT = c.AcceptRefund(payment_id="p1", payout_id="o1", reason="why")
RETRACT = c.RetractFact(fact="capture-payment", payment_id="p1", capture_id="c1", reason="why")
RESOLVE = c.ResolveAnomaly(anomaly_id="1", reason="why")
RESOLVED = AnomalyResolved(anomaly_id="1", reason="why")
EARLY = anomaly("delivered-before-dispatch", "shipment:s1", "the shipment was planned; delivered")
ODD = (*READY, planned("s1", 2), delivered("s1"), EARLY)
WITH_TICKETS = (replace(PLACED, items=(PLACED.items[0], TICKET)), CONFIRMED)

REFUSALS = (
    Refusal("unknown-order", "a command before the order", (), CONFIRM),
    Refusal("unknown-order", "a fact before the order", (), c.DeliverShipment(shipment_id="s1")),
    Refusal("id-reused", "an order", READY, replace(PLACE, customer_id="other")),
    Refusal("id-reused", "a hold", (PLACED, held()), replace(HOLD, kind="credit")),
    Refusal(
        "id-reused",
        "a released hold with another content",
        (PLACED, held(), released()),
        replace(HOLD, kind="credit"),
    ),
    Refusal("id-reused", "items", (PLACED, items_cancelled("x1", 2)), CANCEL_ITEMS),
    Refusal("id-reused", "a shipment", (*READY, planned("s1", 1)), PLAN),
    Refusal("id-reused", "a shipment only the carrier knows", (*READY, lost("s1")), PLAN),
    Refusal(
        "id-reused", "another carrier", (*READY, *shipped("s1", 2)), replace(DISPATCH, carrier="x")
    ),
    Refusal("id-reused", "a refund's amount", (*PAID, granted(99)), GRANT),
    Refusal(
        "id-reused",
        "a refund's credit",
        (*PAID, granted(100, 7)),
        replace(GRANT, credit_cents=8),
    ),
    Refusal("id-reused", "a return", (*ARRIVED, return_requested("b1", 2)), RETURN),
    Refusal("id-ended", "an order that was cancelled", (PLACED, CANCELLED), PLACE),
    Refusal("id-ended", "a hold that was released", (PLACED, held(), released()), HOLD),
    Refusal("id-ended", "a cancelled shipment", (*READY, planned("s1", 2), unplanned("s1")), PLAN),
    Refusal("id-ended", "a refund that was revoked", (*PAID, granted(100), revoked(100)), GRANT),
    Refusal("id-ended", "a return that was declined", (*RETURNING, declined("b1")), RETURN),
    Refusal("id-ended", "a return that was closed", (*RETURNING, closed("b1")), RETURN),
    Refusal("order-cancelled", "confirm", (PLACED, CANCELLED), CONFIRM),
    Refusal("order-cancelled", "plan", (*READY, CANCELLED), PLAN),
    Refusal(
        "order-cancelled",
        "dispatch",
        (*READY, planned("s1", 2), unplanned("s1"), CANCELLED),
        DISPATCH,
    ),
    Refusal("order-cancelled", "cancel items", (PLACED, CANCELLED), CANCEL_ITEMS),
    Refusal("order-cancelled", "hold", (PLACED, CANCELLED), HOLD),
    Refusal("on-hold", "confirm", (PLACED, held()), CONFIRM),
    Refusal(
        "on-hold", "confirm, one of two released", (PLACED, held(), held("h2"), released()), CONFIRM
    ),
    Refusal("on-hold", "plan", (*READY, held()), PLAN),
    Refusal("on-hold", "dispatch", (*READY, planned("s1", 2), held()), DISPATCH),
    Refusal("not-confirmed", "plan", (PLACED,), PLAN),
    Refusal("goods-out", "a parcel on its way", (*READY, *shipped("s1", 1)), CANCEL),
    Refusal(
        "goods-out",
        "one of two parcels lost",
        (*READY, *shipped("s1", 1), *shipped("s2", 1), lost("s1")),
        CANCEL,
    ),
    Refusal("unknown-line", "cancel items", READY, replace(CANCEL_ITEMS, lines=parts(0, 0, 1))),
    Refusal("unknown-line", "plan", READY, replace(PLAN, lines=parts(0, 0, 1))),
    Refusal("unknown-line", "a refund for it", PAID, replace(GRANT, lines=parts(0, 0, 1))),
    Refusal("unknown-line", "a return of it", ARRIVED, replace(RETURN, lines=parts(0, 0, 1))),
    Refusal("unknown-line", "its receipt", RETURNING, replace(RECEIVE, lines=as_received(0, 0, 1))),
    Refusal("quantity-not-open", "plan too many", READY, replace(PLAN, lines=parts(3))),
    Refusal("quantity-not-open", "plan what is planned", (*READY, planned("s2", 1)), PLAN),
    Refusal("quantity-not-open", "plan what is shipped", (*READY, *shipped("s2", 1)), PLAN),
    Refusal(
        "quantity-not-open", "plan what is cancelled", (*READY, items_cancelled("x1", 1)), PLAN
    ),
    Refusal(
        "quantity-not-open", "cancel what is planned", (*READY, planned("s2", 2)), CANCEL_ITEMS
    ),
    Refusal("unknown-hold", "release", READY, c.ReleaseHold(hold_id="h1", reason="why")),
    Refusal("unknown-refund", "revoke", PAID, REVOKE),
    Refusal("unknown-refund", "revoke what was paid out ungranted", (*PAID, refunded(5)), REVOKE),
    Refusal("refund-above-captured", "nothing captured", READY, GRANT),
    Refusal("refund-above-captured", "one cent more", PAID, replace(GRANT, amount_cents=4001)),
    Refusal("refund-above-captured", "with other grants", (*PAID, granted(3901, 0, "r2")), GRANT),
    Refusal(
        "refund-above-captured",
        "with payouts that nobody granted",
        (*PAID, refunded(3901, "r2")),
        GRANT,
    ),
    Refusal("refund-above-captured", "after a chargeback", (*PAID, charged_back(3901)), GRANT),
    Refusal("paid-out", "revoke", (*PAID, granted(100), refunded(100)), REVOKE),
    Refusal("unknown-shipment", "cancel", READY, c.CancelShipment(shipment_id="s1", reason="why")),
    Refusal("unknown-shipment", "dispatch", READY, DISPATCH),
    Refusal("unknown-shipment", "dispatch, known to the carrier", (*READY, lost("s1")), DISPATCH),
    Refusal(
        "shipment-dispatched",
        "cancel",
        (*READY, *shipped("s1", 1)),
        c.CancelShipment(shipment_id="s1", reason="why"),
    ),
    Refusal(
        "shipment-dispatched",
        "cancel, after a carrier's report",
        (*READY, planned("s1", 1), delivered("s1")),
        c.CancelShipment(shipment_id="s1", reason="why"),
    ),
    Refusal(
        "shipment-cancelled", "dispatch", (*READY, planned("s1", 1), unplanned("s1")), DISPATCH
    ),
    Refusal(
        "overshipped",
        "a lost parcel found after its goods were planned again",
        (*READY, *shipped("s1", 2), lost("s1"), planned("s2", 2), delivered("s1")),
        replace(DISPATCH, shipment_id="s2"),
    ),
    Refusal("unknown-return", "decline", ARRIVED, DECLINE),
    Refusal("unknown-return", "close", ARRIVED, CLOSE),
    Refusal("quantity-not-returnable", "nothing delivered", (*READY, *shipped("s1", 2)), RETURN),
    Refusal(
        "quantity-not-returnable",
        "in another return",
        (*ARRIVED, return_requested("b2", 2)),
        RETURN,
    ),
    Refusal(
        "quantity-not-returnable",
        "returned before",
        (*ARRIVED, return_requested("b2", 2), return_received("b2", "x1", 2), closed("b2")),
        RETURN,
    ),
    Refusal("return-ended", "decline, closed", (*RETURNING, closed("b1")), DECLINE),
    Refusal("return-ended", "close, declined", (*RETURNING, declined("b1")), CLOSE),
    Refusal(
        "return-received",
        "decline",
        (*ARRIVED, return_requested("b1", 2), return_received("b1", "x1", 1)),
        DECLINE,
    ),
    Refusal("unknown-return", "close, never requested", UNANNOUNCED, CLOSE),
    Refusal("line-not-shipped", "plan", WITH_TICKETS, replace(PLAN, lines=parts(2, 1))),
    Refusal("replacement-above-dispatched", "nothing is out", READY, AGAIN),
    Refusal("replacement-above-dispatched", "not yet", (*READY, planned("s2", 2)), AGAIN),
    Refusal(
        "replacement-above-dispatched",
        "all of it is replaced already",
        (*READY, *arrived("s2", 2), planned("s3", 2, replaces=True, replaced=("s2",))),
        AGAIN,
    ),
    Refusal(
        "not-replaceable",
        "nothing of the line in the parcel",
        (*READY, *arrived("s2", 2), *arrived("s3", 0, 1)),
        replace(AGAIN, replaces="s3"),
    ),
    Refusal(
        "shipment-not-dispatched",
        "replace it",
        (*READY, *arrived("s2", 1), planned("s3", 1)),
        replace(AGAIN, replaces="s3", lines=parts(1)),
    ),
    Refusal("shipment-not-dispatched", "correct", (*READY, planned("s1", 2)), CORRECT),
    Refusal("shipment-cancelled", "correct", (*READY, planned("s1", 2), unplanned("s1")), CORRECT),
    Refusal("unknown-shipment", "correct", READY, CORRECT),
    Refusal("order-cancelled", "add items", (PLACED, CANCELLED), ADD),
    Refusal("too-many-items", "add", READY, replace(ADD, items=ADD.items * (ITEMS_MAX - 1))),
    Refusal(
        "too-many-attributes",
        "a few more",
        (replace(PLACED, attributes={f"k{n}": "v" for n in range(50)}),),
        c.SetAttributes(attributes={"gift": "yes"}),
    ),
    Refusal("shipping-not-billed", "all and one", READY, replace(CANCEL_ITEMS, shipping_cents=301)),
    Refusal("unknown-refund", "its goods", READY, replace(CANCEL_ITEMS, refund_id="r1")),
    Refusal("credit-above-billed", "a credit", READY, replace(ADJUST, amount_cents=-TOTAL - 1)),
    Refusal("credit-above-billed", "written off", (*READY, written_off(TOTAL)), replace(ADJUST)),
    Refusal("credit-above-billed", "a refund", (*PAID, adjusted(-TOTAL)), CREDIT),
    Refusal("write-off-above-balance", "a cent", READY, replace(WRITE_OFF, amount_cents=TOTAL + 1)),
    Refusal("write-off-above-balance", "nothing is due", PAID, WRITE_OFF),
    Refusal("unknown-adjustment", "revoke", READY, REVOKE_ADJUSTMENT),
    Refusal("unknown-write-off", "revoke", READY, REVOKE_WRITE_OFF),
    Refusal(
        "already-revoked",
        "an adjustment",
        (*READY, adjusted(5), adjustment_revoked()),
        REVOKE_ADJUSTMENT,
    ),
    Refusal(
        "already-revoked",
        "a write-off",
        (*READY, written_off(5), write_off_revoked()),
        REVOKE_WRITE_OFF,
    ),
    Refusal("id-ended", "an adjustment", (*READY, adjusted(-5), adjustment_revoked()), ADJUST),
    Refusal("id-ended", "a write-off", (*READY, written_off(5), write_off_revoked()), WRITE_OFF),
    Refusal("unknown-payout", "accept", PAID, ACCEPT),
    Refusal("nothing-to-accept", "granted", (*PAID, granted(5), refunded(5)), ACCEPT),
    Refusal(
        "nothing-to-accept", "failed", (*PAID, refunded(5), refund_failed("r1", "p1", "o1")), ACCEPT
    ),
    Refusal("credit-above-refund", "accept", (*PAID, refunded(5)), replace(ACCEPT, credit_cents=6)),
    Refusal("unknown-fact", "retract", (PLACED, authorized()), RETRACT),
    Refusal("unknown-anomaly", "resolve", PAID, RESOLVE),
    Refusal("anomaly-not-open", "resolved", (*ODD, RESOLVED), RESOLVE),
    Refusal("anomaly-not-open", "explained", (*ODD, dispatched("s1")), RESOLVE),
    Refusal(
        "amount-out-of-range",
        "captured in all",
        (PLACED, captured(CENTS_MAX)),
        c.CapturePayment(payment_id="p1", capture_id="c2", amount_cents=1),
    ),
)


def test_every_rule_refuses_something() -> None:
    assert {refusal.rule for refusal in REFUSALS} == set(RULES)


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: f"{refusal.rule}: {refusal.name}")
def test_a_command_against_a_rule_is_refused_by_its_name(refusal: Refusal) -> None:
    given(*refusal.history).when(refusal.command).then_refused(refusal.rule)


def test_only_an_unknown_order_is_not_found() -> None:
    assert {name for name, rule in RULES.items() if rule.status == 404} == {"unknown-order"}
    assert {rule.status for rule in RULES.values()} == {404, 409}


def test_a_refusal_names_a_rule_of_the_table() -> None:
    with pytest.raises(LookupError, match=r"no-such-rule: no sentence in domain/rules\.py"):
        OrderRefused("no-such-rule")


def test_a_refusal_carries_its_figures_and_no_text_of_the_command() -> None:
    refusal = OrderRefused("on-hold", "holds not released: 2")

    assert refusal.rule is RULES["on-hold"]
    assert refusal.detail == "holds not released: 2"


def test_rules_are_checked_in_this_order() -> None:
    """Same id before cancelled, cancelled before the guards, confirmed before held."""
    given(*READY, planned("s1", 2), unplanned("s1"), CANCELLED).when(PLAN).then_refused("id-ended")
    given(PLACED, held(), CANCELLED).when(PLAN).then_refused("order-cancelled")
    given(PLACED, held()).when(PLAN).then_refused("not-confirmed")
    given(*READY, held()).when(replace(PLAN, lines=parts(9, 9, 9))).then_refused("on-hold")


def test_after_a_cancel_notes_releases_refunds_and_returns_go_on() -> None:
    late = (PLACED, CONFIRMED, held(), planned("s1", 2), unplanned("s1"), CANCELLED)
    here = (*late, delivered("s1"), authorized(), captured())
    given(*here).when(c.ReleaseHold(hold_id="h1", reason="why")).then(released())
    given(*here).when(GRANT).then_is_decided()
    given(*here).when(RETURN).then(return_requested("b1", 1))
    given(*here).when(c.AddNote(note_id="n1", text="hello")).then(noted())
