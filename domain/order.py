"""The order: what it answers to a command (decide), and what an event makes of it (evolve)."""

from collections.abc import Callable
from typing import Any

from domain import (
    decide_facts,
    decide_order,
    decide_refunds,
    decide_returns,
    decide_shipments,
)
from domain.commands import (
    FACTS,
    AddNote,
    CancelItems,
    CancelOrder,
    CancelShipment,
    CloseReturn,
    Command,
    ConfirmOrder,
    DeclineReturn,
    DispatchShipment,
    GrantRefund,
    PlaceHold,
    PlaceOrder,
    PlanShipment,
    ReceiveReturn,
    ReleaseHold,
    RequestReturn,
    RevokeRefund,
)
from domain.events import Event
from domain.rules import OrderRefused
from domain.state import Order, evolve, fold

__all__ = ["Order", "decide", "evolve", "fold"]


def decide(command: Command, order: Order | None) -> tuple[Event, ...]:
    """The events that follow from a command: none where its goal is reached already.

    order: None before OrderPlaced. Raises OrderRefused by the first rule that stands against it:
    the order exists; the id is free; the order is not cancelled; the guards of the command.
    """
    if isinstance(command, PlaceOrder):
        return decide_order.place(command, order)
    if order is None:
        raise OrderRefused("unknown-order")
    return DECIDE[type(command)](command, order)


DECIDE: dict[type[Command], Callable[[Any, Order], tuple[Event, ...]]] = {
    ConfirmOrder: decide_order.confirm,
    CancelOrder: decide_order.cancel,
    CancelItems: decide_order.cancel_items,
    PlaceHold: decide_order.hold,
    ReleaseHold: decide_order.release,
    AddNote: decide_order.note,
    GrantRefund: decide_refunds.grant,
    RevokeRefund: decide_refunds.revoke,
    PlanShipment: decide_shipments.plan,
    CancelShipment: decide_shipments.cancel,
    DispatchShipment: decide_shipments.dispatch,
    RequestReturn: decide_returns.request,
    ReceiveReturn: decide_returns.receive,
    DeclineReturn: decide_returns.decline,
    CloseReturn: decide_returns.close,
    **dict.fromkeys(FACTS, decide_facts.record),
}
