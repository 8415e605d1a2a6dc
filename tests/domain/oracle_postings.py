"""The double entry of the design's table, from brute-force books before and after an event."""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from domain import events as e
from domain.events import Event
from tests.domain.oracle import Books

Accounts: TypeAlias = Mapping[str, int]  # account name -> cents, debit +

SALES_SIDE = ("sales", "shipping", "tax", "discount")


def expected_postings(
    accounts: Accounts, before: Books | None, event: Event, after: Books
) -> dict[str, int]:
    """What the event posts, by account, without zeros."""
    rows = _rows(accounts, before, event, after)
    return {account: cents for account, cents in rows.items() if cents}


def _rows(accounts: Accounts, before: Books | None, event: Event, after: Books) -> dict[str, int]:
    if isinstance(event, e.OrderPlaced):
        return _placed(event)
    if isinstance(event, e.OrderCancelled):
        left = {account: -accounts.get(account, 0) for account in SALES_SIDE}
        return left | {"receivable": -sum(left.values())}
    row = TABLE.get(type(event))
    return {} if row is None or before is None else row(before, event, after)


def _placed(event: e.OrderPlaced) -> dict[str, int]:
    return {
        "receivable": event.total_cents,
        "sales": -sum(item.quantity * item.price_cents for item in event.items),
        "shipping": -event.shipping_cents,
        "tax": -event.tax_cents,
        "discount": event.discount_cents,
    }


def _items_cancelled(before: Books, event: e.ItemsCancelled, after: Books) -> dict[str, int]:
    price = sum(part.quantity * before.lines[part.line].price_cents for part in event.lines)
    fall_due = before.due_before_refunds - after.due_before_refunds
    fall_settled = before.settled - after.settled
    return {
        "sales": price - fall_settled,
        "discount": -(price - fall_due),
        "receivable": -(fall_due - fall_settled),
    }


def _captured(before: Books, _event: e.PaymentCaptured, after: Books) -> dict[str, int]:
    taken = after.captured - before.captured
    return {"cash": taken, "receivable": -taken}


def _charged_back(before: Books, _event: Event, after: Books) -> dict[str, int]:
    taken = after.charged_back - before.charged_back
    return {"cash": -taken, "receivable": taken}


def _granted(before: Books, _event: e.RefundGranted, after: Books) -> dict[str, int]:
    rise_open = after.open_refunds - before.open_refunds
    rise_settled = after.settled - before.settled
    return {
        "refunds_payable": -rise_open,
        "sales": rise_settled,
        "receivable": rise_open - rise_settled,
    }


def _revoked(before: Books, event: e.RefundRevoked, after: Books) -> dict[str, int]:
    open_before = before.refunds[event.refund_id].open
    fall_settled = before.settled - after.settled
    return {
        "refunds_payable": open_before,
        "sales": -fall_settled,
        "receivable": -(open_before - fall_settled),
    }


def _refunded(before: Books, event: e.PaymentRefunded, after: Books) -> dict[str, int]:
    paid = after.refunded - before.refunded
    refund = before.refunds.get(event.refund_id)
    settled = min(paid, refund.open if refund is not None else 0)
    return {"cash": -paid, "refunds_payable": settled, "receivable": paid - settled}


def _failed(before: Books, _event: e.RefundFailed, after: Books) -> dict[str, int]:
    returned = before.refunded - after.refunded
    rise_open = after.open_refunds - before.open_refunds
    return {"cash": returned, "refunds_payable": -rise_open, "receivable": -(returned - rise_open)}


TABLE: dict[type[Event], Callable[[Books, Any, Books], dict[str, int]]] = {
    e.ItemsCancelled: _items_cancelled,
    e.PaymentCaptured: _captured,
    e.PaymentChargedBack: _charged_back,
    e.ChargebackReversed: _charged_back,
    e.RefundGranted: _granted,
    e.RefundRevoked: _revoked,
    e.PaymentRefunded: _refunded,
    e.RefundFailed: _failed,
}


def posted(accounts: Accounts, rows: Accounts) -> dict[str, int]:
    total = Counter(accounts)
    for account, cents in rows.items():
        total[account] += cents
    return dict(total)


def broken_equations(accounts: Accounts, now: Books) -> list[str]:
    """The design's four equations that do not hold over the balances of all accounts."""

    def of(*names: str) -> int:
        return sum(accounts.get(name, 0) for name in names)

    equations = {
        "receivable + refunds_payable = balance": (
            of("receivable", "refunds_payable"),
            now.balance,
        ),
        "cash = net": (of("cash"), now.net),
        "sales + shipping + tax + discount = -due": (of(*SALES_SIDE), -now.due),
        "refunds_payable = -open refunds": (of("refunds_payable"), -now.open_refunds),
    }
    return [f"{name}: {a} is not {b}" for name, (a, b) in equations.items() if a != b]
