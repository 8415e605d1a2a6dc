"""Placed, confirmed, cancelled, held, noted."""

from dataclasses import replace
from typing import Any

import pytest

from domain import commands as c
from domain import events as e
from domain.order import decide
from domain.values import CENTS_MAX, Malformed
from tests.domain.examples import (
    CANCELLED,
    CONFIRMED,
    PLACE,
    PLACED,
    READY,
    held,
    items_cancelled,
    lost,
    noted,
    order_of,
    parts,
    planned,
    released,
    sent_back,
    shipped,
    unplanned,
)
from tests.specification import given

CONFIRM = c.ConfirmOrder()
CANCEL = c.CancelOrder(reason="why")
HOLD = c.PlaceHold(hold_id="h1", kind="fraud", reason="why")
RELEASE = c.ReleaseHold(hold_id="h1", reason="why")


def test_an_order_is_placed_with_numbered_lines_and_its_total() -> None:
    given().when(PLACE).then(PLACED)


def test_placing_again_through_another_channel_changes_nothing() -> None:
    given(*READY).when(replace(PLACE, channel="phone")).then_nothing_happened()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("customer_id", "c2"),
        ("currency", "USD"),
        ("items", PLACE.items[:1]),
        ("shipping_cents", 0),
        ("tax_cents", 0),
        ("discount_cents", 0),
    ],
)
def test_placing_again_with_another_content_is_refused(field: str, value: Any) -> None:
    command = replace(PLACE, **{field: value})
    given(PLACED).when(command).then_refused("id-reused")


def test_an_order_keeps_the_exponent_of_the_day_it_was_placed() -> None:
    given(replace(PLACED, exponent=3)).when(PLACE).then_nothing_happened()


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("currency", {"currency": "XXX"}),
        ("items", {"items": ()}),
        ("discount_cents", {"discount_cents": 4301}),
        ("items", {"shipping_cents": CENTS_MAX}),
        (
            "items",
            {"items": (c.OrderedItem(product_id="a", quantity=2, price_cents=CENTS_MAX),)},
        ),
    ],
)
def test_a_malformed_order_cannot_be_made(field: str, change: dict[str, Any]) -> None:
    with pytest.raises(Malformed) as malformed:
        replace(PLACE, **change)

    assert malformed.value.field == field


def test_a_line_is_named_once_and_a_received_line_once_per_condition() -> None:
    part = c.LineQuantity(line=1, quantity=1)
    good = c.ReceivedLine(line=1, quantity=1, condition="good")
    for malformed in (
        lambda: c.CancelItems(cancellation_id="x1", lines=(part, part), reason="why"),
        lambda: c.ReceiveReturn(return_id="b1", receipt_id="x1", lines=(good, good)),
    ):
        with pytest.raises(Malformed, match="named twice"):
            malformed()
    c.ReceiveReturn(return_id="b1", receipt_id="x1", lines=(good, replace(good, condition="torn")))


def test_an_order_may_cost_nothing() -> None:
    free = c.PlaceOrder(
        order_id="o1",
        customer_id="c1",
        currency="JPY",
        items=(c.OrderedItem(product_id="tea", quantity=1, price_cents=0),),
    )
    [placed] = decide(free, None)
    assert isinstance(placed, e.OrderPlaced)
    assert placed.total_cents == 0


def test_a_currency_in_lower_case_is_the_same_currency() -> None:
    given().when(replace(PLACE, currency="eur")).then(PLACED)
    given(PLACED).when(replace(PLACE, currency="eur")).then_nothing_happened()
    with pytest.raises(Malformed, match="ISO 4217"):
        replace(PLACE, currency="xxy")


def test_attributes_are_merged_and_null_removes() -> None:
    command = c.SetAttributes(attributes={"gift": None, "invoice": "7"})
    event = e.AttributesSet(attributes={"gift": None, "invoice": "7"})
    placed = replace(PLACED, attributes={"gift": "yes", "till": "2"})

    given(placed).when(command).then(event)

    pairs = order_of(placed, event).status.attributes
    assert {each.key: each.value for each in pairs} == {"till": "2", "invoice": "7"}
    given(placed, event, CANCELLED).when(command).then_nothing_happened()


def test_an_order_has_at_most_fifty_attributes() -> None:
    many = e.AttributesSet(attributes={str(number): "x" for number in range(50)})

    given(PLACED, many).when(c.SetAttributes(attributes={"more": "x"})).then_refused(
        "too-many-attributes"
    )
    given(PLACED, many).when(c.SetAttributes(attributes={"more": "x", "1": None})).then_is_decided()


def test_another_customer_takes_the_order() -> None:
    command = c.ChangeCustomer(customer_id="c2", reason="why")
    event = e.CustomerChanged(customer_id="c2", reason="why")

    given(PLACED, CANCELLED).when(command).then(event)

    assert order_of(PLACED, event).status.customer_id == "c2"
    given(PLACED, event).when(PLACE).then_nothing_happened()


def test_an_order_is_confirmed() -> None:
    given(PLACED).when(CONFIRM).then(CONFIRMED)
    given(PLACED, held(), released()).when(CONFIRM).then(CONFIRMED)


def test_confirming_again_changes_nothing_while_the_order_is_not_cancelled() -> None:
    given(*READY).when(CONFIRM).then_nothing_happened()
    given(*READY, held()).when(CONFIRM).then_nothing_happened()
    given(*READY, CANCELLED).when(CONFIRM).then_refused("order-cancelled")


def test_an_order_is_cancelled() -> None:
    given(PLACED).when(CANCEL).then(CANCELLED)
    given(*READY, held()).when(CANCEL).then(CANCELLED)


def test_cancelling_cancels_the_planned_shipments_first() -> None:
    history = (*READY, planned("s1", 1), planned("s2", 1), unplanned("s2"), planned("s3", 0, 2))
    given(*history).when(CANCEL).then(unplanned("s1"), unplanned("s3"), CANCELLED)


def test_an_order_whose_parcels_are_lost_or_back_can_be_cancelled() -> None:
    history = (*READY, *shipped("s1", 2), lost("s1"), *shipped("s2", 0, 1), sent_back("s2"))
    given(*history).when(CANCEL).then(CANCELLED)


def test_cancelling_again_changes_nothing_for_another_reason_too() -> None:
    given(PLACED, CANCELLED).when(c.CancelOrder(reason="other")).then_nothing_happened()


def test_open_items_are_cancelled_down_to_nothing_and_the_order_goes_on() -> None:
    command = c.CancelItems(cancellation_id="x1", lines=parts(2, 3), reason="why")
    given(*READY).when(command).then(items_cancelled("x1", 2, 3))
    given(*READY, items_cancelled("x1", 2, 3)).when(command).then_nothing_happened()
    given(PLACED, items_cancelled("x1", 2, 3)).when(CONFIRM).then(CONFIRMED)


def test_items_of_a_lost_parcel_are_open_again() -> None:
    command = c.CancelItems(cancellation_id="x1", lines=parts(2), reason="why")
    given(*READY, *shipped("s1", 2), lost("s1")).when(command).then(items_cancelled("x1", 2))


def test_a_cancellation_of_items_is_recognised_after_the_order_was_cancelled() -> None:
    command = c.CancelItems(cancellation_id="x1", lines=parts(1), reason="why")
    given(PLACED, items_cancelled("x1", 1), CANCELLED).when(command).then_nothing_happened()


def test_a_hold_is_placed_and_released() -> None:
    given(PLACED).when(HOLD).then(held())
    given(PLACED, held()).when(RELEASE).then(released())
    given(PLACED, held("h1"), held("h2")).when(RELEASE).then(released())


def test_placing_or_releasing_a_hold_again_changes_nothing() -> None:
    given(PLACED, held()).when(HOLD).then_nothing_happened()
    given(PLACED, held(), CANCELLED).when(HOLD).then_nothing_happened()
    given(PLACED, held(), released()).when(RELEASE).then_nothing_happened()


def test_notes_are_added_once_each() -> None:
    command = c.AddNote(note_id="n1", text="hello")
    given(PLACED).when(command).then(noted())
    given(PLACED, noted()).when(command).then_nothing_happened()
    given(PLACED, noted("n0"), CANCELLED).when(command).then(noted())
    given(PLACED, noted()).when(replace(command, text="bye")).then_refused("id-reused")
