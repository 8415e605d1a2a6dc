"""The table of postings row by row, with the figures worked out by hand.

The total of the example order is 4000: goods 4000, shipping 300, tax 200, discount 500.
"""

from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

import pytest

from domain.events import (
    AdjustmentRevoked,
    Event,
    FeeRecorded,
    ItemsAdded,
    OrderAdjusted,
    Parts,
    RefundAccepted,
    TaxCents,
    WriteOffRevoked,
    WrittenOff,
)
from domain.facts import retraction_of
from domain.fold_money import evolve_money
from domain.money import Money
from domain.postings import Posting, account_totals, postings
from tests.domain.examples import (
    CANCELLED,
    CONFIRMED,
    PLACED,
    READY,
    anomaly,
    authorized,
    captured,
    charged_back,
    delivered,
    expired,
    failed,
    granted,
    held,
    item,
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


def adjusted(amount: int, **parts: Any) -> OrderAdjusted:
    return OrderAdjusted(
        adjustment_id="j1", amount_cents=amount, parts=Parts(**parts), label="fee", reason="why"
    )


def written_off(amount: int, forgiven: int = 0) -> WrittenOff:
    return WrittenOff(write_off_id="w1", amount_cents=amount, forgiven_cents=forgiven, reason="why")


ADDED = ItemsAdded(
    addition_id="a1",
    items=(item(3, "saucer", 4, 150, discount_cents=100, tax_cents=100),),
    shipping_cents=80,
    shipping_discount_cents=0,
    shipping_tax_cents=20,
    shipping_tax_code="",
    discount_cents=0,
    tax_cents=0,
)
ACCEPTED = RefundAccepted(
    payment_id="p1",
    payout_id="o1",
    refund_id="r1",
    amount_cents=400,
    credit_cents=400,
    parts=Parts(goods_cents=400),
    reason="why",
)
FEE = FeeRecorded(
    fee_id="f1",
    payment_id="p1",
    amount_cents=30,
    currency="EUR",
    counted_cents=None,
    kind="processing",
    report_id=None,
)
TEA = {"sales": 500, "discount": -63, "tax": 23}
"""A unit of tea: 500 less 63, and its tax."""
ROWS = (
    Row(
        "placed",
        (),
        PLACED,
        {"receivable": 4000, "sales": -4000, "shipping": -300, "tax": -200, "discount": 500},
    ),
    Row("items cancelled", (PLACED,), items_cancelled("x1", 1), {"receivable": -460, **TEA}),
    Row(
        "items cancelled down to nothing: shipping and its tax are still due",
        (PLACED,),
        items_cancelled("x1", 2, 3),
        {"receivable": -3684, "sales": 4000, "discount": -500, "tax": 184},
    ),
    Row(
        "items and shipping cancelled",
        (PLACED,),
        replace(items_cancelled("x1", 2, 3), shipping_cents=300),
        {"receivable": -4000, "sales": 4000, "discount": -500, "tax": 200, "shipping": 300},
    ),
    Row(
        "items cancelled below what is credited: 3316 of the credit of 3500 wait",
        (*PAID, granted(3500, 3500)),
        items_cancelled("x1", 2, 3),
        {
            "receivable": -500,
            "sales": 4000,
            "discount": -500,
            "tax": 200,
            "shipping": 300,
            "returns_and_allowances": -3500,
        },
    ),
    Row(
        "items cancelled, and the credit of their refund ends",
        (*PAID, granted(400, 400), refunded(400)),
        replace(items_cancelled("x1", 1), refund_id="r1", credit=Parts(goods_cents=400)),
        {"receivable": -60, **TEA, "returns_and_allowances": -400},
    ),
    Row(
        "items added",
        (PLACED,),
        ADDED,
        {"receivable": 700, "sales": -600, "discount": 100, "tax": -120, "shipping": -80},
    ),
    Row("charged", (PLACED,), adjusted(30, other_cents=30), {"receivable": 30, "other": -30}),
    Row(
        "credited",
        (PLACED,),
        adjusted(-30, goods_cents=-20, shipping_cents=-10),
        {"receivable": -30, "returns_and_allowances": 20, "shipping": 10},
    ),
    Row(
        "a charge revoked",
        (PLACED, adjusted(30, other_cents=30)),
        AdjustmentRevoked(adjustment_id="j1", reason="why"),
        {"receivable": -30, "other": 30},
    ),
    Row("written off", (PLACED,), written_off(30), {"receivable": -30, "write_offs": 30}),
    Row(
        "written off above the due",
        (*PAID, granted(4000, 4000), refunded(4000), refunded(50, payout_id="o2")),
        written_off(50, 50),
        {"receivable": -50, "write_offs": 50},
    ),
    Row(
        "a write-off revoked",
        (PLACED, written_off(30)),
        WriteOffRevoked(write_off_id="w1", reason="why"),
        {"receivable": 30, "write_offs": -30},
    ),
    Row(
        "cancelled",
        (PLACED,),
        CANCELLED,
        {"receivable": -4000, "sales": 4000, "shipping": 300, "tax": 200, "discount": -500},
    ),
    Row(
        "cancelled after a refund and a write-off",
        (*PAID, granted(1500, 500), written_off(30)),
        CANCELLED,
        {
            "receivable": -3470,
            "sales": 4000,
            "shipping": 300,
            "tax": 200,
            "discount": -500,
            "returns_and_allowances": -500,
            "write_offs": -30,
        },
    ),
    Row("captured", (PLACED,), captured(700), {"receivable": -700, "cash": 700}),
    Row(
        "captured by gift card",
        (PLACED,),
        replace(captured(700), method="gift-card"),
        {"receivable": -700, "store_credit": 700},
    ),
    Row(
        "an authorization told later says that it was a gift card",
        (PLACED, captured(700)),
        replace(authorized(700), method="gift-card"),
        {"cash": -700, "store_credit": 700},
    ),
    Row("a fee", PAID, FEE, {"cash": -30, "provider_fees": 30}),
    Row("charged back", PAID, charged_back(700), {"receivable": 700, "cash": -700}),
    Row("charged back after its reversal", (*PAID, reversed_()), charged_back(700), {}),
    Row("reversed", (*PAID, charged_back(700)), reversed_(), {"receivable": -700, "cash": 700}),
    Row("reversed before its chargeback", PAID, reversed_(), {}),
    Row(
        "granted: 400 of 1000 are credit",
        PAID,
        granted(1000, 400),
        {"receivable": 600, "refunds_payable": -1000, "returns_and_allowances": 400},
    ),
    Row(
        "granted after a part was paid out",
        (*PAID, refunded(300)),
        granted(1000, 1000),
        {"receivable": -300, "refunds_payable": -700, "returns_and_allowances": 1000},
    ),
    Row(
        "revoked, which takes the credit first",
        (*PAID, granted(1000, 1000), refunded(400)),
        revoked(600, credit=600),
        {"refunds_payable": 600, "returns_and_allowances": -600},
    ),
    Row(
        "revoked, more than was credit",
        (*PAID, granted(1000, 400), refunded(400)),
        revoked(600, credit=400),
        {"receivable": -200, "refunds_payable": 600, "returns_and_allowances": -400},
    ),
    Row(
        "accepted",
        (*PAID, refunded(400)),
        ACCEPTED,
        {"receivable": -400, "returns_and_allowances": 400},
    ),
    Row(
        "paid out within the grant",
        (*PAID, granted(1000)),
        refunded(400),
        {"refunds_payable": 400, "cash": -400},
    ),
    Row(
        "paid out as store credit",
        (*PAID, granted(1000)),
        replace(refunded(400), method="store-credit"),
        {"refunds_payable": 400, "store_credit": -400},
    ),
    Row(
        "paid out beyond the grant",
        (*PAID, granted(1000)),
        refunded(1200),
        {"receivable": 200, "refunds_payable": 1000, "cash": -1200},
    ),
    Row("paid out ungranted", PAID, refunded(400), {"receivable": 400, "cash": -400}),
    Row(
        "paid out when its failure is known",
        (*PAID, refund_failed("r1", "p1", "o1")),
        refunded(400),
        {},
    ),
    Row(
        "a payout failed",
        (*PAID, granted(1000), refunded(400)),
        refund_failed("r1", "p1", "o1"),
        {"refunds_payable": -400, "cash": 400},
    ),
    Row(
        "a payout beyond the grant failed",
        (*PAID, granted(1000), refunded(1200)),
        refund_failed("r1", "p1", "o1"),
        {"receivable": -200, "refunds_payable": -1000, "cash": 1200},
    ),
    Row(
        "a payout of a revoked grant failed: its part is open again",
        (*PAID, granted(1000), refunded(400), revoked(600)),
        refund_failed("r1", "p1", "o1"),
        {"refunds_payable": -400, "cash": 400},
    ),
    Row(
        "a failure that names no payout",
        (*PAID, granted(1000), refunded(400)),
        refund_failed("r1", "p1"),
        {},
    ),
    Row("a capture in another currency", PAID, captured(9, currency="USD"), {}),
    Row(
        "a capture in another currency, with what it counts for",
        PAID,
        replace(captured(9, currency="USD", capture_id="c2"), counted_cents=8),
        {"receivable": -8, "cash": 8},
    ),
    Row(
        "a capture retracted",
        PAID,
        retraction_of(captured(), "typed wrongly"),
        {"receivable": 4000, "cash": -4000},
    ),
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

    accounts = Counter(account_totals(money))

    refunds = money.refunds.values()
    assert accounts["receivable"] + accounts["refunds_payable"] == money.balance_cents
    paid = sum(accounts[name] for name in ("cash", "store_credit", "provider_fees"))
    assert paid == money.net_cents
    assert sum(accounts[name] for name in OF_THE_DUE) == -money.due_cents
    assert accounts["refunds_payable"] == -sum(refund.open_cents for refund in refunds)
    assert sum(accounts.values()) == 0


OF_THE_DUE = (
    "sales",
    "discount",
    "shipping",
    "other",
    "tax",
    "returns_and_allowances",
    "write_offs",
)


def test_tax_is_posted_by_its_code() -> None:
    taxed = replace(
        PLACED,
        items=tuple(
            replace(each, tax_code=code) for each, code in zip(PLACED.items, "AB", strict=True)
        ),
        shipping_tax_code="A",
    )
    placed = evolve_money(None, taxed)
    credit = Parts(taxes=(TaxCents(tax_code="B", cents=38),))

    assert postings(None, taxed, placed)[-2:] == (
        Posting("tax", -62, "A"),
        Posting("tax", -138, "B"),
    )
    grant = granted(38, 38, parts_=credit)
    paid = evolve_money(placed, captured())
    assert postings(paid, grant, evolve_money(paid, grant)) == (
        Posting("refunds_payable", -38),
        Posting("tax", 38, "B"),
    )


def test_prices_that_contain_the_tax_are_sales_without_it() -> None:
    contained = replace(PLACED, prices_include_tax=True, total_cents=3800)

    assert account_totals(evolve_money(None, contained)) == {
        "receivable": 3800,
        "sales": -3816,
        "discount": 500,
        "shipping": -284,
        "tax": -200,
    }


def test_the_postings_of_a_whole_life_add_up_to_the_balances() -> None:
    history = [event for row in ROWS for event in (*row.history, row.event)]
    distinct = {repr(event): event for event in (*READY, *PAID, *history)}
    accounts: Counter[str] = Counter()
    money: Money | None = None
    for event in distinct.values():
        after = evolve_money(money, event)
        for posting in postings(money, event, after):
            accounts[posting.account] += posting.amount_cents
        money = after

    assert money is not None
    assert {name: cents for name, cents in accounts.items() if cents} == account_totals(money)
