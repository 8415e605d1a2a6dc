"""What an order answers to the retraction of a fact: what it did is taken back."""

from typing import Any, cast

from domain import commands as c
from domain import events as e
from domain.facts import EVENT_OF, FIELDS, retraction_of
from domain.rules import OrderRefused
from domain.state import Order


def retract(command: c.RetractFact, order: Order) -> tuple[e.Event, ...]:
    recorded = order.find_same(_named(command, order))
    if recorded is None:
        raise OrderRefused("unknown-fact")
    return (retraction_of(cast("e.RetractableEvent", recorded), command.reason),)


def _named(command: c.RetractFact, order: Order) -> e.FactEvent:
    """An event with the identity that the command names; the rest of it says nothing."""
    kind = EVENT_OF[cast("type[c.Fact]", c.COMMANDS[command.fact])]
    content: dict[str, Any] = {name: getattr(command, name, None) for name in FIELDS[kind]}
    if content.get("authorization_id", "") is None:
        content["authorization_id"] = command.payment_id
    if "currency" in content and kind is not e.ChargebackReversed:
        content["currency"] = command.currency or order.money.currency
    elif command.currency == order.money.currency and "currency" in content:
        content["currency"] = None
    return kind(**content)
