from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.commands import LineQuantity, ReceivedLine
from domain.events import (
    FactRetracted,
    ReturnReceived,
    ReturnRequested,
    ShipmentDelivered,
    ShipmentDispatched,
    ShipmentLost,
    ShipmentPlanned,
)
from projections.query.listing import AmbiguousId, page
from projections.read_models.shipment.projection import PROJECTION
from projections.read_models.shipment.queries import (
    SHIPMENT_LIST,
    ShipmentFilters,
    order_shipments,
    shipment,
    summary,
)
from tests.projections.kinds import Kind
from tests.projections.order_events import minute, model_of, order_events, placed
from tests.projections.told import told


def planned(shipment_id: str, quantity: int, location: str = "north") -> ShipmentPlanned:
    return told(
        ShipmentPlanned,
        shipment_id=shipment_id,
        lines=(LineQuantity(line=1, quantity=quantity),),
        location=location,
    )


def dispatched(shipment_id: str, carrier: str = "post") -> ShipmentDispatched:
    return told(
        ShipmentDispatched,
        shipment_id=shipment_id,
        carrier=carrier,
        tracking=f"track-{shipment_id}",
    )


FIRST = order_events(
    placed("o-1", (3, 10)),
    planned("s-1", 2),
    dispatched("s-1"),
    told(ShipmentDelivered, shipment_id="s-1", report_id=None),
    planned("s-2", 1, "south"),
    ReturnRequested(return_id="r-1", lines=(LineQuantity(line=1, quantity=2),), reason="too small"),
    told(
        ReturnReceived,
        return_id="r-1",
        receipt_id="c-1",
        lines=(ReceivedLine(line=1, quantity=1, condition="new"),),
    ),
    order_id="o-1",
)
SECOND = order_events(
    placed("o-2", (5, 10)),
    planned("s-1", 4),
    dispatched("s-1", "van"),
    told(ShipmentLost, shipment_id="s-1", report_id=None),
    order_id="o-2",
    minutes=10,
)
YEN = order_events(placed("o-3", (1, 10), currency="JPY"), order_id="o-3", minutes=20)


@pytest.fixture
async def conn(kind: Kind, tmp_path: Path) -> AsyncIterator[AsyncConnection]:
    async with model_of(tmp_path, PROJECTION, FIRST, SECOND, YEN) as conn:
        yield conn


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        (ShipmentFilters(), [("o-1", "s-1"), ("o-1", "s-2"), ("o-2", "s-1")]),
        (ShipmentFilters(state="planned"), [("o-1", "s-2")]),
        (ShipmentFilters(state="lost"), [("o-2", "s-1")]),
        (ShipmentFilters(carrier="post"), [("o-1", "s-1")]),
        (ShipmentFilters(location="south"), [("o-1", "s-2")]),
        (ShipmentFilters(tracking="track-s-1", order_id="o-2"), [("o-2", "s-1")]),
        (ShipmentFilters(order_id="nobody"), []),
    ],
)
async def test_filters_choose_shipments(
    conn: AsyncConnection, filters: ShipmentFilters, found: list[tuple[str, str]]
) -> None:
    listed = await conn.run_sync(page, SHIPMENT_LIST, filters=filters, sort="reported_at")

    assert [(item["order_id"], item["shipment_id"]) for item in listed.items] == found


async def test_pages_of_shipments_go_through_all_of_them(conn: AsyncConnection) -> None:
    found, cursor = [], None
    for _ in range(3):
        listed = await conn.run_sync(
            page,
            SHIPMENT_LIST,
            sort="-reported_at",
            filters=ShipmentFilters(),
            limit=1,
            cursor=cursor,
        )
        found += [(item["order_id"], item["shipment_id"]) for item in listed.items]
        cursor = listed.next

    assert found == [("o-2", "s-1"), ("o-1", "s-2"), ("o-1", "s-1")]
    assert cursor is None


def in_shipment(quantity: int, delivered: int = 0) -> dict[str, Any]:
    return {
        "line": 1,
        "quantity": quantity,
        "delivered": delivered,
        "lost": 0,
        "returned_to_sender": 0,
        "replaces": None,
        "sent_again": 0,
    }


async def test_a_shipment_is_returned_with_its_lines_and_steps(conn: AsyncConnection) -> None:
    found = await conn.run_sync(shipment, "s-1", order_id="o-1")

    assert found is not None
    assert (found["state"], found["was_planned"]) == ("delivered", True)
    assert found["lines"] == [in_shipment(2, delivered=2)]
    assert [step["kind"] for step in found["steps"]] == ["planned", "dispatched", "delivered"]


async def test_a_shipment_id_of_several_orders_names_them(conn: AsyncConnection) -> None:
    with pytest.raises(AmbiguousId) as caught:
        await conn.run_sync(shipment, "s-1")

    assert caught.value.orders == ("o-1", "o-2")
    only = await conn.run_sync(shipment, "s-2")
    assert only is not None
    assert only["order_id"] == "o-1"
    assert await conn.run_sync(shipment, "nobody") is None


async def test_an_orders_goods_are_returned_whole(conn: AsyncConnection) -> None:
    found = await conn.run_sync(order_shipments, "o-1")

    assert found is not None
    assert (found["fulfilment"], found["units_open"]) == ("partly_returned", 0)
    assert [(line["line"], line["planned"]) for line in found["lines"]] == [(1, 1)]
    assert [(it["shipment_id"], it["lines"]) for it in found["shipments"]] == [
        ("s-1", [in_shipment(2, delivered=2)]),
        ("s-2", [in_shipment(1)]),
    ]
    assert found["returns"] == [
        {
            "order_id": "o-1",
            "return_id": "r-1",
            "state": "open",
            "units_requested": 2,
            "units_received": 1,
            "lines": [{"line": 1, "quantity": 2, "received": 1}],
            "receipts": [
                {
                    "receipt_id": "c-1",
                    "line": 1,
                    "condition": "new",
                    "quantity": 1,
                    "report_id": None,
                    "occurred_at": minute(6),
                    "counted": True,
                }
            ],
        }
    ]
    assert [step["revision"] for step in found["steps"]] == [1, 2, 3, 4, 5, 6]
    assert await conn.run_sync(order_shipments, "nobody") is None


async def test_the_summary_is_per_currency_of_the_order(conn: AsyncConnection) -> None:
    nothing = {
        "shipments_planned": 0,
        "shipments_dispatched": 0,
        "shipments_delivered": 0,
        "units_dispatched": 0,
        "units_delivered": 0,
    }
    assert await conn.run_sync(summary) == {
        "EUR": {
            "shipments_planned": 3,
            "shipments_dispatched": 2,
            "shipments_delivered": 1,
            "units_dispatched": 6,
            "units_delivered": 2,
        },
        "JPY": nothing,
    }


async def test_a_receipt_that_was_retracted_and_told_again_counts_once(
    kind: Kind, tmp_path: Path
) -> None:
    received = told(
        ReturnReceived,
        return_id="r-1",
        receipt_id="c-1",
        lines=(ReceivedLine(line=1, quantity=2, condition="new"),),
    )
    retracted = told(
        FactRetracted,
        fact="receive-return",
        return_id="r-1",
        receipt_id="c-1",
        lines=received.lines,
    )
    right = replace(received, lines=(ReceivedLine(line=1, quantity=1, condition="new"),))
    events = order_events(
        placed("o-1", (2, 10)),
        planned("s-1", 2),
        told(ShipmentDelivered, shipment_id="s-1"),
        received,
        retracted,
        right,
    )

    async with model_of(tmp_path, PROJECTION, events) as conn:
        found = await conn.run_sync(order_shipments, "o-1")

    assert found is not None
    [it] = found["returns"]
    assert it["units_received"] == 1
    assert [(each["quantity"], each["counted"]) for each in it["receipts"]] == [
        (2, False),
        (1, True),
    ]
