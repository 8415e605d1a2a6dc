"""The derived statuses, each at its first and its last history."""

import pytest

from domain.events import Event
from domain.words import state_word
from tests.domain.examples import (
    CANCELLED,
    CONFIRMED,
    PLACED,
    TOTAL,
    arrived,
    authorized,
    captured,
    charged_back,
    closed,
    expired,
    failed,
    granted,
    held,
    items_cancelled,
    order_of,
    refunded,
    released,
    return_requested,
    reversed_,
    voided,
    written_off,
)

PAYING = (PLACED, authorized())


DONE = (*arrived("s1", 2, 3), authorized(), captured())


@pytest.mark.parametrize(
    ("status", "history"),
    [
        ("placed", ()),
        ("confirmed", (CONFIRMED,)),
        ("cancelled", (CANCELLED,)),
        ("cancelled", (CONFIRMED, CANCELLED)),
        ("completed", (CONFIRMED, *DONE)),
        ("placed", DONE),
        ("confirmed", (CONFIRMED, *arrived("s1", 2, 2), authorized(), captured())),
        ("confirmed", (CONFIRMED, *arrived("s1", 2, 3))),
        ("confirmed", (CONFIRMED, *DONE, captured(1, "p1", "c2"))),
        ("confirmed", (CONFIRMED, *DONE, granted(5))),
        ("confirmed", (CONFIRMED, *DONE, granted(5, 5))),
        ("completed", (CONFIRMED, *DONE, granted(5, 5), refunded(5))),
        ("confirmed", (CONFIRMED, *DONE, return_requested("b1", 1))),
        ("completed", (CONFIRMED, *DONE, return_requested("b1", 1), closed("b1"))),
    ],
)
def test_state(status: str, history: tuple[Event, ...]) -> None:
    order = order_of(PLACED, *history)
    assert state_word(order.status, order.money, order.goods) == status


@pytest.mark.parametrize(
    ("holds", "history"),
    [
        (0, ()),
        (1, (held(),)),
        (0, (held(), released())),
        (1, (held("h1"), held("h2"), released("h1"))),
    ],
)
def test_on_hold(holds: int, history: tuple[Event, ...]) -> None:
    status = order_of(PLACED, *history).status

    assert len(status.holds) == holds
    assert status.on_hold is (holds > 0)


def test_a_cancelled_order_is_not_on_hold() -> None:
    assert order_of(PLACED, held()).status.on_hold
    assert not order_of(PLACED, held(), CANCELLED).status.on_hold


@pytest.mark.parametrize(
    ("status", "history"),
    [
        ("none", (PLACED,)),
        ("none", (PLACED, authorized(0))),
        ("authorized", PAYING),
        ("none", (*PAYING, expired())),
        ("none", (*PAYING, voided(TOTAL))),
        ("authorized", (*PAYING, voided(TOTAL - 1))),
        ("authorized", (*PAYING, expired(), authorized(1, "p2"))),
        ("authorized", (*PAYING, expired(), authorized(1, authorization_id="a2"))),
        ("failed", (PLACED, failed())),
        ("failed", (PLACED, failed(), authorized(), expired())),
        ("authorized", (*PAYING, failed())),
        ("authorized", (PLACED, failed(), authorized())),
        ("paid", (PLACED, written_off(TOTAL))),
        ("none", (PLACED, CANCELLED)),
        ("partly_paid", (*PAYING, captured(TOTAL - 1))),
        ("paid", (*PAYING, captured())),
        ("overpaid", (*PAYING, captured(TOTAL + 1))),
        ("overpaid", (*PAYING, captured(), items_cancelled("x1", 1))),
        ("overpaid", (*PAYING, captured(), CANCELLED)),
        ("refunded", (*PAYING, captured(), CANCELLED, refunded(TOTAL))),
        ("charged_back", (*PAYING, captured(), charged_back(TOTAL))),
        ("charged_back", (*PAYING, captured(), charged_back(1))),
        ("overpaid", (*PAYING, captured(TOTAL + 2), charged_back(1))),
        ("paid", (*PAYING, captured(), charged_back(1), reversed_())),
        ("unpaid", (*PAYING, refunded(1))),
        ("unpaid", (*PAYING, captured(), refunded(TOTAL))),
        ("paid", (*PAYING, captured(), granted(500, 500), refunded(500))),
        ("refunding", (*PAYING, captured(), granted(500, 500))),
        ("overpaid", (*PAYING, captured(TOTAL + 1), granted(500, 500))),
        ("partly_paid", (*PAYING, captured(), refunded(500))),
    ],
)
def test_payment_status(status: str, history: tuple[Event, ...]) -> None:
    assert order_of(*history).money.payment_status == status
