"""The goods of an order: shipments with lines and outcomes, returns, and fulfilment."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Table

from domain.events import (
    Event,
    FactRetracted,
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
from domain.goods import Goods, Line, evolve_goods
from domain.persistent import with_entry, with_fields
from domain.returns import Return, ReturnLine
from domain.shipments import DELIVERED, DISPATCHED, NO_SHIPMENT, Shipment, ShippedLine
from eventstore.record.codec import OrderEvent
from eventstore.record.moments import quarter_of
from projections.parts import changed_entries
from projections.projection import Contribution, Entries, Projection, Row, Rows, copied_from
from projections.read_models.shipment.tables import (
    FULFILMENTS,
    LINES,
    MOVES,
    RECEIPTS,
    RETRACTIONS,
    RETURN_LINES,
    RETURNS,
    SHIPMENT_LINES,
    SHIPMENTS,
    STEPS,
    TABLES,
)


@dataclass(frozen=True)
class Times:
    """When a shipment's steps happened, as reported; None: not reported."""

    reported_at: str
    planned_at: str | None = None
    dispatched_at: str | None = None
    outcome_at: str | None = None
    cancelled_at: str | None = None


@dataclass(frozen=True)
class ShipmentView:
    """times: by shipment_id. planned, dispatched, delivered: how many shipments; one that was
    cancelled or dispatched counts as planned as well, where it was planned.
    """

    order_id: str
    currency: str = ""
    cancelled: bool = False
    goods: Goods | None = None
    times: Mapping[str, Times] = field(default_factory=dict)
    planned: int = 0
    dispatched: int = 0
    delivered: int = 0


def rows(view: ShipmentView) -> Rows:
    """One fulfilment; a row per line, shipment (also one that only a carrier named) and return, and
    per line of those.
    """
    goods = view.goods
    if goods is None:
        return {}
    order_id = view.order_id
    lines = [_line(order_id, n, line) for n, line in enumerate(goods.lines, start=1)]
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


def _line(order_id: str, number: int, line: Line) -> Row:
    return {
        "order_id": order_id,
        "line": number,
        "product_id": line.product_id,
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
        return now, [*_entries(body, event, step), *_moved(view, now, body, event)]
    if goods is not view.goods:
        view = with_fields(view, goods=goods)
    if isinstance(body, OrderCancelled):
        view = with_fields(view, cancelled=True)
    if step is not None:
        return view, _entries(body, event, step)
    if isinstance(body, OrderPlaced):
        view = with_fields(view, currency=body.currency)
        return view, (_move(view, event, orders=1),)
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


def _moved(view: ShipmentView, now: ShipmentView, body: Any, event: OrderEvent) -> Entries:
    """What a step of a shipment changes in the figures of all shipments."""
    if view.goods is None or now.goods is None:
        return ()
    before, after = view.goods.lines, now.goods.lines
    units_dispatched = units_delivered = 0
    for number in {part.line for part in now.goods.shipment(body.shipment_id).lines}:
        old, new = before[number - 1], after[number - 1]
        units_dispatched += new.dispatched - old.dispatched
        units_delivered += new.delivered - old.delivered
    moves = {
        "shipments_planned": now.planned - view.planned,
        "shipments_dispatched": now.dispatched - view.dispatched,
        "shipments_delivered": now.delivered - view.delivered,
        "units_dispatched": units_dispatched,
        "units_delivered": units_delivered,
    }
    return (_move(now, event, **moves),) if any(moves.values()) else ()


_FIGURES = (
    "orders",
    "shipments_planned",
    "shipments_dispatched",
    "shipments_delivered",
    "units_dispatched",
    "units_delivered",
)
_NO_MOVE = dict.fromkeys(_FIGURES, 0)


def _move(view: ShipmentView, event: OrderEvent, **moves: int) -> tuple[Table, Row]:
    return MOVES, {
        "order_id": event.order_id,
        "revision": event.revision,
        "currency": view.currency,
        "occurred_quarter": quarter_of(event.metadata.occurred_at),
        "recorded_quarter": quarter_of(event.metadata.recorded_at),
        **_NO_MOVE,
        **moves,
    }


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


CONTRIBUTIONS = (
    Contribution(
        table=MOVES,
        names=_FIGURES,
        columns=_FIGURES,
        amounts=itemgetter(*_FIGURES),
        occurred="occurred_quarter",
        recorded="recorded_quarter",
    ),
)

PROJECTION = Projection(
    name="shipment",
    version=7,
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
