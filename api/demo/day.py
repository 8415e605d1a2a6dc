"""A day of a small tea shop, as commands: the same ones every time.

Only data is made here; api.demo.demo sends it. Every step carries a key, so that a step sent twice
is one step.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from api.demo.stories import SPECIAL, USUAL, Act, Goods, OrderedItem

ORDERS = 200
SEED = 1851
OPENS_AT = timedelta(hours=8)
OPEN_FOR_S = 10 * 3600

CATALOGUE = {
    "assam-250g": 1290,
    "darjeeling-100g": 1650,
    "sencha-100g": 1480,
    "earl-grey-250g": 990,
    "rooibos-500g": 1120,
    "teapot-glass": 3490,
    "kyusu-clay": 7900,
    "cup-pair": 2400,
}
METHODS = ("card", "card", "card", "invoice", "wallet")


@dataclass(frozen=True, slots=True)
class Step:
    """One command of an order. key: its Idempotency-Key. times: how often it is sent."""

    command: str
    order_id: str
    key: str
    actor: str
    fields: dict[str, Any]
    times: int = 1


Story: TypeAlias = tuple[Step, ...]


def day(midnight: datetime) -> tuple[Story, ...]:
    """The stories of all orders, in the order they begin; the last few are the ones to look at."""
    rng = random.Random(SEED)  # noqa: S311 - a script, not a secret
    kinds: list[Callable[[Goods], list[Act]]] = rng.choices(
        tuple(USUAL), weights=tuple(USUAL.values()), k=ORDERS - len(SPECIAL)
    )
    stories = [
        _story(kind(goods), goods)
        for number, kind in enumerate([*kinds, *SPECIAL.values()], 1)
        for goods in [_goods(rng, number, midnight)]
    ]
    return tuple(_with_retries(rng, story) for story in stories)


def special(name: str) -> str:
    """The order id of a story in SPECIAL."""
    return _order_id(ORDERS - len(SPECIAL) + 1 + list(SPECIAL).index(name))


def _goods(rng: random.Random, number: int, midnight: datetime) -> Goods:
    chosen = rng.sample(list(CATALOGUE), k=rng.choice((1, 1, 2, 2, 3)))
    items = tuple(
        OrderedItem(
            product_id=product, quantity=rng.choice((1, 1, 2)), price_cents=CATALOGUE[product]
        )
        for product in chosen
    )
    return Goods(
        order_id=_order_id(number),
        customer_id=f"customer-{rng.randrange(1, 80):03}",
        currency=rng.choices(("EUR", "GBP"), weights=(9, 1))[0],
        items=items,
        shipping_cents=rng.choice((0, 390, 590)),
        method=rng.choice(METHODS),
        placed_at=midnight + OPENS_AT + timedelta(seconds=OPEN_FOR_S * number / ORDERS),
    )


def _story(acts: list[Act], goods: Goods) -> Story:
    return tuple(
        Step(
            command=command,
            order_id=goods.order_id,
            key=f"{goods.order_id}-step{number}",
            actor=actor,
            fields=fields | {"occurred_at": _time(goods.placed_at + timedelta(minutes=3 * number))},
        )
        for number, (command, actor, fields) in enumerate(acts)
    )


def _with_retries(rng: random.Random, story: Story) -> Story:
    """Networks drop answers: one step in thirty is sent again with the same key."""
    return tuple(replace(step, times=2) if rng.random() < 1 / 30 else step for step in story)


def _order_id(number: int) -> str:
    return f"tea-{number:04}"


def _time(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")
