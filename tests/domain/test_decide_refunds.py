"""Refunds are granted within what was captured, accepted, and revoked as far as they are open."""

from dataclasses import replace

import pytest

from domain import commands as c
from domain import events as e
from domain.events import Event
from domain.order import decide
from domain.values import Malformed
from tests.domain.examples import (
    CANCELLED,
    PLACED,
    TOTAL,
    authorized,
    captured,
    charged_back,
    granted,
    items_cancelled,
    order_of,
    parts,
    refund_failed,
    refunded,
    reversed_,
    revoked,
)
from tests.specification import given

PAID = (PLACED, authorized(), captured())
GRANT = c.GrantRefund(refund_id="r1", amount_cents=1000, reason="why")
REVOKE = c.RevokeRefund(refund_id="r1", reason="why")
ACCEPT = c.AcceptRefund(payment_id="p1", payout_id="o1", reason="why")


def tax(cents: int) -> tuple[e.TaxCents, ...]:
    return (e.TaxCents(tax_code="", cents=cents),)


def credit_of(history: tuple[Event, ...], command: c.GrantRefund = GRANT) -> int:
    [event] = decide(command, order_of(*history))
    assert isinstance(event, e.RefundGranted)
    return event.credit_cents


@pytest.mark.parametrize(
    ("history", "credit"),
    [
        (PAID, 1000),
        ((*PAID, items_cancelled("x1", 1)), 1000 - 460),
        ((*PAID, items_cancelled("x1", 2)), 1000 - 921),
        ((*PAID, items_cancelled("x1", 2), granted(400, 0, "r0")), 479),
        ((*PAID, CANCELLED), 0),
        ((PLACED, captured(3000)), 1000),
        ((*PAID, refunded(300)), 1000),
        ((*PAID, items_cancelled("x1", 1), refunded(300)), 1000 - 460),
        ((*PAID, items_cancelled("x1", 1), refunded(300, "r0")), 1000 - 160),
    ],
)
def test_a_grant_first_gives_back_what_was_overpaid(
    history: tuple[Event, ...], credit: int
) -> None:
    """A unit of tea is billed with 437 and 23 of tax."""
    assert credit_of(history) == credit


def test_a_credit_that_is_named_is_kept_under_either_name() -> None:
    for named in ({"credit_cents": 7}, {"allowance_cents": 7}):
        assert credit_of(PAID, replace(GRANT, **named)) == 7  # type: ignore[arg-type]
    assert credit_of(PAID, replace(GRANT, parts=c.PartsCents(goods_cents=7))) == 7


def test_a_credit_is_apportioned_over_what_is_billed_and_not_credited() -> None:
    """Billed: goods 3500, shipping 300, tax 200; then all of the shipping is credited."""
    split = e.Parts(goods_cents=875, shipping_cents=75, taxes=tax(50))
    given(*PAID).when(GRANT).then(granted(1000, 1000, parts_=split))
    history = (*PAID, granted(300, 300, "r0", e.Parts(shipping_cents=300)))
    split = e.Parts(goods_cents=946, taxes=tax(54))
    given(*history).when(GRANT).then(granted(1000, 1000, parts_=split))


def test_lines_say_what_a_credit_is_of() -> None:
    """A unit of tea is 437 of goods and 23 of tax."""
    command = replace(GRANT, lines=parts(1))
    split = e.Parts(goods_cents=950, taxes=tax(50))
    event = replace(granted(1000, 1000, parts_=split), lines=parts(1))
    given(*PAID).when(command).then(event)
    given(*PAID, granted(1000, 1000)).when(command).then_refused("id-reused")
    given(*PAID, event).when(GRANT).then_refused("id-reused")


def test_parts_are_kept_and_a_credit_above_what_is_billed_is_refused() -> None:
    command = replace(GRANT, parts=c.PartsCents(tax_cents=200, other_cents=800))
    event = granted(1000, 1000, parts_=e.Parts(other_cents=800, taxes=tax(200)))
    given(*PAID).when(command).then(event)
    given(*PAID, event).when(GRANT).then_nothing_happened()
    given(*PAID, event).when(replace(GRANT, parts=c.PartsCents(goods_cents=1000))).then_refused(
        "id-reused"
    )
    overpaid = (*PAID, captured(5000, "p2"))
    named = replace(GRANT, amount_cents=5000, credit_cents=4001)
    given(*overpaid).when(named).then_refused("credit-above-billed")


@pytest.mark.parametrize(
    "change",
    [
        {"credit_cents": 1001},
        {"credit_cents": 1, "allowance_cents": 1},
        {"credit_cents": 7, "parts": c.PartsCents(goods_cents=8)},
        {"parts": c.PartsCents(goods_cents=1001)},
        {"parts": c.PartsCents(goods_cents=8, tax_cents=-1)},
    ],
)
def test_a_malformed_credit_cannot_be_made(change: dict[str, object]) -> None:
    with pytest.raises(Malformed):
        replace(GRANT, **change)  # type: ignore[arg-type]


def test_a_grant_is_the_same_when_other_amounts_have_changed() -> None:
    history = (*PAID, granted(1000, 1000), refunded(1000), items_cancelled("x1", 2))
    given(*history).when(GRANT).then_nothing_happened()


def test_all_that_was_captured_can_be_granted_in_parts() -> None:
    history = (*PAID, granted(3000, 3000, "r0"))
    assert credit_of(history) == 1000
    given(*history).when(replace(GRANT, amount_cents=1001)).then_refused("refund-above-captured")


def test_after_a_revocation_or_a_reversed_chargeback_more_can_be_granted() -> None:
    assert credit_of((*PAID, granted(TOTAL, 0, "r0"), revoked(TOTAL, "r0"))) == 1000
    history = (*PAID, charged_back(TOTAL))
    given(*history).when(GRANT).then_refused("refund-above-captured")
    assert credit_of((*history, reversed_())) == 1000


# Revoke -------------------------------------------------------------------------------------------


def test_revoking_ends_what_is_not_paid_out_and_takes_the_credit_first() -> None:
    given(*PAID, granted(1000)).when(REVOKE).then(revoked(1000))
    given(*PAID, granted(1000), refunded(400)).when(REVOKE).then(revoked(600))
    given(*PAID, granted(1000, 700), refunded(400)).when(REVOKE).then(revoked(600, credit=600))
    given(*PAID, granted(1000, 500), refunded(400)).when(REVOKE).then(revoked(600, credit=500))


def test_the_credit_that_a_revoke_takes_is_apportioned_over_what_is_kept() -> None:
    split = e.Parts(goods_cents=500, shipping_cents=300, taxes=tax(200))
    [event] = decide(REVOKE, order_of(*PAID, granted(1000, 1000, parts_=split), refunded(500)))

    assert isinstance(event, e.RefundRevoked)
    assert event.credit == e.Parts(goods_cents=250, shipping_cents=150, taxes=tax(100))


def test_a_payout_that_fails_opens_its_part_again_and_it_can_be_revoked_again() -> None:
    history = (*PAID, granted(1000), refunded(400), revoked(600))
    given(*history).when(REVOKE).then_refused("already-revoked")
    failed = (*history, refund_failed("r1", "p1", "o1"))
    assert order_of(*failed).money.open_refunds_cents == 400
    given(*failed).when(REVOKE).then(revoked(400))
    given(*failed).when(replace(GRANT, credit_cents=0)).then_refused("id-ended")


# Accept -------------------------------------------------------------------------------------------


def accepted(amount: int, credit: int, refund_id: str = "r1") -> e.RefundAccepted:
    """By the example's figures a credit is goods 35, shipping 3, tax 2 of 40."""
    goods, shipping = credit * 35 // 40, credit * 3 // 40
    split = e.Parts(
        goods_cents=goods,
        shipping_cents=shipping,
        taxes=tax(credit - goods - shipping) if credit else (),
    )
    return e.RefundAccepted(
        payment_id="p1",
        payout_id="o1",
        refund_id=refund_id,
        amount_cents=amount,
        credit_cents=credit,
        parts=split,
        reason="why",
    )


def test_a_payout_that_no_grant_covers_is_accepted() -> None:
    history = (*PAID, refunded(400))
    given(*history).when(ACCEPT).then(accepted(400, 400))
    given(*history).when(replace(ACCEPT, credit_cents=0)).then(accepted(400, 0))
    given(*history).when(replace(ACCEPT, credit_cents=401)).then_refused("credit-above-refund")
    order = order_of(*history, accepted(400, 400))
    assert (order.money.due_cents, order.money.balance_cents) == (3600, 0)
    assert order.money.refund("r1").uncovered_cents == 0


def test_only_what_a_grant_does_not_cover_is_accepted_and_once() -> None:
    history = (*PAID, granted(1000), refunded(700, payout_id="o2"), refunded(800))
    given(*history).when(replace(ACCEPT, credit_cents=0)).then(accepted(500, 0))
    more = (*history, accepted(500, 0), refunded(100, payout_id="o3"))
    given(*more).when(replace(ACCEPT, credit_cents=0)).then(accepted(100, 0))
    all_of_it = (*history[:-1], refunded(100), refunded(900, payout_id="o3"), accepted(100, 0))
    given(*all_of_it).when(ACCEPT).then_nothing_happened()


@pytest.mark.parametrize(
    ("history", "rule"),
    [
        ((), "unknown-payout"),
        ((refund_failed("r1", "p1", "o1"),), "unknown-payout"),
        ((refunded(400), refund_failed("r1", "p1", "o1")), "nothing-to-accept"),
        ((granted(400), refunded(400)), "nothing-to-accept"),
        ((refunded(400), accepted(400, 0), refund_failed("r1", "p1", "o1")), "nothing-to-accept"),
    ],
)
def test_nothing_is_accepted_of_what_failed_or_is_covered(
    history: tuple[Event, ...], rule: str
) -> None:
    given(*PAID, *history).when(ACCEPT).then_refused(rule)


def test_a_revoke_ends_the_acceptance_of_a_payout_that_failed() -> None:
    """Then another report of the payout can be accepted again."""
    history = (*PAID, refunded(400), accepted(400, 0), refund_failed("r1", "p1", "o1"))
    again = replace(refunded(400), report_id="e2")
    given(*history, again).when(ACCEPT).then_nothing_happened()
    given(*history, revoked(400), again).when(replace(ACCEPT, credit_cents=0)).then(
        accepted(400, 0)
    )


def test_of_several_refunds_of_a_payout_the_one_without_grant_is_accepted() -> None:
    other = replace(refunded(300, "r2"), report_id="e2")
    history = (*PAID, granted(400), refunded(400), other)
    [event] = decide(replace(ACCEPT, credit_cents=0), order_of(*history))

    assert isinstance(event, e.RefundAccepted)
    assert (event.refund_id, event.amount_cents) == ("r2", 300)
