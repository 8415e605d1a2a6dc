"""What is billed, credited and written off, and what is due of it."""

from dataclasses import replace
from typing import Any

import pytest

from domain import commands as c
from domain import events as e
from domain.figures import order_figures
from domain.order import decide, fold
from domain.rules import OrderRefused
from domain.state import Order
from domain.values import CENTS_MAX, Malformed
from tests.domain.examples import (
    CANCELLED,
    PLACE,
    PLACED,
    READY,
    authorized,
    captured,
    granted,
    items_cancelled,
    order_of,
    parts,
    refunded,
)
from tests.specification import given

PAID = (*READY, authorized(), captured())
ADD = c.AddItems(
    addition_id="a1",
    items=(c.OrderedItem(product_id="saucer", quantity=4, amount_cents=999, tax_cents=190),),
    shipping_cents=100,
    shipping_tax_cents=19,
)
CANCEL_ITEMS = c.CancelItems(cancellation_id="x1", lines=parts(1), reason="why")
CREDIT = c.AdjustOrder(adjustment_id="j1", amount_cents=-400, label="goodwill", reason="why")
CHARGE = replace(CREDIT, amount_cents=20, label="tip")
WRITE_OFF = c.WriteOff(write_off_id="w1", amount_cents=30, reason="why")
UNDO_CREDIT = c.RevokeAdjustment(adjustment_id="j1", reason="why")
UNDO_WRITE_OFF = c.RevokeWriteOff(write_off_id="w1", reason="why")


def after(*commands: c.Command, order: Order | None = None) -> Order:
    for command in commands:
        order = fold(decide(command, order), order)
    assert order is not None
    return order


def due(order: Order) -> int:
    return order.money.due_cents


# Lines and shipping -------------------------------------------------------------------------------


def test_cancelling_takes_off_the_shares_of_discount_and_tax() -> None:
    """Line 1 is 2 units: 1000 less 125, tax 46."""
    order = order_of(*READY, items_cancelled("x1", 1))

    assert order.money.billed_cents == 4000 - 437 - 23
    both = order_of(*READY, items_cancelled("x1", 1), items_cancelled("x2", 1))
    assert both.money.billed_cents == order_of(*READY, items_cancelled("x1", 2)).money.billed_cents


def test_shipping_is_cancelled_with_its_share_of_tax_the_oldest_first() -> None:
    """300 with tax 16, then 100 with tax 19."""
    placed = after(PLACE, c.ConfirmOrder(), ADD)
    command = c.CancelItems(cancellation_id="x1", shipping_cents=350, reason="why")

    order = after(command, order=placed)

    assert due(placed) - due(order) == 300 + 16 + 50 + 9
    again = replace(command, cancellation_id="x2", shipping_cents=51)
    given(*READY).when(again).then_is_decided()
    with pytest.raises(OrderRefused, match="shipping-not-billed"):
        after(again, order=order)


def test_items_are_added_and_their_lines_are_numbered_on() -> None:
    order = after(PLACE, ADD)

    assert order.money.total_cents == 4000
    assert order.money.billed_cents == 4000 + 999 + 190 + 100 + 19
    assert [item.product_id for item in order.items] == ["tea", "cup", "saucer"]
    given(*READY).when(ADD).then_is_decided()
    given(*READY, CANCELLED).when(ADD).then_refused("order-cancelled")


def test_items_added_are_recognised_after_others_were_added() -> None:
    order = after(PLACE, ADD, replace(ADD, addition_id="a2"))

    assert decide(ADD, order) == ()


def test_a_contained_tax_is_at_most_what_it_is_contained_in() -> None:
    item = c.OrderedItem(product_id="tea", quantity=1, price_cents=100, tax_cents=60)
    order = replace(
        PLACE,
        items=(item,),
        shipping_cents=0,
        tax_cents=0,
        prices_include_tax=True,
        discount_cents=0,
    )
    given().when(replace(order, discount_cents=40)).then_is_decided()
    for malformed in (
        replace(order, discount_cents=41),
        replace(order, discount_cents=0, tax_cents=41),
        replace(order, discount_cents=0, shipping_cents=9, shipping_tax_cents=10),
    ):
        with pytest.raises(Malformed, match="contained in"):
            decide(malformed, None)
    included = after(replace(order, discount_cents=0))
    with pytest.raises(Malformed, match="contained in"):
        decide(replace(ADD, items=(replace(item, tax_cents=101),)), included)


def test_a_line_priced_below_a_cent_a_unit_is_cancelled_to_the_cent() -> None:
    item = c.OrderedItem(product_id="wire", quantity=3, amount_cents=100)
    order = after(replace(PLACE, items=(item,), tax_cents=0, discount_cents=0, shipping_cents=0))

    left = [due(order)]
    for number in range(3):
        order = after(replace(CANCEL_ITEMS, cancellation_id=f"x{number}"), order=order)
        left.append(due(order))
    assert left == [100, 67, 34, 0]


def test_the_credit_of_the_refund_that_was_for_cancelled_goods_ends() -> None:
    """The share of a unit of tea is 437 of goods and 23 of tax; of 460, 400 were credited."""
    history = (*PAID, granted(400, 400), refunded(400))
    event = replace(items_cancelled("x1", 1), refund_id="r1", credit=e.Parts(goods_cents=400))

    given(*history).when(replace(CANCEL_ITEMS, refund_id="r1")).then(event)

    assert order_of(*history).money.due_cents == 3600
    assert order_of(*history, event).money.due_cents == 3540
    assert order_of(*history, event).money.credited_cents == 0


def test_a_cancellation_names_a_refund_that_was_granted() -> None:
    given(*PAID).when(replace(CANCEL_ITEMS, refund_id="r1")).then_refused("unknown-refund")


# Adjustments --------------------------------------------------------------------------------------


def test_a_charge_goes_to_other_and_a_credit_over_what_is_billed() -> None:
    """Billed: goods 3500, shipping 300, tax 200."""
    [charged] = decide(CHARGE, order_of(*READY))
    [credited] = decide(CREDIT, order_of(*READY))

    assert isinstance(charged, e.OrderAdjusted)
    assert charged.parts == e.Parts(other_cents=20)
    assert isinstance(credited, e.OrderAdjusted)
    assert credited.parts == e.Parts(
        goods_cents=-350, shipping_cents=-30, taxes=(e.TaxCents(tax_code="", cents=-20),)
    )
    assert due(order_of(*READY, charged)) == 4020
    assert due(order_of(*READY, credited)) == 3600


def test_an_adjustment_told_again_is_the_same_whatever_changed_since() -> None:
    order = after(CREDIT, CANCEL_ITEMS, order=order_of(*READY))

    assert decide(CREDIT, order) == ()
    with pytest.raises(OrderRefused, match="id-reused"):
        decide(replace(CREDIT, parts=c.PartsCents(goods_cents=-400)), order)


def test_a_credit_is_at_most_what_is_billed_and_neither_credited_nor_written_off() -> None:
    order = after(WRITE_OFF, order=order_of(*READY))
    rest = replace(CREDIT, amount_cents=-3970)

    assert due(after(rest, order=order)) == 0
    with pytest.raises(OrderRefused, match="credit-above-billed"):
        after(replace(rest, amount_cents=-3971), order=order)


def test_a_credit_above_what_is_billed_by_now_waits_until_more_is_billed() -> None:
    """The parts of a credit that are billed no more take goods first, then shipping, other, tax."""
    order = after(
        replace(CREDIT, amount_cents=-4000),
        replace(CANCEL_ITEMS, lines=parts(0, 3)),
        order=order_of(*READY),
    )
    assert (due(order), order.money.credited_cents) == (0, 4000)

    more = after(replace(CHARGE, adjustment_id="j2", amount_cents=5000), order=order)

    assert more.money.billed_cents - 4000 == due(more)
    assert more.money.credited.other_cents > 0


def test_a_revoked_adjustment_counts_no_more() -> None:
    for adjustment in (CREDIT, CHARGE):
        order = after(adjustment, UNDO_CREDIT, order=order_of(*READY))
        assert order.money.billed == order_of(*READY).money.billed
        assert due(order) == 4000
        for command, rule in ((UNDO_CREDIT, "already-revoked"), (adjustment, "id-ended")):
            with pytest.raises(OrderRefused, match=rule):
                decide(command, order)


@pytest.mark.parametrize(
    ("amount", "named", "field"),
    [
        (0, None, "amount_cents"),
        (-5, c.PartsCents(goods_cents=-4), "parts"),
        (-5, c.PartsCents(goods_cents=-6, tax_cents=1), "parts"),
        (5, c.PartsCents(goods_cents=-5), "parts"),
    ],
)
def test_a_malformed_adjustment_cannot_be_made(
    amount: int, named: c.PartsCents | None, field: str
) -> None:
    with pytest.raises(Malformed) as malformed:
        replace(CREDIT, amount_cents=amount, parts=named)

    assert malformed.value.field == field


def test_tax_that_is_credited_is_apportioned_over_the_codes_that_are_billed() -> None:
    items = (
        c.OrderedItem(product_id="a", quantity=1, price_cents=100, tax_cents=20, tax_code="A"),
        c.OrderedItem(product_id="b", quantity=1, price_cents=100, tax_cents=10, tax_code="B"),
    )
    order = after(
        replace(PLACE, items=items, shipping_cents=0, tax_cents=0, discount_cents=0),
        replace(CREDIT, amount_cents=-15, parts=c.PartsCents(tax_cents=-15)),
    )

    assert order.money.credited.taxes == (
        e.TaxCents(tax_code="A", cents=10),
        e.TaxCents(tax_code="B", cents=5),
    )


# Write-offs ---------------------------------------------------------------------------------------


def test_a_write_off_is_at_most_the_balance() -> None:
    order = order_of(*READY, captured(3970))

    assert due(after(WRITE_OFF, order=order)) == 3970
    with pytest.raises(OrderRefused, match="write-off-above-balance"):
        after(replace(WRITE_OFF, amount_cents=31), order=order)


def test_what_of_a_write_off_is_above_the_due_is_forgiven() -> None:
    history = (*PAID, granted(4000, 4000), refunded(4000), refunded(50, payout_id="o2"))

    [event] = decide(replace(WRITE_OFF, amount_cents=50), order_of(*history))

    assert isinstance(event, e.WrittenOff)
    assert event.forgiven_cents == 50
    order = order_of(*history, event)
    assert (order.money.due_cents, order.money.balance_cents) == (-50, 0)
    assert order_figures(order)["accounts"]["write_offs"] == 50


def test_a_debt_that_was_written_off_is_due_again_when_that_is_revoked() -> None:
    order = after(WRITE_OFF, UNDO_WRITE_OFF, order=order_of(*READY))

    assert due(order) == 4000
    for command, rule in ((UNDO_WRITE_OFF, "already-revoked"), (WRITE_OFF, "id-ended")):
        with pytest.raises(OrderRefused, match=rule):
            decide(command, order)


# The order's cancellation -------------------------------------------------------------------------


def test_the_orders_cancellation_ends_all_that_was_billed_credited_and_written_off() -> None:
    """What comes later counts again; what was forgiven stays."""
    forgiven = e.WrittenOff(write_off_id="w0", amount_cents=9, forgiven_cents=9, reason="why")
    before = after(
        CREDIT,
        WRITE_OFF,
        CHARGE_2,
        order=order_of(*READY, captured(1000), forgiven, granted(50, 50)),
    )

    order = fold([CANCELLED], before)
    assert order is not None

    money = order.money
    assert (money.billed_cents, money.credited_cents, money.written_off_cents) == (0, 0, 9)
    assert money.due_cents == -9
    for command in (UNDO_CREDIT, UNDO_WRITE_OFF):  # they ended with the order
        assert due(after(command, order=order)) == -9
    undone = after(c.RevokeWriteOff(write_off_id="w0", reason="why"), order=order)
    assert (due(undone), undone.money.written_off_cents) == (0, 0)
    assert due(after(replace(CHARGE, adjustment_id="j3"), order=order)) == 11
    assert due(after(c.RevokeRefund(refund_id="r1", reason="why"), order=order)) == -9


CHARGE_2 = replace(CHARGE, adjustment_id="j2")


# Limits -------------------------------------------------------------------------------------------


def test_a_total_out_of_range_is_refused() -> None:
    most = replace(CHARGE, amount_cents=CENTS_MAX - 4000)
    order = after(most, order=order_of(*READY))

    assert order.money.billed_cents == CENTS_MAX
    for command in (CHARGE_2, ADD):
        with pytest.raises(OrderRefused, match="amount-out-of-range"):
            decide(command, order)
    much = c.CapturePayment(payment_id="p1", capture_id="c1", amount_cents=CENTS_MAX)
    with pytest.raises(OrderRefused, match="amount-out-of-range"):
        after(much, replace(much, capture_id="c2", amount_cents=1), order=order)


@pytest.mark.parametrize(
    ("prices", "field"),
    [({}, "items"), ({"price_cents": 1, "amount_cents": 2}, "items")],
)
def test_an_item_has_either_price_or_amount(prices: dict[str, Any], field: str) -> None:
    with pytest.raises(Malformed) as malformed:
        c.OrderedItem(product_id="tea", quantity=2, **prices)

    assert malformed.value.field == field


def test_placed_again_the_split_is_the_same_and_another_split_is_another_order() -> None:
    given(PLACED).when(PLACE).then_nothing_happened()
    given(PLACED).when(replace(PLACE, prices_include_tax=True)).then_refused("id-reused")
    given(PLACED).when(replace(PLACE, attributes={"a": "b"})).then_refused("id-reused")
