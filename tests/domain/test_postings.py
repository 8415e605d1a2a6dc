"""The table of postings row by row, with the figures worked out by hand.

The total of the example order is 4000: goods 4000, shipping 300, tax 200, discount 500.
"""

from dataclasses import dataclass

import pytest

from domain.events import Event
from domain.money import Money, evolve_money
from domain.postings import ACCOUNTS, Posting, balances, postings
from tests.domain.examples import (
    CANCELLED,
    CONFIRMED,
    PLACED,
    READY,
    TOTAL,
    anomaly,
    authorized,
    captured,
    charged_back,
    delivered,
    expired,
    failed,
    granted,
    held,
    items_cancelled,
    noted,
    planned,
    refund_failed,
    refunded,
    reversed_,
    revoked,
    voided,
)

PAID = (PLACED, authorized(), captured())


@dataclass(frozen=True)
class Row:
    name: str
    history: tuple[Event, ...]
    event: Event
    posted: dict[str, int]


ROWS = (
    Row(
        "placed",
        (),
        PLACED,
        {"receivable": 4000, "sales": -4000, "shipping": -300, "tax": -200, "discount": 500},
    ),
    Row("items cancelled", (PLACED,), items_cancelled("x1", 1), {"receivable": -500, "sales": 500}),
    Row(
        "items cancelled down to nothing: the goods cost 4000, the due is 0 of shipping and tax",
        (PLACED,),
        items_cancelled("x1", 2, 3),
        {"receivable": -4000, "sales": 4000},
    ),
    Row(
        "items cancelled of what refunds have settled: v 1000, d 1000, r 0",
        (*PAID, granted(500, 500)),
        items_cancelled("x1", 2),
        {"receivable": -1000, "sales": 1000},
    ),
    Row(
        "items cancelled below what refunds have settled: v 4000, d 4000, r 3500",
        (*PAID, granted(3500, 3500)),
        items_cancelled("x1", 2, 3),
        {"receivable": -500, "sales": 500},
    ),
    Row(
        "cancelled",
        (PLACED,),
        CANCELLED,
        {"receivable": -4000, "sales": 4000, "shipping": 300, "tax": 200, "discount": -500},
    ),
    Row(
        "cancelled after items and a refund",
        (*PAID, items_cancelled("x1", 2), granted(1500, 500)),
        CANCELLED,
        {"receivable": -2500, "sales": 2500, "shipping": 300, "tax": 200, "discount": -500},
    ),
    Row("captured", (PLACED,), captured(700), {"receivable": -700, "cash": 700}),
    Row("charged back", PAID, charged_back(700), {"receivable": 700, "cash": -700}),
    Row("charged back after its reversal", (*PAID, reversed_()), charged_back(700), {}),
    Row("reversed", (*PAID, charged_back(700)), reversed_(), {"receivable": -700, "cash": 700}),
    Row("reversed before its chargeback", PAID, reversed_(), {}),
    Row(
        "granted: k 1000, r 400",
        PAID,
        granted(1000, 400),
        {"receivable": 600, "refunds_payable": -1000, "sales": 400},
    ),
    Row(
        "granted after a part was paid out: k 700, r 1000",
        (*PAID, refunded(300)),
        granted(1000, 1000),
        {"receivable": -300, "refunds_payable": -700, "sales": 1000},
    ),
    Row(
        "granted more than is due",
        (*PAID, captured(4000, "p1", "c2")),
        granted(8000, 8000),
        {"receivable": 4000, "refunds_payable": -8000, "sales": 4000},
    ),
    Row(
        "revoked: v 600, r 600",
        (*PAID, granted(1000, 1000), refunded(400)),
        revoked(600),
        {"refunds_payable": 600, "sales": -600},
    ),
    Row(
        "revoked, the allowance stays within the rest: v 600, r 0",
        (*PAID, granted(1000, 400), refunded(400)),
        revoked(600),
        {"receivable": -600, "refunds_payable": 600},
    ),
    Row(
        "paid out within the grant",
        (*PAID, granted(1000)),
        refunded(400),
        {"refunds_payable": 400, "cash": -400},
    ),
    Row(
        "paid out beyond the grant",
        (*PAID, granted(1000)),
        refunded(1200),
        {"receivable": 200, "refunds_payable": 1000, "cash": -1200},
    ),
    Row("paid out ungranted", PAID, refunded(400), {"receivable": 400, "cash": -400}),
    Row(
        "paid out when its failure is known", (*PAID, refund_failed("r1", "p1")), refunded(400), {}
    ),
    Row(
        "a payout failed: k 400",
        (*PAID, granted(1000), refunded(400)),
        refund_failed(),
        {"refunds_payable": -400, "cash": 400},
    ),
    Row(
        "a payout beyond the grant failed: k 1000",
        (*PAID, granted(1000), refunded(1200)),
        refund_failed(),
        {"receivable": -200, "refunds_payable": -1000, "cash": 1200},
    ),
    Row(
        "a payout of a revoked grant failed: k 0",
        (*PAID, granted(1000), refunded(400), revoked(600)),
        refund_failed(),
        {"receivable": -400, "cash": 400},
    ),
    Row(
        "two payouts failed by one report",
        (*PAID, granted(1000), refunded(400), refunded(300, payout_id="o2")),
        refund_failed("r1", "p1"),
        {"refunds_payable": -700, "cash": 700},
    ),
    Row(
        "one of two payouts failed",
        (*PAID, granted(1000), refunded(400), refunded(300, payout_id="o2")),
        refund_failed("r1", None, "o2"),
        {"refunds_payable": -300, "cash": 300},
    ),
    Row(
        "a failure that was reported before",
        (*PAID, granted(9), refunded(9), refund_failed()),
        refund_failed("r1", "p1"),
        {},
    ),
    Row("a capture in another currency", PAID, captured(9, currency="USD"), {}),
    *(
        Row(f"nothing: {type(event).__name__}", PAID, event, {})
        for event in (
            CONFIRMED,
            held(),
            noted(),
            authorized(9, "p2"),
            voided(1),
            expired(),
            failed(),
            planned("s1", 1),
            delivered("s1"),
            anomaly("unknown-shipment", "x", "y"),
        )
    ),
)


def _money(history: tuple[Event, ...]) -> Money | None:
    money: Money | None = None
    for event in history:
        money = evolve_money(money, event)
    return money


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_an_event_posts_what_the_table_lists(row: Row) -> None:
    before = _money(row.history)
    after = evolve_money(before, row.event)

    posted = postings(before, row.event, after)

    assert {posting.account: posting.amount_cents for posting in posted} == row.posted
    assert sum(posting.amount_cents for posting in posted) == 0
    assert all(posting.amount_cents for posting in posted)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_the_accounts_equal_the_counters(row: Row) -> None:
    money = evolve_money(_money(row.history), row.event)

    account = dict(zip(ACCOUNTS, balances(money), strict=True))

    refunds = money.refunds.values()
    assert account["receivable"] + account["refunds_payable"] == money.balance_cents
    assert account["cash"] == money.net_cents
    sales = sum(account[name] for name in ("sales", "shipping", "tax", "discount"))
    assert sales == -money.due_cents
    assert account["refunds_payable"] == -sum(refund.open_cents for refund in refunds)


def test_cancelling_goods_below_the_discount_reduces_it() -> None:
    """Cancelled for 4000, but only 3500 were due for goods less discount with nothing added."""
    bare = evolve_money(None, PLACED)
    before = Money(
        **{**bare.__dict__, "shipping_cents": 0, "tax_cents": 0, "total_cents": TOTAL - 500}
    )
    event = items_cancelled("x1", 2, 3)

    assert postings(before, event, evolve_money(before, event)) == (
        Posting("receivable", -3500),
        Posting("sales", 4000),
        Posting("discount", -500),
    )


def test_the_postings_of_a_whole_life_add_up_to_the_balances() -> None:
    history = (*READY, *PAID[1:], granted(1000, 500), refunded(700), charged_back(200), CANCELLED)
    ledger = dict.fromkeys(ACCOUNTS, 0)
    money: Money | None = None
    for event in history:
        after = evolve_money(money, event)
        for posting in postings(money, event, after):
            ledger[posting.account] += posting.amount_cents
        money = after

    assert tuple(ledger.values()) == balances(money)
