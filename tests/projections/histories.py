"""Histories as commands and facts make them: random ones, told in any order, some refused."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from hypothesis import strategies as st

from domain.commands import (
    COMMANDS,
    CancelOrder,
    Command,
    ConfirmOrder,
    DeliverShipment,
    DispatchShipment,
    LineQuantity,
    OrderedItem,
    PlaceOrder,
    PlanShipment,
    ReceivedLine,
    RequestReturn,
)
from domain.events import Event
from domain.order import Order, decide, evolve
from domain.rules import OrderRefused

PLACE = PlaceOrder(
    order_id="o-1",
    customer_id="c-1",
    currency="EUR",
    items=(
        OrderedItem(product_id="cup", quantity=2, price_cents=10),
        OrderedItem(product_id="pot", quantity=1, price_cents=25),
    ),
    shipping_cents=5,
    tax_cents=3,
    discount_cents=4,
    channel="shop",
)

_ONE_OF_EACH = (LineQuantity(line=1, quantity=1), LineQuantity(line=2, quantity=1))
_SENT = (
    ConfirmOrder(),
    PlanShipment(shipment_id="a", lines=_ONE_OF_EACH, location="shop"),
    DispatchShipment(shipment_id="a", carrier="post", tracking="t-1"),
    DeliverShipment(shipment_id="a"),
)

_few = st.sampled_from(("a", "b"))
_perhaps = st.sampled_from((None, "a", "b"))
_quantity = st.integers(1, 2)
_lines = st.dictionaries(st.integers(1, 2), _quantity, min_size=1).map(
    lambda parts: tuple(LineQuantity(line=line, quantity=n) for line, n in sorted(parts.items()))
)
_received = st.dictionaries(
    st.tuples(st.integers(1, 2), st.sampled_from(("new", "used"))), _quantity, min_size=1
).map(
    lambda parts: tuple(
        ReceivedLine(line=line, quantity=n, condition=condition)
        for (line, condition), n in sorted(parts.items())
    )
)
_FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "amount_cents": st.sampled_from((0, 7, 20, 49, 60)),
    "allowance_cents": st.sampled_from((None, 0, 20)),
    "currency": st.sampled_from((None, None, "EUR", "USD")),
    "method": st.sampled_from(("card", "voucher")),
    "lines": _lines,
    "report_id": _perhaps,
}
_OPTIONAL = {
    ("FailRefund", "payment_id"),
    ("FailRefund", "payout_id"),
    ("RefundPayment", "refund_id"),
}


def _field(command: type[Command], name: str) -> st.SearchStrategy[Any]:
    if (command.__name__, name) in _OPTIONAL:
        return _perhaps
    if (command.__name__, name) == ("ReceiveReturn", "lines"):
        return _received
    return _FIELDS.get(name, _few)


def _built(command: type[Command]) -> st.SearchStrategy[Command]:
    return st.builds(
        command, **{field.name: _field(command, field.name) for field in fields(command)}
    )


def events_of(commands: Sequence[Command]) -> list[Event]:
    """What an order tells that these commands are given to, behind PLACE."""
    order: Order | None = None
    events: list[Event] = []
    for command in (PLACE, *commands):
        try:
            decided = decide(command, order)
        except OrderRefused:
            continue
        for event in decided:
            order = evolve(order, event)
        events.extend(decided)
    return events


# Drawn evenly, goods would hardly ever leave: what has to come first is drawn more often.
_OFTEN = (ConfirmOrder, PlanShipment, DispatchShipment, DeliverShipment, RequestReturn) * 2
_commands = [command for command in COMMANDS.values() if command is not PlaceOrder]
_usual = [command for command in _commands if command is not CancelOrder]
_any = st.sampled_from((*_commands, *_usual, *_OFTEN)).flatmap(_built)
_beginnings = st.sampled_from(((), (ConfirmOrder(),), _SENT))
histories: st.SearchStrategy[list[Event]] = st.builds(
    lambda beginning, rest: events_of((*beginning, *rest)),
    _beginnings,
    st.lists(_any, min_size=5, max_size=30),
)
