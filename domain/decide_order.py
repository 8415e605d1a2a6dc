"""What an order answers to commands about itself: placed, confirmed, cancelled, held, noted."""

from dataclasses import replace

from domain.commands import (
    AddNote,
    CancelItems,
    CancelOrder,
    ConfirmOrder,
    PlaceHold,
    PlaceOrder,
    ReleaseHold,
)
from domain.currency import EXPONENTS
from domain.events import (
    Event,
    HoldPlaced,
    HoldReleased,
    Item,
    ItemsCancelled,
    NoteAdded,
    OrderCancelled,
    OrderConfirmed,
    OrderPlaced,
    ShipmentCancelled,
)
from domain.goods import PLANNED
from domain.guards import known_lines, not_cancelled, not_held, open_quantity, stands_already
from domain.rules import OrderRefused
from domain.state import Order


def place(command: PlaceOrder, order: Order | None) -> tuple[Event, ...]:
    event = _placed(command)
    if order is None:
        return (event,)
    placed = order.placed
    if replace(event, channel=placed.channel, exponent=placed.exponent) != placed:
        raise OrderRefused("id-reused")
    if order.standing.cancelled:
        raise OrderRefused("id-ended")
    return ()


def _placed(command: PlaceOrder) -> OrderPlaced:
    items = tuple(
        Item(
            line=number,
            product_id=item.product_id,
            quantity=item.quantity,
            price_cents=item.price_cents,
        )
        for number, item in enumerate(command.items, start=1)
    )
    return OrderPlaced(
        order_id=command.order_id,
        customer_id=command.customer_id,
        currency=command.currency,
        exponent=EXPONENTS[command.currency],
        items=items,
        shipping_cents=command.shipping_cents,
        tax_cents=command.tax_cents,
        discount_cents=command.discount_cents,
        total_cents=command.total_cents,
        channel=command.channel,
    )


def confirm(_command: ConfirmOrder, order: Order) -> tuple[Event, ...]:
    if order.standing.confirmed:
        return ()
    not_cancelled(order)
    not_held(order)
    return (OrderConfirmed(),)


def cancel(command: CancelOrder, order: Order) -> tuple[Event, ...]:
    if order.standing.cancelled:
        return ()
    for number, line in enumerate(order.goods.lines, start=1):
        if line.out:
            raise OrderRefused("goods-out", f"line {number}: {line.out} out")
    planned = (
        ShipmentCancelled(shipment_id=shipment_id, reason=command.reason)
        for shipment_id, shipment in order.goods.shipments.items()
        if shipment.state == PLANNED
    )
    return (*planned, OrderCancelled(reason=command.reason))


def cancel_items(command: CancelItems, order: Order) -> tuple[Event, ...]:
    event = ItemsCancelled(
        cancellation_id=command.cancellation_id, lines=command.lines, reason=command.reason
    )
    if stands_already(order, event):
        return ()
    not_cancelled(order)
    known_lines(order, command.lines)
    open_quantity(order, command.lines)
    return (event,)


def hold(command: PlaceHold, order: Order) -> tuple[Event, ...]:
    event = HoldPlaced(hold_id=command.hold_id, kind=command.kind, reason=command.reason)
    if stands_already(order, event, ended=command.hold_id not in order.standing.holds):
        return ()
    not_cancelled(order)
    return (event,)


def release(command: ReleaseHold, order: Order) -> tuple[Event, ...]:
    if command.hold_id in order.standing.holds:
        return (HoldReleased(hold_id=command.hold_id, reason=command.reason),)
    if not order.knows(HoldPlaced, command.hold_id):
        raise OrderRefused("unknown-hold")
    return ()


def note(command: AddNote, order: Order) -> tuple[Event, ...]:
    event = NoteAdded(note_id=command.note_id, text=command.text)
    return () if stands_already(order, event) else (event,)
