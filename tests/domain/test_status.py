"""The derived statuses, each at its first and its last history."""

import pytest

from domain.events import Event
from tests.domain.examples import (
    CANCELLED,
    CONFIRMED,
    PLACED,
    TOTAL,
    authorized,
    captured,
    charged_back,
    expired,
    failed,
    granted,
    held,
    items_cancelled,
    order_of,
    refunded,
    released,
    voided,
)

PAYING = (PLACED, authorized())


@pytest.mark.parametrize(
    ("status", "history"),
    [
        ("placed", ()),
        ("confirmed", (CONFIRMED,)),
        ("cancelled", (CANCELLED,)),
        ("cancelled", (CONFIRMED, CANCELLED)),
    ],
)
def test_state(status: str, history: tuple[Event, ...]) -> None:
    assert order_of(PLACED, *history).status.state == status


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


@pytest.mark.parametrize(
    ("status", "history"),
    [
        ("none", (PLACED,)),
        ("none", (PLACED, authorized(0))),
        ("authorized", PAYING),
        ("none", (*PAYING, expired())),
        ("none", (*PAYING, failed())),
        ("none", (*PAYING, voided(TOTAL))),
        ("authorized", (*PAYING, voided(TOTAL - 1))),
        ("authorized", (*PAYING, expired(), authorized(1, "p2"))),
        ("partly_captured", (*PAYING, captured(TOTAL - 1))),
        ("paid", (*PAYING, captured())),
        ("overpaid", (*PAYING, captured(TOTAL + 1))),
        ("overpaid", (*PAYING, captured(), items_cancelled("x1", 1))),
        ("overpaid", (*PAYING, captured(), CANCELLED)),
        ("refunded", (*PAYING, captured(), CANCELLED, refunded(TOTAL))),
        ("refunded", (*PAYING, captured(), charged_back(TOTAL))),
        ("refunded", (*PAYING, refunded(1))),
        ("paid", (*PAYING, captured(), granted(500, 500), refunded(500))),
        ("overpaid", (*PAYING, captured(), granted(500, 500))),
        ("partly_captured", (*PAYING, captured(), refunded(500))),
    ],
)
def test_payment_status(status: str, history: tuple[Event, ...]) -> None:
    assert order_of(*history).money.payment_status == status
