"""The order model's one table: a row per order, for lists and search."""

from sqlalchemy import Index, MetaData

from projections.storage.columns import cents, count, flag, key, signed_cents, text, wide_table

TABLES = MetaData()

ORDERS = wide_table(
    "orders",
    TABLES,
    key("order_id"),
    text("customer_id"),
    text("currency"),
    text("channel"),
    text("state"),
    flag("on_hold"),
    text("fulfilment"),
    text("payment"),
    cents("goods_cents"),
    cents("shipping_cents"),
    cents("tax_cents"),
    cents("discount_cents"),
    cents("total_cents"),
    cents("due_cents"),
    signed_cents("net_cents"),
    signed_cents("balance_cents"),
    count("lines"),
    count("units_ordered"),
    count("units_cancelled"),
    count("anomalies"),
    count("revision"),
    # *_at is when it happened by the reporter's word, *_recorded_at when it was written down.
    text("placed_at"),
    text("placed_recorded_at"),
    text("updated_at"),
    text("updated_recorded_at"),
)

# Behind the sort key stands what lists are filtered by: where few orders meet a filter, finding
# them reads the index alone, not a million rows.
_FILTERS = [ORDERS.c[name] for name in ("state", "fulfilment", "payment", "on_hold", "currency")]
Index("orders_placed_at", ORDERS.c.placed_at, ORDERS.c.order_id, *_FILTERS)
Index("orders_total_cents", ORDERS.c.total_cents, ORDERS.c.order_id, *_FILTERS)
Index("orders_customer_id", ORDERS.c.customer_id)
