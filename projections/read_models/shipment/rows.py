"""The view of an order's goods as rows."""

from collections.abc import Iterable, Sequence
from typing import Any

from domain.goods import Goods, Line
from domain.returns import Return, ReturnLine
from domain.shipments import Shipment, ShippedLine
from projections.parts import changed_entries
from projections.projection import Row, Rows
from projections.read_models.shipment.tables import (
    FULFILMENTS,
    LINES,
    RETURN_LINES,
    RETURNS,
    SHIPMENT_LINES,
    SHIPMENTS,
)
from projections.read_models.shipment.view import ShipmentView, Times


def rows(view: ShipmentView) -> Rows:
    """One fulfilment; a row per line, shipment (also one that only a carrier named) and return, and
    per line of those.
    """
    goods = view.goods
    if goods is None:
        return {}
    order_id = view.order_id
    products = enumerate(zip(view.product_ids, goods.lines, strict=True), start=1)
    lines = [_line(order_id, n, product_id, line) for n, (product_id, line) in products]
    shipments, returns = changed_entries(goods.shipments), changed_entries(goods.returns)
    return {
        FULFILMENTS: (_fulfilment(view, goods, lines),),
        LINES: lines,
        SHIPMENTS: [
            _shipment(order_id, shipment_id, goods.shipment(shipment_id), view.times[shipment_id])
            for shipment_id in {**changed_entries(view.times), **shipments}
        ],
        SHIPMENT_LINES: [
            _shipped_line(order_id, shipment_id, part)
            for shipment_id, shipment in shipments.items()
            for part in _by_line(shipment.lines)
        ],
        RETURNS: [_return(order_id, return_id, it) for return_id, it in returns.items()],
        RETURN_LINES: [
            _return_line(order_id, return_id, part)
            for return_id, it in returns.items()
            for part in _by_line(it.lines)
        ],
    }


def _fulfilment(view: ShipmentView, goods: Goods, line_rows: Sequence[Row]) -> Row:
    lines = goods.lines
    return {
        "order_id": view.order_id,
        "currency": view.currency,
        "cancelled": view.cancelled,
        "fulfilment": goods.fulfilment,
        "units_ordered": sum([line.ordered for line in lines]),
        "units_cancelled": sum([line.cancelled for line in lines]),
        "units_dispatched": sum([line.dispatched for line in lines]),
        "units_delivered": sum([line.delivered for line in lines]),
        "units_received": sum([line.received for line in lines]),
        "units_open": sum([row["open"] for row in line_rows]),
        "shipments_planned": view.planned,
        "shipments_dispatched": view.dispatched,
        "shipments_delivered": view.delivered,
    }


def _line(order_id: str, number: int, product_id: str, line: Line) -> Row:
    return {
        "order_id": order_id,
        "line": number,
        "product_id": product_id,
        "requires_shipping": line.requires_shipping,
        "ordered": line.ordered,
        "cancelled": line.cancelled,
        "planned": line.planned,
        "dispatched": line.dispatched,
        "delivered": line.delivered,
        "lost": line.lost,
        "returned_to_sender": line.returned_to_sender,
        "requested": line.requested,
        "received": line.received,
        "replacements": line.extra,
        "open": line.open,
        "overshipped": line.overshipped,
    }


def _shipment(order_id: str, shipment_id: str, shipment: Shipment, times: Times) -> Row:
    return {
        "order_id": order_id,
        "shipment_id": shipment_id,
        "state": shipment.status,
        "was_planned": times.planned_at is not None,
        "location": shipment.location,
        "carrier": shipment.carrier,
        "tracking": shipment.tracking,
        "units": sum([part.quantity for part in shipment.lines]),
        "units_delivered": sum([part.delivered for part in shipment.lines]),
        "units_lost": sum([part.lost for part in shipment.lines]),
        "units_returned_to_sender": sum([part.returned_to_sender for part in shipment.lines]),
        "is_replacement": any([part.replaces is not None for part in shipment.lines]),  # noqa: C419
        "reported_at": times.reported_at,
        "planned_at": times.planned_at,
        "dispatched_at": times.dispatched_at,
        "outcome_at": times.outcome_at,
        "cancelled_at": times.cancelled_at,
    }


def _by_line(parts: Iterable[Any]) -> Iterable[Any]:
    """Each line once, whatever was written into the log."""
    return {part.line: part for part in parts}.values()


def _shipped_line(order_id: str, shipment_id: str, part: ShippedLine) -> Row:
    return {
        "order_id": order_id,
        "shipment_id": shipment_id,
        "line": part.line,
        "quantity": part.quantity,
        "delivered": part.delivered,
        "lost": part.lost,
        "returned_to_sender": part.returned_to_sender,
        "replaces": part.replaces,
        "sent_again": part.sent_again,
    }


def _return_line(order_id: str, return_id: str, part: ReturnLine) -> Row:
    return {
        "order_id": order_id,
        "return_id": return_id,
        "line": part.line,
        "quantity": part.requested,
        "received": part.received,
    }


def _return(order_id: str, return_id: str, it: Return) -> Row:
    return {
        "order_id": order_id,
        "return_id": return_id,
        "state": it.state,
        "units_requested": sum(line.requested for line in it.lines),
        "units_received": sum(line.received for line in it.lines),
    }
