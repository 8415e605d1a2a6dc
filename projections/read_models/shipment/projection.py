"""The goods of an order: shipments with lines and outcomes, returns, and fulfilment."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Table

from domain.events import (
    Event,
    FactRetracted,
    ItemsAdded,
    OrderCancelled,
    OrderPlaced,
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
from domain.goods import Goods, evolve_goods
from domain.persistent import with_entry, with_fields
from domain.shipments import DELIVERED, DISPATCHED, NO_SHIPMENT, Shipment
from eventstore.record.codec import OrderEvent
from projections.projection import Entries, Projection, Row, copied_from
from projections.read_models.shipment.rows import rows
from projections.read_models.shipment.tables import (
    RECEIPTS,
    RETRACTIONS,
    STEPS,
    TABLES,
)
from projections.read_models.shipment.totals import CONTRIBUTIONS, move, moved
from projections.read_models.shipment.view import ShipmentView, Times


@dataclass(frozen=True, slots=True)
class _Step:
    """kind: the step's name. time: the field of Times that the event's time is stored in."""

    kind: str
    time: str = ""


_STEPS: dict[type[Event], _Step] = {
    ShipmentPlanned: _Step("planned", "planned_at"),
    ShipmentCancelled: _Step("cancelled", "cancelled_at"),
    ShipmentDispatched: _Step("dispatched", "dispatched_at"),
    ShipmentDelivered: _Step("delivered", "outcome_at"),
    ShipmentLost: _Step("lost", "outcome_at"),
    ShipmentReturnedToSender: _Step("returned_to_sender", "outcome_at"),
    TrackingCorrected: _Step("tracking-corrected"),
    ReturnRequested: _Step("return-requested"),
    ReturnReceived: _Step("return-received"),
    ReturnDeclined: _Step("return-declined"),
    ReturnClosed: _Step("return-closed"),
    FactRetracted: _Step("return-receipt-retracted"),
}


def evolve(view: ShipmentView, event: OrderEvent) -> tuple[ShipmentView, Entries]:
    """Returns the same view for an event that does not change goods."""
    body = event.event
    goods = evolve_goods(view.goods, body)
    step = _STEPS.get(type(body))
    if isinstance(body, FactRetracted) and goods is view.goods:
        return view, ()  # of a fact about money
    if step is not None and step.time:
        now = _with_shipment(view, goods, body, step, event.metadata.occurred_at)
        return now, [*_entries(body, event, step), *moved(view, now, body, event)]
    if isinstance(body, OrderPlaced | ItemsAdded):
        products = tuple([item.product_id for item in body.items])
        view = with_fields(view, goods=goods, product_ids=view.product_ids + products)
    elif goods is not view.goods:
        view = with_fields(view, goods=goods)
    if isinstance(body, OrderCancelled):
        view = with_fields(view, cancelled=True)
    if step is not None:
        return view, _entries(body, event, step)
    if isinstance(body, OrderPlaced):
        view = with_fields(view, currency=body.currency)
        return view, (move(view, event, orders=1),)
    return view, ()


def _with_shipment(
    view: ShipmentView, goods: Goods, body: Any, step: _Step, occurred_at: str
) -> ShipmentView:
    """The view with the goods after a step of a shipment, its time and the counts."""
    shipment_id = body.shipment_id
    before = NO_SHIPMENT if view.goods is None else view.goods.shipment(shipment_id)
    after = goods.shipment(shipment_id)
    old = view.times.get(shipment_id) or Times(occurred_at)
    new = with_fields(old, **{step.time: occurred_at})
    return with_fields(
        view,
        goods=goods,
        times=with_entry(view.times, shipment_id, new),
        planned=view.planned + (old.planned_at is None and new.planned_at is not None),
        dispatched=view.dispatched + _is_dispatched(after) - _is_dispatched(before),
        delivered=view.delivered + _is_delivered(after) - _is_delivered(before),
    )


def _is_dispatched(shipment: Shipment) -> bool:
    return shipment.state == DISPATCHED


def _is_delivered(shipment: Shipment) -> bool:
    return shipment.state == DISPATCHED and shipment.status == DELIVERED


def _entries(body: Any, event: OrderEvent, step: _Step) -> list[tuple[Table, Row]]:
    row = {
        "order_id": event.order_id,
        "revision": event.revision,
        "kind": step.kind,
        "shipment_id": getattr(body, "shipment_id", None),
        "return_id": getattr(body, "return_id", None),
        "receipt_id": getattr(body, "receipt_id", None),
        "report_id": getattr(body, "report_id", None),
        "carrier": getattr(body, "carrier", None),
        "tracking": getattr(body, "tracking", None),
        "reason": getattr(body, "reason", None) or None,
        "occurred_at": event.metadata.occurred_at,
        "recorded_at": event.metadata.recorded_at,
    }
    return [(STEPS, row), *_receipts(body, event)]


def _receipts(body: Any, event: OrderEvent) -> Iterable[tuple[Table, Row]]:
    if not isinstance(body, ReturnReceived | FactRetracted):
        return ()
    receipt = {
        "order_id": event.order_id,
        "revision": event.revision,
        "return_id": body.return_id,
        "receipt_id": body.receipt_id,
        "report_id": body.report_id,
    }
    if isinstance(body, FactRetracted):
        return ((RETRACTIONS, receipt),)
    receipt["occurred_at"] = event.metadata.occurred_at
    return [
        (
            RECEIPTS,
            {
                **receipt,
                "line": part.line,
                "n": n,
                "condition": part.condition,
                "quantity": part.quantity,
            },
        )
        for n, part in enumerate(body.lines)
    ]


PROJECTION = Projection(
    name="shipment",
    version=8,
    tables=TABLES,
    view=TypeAdapter(ShipmentView),
    initial=copied_from(ShipmentView("")),
    evolve=evolve,
    rows=rows,
    contributions=CONTRIBUTIONS,
    parts={
        "goods.shipments": "shipment_id",
        "goods.returns": "return_id",
        "times": "shipment_id",
    },
)
