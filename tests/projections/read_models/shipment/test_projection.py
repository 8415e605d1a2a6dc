import pytest

from domain.commands import LineQuantity, ReceivedLine
from domain.events import (
    Event,
    FactRetracted,
    ItemsAdded,
    NoteAdded,
    OrderCancelled,
    ReplacedLine,
    ReturnClosed,
    ReturnDeclined,
    ReturnReceived,
    ReturnRequested,
    ShipmentCancelled,
    ShipmentDelivered,
    ShipmentDispatched,
    ShipmentLost,
    ShipmentPlanned,
    ShipmentReturnedToSender,
    TrackingCorrected,
)
from projections.projection import Row
from projections.read_models.shipment.projection import PROJECTION
from projections.read_models.shipment.tables import (
    FULFILMENTS,
    LINES,
    RECEIPTS,
    RETURN_LINES,
    RETURNS,
    SHIPMENT_LINES,
    SHIPMENTS,
    STEPS,
)
from tests.projections.order_events import folded, minute, order_events, placed, rows_of
from tests.projections.told import item, told

PLACED = placed("o-1", (3, 10), (1, 20))
PLANNED = told(
    ShipmentPlanned,
    shipment_id="s-1",
    lines=(LineQuantity(line=1, quantity=2), LineQuantity(line=2, quantity=1)),
    location="north",
)
DISPATCHED = told(ShipmentDispatched, shipment_id="s-1", carrier="post", tracking="t-1")
DELIVERED = told(ShipmentDelivered, shipment_id="s-1", report_id=None)
LOST = told(ShipmentLost, shipment_id="s-1", report_id="x-1")
BACK = told(ShipmentReturnedToSender, shipment_id="s-1", report_id=None)
CANCELLED = ShipmentCancelled(shipment_id="s-1", reason="no van")
REQUESTED = ReturnRequested(
    return_id="r-1", lines=(LineQuantity(line=1, quantity=2),), reason="too small"
)
RECEIVED = told(
    ReturnReceived,
    return_id="r-1",
    receipt_id="c-1",
    lines=(
        ReceivedLine(line=1, quantity=1, condition="new"),
        ReceivedLine(line=1, quantity=1, condition="worn"),
    ),
)


def shipment_after(*events: Event) -> Row:
    [row] = rows_of(PROJECTION, SHIPMENTS, PLACED, *events)
    return row


def fulfilment_after(*events: Event) -> Row:
    [row] = rows_of(PROJECTION, FULFILMENTS, PLACED, *events)
    return row


def test_a_shipment_is_one_row() -> None:
    assert shipment_after(PLANNED, DISPATCHED, DELIVERED) == {
        "order_id": "o-1",
        "shipment_id": "s-1",
        "state": "delivered",
        "was_planned": True,
        "location": "north",
        "carrier": "post",
        "tracking": "t-1",
        "units": 3,
        "units_delivered": 3,
        "units_lost": 0,
        "units_returned_to_sender": 0,
        "is_replacement": False,
        "reported_at": minute(1),
        "planned_at": minute(1),
        "dispatched_at": minute(2),
        "outcome_at": minute(3),
        "cancelled_at": None,
    }


@pytest.mark.parametrize(
    ("events", "word"),
    [
        ((PLANNED,), "planned"),
        ((PLANNED, CANCELLED), "cancelled"),
        ((PLANNED, DISPATCHED), "dispatched"),
        ((PLANNED, DISPATCHED, DELIVERED), "delivered"),
        ((PLANNED, DISPATCHED, LOST), "lost"),
        ((PLANNED, DISPATCHED, BACK), "returned_to_sender"),
        ((PLANNED, DISPATCHED, DELIVERED, LOST), "lost"),
        ((PLANNED, DELIVERED), "delivered"),
        ((PLANNED, DELIVERED, DISPATCHED), "delivered"),
        ((DELIVERED,), "delivered"),
    ],
)
def test_a_shipment_in_a_word(events: tuple[Event, ...], word: str) -> None:
    assert shipment_after(*events)["state"] == word


def test_a_shipment_that_only_a_carrier_named_is_a_row_and_in_no_counter() -> None:
    row, fulfilment = shipment_after(DELIVERED), fulfilment_after(DELIVERED)

    assert (row["was_planned"], row["units"], row["reported_at"]) == (False, 0, minute(1))
    assert fulfilment["shipments_planned"] == 0
    assert fulfilment["shipments_dispatched"] == 0
    assert fulfilment["shipments_delivered"] == 0


def test_the_fulfilment_is_one_row() -> None:
    assert fulfilment_after(PLANNED, DISPATCHED, DELIVERED) == {
        "order_id": "o-1",
        "currency": "EUR",
        "cancelled": False,
        "fulfilment": "partly_delivered",
        "units_ordered": 4,
        "units_cancelled": 0,
        "units_dispatched": 3,
        "units_delivered": 3,
        "units_received": 0,
        "units_open": 1,
        "shipments_planned": 1,
        "shipments_dispatched": 1,
        "shipments_delivered": 1,
    }


def test_a_cancelled_shipment_was_planned_and_not_dispatched() -> None:
    row = fulfilment_after(PLANNED, CANCELLED)

    assert (row["shipments_planned"], row["shipments_dispatched"]) == (1, 0)
    assert row["units_open"] == 4


def test_a_cancelled_order_is_marked_cancelled() -> None:
    row = fulfilment_after(OrderCancelled(reason="late"))

    assert (row["cancelled"], row["units_cancelled"], row["units_open"]) == (True, 4, 0)


def test_a_line_has_all_its_counters() -> None:
    lines = rows_of(PROJECTION, LINES, PLACED, PLANNED, DISPATCHED, DELIVERED, REQUESTED)

    assert lines[0] == {
        "order_id": "o-1",
        "line": 1,
        "product_id": "product-1",
        "requires_shipping": True,
        "ordered": 3,
        "cancelled": 0,
        "planned": 0,
        "dispatched": 2,
        "delivered": 2,
        "lost": 0,
        "returned_to_sender": 0,
        "requested": 2,
        "received": 0,
        "replacements": 0,
        "open": 1,
        "overshipped": 0,
    }
    assert lines[1]["line"] == 2


def test_the_lines_of_a_shipment_are_rows_with_what_became_of_them() -> None:
    part = (LineQuantity(line=1, quantity=1),)
    delivered = told(ShipmentDelivered, shipment_id="s-1", lines=part)
    history = (PLACED, PLANNED, DISPATCHED, delivered)
    parts = rows_of(PROJECTION, SHIPMENT_LINES, *history)

    assert [(it["line"], it["quantity"], it["delivered"]) for it in parts] == [
        (1, 2, 1),
        (2, 1, 0),
    ]
    [row] = rows_of(PROJECTION, SHIPMENTS, *history)
    assert (row["state"], row["units"], row["units_delivered"]) == ("partly_delivered", 3, 1)
    [row] = rows_of(PROJECTION, FULFILMENTS, *history)
    assert (row["shipments_delivered"], row["units_delivered"]) == (0, 1)


def test_a_replacement_names_the_shipment_whose_goods_go_again() -> None:
    again = told(
        ShipmentPlanned,
        shipment_id="s-2",
        lines=(LineQuantity(line=2, quantity=1),),
        replaces=True,
        replaced=(ReplacedLine(line=2, shipment_id="s-1"),),
        reason="broken",
    )
    history = (PLACED, PLANNED, DISPATCHED, DELIVERED, again)
    parts = rows_of(PROJECTION, SHIPMENT_LINES, *history)
    named = [(it["shipment_id"], it["line"], it["replaces"], it["sent_again"]) for it in parts]

    assert named == [("s-1", 1, None, 0), ("s-1", 2, None, 1), ("s-2", 2, "s-1", 0)]
    rows = rows_of(PROJECTION, SHIPMENTS, *history)
    assert [row["is_replacement"] for row in rows] == [False, True]
    lines = rows_of(PROJECTION, LINES, *history)
    assert [(line["planned"], line["replacements"], line["open"]) for line in lines] == [
        (0, 0, 1),
        (1, 1, 0),
    ]
    assert rows_of(PROJECTION, STEPS, *history)[-1]["reason"] == "broken"


def test_a_corrected_tracking_is_in_the_row_and_a_step() -> None:
    corrected = TrackingCorrected(
        shipment_id="s-1", carrier="van", tracking=None, reason="wrong label"
    )
    [row] = rows_of(PROJECTION, SHIPMENTS, PLACED, PLANNED, DISPATCHED, corrected)
    step = rows_of(PROJECTION, STEPS, PLACED, PLANNED, DISPATCHED, corrected)[-1]

    assert (row["state"], row["carrier"], row["tracking"]) == ("dispatched", "van", None)
    assert (step["kind"], step["carrier"], step["reason"]) == (
        "tracking-corrected",
        "van",
        "wrong label",
    )


def test_items_that_were_added_are_lines() -> None:
    added = told(ItemsAdded, addition_id="a", items=(item(3, "lid", 2, 5),))
    lines = rows_of(PROJECTION, LINES, PLACED, added)

    assert [(line["product_id"], line["ordered"]) for line in lines] == [
        ("product-1", 3),
        ("product-2", 1),
        ("lid", 2),
    ]


DELIVERY = (PLANNED, DISPATCHED, DELIVERED)


@pytest.mark.parametrize(
    ("events", "word", "received"),
    [
        ((REQUESTED,), "open", 0),
        ((REQUESTED, RECEIVED), "open", 2),
        ((REQUESTED, RECEIVED, ReturnClosed(return_id="r-1")), "closed", 2),
        ((REQUESTED, ReturnDeclined(return_id="r-1", reason="worn")), "declined", 0),
    ],
)
def test_a_return_is_one_row(events: tuple[Event, ...], word: str, received: int) -> None:
    [row] = rows_of(PROJECTION, RETURNS, PLACED, *DELIVERY, *events)

    assert row == {
        "order_id": "o-1",
        "return_id": "r-1",
        "state": word,
        "units_requested": 2,
        "units_received": received,
    }


def test_what_a_return_asked_for_and_what_arrived_are_entries() -> None:
    history = (PLACED, *DELIVERY, REQUESTED, RECEIVED)
    asked = rows_of(PROJECTION, RETURN_LINES, *history)
    arrived = rows_of(PROJECTION, RECEIPTS, *history)

    assert [(it["return_id"], it["line"], it["quantity"]) for it in asked] == [("r-1", 1, 2)]
    assert [(it["receipt_id"], it["condition"], it["quantity"]) for it in arrived] == [
        ("c-1", "new", 1),
        ("c-1", "worn", 1),
    ]


def test_what_arrives_unannounced_is_a_return_until_it_is_retracted() -> None:
    retracted = told(
        FactRetracted,
        fact="receive-return",
        return_id="r-1",
        receipt_id="c-1",
        lines=RECEIVED.lines,
        reason="other parcel",
    )
    history = (PLACED, *DELIVERY, RECEIVED)

    [row] = rows_of(PROJECTION, RETURNS, *history)
    assert (row["state"], row["units_requested"], row["units_received"]) == ("unannounced", 0, 2)
    [row] = rows_of(PROJECTION, RETURNS, *history, retracted)
    assert row["units_received"] == 0
    [line] = rows_of(PROJECTION, RETURN_LINES, *history, retracted)
    assert (line["quantity"], line["received"]) == (0, 0)
    step = rows_of(PROJECTION, STEPS, *history, retracted)[-1]
    assert (step["kind"], step["receipt_id"]) == ("return-receipt-retracted", "c-1")


def test_what_is_requested_after_it_arrived_joins_it() -> None:
    history = (PLACED, *DELIVERY, RECEIVED, REQUESTED)
    [row] = rows_of(PROJECTION, RETURNS, *history)

    assert (row["state"], row["units_requested"], row["units_received"]) == ("open", 2, 2)


def test_the_retraction_of_a_fact_about_money_is_no_step_of_goods() -> None:
    retracted = told(FactRetracted, fact="capture-payment", payment_id="p", capture_id="k")
    view, _ = folded(PROJECTION, order_events(PLACED))

    after, entries = PROJECTION.evolve(view, order_events(PLACED, retracted)[1])

    assert after is view
    assert entries == ()


def test_every_step_is_an_entry() -> None:
    closed = ReturnClosed(return_id="r-1")
    history = (PLACED, PLANNED, DISPATCHED, DELIVERED, LOST, BACK, REQUESTED, RECEIVED, closed)
    steps = rows_of(PROJECTION, STEPS, *history)

    assert [(it["revision"], it["kind"], it["reason"]) for it in steps] == [
        (1, "planned", None),
        (2, "dispatched", None),
        (3, "delivered", None),
        (4, "lost", None),
        (5, "returned_to_sender", None),
        (6, "return-requested", "too small"),
        (7, "return-received", None),
        (8, "return-closed", None),
    ]
    assert steps[3]["report_id"] == "x-1"


def test_an_event_that_does_not_concern_goods_changes_nothing() -> None:
    view, _ = folded(PROJECTION, order_events(PLACED))
    note = order_events(PLACED, NoteAdded(note_id="n-1", text="hello"))[1]

    after, entries = PROJECTION.evolve(view, note)

    assert after is view
    assert entries == ()
