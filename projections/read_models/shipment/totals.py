"""What a step of a shipment adds to totals over all orders."""

from operator import itemgetter
from typing import Any

from sqlalchemy import Table

from eventstore.record.codec import OrderEvent
from projections.projection import Contribution, Entries, Row, dated
from projections.read_models.shipment.tables import MOVES
from projections.read_models.shipment.view import ShipmentView


def moved(view: ShipmentView, now: ShipmentView, body: Any, event: OrderEvent) -> Entries:
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
    return (move(now, event, **moves),) if any(moves.values()) else ()


_FIGURES = (
    "orders",
    "shipments_planned",
    "shipments_dispatched",
    "shipments_delivered",
    "units_dispatched",
    "units_delivered",
)
_NO_MOVE = dict.fromkeys(_FIGURES, 0)


def move(view: ShipmentView, event: OrderEvent, **moves: int) -> tuple[Table, Row]:
    return MOVES, {**dated(event, view.currency), **_NO_MOVE, **moves}


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
