"""Random histories of commands and facts, in any order, some of them refused.

They come from a seed, not from Hypothesis' own choices: those stay so close to the simplest that
goods hardly ever leave. A shorter length gives a prefix, so a failing history still shrinks.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import fields
from random import Random
from typing import Any

from hypothesis import strategies as st

from domain.commands import (
    COMMANDS,
    RETRACTABLE,
    CancelOrder,
    Command,
    ConfirmOrder,
    DeclineReturn,
    DeliverShipment,
    DispatchShipment,
    GrantRefund,
    LineQuantity,
    LoseShipment,
    OrderedItem,
    PlaceHold,
    PlaceOrder,
    PlanShipment,
    ReceivedLine,
    ReceiveReturn,
    ReleaseHold,
    RequestReturn,
    RetractFact,
    ReturnShipmentToSender,
    RevokeRefund,
)
from domain.events import Event
from domain.order import Order, decide, evolve
from domain.rules import OrderRefused
from domain.values import Malformed

PLACE = PlaceOrder(
    order_id="o-1",
    customer_id="c-1",
    currency="EUR",
    items=(
        OrderedItem(product_id="cup", quantity=4, price_cents=10),
        OrderedItem(product_id="pot", quantity=3, price_cents=25),
    ),
    shipping_cents=5,
    tax_cents=3,
    discount_cents=4,
    channel="shop",
)
LENGTH_MAX = 120

_IDS = ("a", "gid://b/%2F?#", "\U0001f600 \\ '\"")
# Drawn evenly, goods would hardly ever leave, and what is reported too early spoils the ids.
_WEIGHTS: dict[type[Command], int] = {
    CancelOrder: 1,
    PlaceHold: 1,
    DeliverShipment: 6,
    LoseShipment: 1,
    ReturnShipmentToSender: 1,
    ConfirmOrder: 10,
    ReleaseHold: 10,
    PlanShipment: 24,
    DispatchShipment: 24,
    RequestReturn: 40,
    ReceiveReturn: 2,
    DeclineReturn: 20,
    RetractFact: 20,
    GrantRefund: 10,
    RevokeRefund: 10,
}
_COMMANDS = [
    command
    for command in COMMANDS.values()
    if command is not PlaceOrder
    for _ in range(_WEIGHTS.get(command, 4))
]


def _lines(random: Random) -> tuple[LineQuantity, ...]:
    numbers = random.choice(((1,), (2,), (1, 2)))
    return tuple(LineQuantity(line=n, quantity=random.choice((1, 1, 1, 2))) for n in numbers)


def _items(random: Random) -> tuple[OrderedItem, ...]:
    price = random.choice(({"price_cents": 10}, {"amount_cents": 25}))
    return (
        OrderedItem(
            product_id="lid",
            quantity=random.choice((1, 3)),
            tax_cents=random.choice((0, 2)),
            tax_code=random.choice(("", "low")),
            requires_shipping=random.random() < 0.8,
            **price,
        ),
    )


def _received(random: Random) -> tuple[ReceivedLine, ...]:
    conditions = random.choice((("new",), ("used",), ("new", "used")))
    line = random.choice((1, 2))
    return tuple(ReceivedLine(line=line, quantity=1, condition=it) for it in conditions)


_FIELDS: dict[str, Callable[[Random], Any]] = {
    "amount_cents": lambda random: random.choice((0, 7, 20, 49, 119)),
    **dict.fromkeys(
        ("credit_cents", "ReverseChargeback.amount_cents"),
        lambda random: random.choice((None, None, 0, 20)),
    ),
    **dict.fromkeys(("allowance_cents", "parts"), lambda _: None),
    "counted_cents": lambda random: random.choice((None, None, None, None, 20)),
    **dict.fromkeys(
        ("AdjustOrder.amount_cents", "RecordFee.amount_cents"),
        lambda random: random.choice((-20, -7, 7, 20)),
    ),
    **dict.fromkeys(
        ("shipping_cents", "shipping_tax_cents", "discount_cents", "tax_cents"),
        lambda random: random.choice((0, 0, 3)),
    ),
    "shipping_tax_code": lambda random: random.choice(("", "low")),
    "items": _items,
    "attributes": lambda random: {random.choice(_IDS): random.choice((None, "x"))},
    "anomaly_id": lambda random: str(random.randint(1, 6)),
    "replaces": lambda random: random.choice((None, None, True, *"abc")),
    "currency": lambda random: random.choice((None, None, None, "EUR", "USD")),
    "method": lambda random: random.choice(("card", "voucher")),
    **dict.fromkeys(
        ("CapturePayment.method", "RefundPayment.method"),
        lambda random: random.choice((None, "card", "gift-card")),
    ),
    "shipment_id": lambda random: random.choice("abcdef"),
    # So that some returns can still be declined.
    "ReceiveReturn.return_id": lambda random: random.choice("adefghi"),
    "lines": _lines,
    "ReceiveReturn.lines": _received,
    **dict.fromkeys(
        (
            *("report_id", "authorization_id", "RecordFee.payment_id", "CancelItems.refund_id"),
            *("FailRefund.payment_id", "FailRefund.payout_id", "RefundPayment.refund_id"),
        ),
        lambda random: random.choice((None, *_IDS)),
    ),
}


def _command(random: Random) -> Command:
    """Drawn until it is well formed."""
    while True:
        with suppress(Malformed):
            return _drawn(random)


def _drawn(random: Random) -> Command:
    command = random.choice(_COMMANDS)
    if command is RetractFact:
        return _retraction(random)
    return command(**{field.name: _field(command, field.name, random) for field in fields(command)})


def _retraction(random: Random) -> RetractFact:
    fact = random.choice(list(RETRACTABLE))
    ids = {name: random.choice(_IDS) for name in RETRACTABLE[fact]}
    return RetractFact(fact=fact, reason="mistyped", **ids)


def _field(command: type[Command], name: str, random: Random) -> Any:
    make = _FIELDS.get(f"{command.__name__}.{name}") or _FIELDS.get(name)
    return random.choice(_IDS) if make is None else make(random)


def events_of(commands: Sequence[Command]) -> list[Event]:
    """The events of an order that is given these commands, after PLACE."""
    order: Order | None = None
    events: list[Event] = []
    for command in (PLACE, *commands):
        try:
            decided = decide(command, order)
        except (OrderRefused, Malformed):
            continue
        for event in decided:
            order = evolve(order, event)
        events.extend(decided)
    return events


def history_of(seed: int, length: int) -> list[Event]:
    random = Random(seed)
    return events_of([_command(random) for _ in range(length)])


histories: st.SearchStrategy[list[Event]] = st.builds(
    history_of, st.integers(0, 2**32), st.sampled_from((0, 5, 20, LENGTH_MAX, LENGTH_MAX))
)
