"""Guards shared by several commands: each returns, or raises OrderRefused by the rule it names."""

from collections.abc import Iterable

from domain.commands import LineQuantity, ReceivedLine
from domain.events import Event
from domain.rules import OrderRefused
from domain.state import Order


def stands_already(order: Order, wished: Event, *, ended: bool = False) -> bool:
    """True if the same was done under this id before and still stands (ended: it does not)."""
    known = order.known(wished)
    if known is None:
        return False
    if known != wished:
        raise OrderRefused("id-reused")
    if ended:
        raise OrderRefused("id-ended")
    return True


def not_cancelled(order: Order) -> None:
    if order.standing.cancelled:
        raise OrderRefused("order-cancelled")


def not_held(order: Order) -> None:
    holds = len(order.standing.holds)
    if holds:
        raise OrderRefused("on-hold", f"holds not released: {holds}")


def known_lines(order: Order, lines: Iterable[LineQuantity | ReceivedLine]) -> None:
    count = len(order.goods.lines)
    for part in lines:
        if part.line > count:
            raise OrderRefused("unknown-line", f"line {part.line} of {count}")


def open_quantity(order: Order, lines: Iterable[LineQuantity]) -> None:
    for part in lines:
        is_open = order.goods.line(part.line).open
        if part.quantity > is_open:
            detail = f"line {part.line}: {part.quantity} wanted, {is_open} open"
            raise OrderRefused("quantity-not-open", detail)
