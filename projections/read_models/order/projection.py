"""One row per order: its amounts, its state and its times."""

from dataclasses import dataclass

from pydantic import TypeAdapter
from sqlalchemy import Index, MetaData

from domain.anomalies import Anomalies
from domain.events import OrderPlaced
from domain.figures import money_figures
from domain.goods import Goods
from domain.money import Money
from domain.persistent import with_fields
from domain.status import OrderStatus, evolve_status
from domain.words import state_word
from eventstore.record.codec import OrderEvent
from projections.books import PARTS, evolve_books
from projections.overflow import bounded
from projections.projection import Contribution, Entries, Projection, Row, Rows, copied_from
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
    # As placed; what follows is as it is by now.
    cents("goods_cents"),
    cents("shipping_cents"),
    cents("tax_cents"),
    cents("discount_cents"),
    cents("total_cents"),
    cents("billed_cents"),
    cents("credited_cents"),
    cents("written_off_cents"),
    # Below 0 by what was forgiven of a balance above the amount due.
    signed_cents("due_cents"),
    cents("captured_cents"),
    cents("refunded_cents"),
    cents("charged_back_cents"),
    signed_cents("fees_cents"),
    signed_cents("net_cents"),
    cents("open_refunds_cents"),
    signed_cents("balance_cents"),
    count("lines"),
    count("units_ordered"),
    count("units_cancelled"),
    # Of those recorded: how many are open.
    count("anomalies"),
    count("revision"),
    # *_at: when it happened, as reported; *_recorded_at: when the event was recorded.
    text("placed_at"),
    text("placed_recorded_at"),
    text("updated_at"),
    text("updated_recorded_at"),
)

# After the sort key come the columns that lists are filtered by: if few orders match a filter,
# finding them reads the index alone, not a million rows.
_FILTERS = [ORDERS.c[name] for name in ("state", "fulfilment", "payment", "on_hold", "currency")]
Index("orders_placed_at", ORDERS.c.placed_at, ORDERS.c.order_id, *_FILTERS)
Index("orders_total_cents", ORDERS.c.total_cents, ORDERS.c.order_id, *_FILTERS)
Index("orders_customer_id", ORDERS.c.customer_id)


@dataclass(frozen=True)
class OrderView:
    """The folds are None before OrderPlaced. Times as in the row."""

    order_id: str
    money: Money | None = None
    goods: Goods | None = None
    status: OrderStatus | None = None
    anomalies: Anomalies | None = None
    channel: str = ""
    revision: int = -1
    placed_at: str = ""
    placed_recorded_at: str = ""
    updated_at: str = ""
    updated_recorded_at: str = ""


def evolve(view: OrderView, event: OrderEvent) -> tuple[OrderView, Entries]:
    """Every event changes the row, as revision and updated_at are its own. No entries."""
    body, metadata = event.event, event.metadata
    if isinstance(body, OrderPlaced):
        view = _placed(view, body, event)
    status = evolve_status(view.status, body)
    if status.attributes:  # which the row does not have
        status = with_fields(status, attributes=())
    money, goods, anomalies = evolve_books(view, body)
    return with_fields(
        view,
        money=bounded(money),
        goods=goods,
        status=status,
        anomalies=anomalies,
        revision=event.revision,
        updated_at=metadata.occurred_at,
        updated_recorded_at=metadata.recorded_at,
    ), ()


def _placed(view: OrderView, body: OrderPlaced, event: OrderEvent) -> OrderView:
    return with_fields(
        view,
        channel=body.channel,
        placed_at=event.metadata.occurred_at,
        placed_recorded_at=event.metadata.recorded_at,
    )


def rows(view: OrderView) -> Rows:
    """The one row; none before OrderPlaced."""
    money, goods, status, anomalies = view.money, view.goods, view.status, view.anomalies
    if money is None or goods is None or status is None or anomalies is None:
        return {}
    row = {
        "order_id": view.order_id,
        "customer_id": status.customer_id,
        "currency": money.currency,
        "channel": view.channel,
        "state": state_word(status, money, goods),
        "on_hold": status.on_hold,
        "fulfilment": goods.fulfilment,
        "payment": money.payment_status,
        **money_figures(money),
        "lines": len(goods.lines),
        "units_ordered": sum([line.ordered for line in goods.lines]),
        "units_cancelled": sum([line.cancelled for line in goods.lines]),
        "anomalies": anomalies.open_count,
        "revision": view.revision,
        "placed_at": view.placed_at,
        "placed_recorded_at": view.placed_recorded_at,
        "updated_at": view.updated_at,
        "updated_recorded_at": view.updated_recorded_at,
    }
    return {ORDERS: (row,)}


def _amounts(row: Row) -> tuple[int, ...]:
    state = row["state"]
    return (
        1,
        state == "cancelled",
        state in {"confirmed", "completed"},
        state == "completed",
        row["goods_cents"],
        row["shipping_cents"],
        row["total_cents"],
        row["units_ordered"],
    )


CONTRIBUTIONS = (
    # An order counts when it was placed, as it is now.
    Contribution(
        table=ORDERS,
        names=(
            "orders",
            "orders_cancelled",
            "orders_confirmed_and_not_cancelled",
            "orders_completed",
            "goods_cents",
            "shipping_cents",
            "total_cents",
            "units_ordered",
        ),
        columns=("state", "goods_cents", "shipping_cents", "total_cents", "units_ordered"),
        amounts=_amounts,
        occurred="placed_at",
        recorded="placed_recorded_at",
    ),
)

PROJECTION = Projection(
    name="order",
    version=7,
    tables=TABLES,
    view=TypeAdapter(OrderView),
    initial=copied_from(OrderView("")),
    evolve=evolve,
    rows=rows,
    contributions=CONTRIBUTIONS,
    parts={**PARTS, "status.holds": "hold_id"},
)
