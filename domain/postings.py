"""Double entry: what an event moves between accounts, debit +, credit -; the sum is zero.

The balance of every account is a function of the counters, so the postings of an event are the
differences that it makes. The tests compare them with a table that lists them for each kind of
event (docs/decisions/0014).
"""

from operator import sub
from typing import NamedTuple

from domain.events import Event
from domain.money import Money

ACCOUNTS = (
    "receivable",
    "refunds_payable",
    "cash",
    "sales",
    "shipping",
    "tax",
    "discount",
)
_NOTHING = (0,) * len(ACCOUNTS)


class Posting(NamedTuple):
    account: str
    amount_cents: int


def balances(money: Money | None) -> tuple[int, ...]:
    """The balance of each of ACCOUNTS; None before OrderPlaced."""
    if money is None:
        return _NOTHING
    net, due, to_pay_out = money.net_cents, money.due_cents, money.open_refunds_cents
    shipping, tax, discount = (0, 0, 0) if money.cancelled else _extras(money)
    sales = -due - shipping - tax - discount
    return due - net + to_pay_out, -to_pay_out, net, sales, shipping, tax, discount


def _extras(money: Money) -> tuple[int, int, int]:
    """shipping, tax, discount. Cancelling goods for more than the total reduces the discount."""
    lost_discount = max(0, money.cancelled_goods_cents - money.total_cents)
    return -money.shipping_cents, -money.tax_cents, money.discount_cents - lost_discount


def postings(before: Money | None, _event: Event, after: Money) -> tuple[Posting, ...]:
    """In the order of ACCOUNTS, without zeros. before: None for OrderPlaced."""
    if after is before:
        return ()
    moved = balances(after) if before is None else map(sub, balances(after), balances(before))
    pairs = zip(ACCOUNTS, moved, strict=True)
    return tuple([Posting(account, cents) for account, cents in pairs if cents])
