"""Words of an order that need more than one of its folds."""

from domain.goods import Goods
from domain.money import Money
from domain.status import OrderStatus


def state_word(status: OrderStatus, money: Money, goods: Goods) -> str:
    """cancelled, completed, confirmed or placed; the first that applies."""
    if status.cancelled:
        return "cancelled"
    if not status.confirmed:
        return "placed"
    settled = money.balance_cents == 0 and money.open_refunds_cents == 0
    return "completed" if settled and goods.is_complete else "confirmed"
