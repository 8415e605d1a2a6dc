"""Words derived from counters: none is stored, and every view says the same (first match)."""

from domain.goods import Goods
from domain.money import Money
from domain.standing import Standing


def state(standing: Standing) -> str:
    """cancelled, confirmed or placed."""
    if standing.cancelled:
        return "cancelled"
    return "confirmed" if standing.confirmed else "placed"


def on_hold(standing: Standing) -> bool:
    return bool(standing.holds)


def fulfilment(goods: Goods) -> str:
    """none, planned, delivered, partly_delivered, dispatched or partly_dispatched."""
    lines = goods.lines
    if not any(line.out for line in lines):
        return "planned" if any(line.planned for line in lines) else "none"
    if any(line.delivered for line in lines):
        complete = all(line.delivered >= line.wanted for line in lines)
        return "delivered" if complete else "partly_delivered"
    return "dispatched" if all(line.out >= line.wanted for line in lines) else "partly_dispatched"


def payment_word(money: Money) -> str:
    """none, authorized, refunded, partly_captured, paid or overpaid."""
    net, due = money.net_cents, money.due_cents
    if money.captured_cents == 0 and net == 0:
        authorized = any(payment.is_authorized for payment in money.payments.values())
        return "authorized" if authorized else "none"
    if net <= 0:
        return "refunded"
    if net < due:
        return "partly_captured"
    return "paid" if net == due else "overpaid"
