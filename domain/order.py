"""The order: what it answers to a command (decide), and what an event changes in it (evolve)."""

from typing import assert_never

from domain import commands as c
from domain import decide_facts, decide_order, decide_refunds, decide_returns, decide_shipments
from domain.events import Event
from domain.rules import OrderRefused
from domain.state import Order, evolve, fold

__all__ = ["Order", "decide", "evolve", "fold"]


def decide(command: c.Command, order: Order | None) -> tuple[Event, ...]:  # noqa: C901, PLR0912
    """The events that follow from a command; none if its goal is reached already.

    order: None before OrderPlaced. Raises OrderRefused by the first rule that forbids it, checked
    in this order: the order exists; the id is free; the order is not cancelled; the other guards.
    """
    if isinstance(command, c.PlaceOrder):
        return decide_order.place(command, order)
    if order is None:
        raise OrderRefused("unknown-order")
    if isinstance(command, c.Fact):
        return decide_facts.record(command, order)
    match command:
        case c.ConfirmOrder():
            return decide_order.confirm(command, order)
        case c.CancelOrder():
            return decide_order.cancel(command, order)
        case c.CancelItems():
            return decide_order.cancel_items(command, order)
        case c.PlaceHold():
            return decide_order.hold(command, order)
        case c.ReleaseHold():
            return decide_order.release(command, order)
        case c.AddNote():
            return decide_order.note(command, order)
        case c.GrantRefund():
            return decide_refunds.grant(command, order)
        case c.RevokeRefund():
            return decide_refunds.revoke(command, order)
        case c.PlanShipment():
            return decide_shipments.plan(command, order)
        case c.CancelShipment():
            return decide_shipments.cancel(command, order)
        case c.DispatchShipment():
            return decide_shipments.dispatch(command, order)
        case c.RequestReturn():
            return decide_returns.request(command, order)
        case c.ReceiveReturn():
            return decide_returns.receive(command, order)
        case c.DeclineReturn():
            return decide_returns.decline(command, order)
        case c.CloseReturn():
            return decide_returns.close(command, order)
        case _:
            assert_never(command)
