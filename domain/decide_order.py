"""What an order answers to commands about itself: place, confirm, cancel, hold, release, note."""

from dataclasses import replace
from typing import assert_never

from domain import commands as c
from domain import events as e
from domain.anomalies import OPEN
from domain.billing import apportion_command, numbered_items
from domain.currency import EXPONENTS
from domain.guards import already_done, require_not_cancelled, require_not_held
from domain.rules import OrderRefused
from domain.shipments import PLANNED
from domain.state import Order
from domain.status import merged
from domain.values import ATTRIBUTES_MAX


def place(command: c.PlaceOrder, order: Order | None) -> tuple[e.Event, ...]:
    event = _placed(command)
    if order is None:
        return (event,)
    placed = order.placed
    if replace(event, channel=placed.channel, exponent=placed.exponent) != placed:
        raise OrderRefused("id-reused")
    if order.status.cancelled:
        raise OrderRefused("id-ended")
    return ()


def _placed(command: c.PlaceOrder) -> e.OrderPlaced:
    result = apportion_command(command, prices_include_tax=command.prices_include_tax)
    items = numbered_items(command, result, 1)
    total_cents = command.shipping_cents - result.shipping_discount_cents
    total_cents += sum(result.amounts) - sum(result.discounts)
    if not command.prices_include_tax:
        total_cents += sum(result.taxes) + result.shipping_tax_cents
    return e.OrderPlaced(
        order_id=command.order_id,
        customer_id=command.customer_id,
        currency=command.currency,
        exponent=EXPONENTS[command.currency],
        items=items,
        shipping_cents=command.shipping_cents,
        shipping_discount_cents=result.shipping_discount_cents,
        shipping_tax_cents=result.shipping_tax_cents,
        shipping_tax_code=command.shipping_tax_code,
        discount_cents=command.discount_cents,
        tax_cents=command.tax_cents,
        prices_include_tax=command.prices_include_tax,
        attributes=dict(command.attributes or {}),
        total_cents=total_cents,
        channel=command.channel,
    )


def decide(command: c.OrderRequest, order: Order) -> tuple[e.Event, ...]:
    match command:
        case c.ConfirmOrder():
            return _confirm(order)
        case c.CancelOrder():
            return _cancel(command, order)
        case c.PlaceHold():
            return _hold(command, order)
        case c.ReleaseHold():
            return _release(command, order)
        case c.AddNote():
            return _note(command, order)
        case c.ChangeCustomer():
            return _change_customer(command, order)
        case c.SetAttributes():
            return _set_attributes(command, order)
        case c.ResolveAnomaly():
            return _resolve(command, order)
        case _:
            assert_never(command)


def _confirm(order: Order) -> tuple[e.Event, ...]:
    require_not_cancelled(order)
    if order.status.confirmed:
        return ()
    require_not_held(order)
    return (e.OrderConfirmed(),)


def _cancel(command: c.CancelOrder, order: Order) -> tuple[e.Event, ...]:
    if order.status.cancelled:
        return ()
    for number, line in enumerate(order.goods.lines, start=1):
        if line.out:
            raise OrderRefused("goods-out", f"line {number}: {line.out} out")
    planned = (
        e.ShipmentCancelled(shipment_id=shipment_id, reason=command.reason)
        for shipment_id, shipment in order.goods.shipments.items()
        if shipment.state == PLANNED
    )
    return (*planned, e.OrderCancelled(reason=command.reason))


def _hold(command: c.PlaceHold, order: Order) -> tuple[e.Event, ...]:
    event = e.HoldPlaced(hold_id=command.hold_id, kind=command.kind, reason=command.reason)
    if already_done(order, event, ended=command.hold_id not in order.status.holds):
        return ()
    require_not_cancelled(order)
    return (event,)


def _release(command: c.ReleaseHold, order: Order) -> tuple[e.Event, ...]:
    if command.hold_id in order.status.holds:
        return (e.HoldReleased(hold_id=command.hold_id, reason=command.reason),)
    if not order.has_event(e.HoldPlaced, command.hold_id):
        raise OrderRefused("unknown-hold")
    return ()


def _note(command: c.AddNote, order: Order) -> tuple[e.Event, ...]:
    event = e.NoteAdded(note_id=command.note_id, text=command.text)
    return () if already_done(order, event) else (event,)


def _change_customer(command: c.ChangeCustomer, order: Order) -> tuple[e.Event, ...]:
    if command.customer_id == order.status.customer_id:
        return ()
    return (e.CustomerChanged(customer_id=command.customer_id, reason=command.reason),)


def _set_attributes(command: c.SetAttributes, order: Order) -> tuple[e.Event, ...]:
    after = merged(order.status.attributes, command.attributes)
    if after == order.status.attributes:
        return ()
    if len(after) > ATTRIBUTES_MAX:
        raise OrderRefused("too-many-attributes", f"they would be {len(after)}")
    return (e.AttributesSet(attributes=dict(command.attributes)),)


def _resolve(command: c.ResolveAnomaly, order: Order) -> tuple[e.Event, ...]:
    anomaly = order.anomalies.recorded.get(command.anomaly_id)
    if anomaly is None:
        raise OrderRefused("unknown-anomaly")
    if anomaly.state != OPEN:
        raise OrderRefused("anomaly-not-open", anomaly.state)
    return (e.AnomalyResolved(anomaly_id=command.anomaly_id, reason=command.reason),)
