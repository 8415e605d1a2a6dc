"""Double entry: the accounts of an order, debit +, credit -; their sum is zero.

The balance of every account is a function of the counters, so the postings of an event are the
differences that it makes (docs/decisions/0014). Tax is posted by tax_code.
"""

from collections.abc import Iterable
from operator import attrgetter, sub
from typing import Final, NamedTuple

from domain.events import Event, Parts
from domain.money import Money
from domain.parts import tax_total

ACCOUNTS = (
    "receivable",
    "refunds_payable",
    "cash",
    "store_credit",
    "provider_fees",
    "sales",
    "discount",
    "shipping",
    "other",
    "returns_and_allowances",
    "write_offs",
    "tax",
)
TAX = ACCOUNTS[-1]


class Posting(NamedTuple):
    """tax_code: of tax alone; "" also for tax that has no code."""

    account: str
    amount_cents: int
    tax_code: str = ""


class Balances(NamedTuple):
    """by_account: in the order of ACCOUNTS, without tax. taxes: by tax_code."""

    by_account: tuple[int, ...]
    taxes: dict[str, int]


def balances(money: Money) -> Balances:
    credited = money.credited
    return Balances(_without_tax(money, credited), _taxes(money, credited))


def account_totals(money: Money) -> dict[str, int]:
    """The accounts that are not 0, tax of all codes together."""
    credited = money.credited
    tax = tax_total(credited.taxes) - tax_total(money.billed.taxes)
    pairs = zip(ACCOUNTS, (*_without_tax(money, credited), tax), strict=True)
    return {account: cents for account, cents in pairs if cents}


def _without_tax(money: Money, credited: Parts) -> tuple[int, ...]:
    billed, (owed, *paid) = money.billed, _paid(money)
    return (
        money.due_cents + owed,
        *paid,
        -billed.goods_cents - money.billed_discount_cents,
        money.billed_discount_cents,
        credited.shipping_cents - billed.shipping_cents,
        credited.other_cents - billed.other_cents,
        credited.goods_cents,
        money.waived_cents + money.forgiven_cents,
    )


def _paid(money: Money) -> tuple[int, ...]:
    """What is paid, by account: it is in the first accounts alone, in receivable as what it takes
    off the amount due.
    """
    net, to_pay_out = money.net_cents, money.open_refunds_cents
    return (
        to_pay_out - net,
        -to_pay_out,
        net - money.store_cents - money.fees_cents,
        money.store_cents,
        money.fees_cents,
    )


def _taxes(money: Money, credited: Parts) -> dict[str, int]:
    taxes = {tax.tax_code: -tax.cents for tax in money.billed.taxes}
    for tax in credited.taxes:
        taxes[tax.tax_code] = taxes.get(tax.tax_code, 0) + tax.cents
    return taxes


_billing: Final = attrgetter(
    "billed",
    "billed_cents",
    "billed_discount_cents",
    "kept",
    "credited_cents",
    "written_off_cents",
    "forgiven_cents",
)
"""All that accounts are computed from besides what is paid."""


def _posted(moved: Iterable[int]) -> list[Posting]:
    """Of the first accounts."""
    return [
        Posting(account, cents) for account, cents in zip(ACCOUNTS, moved, strict=False) if cents
    ]


def postings(before: Money | None, _event: Event, after: Money) -> tuple[Posting, ...]:
    """In the order of ACCOUNTS, tax by code, without zeros. before: None for OrderPlaced."""
    if after is before:
        return ()
    if before is not None and _billing(after) == _billing(before):
        return tuple(_posted(map(sub, _paid(after), _paid(before))))
    moved, taxes = balances(after)
    if before is not None:
        old = balances(before)
        moved = tuple(map(sub, moved, old.by_account))
        codes = sorted({*taxes, *old.taxes})
        taxes = {code: taxes.get(code, 0) - old.taxes.get(code, 0) for code in codes}
    found = _posted(moved)
    if taxes:
        found += [Posting(TAX, cents, code) for code, cents in taxes.items() if cents]
    return tuple(found)
