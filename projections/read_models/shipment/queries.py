"""Queries of shipments: lists, one shipment, an order's goods, totals.

A shipment is returned as the columns of its row (see `tables`). state: planned, cancelled or
dispatched; its outcome (delivered, lost, returned_to_sender) once every part has one, or
partly_delivered; unknown if a carrier named the shipment without an outcome that we know.
was_planned is False if nobody planned it. A line of a shipment is {line, quantity, delivered, lost,
returned_to_sender, replaces, sent_again}; replaces: the shipment whose goods go again.

A return is its row, with lines ({line, quantity, received}; quantity: requested) and receipts
({receipt_id, line, condition, quantity, report_id, occurred_at, counted}; counted: False once
retracted). state: unannounced, open, declined or closed.

A step is {order_id, revision, kind, shipment_id, return_id, receipt_id, report_id, carrier,
tracking, reason, occurred_at, recorded_at}; kind: planned, cancelled, dispatched, delivered, lost,
returned_to_sender, tracking-corrected, return-requested, return-received,
return-receipt-retracted, return-declined or return-closed.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from sqlalchemy import Connection

from projections.query.filters import Name, Word
from projections.query.listing import (
    LIMIT_MAX,
    Item,
    Listing,
    check_cursor,
    of_order,
    page_of_order,
    single,
)
from projections.query.part_lists import PartList
from projections.query.periods import EVERYTHING, Asked, totals_of
from projections.query.totals import by_currency
from projections.read_models.shipment.projection import PROJECTION
from projections.read_models.shipment.tables import (
    FULFILMENTS,
    LINES,
    RECEIPTS,
    RETRACTIONS,
    RETURN_LINES,
    RETURNS,
    SHIPMENT_LINES,
    SHIPMENTS,
    STEPS,
)
from projections.read_models.shipment.totals import CONTRIBUTIONS
from projections.storage.columns import equals

State = Literal[
    "planned",
    "cancelled",
    "dispatched",
    "partly_delivered",
    "delivered",
    "lost",
    "returned_to_sender",
    "unknown",
]
Sort = Literal["reported_at", "-reported_at"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentFilters:
    state: State | None = None
    carrier: Word | None = None
    tracking: Word | None = None
    location: Word | None = None
    order_id: Name | None = None


def shipment(
    conn: Connection,
    shipment_id: str,
    *,
    order_id: str | None = None,
    limit: int = LIMIT_MAX,
    cursor: str | None = None,
) -> Item | None:
    """One shipment and a page of its `lines` and `steps`, one list after the other, with `next`,
    the cursor of the next page; None: not known.

    Raises AmbiguousId, BadCursor.
    """
    check_cursor(cursor)
    row = single(conn, SHIPMENTS.c.shipment_id, shipment_id, order_id=order_id)
    if row is None:
        return None
    lists, next_ = page_of_order(
        conn, _SHIPMENT, row["order_id"], limit=limit, cursor=cursor, shipment_id=shipment_id
    )
    return {**row, "lines": _parts(lists["lines"]), "steps": lists["steps"], "next": next_}


def order_shipments(
    conn: Connection, order_id: str, *, limit: int = LIMIT_MAX, cursor: str | None = None
) -> Item | None:
    """An order's goods: the columns of its fulfilment, and as lists `lines` (counters by line),
    `shipments` (with lines), `returns` (with lines and receipts) and `steps` in the order of the
    log; None: the model has no such order.

    A page has limit entries of the lists, one list after the other; `next` is the cursor of the
    next page. Raises BadCursor.
    """
    fulfilment = of_order(conn, FULFILMENTS, order_id)
    if not fulfilment:
        return None
    [row] = fulfilment
    lists, next_ = page_of_order(conn, _GOODS, order_id, limit=limit, cursor=cursor)
    lists["shipments"] = _with_lines(conn, order_id, lists["shipments"])
    lists["returns"] = _with_receipts(conn, order_id, lists["returns"])
    return {**row, **lists, "next": next_}


def summary(conn: Connection, asked: Asked = EVERYTHING) -> dict[str, Any]:
    """By currency of the order: shipments_planned, shipments_dispatched, shipments_delivered,
    units_dispatched, units_delivered. A shipment that was planned and cancelled counts as planned.

    What was planned, dispatched and delivered in the period. Raises BadPeriod.
    """
    names = [name for name in CONTRIBUTIONS[0].names if name != "orders"]
    answer: dict[str, Any] = totals_of(
        conn,
        PROJECTION,
        CONTRIBUTIONS[0].names,
        asked,
        lambda found: by_currency(found, names, hidden=("orders",)),
    )
    return answer


def _with_lines(conn: Connection, order_id: str, shipments: list[Item]) -> list[Item]:
    if not shipments:
        return []
    lines = _by(of_order(conn, SHIPMENT_LINES, order_id), "shipment_id")
    return [{**row, "lines": _parts(lines[row["shipment_id"]])} for row in shipments]


def _with_receipts(conn: Connection, order_id: str, returns: list[Item]) -> list[Item]:
    if not returns:
        return []
    lines = _by(of_order(conn, RETURN_LINES, order_id), "return_id")
    receipts = _by(_with_counted(conn, order_id), "return_id")
    return [
        {
            **row,
            "lines": _parts(lines[row["return_id"]]),
            "receipts": _parts(receipts[row["return_id"]]),
        }
        for row in returns
    ]


def _with_counted(conn: Connection, order_id: str) -> list[Item]:
    """The receipts of an order, with `counted`."""
    retracted = {_fact(row): row["revision"] for row in of_order(conn, RETRACTIONS, order_id)}
    return [
        {**receipt, "counted": retracted.get(_fact(receipt), -1) < receipt["revision"]}
        for receipt in of_order(conn, RECEIPTS, order_id)
    ]


def _fact(item: Item) -> tuple[str | None, ...]:
    return item["return_id"], item["receipt_id"], item["report_id"]


def _by(items: Iterable[Item], name: str) -> defaultdict[str, list[Item]]:
    groups: defaultdict[str, list[Item]] = defaultdict(list)
    for item in items:
        groups[item[name]].append(item)
    return groups


def _parts(items: Iterable[Item]) -> list[Item]:
    """The parts of a shipment or return, without the ids of what they are parts of."""
    parents = {"order_id", "shipment_id", "return_id", "revision", "n"}
    return [{name: it for name, it in item.items() if name not in parents} for item in items]


_SHIPMENT = {
    "lines": (SHIPMENT_LINES.c.line,),
    "steps": (STEPS.c.revision,),
}
_GOODS = {
    "lines": (LINES.c.line,),
    "shipments": (SHIPMENTS.c.shipment_id,),
    "returns": (RETURNS.c.return_id,),
    "steps": (STEPS.c.revision,),
}

SHIPMENTS_OF_ORDER = PartList(name="shipments", key=_GOODS["shipments"])
LINES_OF_SHIPMENT = PartList(
    name="shipment_lines", key=_SHIPMENT["lines"], owner=("order_id", "shipment_id")
)

SHIPMENT_LIST = Listing(
    table=SHIPMENTS,
    conditions={
        name: partial(equals, SHIPMENTS.c[name]) for name in ("carrier", "location", "tracking")
    },
    sorts={
        "reported_at": (SHIPMENTS.c.reported_at, SHIPMENTS.c.order_id, SHIPMENTS.c.shipment_id),
    },
)
