"""The counters of money: of the set of facts, whatever order they came in."""

from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from domain import events as e
from domain.events import Event
from domain.facts import retraction_of
from domain.fold_money import evolve_money
from domain.money import Money
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


def of(fact: Any, report_id: str, **changes: Any) -> Any:
    """The fact, told by another report."""
    return replace(fact, report_id=report_id, **changes)


FACTS: tuple[Any, ...] = (
    authorized(4000),
    authorized(500, authorization_id="a2"),
    captured(1500),
    replace(captured(900, capture_id="c2"), method="gift-card"),
    captured(800, "p2"),
    captured(7, currency="USD", capture_id="c3"),
    replace(captured(7, currency="USD", capture_id="c4"), counted_cents=6),
    voided(300),
    expired("p2"),
    expired("p1", "a2"),
    failed("p3"),
    granted(1000, 600),
    refunded(400),
    refunded(300, payout_id="o2"),
    of(refunded(350, payout_id="o2"), "e1"),
    replace(refunded(200, "r2", "p2"), method="store-credit"),
    refund_failed("r1", "p1", "o2"),
    refund_failed("r1", "p1"),
    charged_back(250),
    of(charged_back(150), "e1"),
    charged_back(50, "b2", "p2"),
    reversed_(),
    of(reversed_("b2", "p2"), "e1", amount_cents=20),
    reversed_("b9"),
    e.FeeRecorded(
        fee_id="f1",
        payment_id="p1",
        amount_cents=30,
        currency="EUR",
        counted_cents=None,
        kind="processing",
        report_id=None,
    ),
)
RETRACTABLE = [fact for fact in FACTS if not isinstance(fact, e.RefundGranted)]


def money_of(*events: Event) -> Money:
    money = evolve_money(None, PLACED)
    for event in events:
        money = evolve_money(money, event)
    return money


def counters(money: Money) -> dict[str, object]:
    """Everything, and the maps as what is in them that is not as it was at the start."""
    maps = ("payments", "refunds", "movements", "adjustments", "write_offs")
    return {**money.__dict__, **{name: _told(getattr(money, name)) for name in maps}}


def _told(entries: Any) -> dict[str, object]:
    return {key: each for key, each in entries.items() if each != type(each)()}


@given(st.permutations(FACTS))
def test_facts_in_any_order_give_the_same_counters(facts: list[Event]) -> None:
    assert figures(money_of(*facts)) == figures(money_of(*FACTS))


@pytest.mark.parametrize(
    "facts",
    [
        (granted(1000), refunded(700), refund_failed("r1", "p1", "o1")),
        (charged_back(100), reversed_(), captured(100)),
        (charged_back(100), of(charged_back(60), "e1"), of(reversed_(), "e2")),
        (refunded(5), of(refunded(7), "e1"), of(refund_failed("r1", "p1", "o1"), "e2")),
        (authorized(9), voided(4), captured(5), expired()),
        (authorized(9), of(authorized(5), "e1"), expired(), captured(5)),
    ],
)
def test_every_order_of_a_few_facts(facts: tuple[Event, ...]) -> None:
    expected = figures(money_of(*facts))

    for arrival in permutations(facts):
        assert figures(money_of(*arrival)) == expected


def figures(money: Money) -> dict[str, object]:
    """Without whether a capture came after an expiry, which depends on the order."""
    all_of_them = counters(money)
    payments = all_of_them["payments"]
    assert isinstance(payments, dict)
    late = {key: replace(each, late_captured_cents=0) for key, each in payments.items()}
    return {**all_of_them, "payments": late, "movements": None}


def test_another_set_of_facts_gives_other_counters() -> None:
    """A control of the tests above."""
    assert counters(money_of(*FACTS)) != counters(money_of(*FACTS[1:]))


@given(st.permutations(RETRACTABLE), st.integers(0, len(RETRACTABLE)))
def test_what_is_retracted_might_never_have_been_told(facts: list[Any], kept: int) -> None:
    retractions = [retraction_of(fact, "typed wrongly") for fact in facts[kept:]]

    money = money_of(*facts, *retractions)

    assert figures(money) == figures(money_of(*facts[:kept]))


def test_figures_of_payments_and_refunds() -> None:
    money = money_of(*FACTS)

    assert (money.captured_cents, money.refunded_cents) == (1500 + 900 + 800 + 6, 400 + 350 + 200)
    assert money.charged_back_cents == 150 + 30
    assert money.net_cents == 3206 - 950 - 180
    assert money.due_cents == 3400
    assert money.refund("r1").open_cents == 250
    assert money.payment("p1").captured_cents == 2406
    assert money.payment("p1").authorized_cents == 4500
    assert money.payment("p1").in_force_cents == 4000
    assert money.payment("p1").method == "gift-card"
    assert money.payment("p2").method is None
    assert money.fees_cents == 30


def test_store_credit_is_what_went_through_its_methods() -> None:
    """p1's captures are by gift card, so what names no method goes there too; p2's are not."""
    money = money_of(*FACTS)

    p1 = money.payment("p1")
    assert p1.store_cents == p1.net_cents == 2406 - 750 - 150
    assert money.store_cents == p1.store_cents - 200


def test_an_authorization_has_the_amount_told_last() -> None:
    def adjusted(id_: str, cents: int) -> e.AuthorizationAdjusted:
        return e.AuthorizationAdjusted(
            payment_id="p1",
            authorization_id="p1",
            adjustment_id=id_,
            amount_cents=cents,
            currency="EUR",
            counted_cents=None,
            report_id=None,
        )

    told = (authorized(100), adjusted("j1", 300), adjusted("j2", 200))
    assert money_of(*told).payment("p1").authorized_cents == 200
    retracted = money_of(*told, retraction_of(told[2], "why"))
    assert retracted.payment("p1").authorized_cents == 300
    assert money_of(*told, expired()).payment("p1").in_force_cents == 0


def test_cancelled_items_lower_what_is_due_and_a_cancelled_order_owes_nothing() -> None:
    """Shipping and its tax, 316, are not cancelled with the items."""
    assert money_of(items_cancelled("x1", 1, 1)).due_cents == 4000 - 460 - 875 - 46
    assert money_of(items_cancelled("x1", 2, 3)).due_cents == 316
    assert money_of(CANCELLED).due_cents == 0
    assert money_of(CANCELLED).total_cents == 4000


def test_refunds_credit_no_more_than_is_billed() -> None:
    assert money_of(captured(9000), granted(9000, 9000)).due_cents == 0
    assert money_of(captured(4000), granted(4000, 100)).due_cents == 3900


def test_a_revoked_refund_credits_what_it_keeps() -> None:
    money = money_of(captured(4000), granted(1000, 1000), refunded(400), revoked(600, credit=600))

    assert (money.due_cents, money.open_refunds_cents) == (3600, 0)
    assert money.claimed_refunds_cents == 400


def test_a_grant_and_a_revoke_of_version_1_are_split_by_the_fold() -> None:
    grant = replace(granted(1000, 1000), parts=None)
    revoke = replace(revoked(600), credit=None)

    kept = money_of(captured(4000), grant, refunded(400), revoke).refund("r1").kept

    assert kept == e.Parts(
        goods_cents=350, shipping_cents=30, taxes=(e.TaxCents(tax_code="", cents=20),)
    )


def test_what_moves_no_money_leaves_the_same_object() -> None:
    money = money_of()

    assert evolve_money(money, held()) is money


@pytest.mark.parametrize(
    "fact", [authorized(9), captured(9), voided(9), refunded(9), charged_back(9)], ids=repr
)
def test_a_fact_in_another_currency_counts_for_what_it_says(fact: Any) -> None:
    money = money_of()

    assert evolve_money(money, replace(fact, currency="USD")) is money
    counted = evolve_money(money, replace(fact, currency="USD", counted_cents=9))
    assert counters(counted) | {"movements": None} == counters(evolve_money(money, fact)) | {
        "movements": None
    }


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
