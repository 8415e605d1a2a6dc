"""What an order answers to the planning, cancelling and dispatching of shipments."""

from typing import assert_never

from domain import commands as c
from domain import events as e
from domain.goods import CANCELLED, DISPATCHED, UNKNOWN, Shipment
from domain.guards import (
    already_done,
    require_known_lines,
    require_not_cancelled,
    require_not_held,
    require_open_quantity,
)
from domain.rules import OrderRefused
from domain.state import Order


def decide(command: c.ShipmentRequest, order: Order) -> tuple[e.Event, ...]:
    match command:
        case c.PlanShipment():
            return _plan(command, order)
        case c.CancelShipment():
            return _cancel(command, order)
        case c.DispatchShipment():
            return _dispatch(command, order)
        case _:
            assert_never(command)


def _plan(command: c.PlanShipment, order: Order) -> tuple[e.Event, ...]:
    event = e.ShipmentPlanned(
        shipment_id=command.shipment_id, lines=command.lines, location=command.location
    )
    shipment = order.goods.shipment(command.shipment_id)
    if already_done(order, event, ended=shipment.state == CANCELLED):
        return ()
    if command.shipment_id in order.goods.shipments:
        raise OrderRefused("id-reused", "a carrier has reported on another shipment of this id")
    require_not_cancelled(order)
    if not order.status.confirmed:
        raise OrderRefused("not-confirmed")
    require_not_held(order)
    require_known_lines(order, command.lines)
    require_open_quantity(order, command.lines)
    return (event,)


def _cancel(command: c.CancelShipment, order: Order) -> tuple[e.Event, ...]:
    shipment = order.goods.shipment(command.shipment_id)
    if shipment.state == CANCELLED:
        return ()
    if shipment.state == UNKNOWN:
        raise OrderRefused("unknown-shipment")
    if shipment.state == DISPATCHED:
        raise OrderRefused("shipment-dispatched")
    return (e.ShipmentCancelled(shipment_id=command.shipment_id, reason=command.reason),)


def _dispatch(command: c.DispatchShipment, order: Order) -> tuple[e.Event, ...]:
    shipment = order.goods.shipment(command.shipment_id)
    if shipment.carrier is not None:  # dispatched by command before
        if (shipment.carrier, shipment.tracking) != (command.carrier, command.tracking):
            raise OrderRefused("id-reused")
        return ()
    require_not_cancelled(order)
    # Once a carrier's report has implied the dispatch, there is nothing left to guard.
    if shipment.state != DISPATCHED:
        _can_leave(shipment, order)
    event = e.ShipmentDispatched(
        shipment_id=command.shipment_id, carrier=command.carrier, tracking=command.tracking
    )
    return (event,)


def _can_leave(shipment: Shipment, order: Order) -> None:
    if shipment.state == UNKNOWN:
        raise OrderRefused("unknown-shipment")
    if shipment.state == CANCELLED:
        raise OrderRefused("shipment-cancelled")
    require_not_held(order)
    overshipped = order.goods.overshipped_lines(shipment)
    if overshipped:
        raise OrderRefused("overshipped", f"lines: {', '.join(map(str, overshipped))}")
