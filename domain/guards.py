"""Guards that several commands share: each returns, or raises OrderRefused by one rule."""

from collections.abc import Iterable
from operator import attrgetter
from typing import Final

from domain import commands as c
from domain import events as e
from domain.money import Money
from domain.rules import OrderRefused
from domain.state import Order
from domain.values import CENTS_MAX


def already_done(order: Order, event: e.Event, *, ended: bool = False) -> bool:
    """True if the order has this very event already, so that there is nothing to do.

    ended: what the event began was ended since. Raises OrderRefused if its id names something else
    (id-reused), or if it was ended (id-ended).
    """
    same = order.find_same(event)
    if same is None:
        return False
    if same != event:
        raise OrderRefused("id-reused")
    if ended:
        raise OrderRefused("id-ended")
    return True


def require_not_cancelled(order: Order) -> None:
    if order.status.cancelled:
        raise OrderRefused("order-cancelled")


def require_not_held(order: Order) -> None:
    holds = order.status.hold_count
    if holds:
        raise OrderRefused("on-hold", f"holds not released: {holds}")


def require_known_lines(order: Order, lines: Iterable[c.LineQuantity | c.ReceivedLine]) -> None:
    count = len(order.goods.lines)
    for part in lines:
        if part.line > count:
            raise OrderRefused("unknown-line", f"line {part.line} of {count}")


def require_creditable(money: Money, credit_cents: int) -> None:
    if credit_cents > money.creditable_cents:
        detail = f"{credit_cents} wanted, {money.creditable_cents} left to credit"
        raise OrderRefused("credit-above-billed", detail)


def require_in_range(before: Money, after: Money) -> None:
    """No total may rise above CENTS_MAX, not even by a fact: no read model could show it."""
    if after is before or max(_totals(after)) <= CENTS_MAX:
        return
    for name, old, new in zip(_TOTALS, _totals(before), _totals(after), strict=True):
        if new > max(old, CENTS_MAX):
            raise OrderRefused("amount-out-of-range", f"{name} would be {new}")


_TOTALS: Final = (
    "billed_cents",
    "credited_cents",
    "written_off_cents",
    "authorized_cents",
    "captured_cents",
    "voided_cents",
    "refunded_cents",
    "charged_back_cents",
    "claimed_refunds_cents",
    "fees_cents",
)
_totals: Final = attrgetter(*_TOTALS)


def require_open_quantity(order: Order, lines: Iterable[c.LineQuantity]) -> None:
    for part in lines:
        _require_open(part, order.goods.line(part.line).open)


def require_cancellable_quantity(order: Order, lines: Iterable[c.LineQuantity]) -> None:
    for part in lines:
        _require_open(part, order.goods.line(part.line).cancellable)


def _require_open(part: c.LineQuantity, is_open: int) -> None:
    if part.quantity > is_open:
        detail = f"line {part.line}: {part.quantity} wanted, {is_open} open"
        raise OrderRefused("quantity-not-open", detail)
