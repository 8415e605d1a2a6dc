"""What an order answers to the planning, cancelling and dispatching of shipments."""

from dataclasses import replace
from typing import Literal, assert_never

from domain import commands as c
from domain import events as e
from domain.guards import (
    already_done,
    require_known_lines,
    require_not_cancelled,
    require_not_held,
    require_open_quantity,
)
from domain.rules import OrderRefused
from domain.shipments import CANCELLED, DISPATCHED, PLANNED, UNKNOWN, Shipment, ShippedLine
from domain.state import Order


def decide(command: c.ShipmentRequest, order: Order) -> tuple[e.Event, ...]:
    match command:
        case c.PlanShipment():
            return _plan(command, order)
        case c.CancelShipment():
            return _cancel(command, order)
        case c.DispatchShipment():
            return _dispatch(command, order)
        case c.CorrectTracking():
            return _correct(command, order)
        case _:
            assert_never(command)


def _plan(command: c.PlanShipment, order: Order) -> tuple[e.Event, ...]:
    event = e.ShipmentPlanned(
        shipment_id=command.shipment_id,
        lines=command.lines,
        location=command.location,
        replaces=command.replaces,
        replaced=(),
        reason=command.reason,
    )
    if _is_planned(event, order):
        return ()
    if command.shipment_id in order.goods.shipments:
        raise OrderRefused("id-reused", "a carrier has reported on another shipment of this id")
    require_not_cancelled(order)
    if not order.status.confirmed:
        raise OrderRefused("not-confirmed")
    require_not_held(order)
    require_known_lines(order, command.lines)
    _require_shipping(order, command.lines)
    if command.replaces is None:
        require_open_quantity(order, command.lines)
        return (event,)
    _require_replaceable(order, command.lines)
    return (replace(event, replaced=_replaced(command.replaces, command.lines, order)),)


def _is_planned(event: e.ShipmentPlanned, order: Order) -> bool:
    """True if the order has this shipment already (see guards.already_done)."""
    planned = order.find_same(event)
    if planned is None:
        return False
    if isinstance(planned, e.ShipmentPlanned):
        # What it replaces was fixed when it was planned; by now it might be something else.
        event = replace(event, replaced=planned.replaced)
    ended = order.goods.shipment(event.shipment_id).state == CANCELLED
    return already_done(order, event, ended=ended)


def _require_shipping(order: Order, lines: tuple[c.LineQuantity, ...]) -> None:
    for part in lines:
        if not order.goods.line(part.line).requires_shipping:
            raise OrderRefused("line-not-shipped", f"line {part.line}")


def _require_replaceable(order: Order, lines: tuple[c.LineQuantity, ...]) -> None:
    for part in lines:
        replaceable = order.goods.line(part.line).replaceable
        if part.quantity > replaceable:
            detail = f"line {part.line}: {part.quantity} wanted, {max(0, replaceable)} out"
            raise OrderRefused("replacement-above-dispatched", detail)


def _replaced(
    replaces: str | Literal[True], lines: tuple[c.LineQuantity, ...], order: Order
) -> tuple[e.ReplacedLine, ...]:
    """By line the shipment first sent whose goods go again."""
    numbers = [part.line for part in lines]
    found = _first_out(order, numbers) if replaces is True else _named(replaces, order)
    missing = [number for number in numbers if number not in found]
    if missing:
        detail = f"the shipment has none out of lines: {', '.join(map(str, missing))}"
        raise OrderRefused("not-replaceable", detail)
    return tuple(e.ReplacedLine(line=number, shipment_id=found[number]) for number in numbers)


def _named(shipment_id: str, order: Order) -> dict[int, str]:
    """The same of one shipment; if that is a replacement itself, what it replaces goes again."""
    shipment = order.goods.shipment(shipment_id)
    _require_dispatched(shipment)
    return {
        part.line: _first_sent(shipment_id, part)
        for part in shipment.lines
        if part.held or part.out_again
    }


def _first_out(order: Order, numbers: list[int]) -> dict[int, str]:
    """By line the first shipment, as they were planned, of which some of the line is out."""
    found: dict[int, str] = {}
    missing = set(numbers)
    for shipment_id, shipment in order.goods.shipments.items():
        if shipment.state == DISPATCHED:
            for part in shipment.lines:
                if part.line in missing and part.held:
                    found[part.line] = _first_sent(shipment_id, part)
                    missing.discard(part.line)
        if not missing:
            break
    return found


def _first_sent(shipment_id: str, part: ShippedLine) -> str:
    return part.replaces or shipment_id


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
    event = e.ShipmentDispatched(
        shipment_id=command.shipment_id, carrier=command.carrier, tracking=command.tracking
    )
    if already_done(order, event):
        return ()
    shipment = order.goods.shipment(command.shipment_id)
    require_not_cancelled(order)
    # Once a carrier's report has implied the dispatch, there is nothing left to guard.
    if shipment.state != DISPATCHED:
        _can_leave(shipment, order)
    return (event,)


def _correct(command: c.CorrectTracking, order: Order) -> tuple[e.Event, ...]:
    shipment = order.goods.shipment(command.shipment_id)
    _require_dispatched(shipment)
    if (shipment.carrier, shipment.tracking) == (command.carrier, command.tracking):
        return ()
    event = e.TrackingCorrected(
        shipment_id=command.shipment_id,
        carrier=command.carrier,
        tracking=command.tracking,
        reason=command.reason,
    )
    return (event,)


def _require_dispatched(shipment: Shipment) -> None:
    _require_planned(shipment)
    if shipment.state == PLANNED:
        raise OrderRefused("shipment-not-dispatched")


def _require_planned(shipment: Shipment) -> None:
    if shipment.state == UNKNOWN:
        raise OrderRefused("unknown-shipment")
    if shipment.state == CANCELLED:
        raise OrderRefused("shipment-cancelled")


def _can_leave(shipment: Shipment, order: Order) -> None:
    _require_planned(shipment)
    require_not_held(order)
    overshipped = order.goods.overshipped_lines(shipment)
    if overshipped:
        raise OrderRefused("overshipped", f"lines: {', '.join(map(str, overshipped))}")
