"""Refunds are granted within what was captured, and revoked as far as they are not paid out."""

from dataclasses import replace

import pytest

from domain import commands as c
from domain.events import Event
from tests.domain.examples import (
    CANCELLED,
    PLACED,
    TOTAL,
    authorized,
    captured,
    charged_back,
    granted,
    items_cancelled,
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


@pytest.mark.parametrize(
    ("history", "allowance"),
    [
        (PAID, 1000),
        ((*PAID, items_cancelled("x1", 1)), 500),
        ((*PAID, items_cancelled("x1", 2)), 0),
        ((*PAID, items_cancelled("x1", 2), granted(400, 0, "r0")), 400),
        ((*PAID, CANCELLED), 0),
        ((PLACED, captured(3000)), 1000),
    ],
)
def test_a_grant_first_gives_back_what_was_overpaid(
    history: tuple[Event, ...], allowance: int
) -> None:
    given(*history).when(GRANT).then(granted(1000, allowance))


def test_an_allowance_that_is_named_is_kept() -> None:
    given(*PAID).when(replace(GRANT, allowance_cents=7)).then(granted(1000, 7))


def test_a_grant_without_allowance_is_the_same_when_other_amounts_have_changed() -> None:
    history = (*PAID, granted(1000, 1000), refunded(1000), items_cancelled("x1", 2))
    given(*history).when(GRANT).then_nothing_happened()


def test_lines_are_kept_with_the_grant() -> None:
    command = replace(GRANT, lines=parts(1))
    given(*PAID).when(command).then(replace(granted(1000, 1000), lines=parts(1)))
    given(*PAID, granted(1000, 1000)).when(command).then_refused("id-reused")


def test_all_that_was_captured_can_be_granted_in_parts() -> None:
    history = (*PAID, granted(3000, 3000, "r0"))
    given(*history).when(GRANT).then(granted(1000, 1000))


def test_a_payout_that_came_first_is_part_of_its_grant() -> None:
    history = (*PAID, refunded(TOTAL))
    given(*history).when(replace(GRANT, amount_cents=TOTAL)).then(granted(TOTAL, TOTAL))


def test_after_a_revocation_or_a_reversed_chargeback_more_can_be_granted() -> None:
    given(*PAID, granted(TOTAL, 0, "r0"), revoked(TOTAL, "r0")).when(GRANT).then(
        granted(1000, 1000)
    )
    history = (*PAID, charged_back(TOTAL))
    given(*history).when(GRANT).then_refused("refund-above-captured")
    given(*history, reversed_()).when(GRANT).then(granted(1000, 1000))


def test_revoking_ends_what_is_not_paid_out() -> None:
    given(*PAID, granted(1000)).when(REVOKE).then(revoked(1000))
    given(*PAID, granted(1000), refunded(400)).when(REVOKE).then(revoked(600))
    given(*PAID, granted(1000), refunded(1000), refund_failed()).when(REVOKE).then(revoked(1000))


def test_a_revoked_grant_does_not_come_back_when_its_payout_fails() -> None:
    history = (*PAID, granted(1000), refunded(400), revoked(600), refund_failed())
    given(*history).when(REVOKE).then_nothing_happened()
    given(*history).when(replace(GRANT, allowance_cents=0)).then_refused("id-ended")
