"""The oracle itself: the field cases, and figures worked out by hand from the contract."""

import json
from pathlib import Path
from typing import Any

import pytest

from domain.commands import COMMANDS
from tests.domain.oracle import books
from tests.domain.oracle_anomalies import state_of
from tests.domain.oracle_billing import Malformed, bill
from tests.domain.oracle_check import Node, step, the_domain
from tests.domain.oracle_history import THINGS
from tests.domain.oracle_judge import JUDGES, verdict
from tests.domain.oracle_parts import apportion, filled, taken
from tests.domain.oracle_story import document, played
from tests.domain.search_moves import (
    BILLED,
    CANCEL,
    CONFIRM,
    accept,
    adjust,
    authorize,
    because,
    cancel_items,
    capture,
    charge_back,
    expire,
    fail,
    give,
    grant,
    item,
    payout,
    place,
    plan,
    retract,
    reverse,
    revoke,
    told,
    write_off,
)
from tests.domain.search_table import Command

CASES = json.loads(
    (Path(__file__).parents[1] / "data" / "field-cases.json").read_text(encoding="utf-8")
)


def shown(*commands: Command) -> dict[str, Any]:
    return document(played(commands))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_the_oracle_ends_every_field_case_right(case: dict[str, Any]) -> None:
    ended = shown(*case["commands"])
    assert {name: ended[name] for name in case["expect"]} == case["expect"]


def test_every_command_has_a_judge() -> None:
    unjudged = sorted(COMMANDS.keys() - JUDGES.keys() - THINGS.keys())
    assert not unjudged, f"{', '.join(unjudged)}: no judge in tests/domain/oracle_judge*.py"


@pytest.mark.parametrize(
    ("total", "weights", "shares"),
    [
        (10, (1, 1, 1), [4, 3, 3]),
        (2, (1, 1, 1), [1, 1, 0]),
        (5, (0, 0, 0), [5, 0, 0]),
        (7, (10, 0, 5), [5, 0, 2]),
        (0, (3, 4), [0, 0]),
    ],
)
def test_apportioning_is_by_largest_remainder(
    total: int, weights: tuple[int, ...], shares: list[int]
) -> None:
    assert apportion(total, weights) == shares


def test_credits_fill_their_own_parts_first_and_then_in_order() -> None:
    assert filled(12, (2, 0, 0, 20), (10, 5, 0, 6)) == (6, 0, 0, 6)


def test_what_ends_of_a_credit_is_its_own_parts_first() -> None:
    assert taken(7, (5, 0, 0, 2), (3, 1, 0, 4)) == (3, 1, 0, 3)


def test_a_discount_that_the_goods_cannot_bear_goes_to_shipping() -> None:
    billed = bill(
        {"items": [item(1, 10)], "shipping_cents": 5, "discount_cents": 12}, contained=False
    )
    assert (billed["lines"][0]["net"], billed["shipping"]["net"]) == (0, 3)


@pytest.mark.parametrize(
    "command",
    [
        place(item(1, 5, discount_cents=6)),
        place(item(1, 5), discount_cents=6),
        place(item(1)),
        place(item(1, 5, amount_cents=5)),
        place(item(1, 5, tax_cents=6), prices_include_tax=True),
    ],
)
def test_a_shape_that_is_wrong(command: Command) -> None:
    with pytest.raises(Malformed):
        verdict((), command)


def test_of_two_reports_of_a_chargeback_a_reversal_takes_the_first() -> None:
    reports = (charge_back(9, report_id="e1"), charge_back(4, report_id="e2"))
    assert shown(BILLED, capture(14), *reports, reverse())["net_cents"] == 10
    assert shown(BILLED, reverse(), *reversed(reports), capture(14))["net_cents"] == 10


def test_a_failed_payout_opens_its_part_of_the_grant_again() -> None:
    history = played((BILLED, capture(14), grant(6), payout(4), revoke(), fail()))
    assert books(history).refunds["r"].open == 4
    assert (
        shown(BILLED, capture(14), grant(6), payout(4), revoke(), fail(), revoke())["due_cents"]
        == 14
    )


def test_the_acceptance_of_a_payout_that_failed_ends_with_the_revoke() -> None:
    again = payout(5, report_id="e2")
    story = (BILLED, capture(14), payout(5), accept(), fail(), revoke(), again, accept())
    assert books(played(story)).refunds["r"].uncovered == 0


def test_what_waits_of_a_credit_counts_when_more_is_billed() -> None:
    less = (BILLED, adjust(-10), cancel_items("x", shipping=3, l1=2))
    assert shown(*less)["due_cents"] == 0
    assert shown(*less, adjust(12, "f"))["due_cents"] == 2


def test_a_write_off_above_the_due_is_forgiven() -> None:
    story = (place(item(1, 10)), capture(10), payout(10), payout(10, "o2"), write_off(20))
    ended = shown(*story)
    assert (ended["due_cents"], ended["net_cents"]) == (-10, -10)
    assert shown(*story, CANCEL)["due_cents"] == -10


def test_captured_since_an_authorization_expired() -> None:
    assert shown(BILLED, authorize(14), expire(), capture(14))["open_anomalies"] == [
        "captured-after-expiry"
    ]
    assert shown(BILLED, authorize(14), capture(14), expire())["open_anomalies"] == []


def test_a_retracted_fact_told_again_is_flagged_and_another_content_counts() -> None:
    gone = (BILLED, capture(6), retract("capture-payment", payment_id="p", capture_id="c"))
    assert shown(*gone, capture(6))["open_anomalies"] == ["repeated-after-end"]
    assert shown(*gone, capture(7))["net_cents"] == 7


def test_a_part_of_a_parcel_has_an_outcome_of_its_own() -> None:
    sent = (place(item(2, 5)), CONFIRM, plan("s", l1=2))
    line = books(played((*sent, told("deliver", "s", l1=1), told("lose", "s")))).lines[1]
    assert (line.delivered, line.lost, line.open) == (1, 1, 1)


def test_a_revoked_write_off_is_due_again() -> None:
    story = (BILLED, write_off(4), because("revoke-write-off", write_off_id="w"))
    assert shown(*story)["due_cents"] == 14


def test_a_raise_in_another_currency_takes_back_no_other() -> None:
    """Nothing else of it counts either: what was authorized since the cancellation still is."""
    raised = give("adjust-authorization", payment_id="p", adjustment_id="a", amount_cents=20)
    dollars = give(
        "adjust-authorization", payment_id="p", adjustment_id="b", amount_cents=0, currency="USD"
    )
    node, domain = Node(), the_domain()
    for command in (place(item(1, 30)), CANCEL, raised, dollars):
        node = step(domain, node, command)

    kinds = {entry["kind"] for entry in node.history if entry.name == "anomaly"}
    assert kinds == {"authorized-after-cancel", "currency-mismatch"}
    assert [state_of(node.history, number) for number in (1, 2)] == ["open", "open"]
