from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.events import HoldPlaced, OrderCancelled, OrderConfirmed, PaymentCaptured
from projections.query.listing import BadCursor, Listed, page
from projections.read_models.order.projection import PROJECTION
from projections.read_models.order.queries import ORDER_LIST, OrderFilters, Sort, summary
from tests.projections.kinds import Kind
from tests.projections.order_events import START, model_of, order_events, placed
from tests.projections.told import told

SMALL = order_events(placed("o-1", (1, 100), shipping_cents=5), OrderConfirmed(), order_id="o-1")
LARGE = order_events(
    placed("o-2", (3, 5_000), customer_id="c-2"),
    HoldPlaced(hold_id="h-1", kind="fraud", reason="large"),
    order_id="o-2",
    minutes=10,
)
GONE = order_events(
    placed("o-3", (2, 300)),
    OrderConfirmed(),
    OrderCancelled(reason="late"),
    order_id="o-3",
    minutes=20,
)
DOLLARS = order_events(
    placed("o-4", (1, 100), currency="USD"),
    told(PaymentCaptured, payment_id="p-1", capture_id="k-1", amount_cents=100, currency="USD"),
    order_id="o-4",
    minutes=30,
)


@pytest.fixture
async def conn(kind: Kind, tmp_path: Path) -> AsyncIterator[AsyncConnection]:
    async with model_of(tmp_path, PROJECTION, SMALL, LARGE, GONE, DOLLARS) as conn:
        yield conn


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        (OrderFilters(), ["o-1", "o-2", "o-3", "o-4"]),
        (OrderFilters(state="confirmed"), ["o-1"]),
        (OrderFilters(state="cancelled"), ["o-3"]),
        (OrderFilters(on_hold=True), ["o-2"]),
        (OrderFilters(on_hold=False), ["o-1", "o-3", "o-4"]),
        (OrderFilters(customer_id="c-2"), ["o-2"]),
        (OrderFilters(currency="USD"), ["o-4"]),
        (OrderFilters(payment="paid"), ["o-4"]),
        (OrderFilters(fulfilment="none", currency="USD"), ["o-4"]),
        (OrderFilters(fulfilment="delivered"), []),
        (OrderFilters(placed_after=START + timedelta(minutes=20)), ["o-3", "o-4"]),
        (OrderFilters(placed_before=START + timedelta(minutes=20)), ["o-1", "o-2"]),
        (OrderFilters(customer_id="' OR 1=1 --"), []),
    ],
)
async def test_filters_choose_orders(
    conn: AsyncConnection, filters: OrderFilters, found: list[str]
) -> None:
    listed = await conn.run_sync(page, ORDER_LIST, filters=filters, sort="order_id")

    assert [item["order_id"] for item in listed.items] == found


@pytest.mark.parametrize(
    ("sort", "found"),
    [
        ("placed_at", ["o-1", "o-2", "o-3", "o-4"]),
        ("-placed_at", ["o-4", "o-3", "o-2", "o-1"]),
        ("total_cents", ["o-4", "o-1", "o-3", "o-2"]),
        ("-total_cents", ["o-2", "o-3", "o-1", "o-4"]),
        ("-order_id", ["o-4", "o-3", "o-2", "o-1"]),
    ],
)
async def test_every_sort_pages_through_all(
    conn: AsyncConnection, sort: Sort, found: list[str]
) -> None:
    ids, cursor = [], None
    for _ in found:
        listed = await conn.run_sync(
            page, ORDER_LIST, filters=OrderFilters(), sort=sort, limit=1, cursor=cursor
        )
        ids += [item["order_id"] for item in listed.items]
        cursor = listed.next

    assert ids == found
    assert cursor is None


async def test_a_cursor_of_another_filter_value_is_refused(conn: AsyncConnection) -> None:
    async def first(currency: str, cursor: str | None) -> Listed:
        filters = OrderFilters(currency=currency)
        return await conn.run_sync(
            page, ORDER_LIST, filters=filters, sort="-placed_at", limit=1, cursor=cursor
        )

    listed = await first("EUR", None)
    with pytest.raises(BadCursor):
        await first("USD", listed.next)


async def test_an_order_is_its_row_and_the_number_of_its_events(conn: AsyncConnection) -> None:
    filters = OrderFilters(state="cancelled")
    [item] = (await conn.run_sync(page, ORDER_LIST, filters=filters, sort="order_id")).items

    assert (item["order_id"], item["state"], item["events"]) == ("o-3", "cancelled", 3)
    assert item["on_hold"] is False


async def test_the_summary_is_per_currency_with_cancelled_orders(conn: AsyncConnection) -> None:
    assert await conn.run_sync(summary) == {
        "EUR": {
            "orders": 3,
            "orders_cancelled": 1,
            "orders_confirmed_and_not_cancelled": 1,
            "orders_completed": 0,
            "goods_cents": 15_700,
            "shipping_cents": 5,
            "total_cents": 15_705,
            "units_ordered": 6,
        },
        "USD": {
            "orders": 1,
            "orders_cancelled": 0,
            "orders_confirmed_and_not_cancelled": 0,
            "orders_completed": 0,
            "goods_cents": 100,
            "shipping_cents": 0,
            "total_cents": 100,
            "units_ordered": 1,
        },
    }


async def test_the_summary_of_nothing_is_empty(tmp_path: Path) -> None:
    async with model_of(tmp_path, PROJECTION) as conn:
        assert await conn.run_sync(summary) == {}
