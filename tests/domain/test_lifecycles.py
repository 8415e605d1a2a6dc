"""Whole lives of orders, written by hand: commands in, events out, and the figures at the end."""

from collections.abc import Sequence
from typing import Literal

from domain import commands as c
from domain.commands import Command
from domain.events import AnomalyRecorded, Event
from domain.order import Order, decide, evolve
from domain.words import state_word
from tests.domain.examples import (
    CANCELLED,
    PLACE,
    TOTAL,
    as_received,
    order_of,
    parts,
    unplanned,
)
from tests.specification import given


def life(*commands: Command) -> tuple[Event, ...]:
    """The history that the commands make; none of them may be refused or do nothing."""
    order: Order | None = None
    history: list[Event] = []
    for command in commands:
        events = decide(command, order)
        assert events, command
        for event in events:
            order = evolve(order, event)
        history.extend(events)
    return tuple(history)


def kinds(history: Sequence[Event]) -> list[str]:
    return [event.kind for event in history if isinstance(event, AnomalyRecorded)]


def open_kinds(history: Sequence[Event]) -> list[str]:
    recorded = order_of(*history).anomalies.recorded.values()
    return [anomaly.kind for anomaly in recorded if anomaly.state == "open"]


def word_of(*history: Event) -> str:
    order = order_of(*history)
    return state_word(order.status, order.money, order.goods)


def pay(amount: int = TOTAL, payment_id: str = "p1") -> tuple[Command, ...]:
    return (
        c.AuthorizePayment(payment_id=payment_id, amount_cents=amount, method="card"),
        c.CapturePayment(payment_id=payment_id, capture_id="c1", amount_cents=amount),
    )


def plan(
    shipment_id: str, *quantities: int, replaces: str | Literal[True] | None = None
) -> Command:
    return c.PlanShipment(
        shipment_id=shipment_id,
        lines=parts(*quantities),
        location="warehouse",
        replaces=replaces,
    )


def dispatch(shipment_id: str) -> Command:
    return c.DispatchShipment(shipment_id=shipment_id, carrier="dhl", tracking="t1")


def ship(shipment_id: str, *quantities: int) -> tuple[Command, ...]:
    return (
        plan(shipment_id, *quantities),
        dispatch(shipment_id),
        c.DeliverShipment(shipment_id=shipment_id),
    )


def receive(*quantities: int) -> Command:
    lines = as_received(*quantities)
    return c.ReceiveReturn(return_id="b1", receipt_id="x1", lines=lines)


def grant(amount: int, refund_id: str = "r1") -> Command:
    return c.GrantRefund(refund_id=refund_id, amount_cents=amount, reason="why")


def pay_out(amount: int, payment_id: str = "p1", refund_id: str = "r1") -> Command:
    return c.RefundPayment(
        payment_id=payment_id,
        payout_id=f"o-{refund_id}",
        amount_cents=amount,
        refund_id=refund_id,
    )


READY = (PLACE, c.ConfirmOrder())
PAID = (*READY, *pay())
CANCEL = c.CancelOrder(reason="why")


def test_cancelled_with_planned_shipments() -> None:
    history = life(*READY, plan("s1", 2), plan("s2", 0, 3))

    given(*history).when(CANCEL).then(unplanned("s1"), unplanned("s2"), CANCELLED)

    order = order_of(*history, unplanned("s1"), unplanned("s2"), CANCELLED)
    assert [(line.planned, line.cancelled, line.open) for line in order.goods.lines] == [
        (0, 2, 0),
        (0, 3, 0),
    ]
    assert (order.status.cancelled, order.goods.fulfilment) == (True, "none")


def test_held_and_released() -> None:
    held = life(PLACE, c.PlaceHold(hold_id="h1", kind="fraud", reason="looks odd"))
    assert order_of(*held).status.on_hold
    given(*held).when(c.ConfirmOrder()).then_refused("on-hold")

    history = life(
        PLACE,
        c.PlaceHold(hold_id="h1", kind="fraud", reason="looks odd"),
        c.ReleaseHold(hold_id="h1", reason="a known customer"),
        *READY[1:],
    )
    assert not order_of(*history).status.on_hold
    assert word_of(*history) == "confirmed"


def test_a_lost_parcel_is_sent_again() -> None:
    history = life(
        *PAID,
        plan("s1", 2, 3),
        dispatch("s1"),
        c.LoseShipment(shipment_id="s1"),
        plan("s2", 2, 3),
        dispatch("s2"),
        c.DeliverShipment(shipment_id="s2"),
    )

    order = order_of(*history)
    assert kinds(history) == []
    assert order.goods.fulfilment == "delivered"
    assert [(line.dispatched, line.lost, line.delivered) for line in order.goods.lines] == [
        (4, 2, 2),
        (6, 3, 3),
    ]
    assert [line.overshipped for line in order.goods.lines] == [0, 0]


def test_delivered_before_it_was_dispatched() -> None:
    history = life(*READY, plan("s1", 2, 3), c.DeliverShipment(shipment_id="s1"), dispatch("s1"))

    order = order_of(*history)
    assert kinds(history) == ["delivered-before-dispatch"]
    assert open_kinds(history) == []
    assert order.goods.fulfilment == "delivered"
    assert order.goods.shipment("s1").tracking == "t1"
    assert order.goods.line(1).dispatched == 2


def test_broken_goods_come_back_and_are_replaced() -> None:
    history = life(
        *PAID,
        *ship("s1", 2, 3),
        c.RequestReturn(return_id="b1", lines=parts(0, 1), reason="broken"),
        plan("s2", 0, 1, replaces="s1"),
        receive(0, 1),
        c.CloseReturn(return_id="b1"),
        dispatch("s2"),
        c.DeliverShipment(shipment_id="s2"),
    )

    assert kinds(history) == []
    assert order_of(*history).goods.fulfilment == "delivered"
    assert word_of(*history) == "completed"
    assert word_of(*history[:-1]) == "confirmed"


def test_one_is_missing_in_the_parcel_and_found_after_it_was_sent_again() -> None:
    replaced = (
        *PAID,
        *ship("s1", 2, 3),
        plan("s2", 0, 1, replaces=True),
        dispatch("s2"),
        c.DeliverShipment(shipment_id="s2"),
    )
    assert word_of(*life(*replaced)) == "completed"

    lost = life(*replaced, c.LoseShipment(shipment_id="s1", lines=parts(0, 1)))
    assert order_of(*lost).goods.line(2).open == 0
    assert word_of(*lost) == "completed"

    found = life(
        *replaced,
        c.LoseShipment(shipment_id="s1", lines=parts(0, 1)),
        c.DeliverShipment(shipment_id="s1", lines=parts(0, 3), report_id="x1"),
    )
    assert open_kinds(found) == ["outcome-contradicted", "outcome-contradicted"]
    assert order_of(*found).goods.line(2).overshipped == 0


def test_a_parcel_on_the_desk_is_announced_afterwards() -> None:
    history = life(
        *PAID,
        *ship("s1", 2, 3),
        receive(2, 3),
        c.RequestReturn(return_id="b1", lines=parts(2, 3), reason="not liked"),
        c.CloseReturn(return_id="b1"),
        grant(TOTAL),
        pay_out(TOTAL),
    )

    assert kinds(history) == ["unannounced-return"]
    assert open_kinds(history) == []
    assert order_of(*history).goods.fulfilment == "returned"
    assert word_of(*history) == "completed"


def test_items_are_added_and_sent_after_the_rest() -> None:
    added = (
        *PAID,
        *ship("s1", 2, 3),
        c.AddItems(
            addition_id="a1",
            items=(c.OrderedItem(product_id="jug", quantity=1, price_cents=700),),
        ),
    )
    order = order_of(*life(*added))
    assert [item.product_id for item in order.items] == ["tea", "cup", "jug"]
    assert order.goods.fulfilment == "partly_delivered"

    history = life(*added, *ship("s2", 0, 0, 1), *pay(700, "p2"))
    assert order_of(*history).goods.fulfilment == "delivered"
    assert word_of(*history) == "completed"


def test_captured_after_cancel_is_owed_back() -> None:
    authorize, capture = pay()
    history = life(*READY, authorize, CANCEL, capture, grant(TOTAL), pay_out(TOTAL))

    assert kinds(history) == ["captured-after-cancel"]
    assert order_of(*history[:5]).money.balance_cents == -TOTAL
    assert order_of(*history).money.balance_cents == 0
    assert order_of(*history).money.payment_status == "refunded"


def test_one_refund_over_two_payments() -> None:
    history = life(
        *READY,
        *pay(2500, "p1"),
        *pay(1500, "p2"),
        grant(3000),
        pay_out(2000, "p1"),
        pay_out(1000, "p2"),
    )

    money = order_of(*history).money
    assert kinds(history) == []
    assert [payment.refunded_cents for payment in money.payments.values()] == [2000, 1000]
    assert (money.refund("r1").open_cents, money.net_cents, money.due_cents) == (0, 1000, 1000)
    assert money.balance_cents == 0


def test_a_refund_revoked_and_one_failed() -> None:
    history = life(
        *PAID,
        grant(1000, "r1"),
        c.RevokeRefund(refund_id="r1", reason="by mistake"),
        grant(1500, "r2"),
        pay_out(1500, "p1", "r2"),
        c.FailRefund(payment_id="p1", payout_id="o-r2", reason="account closed"),
    )

    money = order_of(*history).money
    assert kinds(history) == []
    assert (money.refunded_cents, money.net_cents, money.open_refunds_cents) == (0, TOTAL, 1500)
    assert money.balance_cents == -1500
    given(*history).when(grant(1000, "r1")).then_refused("id-ended")


def test_a_chargeback_after_a_refund_and_its_reversal() -> None:
    refunded = (*PAID, grant(3000), pay_out(3000))
    charge_back = c.ChargeBackPayment(payment_id="p1", chargeback_id="b1", amount_cents=TOTAL)
    charged_back = life(*refunded, charge_back)

    assert kinds(charged_back) == ["charged-back-above-captured"]
    assert order_of(*charged_back).money.net_cents == -3000

    reversal = c.ReverseChargeback(payment_id="p1", chargeback_id="b1")
    history = life(*refunded, charge_back, reversal)
    assert order_of(*history).money.net_cents == 1000
    assert order_of(*history).money.balance_cents == 0


def test_a_fact_repeated_with_another_amount_or_currency_counts_once() -> None:
    history = life(
        *PAID,
        c.CapturePayment(payment_id="p1", capture_id="c1", amount_cents=9),
        c.CapturePayment(payment_id="p1", capture_id="c1", amount_cents=TOTAL, currency="USD"),
    )

    assert kinds(history) == ["contradicting-fact", "currency-mismatch"]
    assert order_of(*history).money == order_of(*life(*PAID)).money
