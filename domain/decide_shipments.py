"""What an order answers to the planning, cancelling and dispatching of shipments."""

from domain.commands import CancelShipment, DispatchShipment, PlanShipment
from domain.events import Event, ShipmentCancelled, ShipmentDispatched, ShipmentPlanned
from domain.goods import CANCELLED, DISPATCHED, UNKNOWN, Goods, Shipment
from domain.guards import known_lines, not_cancelled, not_held, open_quantity, stands_already
from domain.rules import OrderRefused
from domain.state import Order


def plan(command: PlanShipment, order: Order) -> tuple[Event, ...]:
    event = ShipmentPlanned(
        shipment_id=command.shipment_id, lines=command.lines, location=command.location
    )
    shipment = order.goods.shipment(command.shipment_id)
    if stands_already(order, event, ended=shipment.state == CANCELLED):
        return ()
    if command.shipment_id in order.goods.shipments:
        raise OrderRefused("id-reused", "a carrier has reported on another shipment of this id")
    not_cancelled(order)
    if not order.standing.confirmed:
        raise OrderRefused("not-confirmed")
    not_held(order)
    known_lines(order, command.lines)
    open_quantity(order, command.lines)
    return (event,)


def cancel(command: CancelShipment, order: Order) -> tuple[Event, ...]:
    shipment = order.goods.shipment(command.shipment_id)
    if shipment.state == CANCELLED:
        return ()
    if shipment.state == UNKNOWN:
        raise OrderRefused("unknown-shipment")
    if shipment.state == DISPATCHED:
        raise OrderRefused("shipment-dispatched")
    return (ShipmentCancelled(shipment_id=command.shipment_id, reason=command.reason),)


def dispatch(command: DispatchShipment, order: Order) -> tuple[Event, ...]:
    shipment = order.goods.shipment(command.shipment_id)
    if shipment.carrier is not None:  # dispatched by command before
        if (shipment.carrier, shipment.tracking) != (command.carrier, command.tracking):
            raise OrderRefused("id-reused")
        return ()
    not_cancelled(order)
    # Once a carrier's report has implied the dispatch, nothing is left to guard.
    if shipment.state != DISPATCHED:
        _can_leave(shipment, order)
    event = ShipmentDispatched(
        shipment_id=command.shipment_id, carrier=command.carrier, tracking=command.tracking
    )
    return (event,)


def _can_leave(shipment: Shipment, order: Order) -> None:
    if shipment.state == UNKNOWN:
        raise OrderRefused("unknown-shipment")
    if shipment.state == CANCELLED:
        raise OrderRefused("shipment-cancelled")
    not_held(order)
    overshipped = overshipped_lines(shipment, order.goods)
    if overshipped:
        raise OrderRefused("overshipped", f"lines: {', '.join(map(str, overshipped))}")


def overshipped_lines(shipment: Shipment, goods: Goods) -> tuple[int, ...]:
    return tuple(part.line for part in shipment.lines if goods.line(part.line).overshipped)
