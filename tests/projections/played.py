"""Events of commands that are written as lines of bulk."""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any

from domain.commands import COMMANDS
from domain.events import Event
from domain.order import Order, decide, fold
from tests.domain.field_cases import command_of

PLACE: dict[str, Any] = {
    "command": "place-order",
    "customer_id": "c-1",
    "currency": "EUR",
    "items": [{"product_id": "cup", "quantity": 2, "price_cents": 500}],
}


def played(lines: Iterable[Mapping[str, Any]], order_id: str = "o-1") -> tuple[list[Event], Order]:
    """What these commands record in one order, and the order after them."""
    order: Order | None = None
    events: list[Event] = []
    for line in lines:
        decided = decide(command_of(line, order_id), order)
        order = fold(decided, order)
        events += decided
    assert order is not None
    return events, order


def command(name: str, **content: Any) -> dict[str, Any]:
    """A line of this command, with a reason where it has one."""
    has_reason = any(field.name == "reason" for field in fields(COMMANDS[name]))
    return {"command": name, **({"reason": "why"} if has_reason else {}), **content}
