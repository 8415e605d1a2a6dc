"""A day of a small tea shop, as lines of commands: the same ones every time.

`python -m tests.demo.day` prints api/demo/day.ndjson; a test compares that file with this. Every
line has a command_id, so that a line sent twice is one command.
"""

import json
import random
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

from tests.demo.stories import SPECIAL, USUAL, Act, Goods, item

ORDERS = 200
SEED = 1851
OPENS_AT = datetime(2024, 3, 4, 8, tzinfo=UTC)
CHANNEL = "http"
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


Line: TypeAlias = dict[str, Any]
Story: TypeAlias = tuple[Line, ...]
"""The lines of one order, in order."""


def day() -> tuple[Story, ...]:
    """The stories of all orders, in the order they begin; the last few are the ones to show."""
    rng = random.Random(SEED)
    kinds: list[Callable[[Goods], list[Act]]] = rng.choices(
        tuple(USUAL), weights=tuple(USUAL.values()), k=ORDERS - len(SPECIAL)
    )
    stories = [
        _story(kind(goods), goods)
        for number, kind in enumerate([*kinds, *SPECIAL.values()], 1)
        for goods in [_goods(rng, number)]
    ]
    return tuple(_with_retries(rng, story) for story in stories)


def day_file() -> str:
    """NDJSON. The orders take turns, as on a busy day; the lines of one order stay in order."""
    lines = [line for story in day() for line in story]
    lines.sort(key=lambda line: str(line["occurred_at"]))
    return "".join(json.dumps(line) + "\n" for line in lines)


def special(name: str) -> str:
    """The order id of a story in SPECIAL."""
    return _order_id(ORDERS - len(SPECIAL) + 1 + list(SPECIAL).index(name))


def _goods(rng: random.Random, number: int) -> Goods:
    chosen = rng.sample(list(CATALOGUE), k=rng.choice((1, 1, 2, 2, 3)))
    items = tuple(item(product, rng.choice((1, 1, 2)), CATALOGUE[product]) for product in chosen)
    return Goods(
        order_id=_order_id(number),
        customer_id=f"customer-{rng.randrange(1, 80):03}",
        currency=rng.choices(("EUR", "GBP"), weights=(9, 1))[0],
        items=items,
        shipping_cents=rng.choice((0, 390, 590)),
        method=rng.choice(METHODS),
        placed_at=OPENS_AT + timedelta(seconds=OPEN_FOR_S * number / ORDERS),
    )


def _story(acts: list[Act], goods: Goods) -> Story:
    return tuple(
        {
            "command": command,
            "order_id": goods.order_id,
            "command_id": f"{goods.order_id}-step{number}",
            "actor": actor,
            "channel": CHANNEL,
            "correlation_id": goods.order_id,
            **fields,
            "occurred_at": _time(goods.placed_at + timedelta(minutes=3 * number)),
        }
        for number, (command, actor, fields) in enumerate(acts)
    )


def _with_retries(rng: random.Random, story: Story) -> Story:
    """Networks drop answers: one line in thirty is sent again with the same command_id."""
    return tuple(line for line in story for _ in range(2 if rng.random() < 1 / 30 else 1))


def _order_id(number: int) -> str:
    return f"tea-{number:04}"


def _time(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


if __name__ == "__main__":
    sys.stdout.write(day_file())
