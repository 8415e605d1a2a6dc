from dataclasses import replace

import pytest

from domain.commands import LineQuantity
from domain.events import (
    AnomalyRecorded,
    AnomalyResolved,
    AttributesSet,
    CustomerChanged,
    Event,
    HoldPlaced,
    HoldReleased,
    ItemsCancelled,
    NoteAdded,
    OrderAdjusted,
    OrderCancelled,
    OrderConfirmed,
    Parts,
    PaymentAuthorized,
    PaymentCaptured,
    ShipmentDelivered,
    ShipmentPlanned,
    WrittenOff,
)
from projections.projection import Row
from projections.read_models.order.projection import ORDERS, PROJECTION
from tests.projections.order_events import folded, minute, order_events, placed, rows_of
from tests.projections.told import told

PLACED = placed("o-1", (2, 150), (1, 700), shipping_cents=60, tax_cents=40, discount_cents=100)
HELD = HoldPlaced(hold_id="h-1", kind="fraud", reason="odd address")
RELEASED = HoldReleased(hold_id="h-1", reason="called the customer")
TAKEN = told(PaymentCaptured, payment_id="p-1", capture_id="k-1", amount_cents=400, currency="EUR")


def row_after(*events: Event) -> Row:
    [row] = rows_of(PROJECTION, ORDERS, *events)
    return row


def test_a_placed_order_is_one_row() -> None:
    assert row_after(PLACED) == {
        "order_id": "o-1",
        "customer_id": "c-1",
        "currency": "EUR",
        "channel": "shop",
        "state": "placed",
        "on_hold": False,
        "fulfilment": "none",
        "payment": "none",
        "goods_cents": 1_000,
        "shipping_cents": 60,
        "tax_cents": 40,
        "discount_cents": 100,
        "total_cents": 1_000,
        "billed_cents": 1_000,
        "credited_cents": 0,
        "written_off_cents": 0,
        "due_cents": 1_000,
        "captured_cents": 0,
        "refunded_cents": 0,
        "charged_back_cents": 0,
        "fees_cents": 0,
        "net_cents": 0,
        "open_refunds_cents": 0,
        "balance_cents": 1_000,
        "lines": 2,
        "units_ordered": 3,
        "units_cancelled": 0,
        "anomalies": 0,
        "revision": 0,
        "placed_at": minute(0),
        "placed_recorded_at": minute(0),
        "updated_at": minute(0),
        "updated_recorded_at": minute(0),
    }


def test_every_event_changes_the_revision_and_the_time_of_the_update() -> None:
    row = row_after(PLACED, NoteAdded(note_id="n-1", text="ring twice"))

    assert (row["revision"], row["updated_at"], row["placed_at"]) == (1, minute(1), minute(0))


@pytest.mark.parametrize(
    ("events", "state", "on_hold"),
    [
        ((OrderConfirmed(),), "confirmed", False),
        ((HELD,), "placed", True),
        ((HELD, RELEASED), "placed", False),
        ((OrderConfirmed(), OrderCancelled(reason="changed my mind")), "cancelled", False),
    ],
)
def test_the_state_and_the_hold_are_in_the_row(
    events: tuple[Event, ...], state: str, on_hold: bool
) -> None:
    row = row_after(PLACED, *events)

    assert (row["state"], row["on_hold"]) == (state, on_hold)


def test_captured_money_lowers_the_balance() -> None:
    row = row_after(PLACED, TAKEN)

    assert (row["payment"], row["net_cents"], row["balance_cents"]) == ("partly_paid", 400, 600)


def test_cancelled_goods_lower_what_is_due_and_not_the_total() -> None:
    lines = (LineQuantity(line=1, quantity=2),)
    row = row_after(
        PLACED, told(ItemsCancelled, cancellation_id="x", lines=lines, reason="sold out")
    )

    # 300 less its part of the discount (30), and its part of the tax (11).
    assert (row["total_cents"], row["due_cents"], row["units_cancelled"]) == (1_000, 719, 2)


def test_anomalies_are_counted() -> None:
    anomaly = told(AnomalyRecorded, kind="unknown-shipment", refers_to="shipment:s", detail="")

    assert row_after(PLACED, anomaly, anomaly)["anomalies"] == 2


def test_anomalies_that_are_explained_or_resolved_are_not_counted() -> None:
    too_much = told(
        PaymentCaptured, payment_id="p-1", capture_id="k", amount_cents=9, currency="EUR"
    )
    mistaken = told(AnomalyRecorded, kind="unknown-shipment", anomaly_id="1", refers_to="x:s")
    above = told(
        AnomalyRecorded,
        kind="captured-above-authorized",
        anomaly_id="2",
        refers_to="payment:p-1",
    )
    history = (PLACED, authorized(5), too_much, mistaken, above)

    resolved = AnomalyResolved(anomaly_id="1", reason="seen")

    assert row_after(*history)["anomalies"] == 2
    assert row_after(*history, resolved)["anomalies"] == 1
    assert row_after(*history, resolved, authorized(5, "a-2"))["anomalies"] == 0


def authorized(cents: int, authorization_id: str = "a-1") -> Event:
    return told(
        PaymentAuthorized,
        payment_id="p-1",
        authorization_id=authorization_id,
        amount_cents=cents,
        currency="EUR",
    )


def test_an_order_whose_goods_and_money_are_settled_is_completed() -> None:
    paid = told(PaymentCaptured, payment_id="p-1", capture_id="k", amount_cents=100, currency="EUR")
    shipped = told(ShipmentPlanned, shipment_id="s-1", lines=(LineQuantity(line=1, quantity=1),))
    delivered = told(ShipmentDelivered, shipment_id="s-1")
    history = (placed(), OrderConfirmed(), paid, shipped)

    assert row_after(*history)["state"] == "confirmed"
    assert row_after(*history, delivered)["state"] == "completed"


def test_an_order_is_of_the_customer_that_was_named_last() -> None:
    row = row_after(PLACED, CustomerChanged(customer_id="c-2", reason="a gift"))

    assert row["customer_id"] == "c-2"


def test_what_is_credited_charged_and_written_off_is_in_the_row() -> None:
    charge = OrderAdjusted(
        adjustment_id="a-1",
        amount_cents=50,
        parts=Parts(other_cents=50),
        label="fee",
        reason="express",
    )
    credit = OrderAdjusted(
        adjustment_id="a-2",
        amount_cents=-20,
        parts=Parts(goods_cents=-20),
        label="goodwill",
        reason="late",
    )
    forgiven = told(WrittenOff, write_off_id="w-1", amount_cents=5)
    row = row_after(PLACED, charge, credit, forgiven)

    assert (row["billed_cents"], row["credited_cents"], row["written_off_cents"]) == (1_050, 20, 5)
    assert (row["total_cents"], row["due_cents"]) == (1_000, 1_025)


def test_texts_that_no_row_has_are_not_in_the_view() -> None:
    named = replace(PLACED.items[0], name="a cup", unit="piece")
    history = order_events(
        replace(PLACED, items=(named, *PLACED.items[1:])),
        AttributesSet(attributes={"invoice": "42"}),
    )
    view, _ = folded(PROJECTION, history)
    text = PROJECTION.view.dump_json(view).decode()

    assert "a cup" not in text
    assert "piece" not in text
    assert "invoice" not in text


def test_an_order_that_does_not_start_with_order_placed_does_not_fold() -> None:
    with pytest.raises((TypeError, ValueError), match="starts with OrderPlaced"):
        folded(PROJECTION, order_events(OrderConfirmed()))


def test_amounts_that_fit_in_no_column_do_not_fold() -> None:
    huge = [
        told(
            PaymentCaptured,
            payment_id="p-1",
            capture_id=f"k-{n}",
            amount_cents=10**15 - 1,
            currency="EUR",
        )
        for n in range(9_224)
    ]
    events = order_events(PLACED, *huge)
    folded(PROJECTION, events[:-1])
    with pytest.raises(OverflowError, match="2\\^63"):
        folded(PROJECTION, events)
