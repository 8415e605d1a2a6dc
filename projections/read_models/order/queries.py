"""Queries of orders: lists, totals.

An order is returned as the columns of its row (ORDERS) and `events`, the number of its events.
state, fulfilment and payment are the derived words; anomalies is the number of those open.
"""

from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection

from projections.query.filters import Boolean, Currency, Moment, Name
from projections.query.listing import Item, Listing, of_order, timestamp
from projections.query.part_lists import PartList
from projections.query.periods import EVERYTHING, Asked, totals_of
from projections.query.totals import by_currency
from projections.read_models.order.projection import CONTRIBUTIONS, ORDERS, PROJECTION

State = Literal["placed", "confirmed", "completed", "cancelled"]
Fulfilment = Literal[
    "unneeded",
    "none",
    "planned",
    "partly_dispatched",
    "dispatched",
    "partly_delivered",
    "delivered",
    "partly_returned",
    "returned",
]
PaymentWord = Literal[
    "none",
    "authorized",
    "failed",
    "unpaid",
    "partly_paid",
    "paid",
    "overpaid",
    "refunding",
    "refunded",
    "charged_back",
]
Sort = Literal["placed_at", "-placed_at", "total_cents", "-total_cents", "order_id", "-order_id"]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFilters:
    """placed_after: at this time or later; placed_before: earlier than this time."""

    state: State | None = None
    fulfilment: Fulfilment | None = None
    payment: PaymentWord | None = None
    on_hold: Boolean | None = None
    customer_id: Name | None = None
    currency: Currency | None = None
    placed_after: Moment | None = None
    placed_before: Moment | None = None


def summary(conn: Connection, asked: Asked = EVERYTHING) -> dict[str, Any]:
    """By currency: orders, orders_cancelled, orders_confirmed_and_not_cancelled (completed ones
    too), orders_completed, goods_cents, shipping_cents, total_cents (as placed) and units_ordered,
    cancelled orders included.

    Of the orders placed in the period, as they are now. Raises BadPeriod.
    """
    names = CONTRIBUTIONS[0].names
    answer: dict[str, Any] = totals_of(
        conn, PROJECTION, names, asked, lambda found: by_currency(found, names)
    )
    return answer


def _item(row: Item) -> Item:
    return {**row, "events": row["revision"] + 1}


ORDER_OF_ID = PartList(name="orders", key=(ORDERS.c.order_id,), item=_item)
"""Of one item, the order itself."""

ORDER_LIST = Listing(
    table=ORDERS,
    conditions={
        "placed_after": lambda value: ORDERS.c.placed_at >= timestamp(value),
        "placed_before": lambda value: ORDERS.c.placed_at < timestamp(value),
    },
    sorts={
        "placed_at": (ORDERS.c.placed_at, ORDERS.c.order_id),
        "total_cents": (ORDERS.c.total_cents, ORDERS.c.order_id),
        "order_id": (ORDERS.c.order_id,),
    },
    item=_item,
)


def order_row(conn: Connection, order_id: str) -> Item | None:
    """The order as an item of the list; None where the model does not have it."""
    rows = of_order(conn, ORDERS, order_id)
    return _item(rows[0]) if rows else None
