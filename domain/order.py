"""The order: what it answers to a command (decide), and what an event changes in it (evolve)."""

from typing import assert_never

from domain import commands as c
from domain import (
    decide_billing,
    decide_facts,
    decide_order,
    decide_refunds,
    decide_retractions,
    decide_returns,
    decide_shipments,
)
from domain.events import Event
from domain.notice import with_anomalies
from domain.rules import OrderRefused
from domain.state import Order, evolve, fold

__all__ = ["Order", "decide", "evolve", "fold"]


def decide(command: c.Command, order: Order | None) -> tuple[Event, ...]:
    """The events that follow from a command; none if its goal is reached already.

    order: None before OrderPlaced. Raises OrderRefused by the first rule that forbids it, checked
    in this order: the order exists; the id is free; the order is not cancelled; the other guards.
    Raises Malformed for what only the order shows to be malformed.
    """
    if isinstance(command, c.PlaceOrder):
        return decide_order.place(command, order)
    if order is None:
        raise OrderRefused("unknown-order")
    events = _decided(command, order)
    return with_anomalies(order, events) if events else ()


def _decided(command: c.Command, order: Order) -> tuple[Event, ...]:
    if isinstance(command, c.Fact):
        return decide_facts.record(command, order)
    if isinstance(command, c.OrderRequest):
        return decide_order.decide(command, order)
    if isinstance(command, c.BillingRequest):
        return decide_billing.decide(command, order)
    if isinstance(command, c.RefundRequest):
        return decide_refunds.decide(command, order)
    if isinstance(command, c.ShipmentRequest):
        return decide_shipments.decide(command, order)
    if isinstance(command, c.ReturnRequest):
        return decide_returns.decide(command, order)
    if isinstance(command, c.RetractFact):
        return decide_retractions.retract(command, order)
    if isinstance(command, c.PlaceOrder):
        return decide_order.place(command, order)
    assert_never(command)
