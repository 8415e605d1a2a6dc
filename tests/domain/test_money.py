"""The counters of money: of the set of facts, whatever order they came in."""

from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from domain.events import Event
from domain.money import Money, evolve_money
from tests.domain.examples import (
    CANCELLED,
    PLACED,
    authorized,
    captured,
    charged_back,
    expired,
    failed,
    granted,
    held,
    items_cancelled,
    order_of,
    refund_failed,
    refunded,
    reversed_,
    revoked,
    voided,
)

FACTS: tuple[Event, ...] = (
    authorized(4000),
    captured(1500),
    captured(900, capture_id="c2"),
    captured(800, "p2"),
    captured(7, currency="USD", capture_id="c3"),
    voided(300),
    expired("p2"),
    failed("p3"),
    granted(1000, 600),
    refunded(400),
    refunded(300, payout_id="o2"),
    refunded(200, "r2", "p2"),
    refund_failed("r1", None, "o2"),
    refund_failed("r1", "p1"),
    charged_back(250),
    charged_back(50, "b2", "p2"),
    reversed_(),
    reversed_("b9"),
)


def money_of(*events: Event) -> Money:
    money = evolve_money(None, PLACED)
    for event in events:
        money = evolve_money(money, event)
    return money


def counters(money: Money) -> dict[str, object]:
    """Everything but the lists that later failures are compared with: those keep their order."""
    refunds = {
        key: (refund.granted_cents, refund.paid_out_cents, refund.open_cents, refund.claimed_cents)
        for key, refund in money.refunds.items()
    }
    return {**money.__dict__, "payments": dict(money.payments), "refunds": refunds}


@given(st.permutations(FACTS))
def test_facts_in_any_order_give_the_same_counters(facts: list[Event]) -> None:
    assert counters(money_of(*facts)) == counters(money_of(*FACTS))


@pytest.mark.parametrize(
    "facts",
    [
        (granted(1000), refunded(700), refund_failed("r1", "p1", "o1")),
        (charged_back(100), reversed_(), captured(100)),
        (refunded(5), refund_failed("r1", "p1"), refund_failed("r1", None, "o1")),
        (authorized(9), voided(4), captured(5), expired()),
    ],
)
def test_every_order_of_a_few_facts(facts: tuple[Event, ...]) -> None:
    expected = counters(money_of(*facts))

    for arrival in permutations(facts):
        assert counters(money_of(*arrival)) == expected


def test_another_set_of_facts_gives_other_counters() -> None:
    """A control of the tests above."""
    assert counters(money_of(*FACTS)) != counters(money_of(*FACTS[1:]))


def test_figures_of_payments_and_refunds() -> None:
    money = money_of(*FACTS)

    assert (money.captured_cents, money.refunded_cents, money.charged_back_cents) == (3200, 200, 50)
    assert money.net_cents == 2950
    assert money.due_cents == 3400
    assert money.balance_cents == 450
    assert money.refund("r1").open_cents == 1000
    assert money.payment("p1").captured_cents == 2400
    assert money.payment("p1").method == "card"
    assert money.payment("p2").method is None
    assert not money.payment("p2").is_authorized


def test_cancelled_items_lower_what_is_due_and_a_cancelled_order_owes_nothing() -> None:
    assert money_of(items_cancelled("x1", 1, 1)).due_before_refunds_cents == 2500
    assert money_of(items_cancelled("x1", 2, 3)).due_before_refunds_cents == 0
    assert money_of(CANCELLED).due_before_refunds_cents == 0
    assert money_of(CANCELLED).total_cents == 4000


def test_refunds_settle_no_more_than_is_due() -> None:
    assert money_of(captured(9000), granted(9000, 9000)).due_cents == 0
    assert money_of(captured(4000), granted(4000, 100)).due_cents == 3900


def test_a_revoked_refund_settles_what_it_keeps() -> None:
    money = money_of(captured(4000), granted(1000, 1000), refunded(400), revoked(600))

    assert (money.due_cents, money.open_refunds_cents) == (3600, 0)
    assert money.claimed_refunds_cents == 400


def test_what_moves_no_money_leaves_the_same_object() -> None:
    money = money_of()

    assert evolve_money(money, held()) is money


@pytest.mark.parametrize(
    "fact", [authorized(9), captured(9), voided(9), refunded(9), charged_back(9)], ids=repr
)
def test_a_fact_in_another_currency_is_in_no_counter(fact: Any) -> None:
    money = money_of()

    assert evolve_money(money, fact) is not money
    assert evolve_money(money, replace(fact, currency="USD")) is money


def test_only_a_placed_order_has_money() -> None:
    with pytest.raises(TypeError, match="starts with OrderPlaced, not HoldPlaced"):
        evolve_money(None, held())


def test_money_read_back_from_json_is_the_same_and_folds_on() -> None:
    adapter = TypeAdapter(Money)
    money = money_of()
    for event in FACTS:
        money = evolve_money(adapter.validate_json(adapter.dump_json(money)), event)

    assert money == money_of(*FACTS)


@settings(max_examples=20)
@given(st.lists(st.sampled_from(FACTS), unique_by=repr))
def test_an_order_and_a_view_fold_to_the_same_money(facts: list[Event]) -> None:
    assert order_of(PLACED, *facts).money == money_of(*facts)
