import pytest

from domain.commands import LineQuantity
from domain.events import (
    AnomalyRecorded,
    Event,
    HoldPlaced,
    HoldReleased,
    ItemsCancelled,
    NoteAdded,
    OrderCancelled,
    OrderConfirmed,
    PaymentCaptured,
)
from projections.projection import Row
from projections.read_models.order.projection import ORDERS, PROJECTION
from tests.projections.order_events import folded, minute, order_events, placed, rows_of

PLACED = placed("o-1", (2, 150), (1, 700), shipping_cents=60, tax_cents=40, discount_cents=100)
HELD = HoldPlaced(hold_id="h-1", kind="fraud", reason="odd address")
RELEASED = HoldReleased(hold_id="h-1", reason="called the customer")
TAKEN = PaymentCaptured(payment_id="p-1", capture_id="k-1", amount_cents=400, currency="EUR")


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
        "due_cents": 1_000,
        "net_cents": 0,
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

    assert (row["payment"], row["net_cents"], row["balance_cents"]) == ("partly_captured", 400, 600)


def test_cancelled_goods_lower_what_is_due_and_not_the_total() -> None:
    lines = (LineQuantity(line=1, quantity=2),)
    row = row_after(PLACED, ItemsCancelled(cancellation_id="x", lines=lines, reason="sold out"))

    assert (row["total_cents"], row["due_cents"], row["units_cancelled"]) == (1_000, 700, 2)


def test_anomalies_are_counted() -> None:
    anomaly = AnomalyRecorded(kind="unknown-shipment", refers_to="shipment:s", detail="")

    assert row_after(PLACED, anomaly, anomaly)["anomalies"] == 2


def test_an_order_that_does_not_start_with_order_placed_does_not_fold() -> None:
    with pytest.raises((TypeError, ValueError), match="starts with OrderPlaced"):
        folded(PROJECTION, order_events(OrderConfirmed()))


def test_amounts_that_fit_in_no_column_do_not_fold() -> None:
    huge = [
        PaymentCaptured(
            payment_id="p-1", capture_id=f"k-{n}", amount_cents=10**15 - 1, currency="EUR"
        )
        for n in range(9_224)
    ]
    events = order_events(PLACED, *huge)
    folded(PROJECTION, events[:-1])
    with pytest.raises(OverflowError, match="2\\^63"):
        folded(PROJECTION, events)
