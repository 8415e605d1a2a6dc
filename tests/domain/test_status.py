"""The derived statuses, each at its first and its last history."""

import pytest

from domain.events import Event
from tests.domain.examples import (
    CANCELLED,
    CONFIRMED,
    PLACED,
    READY,
    TOTAL,
    arrived,
    authorized,
    captured,
    charged_back,
    delivered,
    expired,
    failed,
    granted,
    held,
    items_cancelled,
    lost,
    order_of,
    planned,
    refunded,
    released,
    sent_back,
    shipped,
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
        ("none", ()),
        ("none", (CANCELLED,)),
        ("planned", (planned("s1", 1),)),
        ("none", (*shipped("s1", 2, 3), lost("s1"))),
        ("planned", (*shipped("s1", 2, 3), lost("s1"), planned("s2", 1))),
        ("partly_dispatched", shipped("s1", 1)),
        ("partly_dispatched", shipped("s1", 2)),
        ("dispatched", shipped("s1", 2, 3)),
        ("dispatched", (items_cancelled("x1", 0, 3), *shipped("s1", 2))),
        ("partly_delivered", (*shipped("s1", 2, 2), *arrived("s2", 0, 1))),
        ("delivered", arrived("s1", 2, 3)),
        ("delivered", (items_cancelled("x1", 0, 3), *arrived("s1", 2))),
        ("partly_delivered", (*arrived("s1", 2), *shipped("s2", 0, 3), sent_back("s2"))),
        ("partly_dispatched", (*arrived("s1", 2), *shipped("s2", 0, 3), lost("s1"))),
    ],
)
def test_fulfilment(status: str, history: tuple[Event, ...]) -> None:
    assert order_of(*READY, *history).goods.fulfilment == status


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


def test_a_shipment_that_is_delivered_at_last_counts_once() -> None:
    order = order_of(*READY, *shipped("s1", 2, 3), lost("s1"), delivered("s1"))

    assert [(line.delivered, line.lost) for line in order.goods.lines] == [(2, 0), (3, 0)]
    assert order.goods.fulfilment == "delivered"
