"""Bounds: what the books are held to, each about one thing, and which of them an event touches.

A bound is declared once, in domain.bounds_money or domain.bounds_goods: its kind, the sort of thing
that it is about, by how much it is broken, and the figures that say so. After an event only the
bounds of the things that it changed are looked at (Touch), so that an event costs the same however
many payments, refunds and shipments the order has.
"""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, Protocol

from domain.goods import Goods
from domain.money import Money
from domain.references import Ids
from domain.status import OrderStatus


class Books(Protocol):
    """What bounds are looked at in: an order, or the folds of one."""

    @property
    def status(self) -> OrderStatus: ...

    @property
    def money(self) -> Money: ...

    @property
    def goods(self) -> Goods: ...


class Folds(NamedTuple):
    """The folds of one order."""

    status: OrderStatus
    money: Money
    goods: Goods


class Bound(NamedTuple):
    """kind: of domain.rules.BOUNDS. thing: the sort of thing, as it is in refers_to.

    excess: by how much it is broken; 0 or less: it holds. detail: the figures of it.
    """

    kind: str
    thing: str
    excess: Callable[[Books, Ids], int]
    detail: Callable[[Books, Ids], str]


def _never(_books: Books, _ids: Ids) -> bool:
    return False


class Touch(NamedTuple):
    """things: those that an event changed, given the event and the books after it. all_hold: a
    quick look at one of them: True only if all its bounds hold.
    """

    things: Callable[[Any, Books], Iterable[Ids]]
    bounds: tuple[Bound, ...]
    all_hold: Callable[[Books, Ids], bool] = _never
