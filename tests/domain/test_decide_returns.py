"""Returns are requested of what was delivered, received in parts, declined or closed."""

from dataclasses import replace

from domain import commands as c
from domain.events import ReturnReceived
from tests.domain.examples import (
    CANCELLED,
    READY,
    arrived,
    as_received,
    closed,
    declined,
    delivered,
    order_of,
    parts,
    planned,
    return_received,
    return_requested,
    unplanned,
)
from tests.specification import given

ARRIVED = (*READY, *arrived("s1", 2, 3))
RETURNING = (*ARRIVED, return_requested("b1", 2, 1))
REQUEST = c.RequestReturn(return_id="b1", lines=parts(2, 1), reason="why")
RECEIVE = c.ReceiveReturn(return_id="b1", receipt_id="x1", lines=as_received(1))
DECLINE = c.DeclineReturn(return_id="b1", reason="why")
CLOSE = c.CloseReturn(return_id="b1")


def test_what_was_delivered_can_be_returned() -> None:
    given(*ARRIVED).when(REQUEST).then(return_requested("b1", 2, 1))
    given(*RETURNING).when(REQUEST).then_nothing_happened()


def test_what_a_cancelled_order_delivered_all_the_same_can_be_returned() -> None:
    history = (*READY, planned("s1", 2), unplanned("s1"), CANCELLED, delivered("s1"))
    given(*history).when(replace(REQUEST, lines=parts(2))).then(return_requested("b1", 2))


def test_a_return_is_received_in_parts() -> None:
    given(*RETURNING).when(RECEIVE).then(return_received("b1", "x1", 1))
    half = (*RETURNING, return_received("b1", "x0", 1))
    given(*half).when(RECEIVE).then(return_received("b1", "x1", 1))
    given(*half, return_received("b1", "x1", 1), closed("b1")).when(RECEIVE).then_nothing_happened()


def test_a_line_comes_back_in_several_conditions() -> None:
    torn = c.ReceivedLine(line=1, quantity=1, condition="torn")
    lines = (*as_received(1), torn)
    received = ReturnReceived(return_id="b1", receipt_id="x1", lines=lines)
    given(*RETURNING).when(replace(RECEIVE, lines=lines)).then(received)
    line = order_of(*RETURNING, received).goods.line(1)
    assert (line.requested, line.received) == (0, 2)


def test_declining_and_closing_free_what_was_not_received() -> None:
    given(*RETURNING).when(DECLINE).then(declined("b1"))
    half = (*RETURNING, return_received("b1", "x1", 1))
    given(*half).when(CLOSE).then(closed("b1"))
    freed = order_of(*RETURNING, declined("b1")).goods
    assert [line.returnable for line in freed.lines] == [2, 3]
    freed = order_of(*half, closed("b1")).goods
    assert [line.returnable for line in freed.lines] == [1, 3]


def test_declining_and_closing_again_changes_nothing() -> None:
    given(*RETURNING, declined("b1")).when(c.DeclineReturn(return_id="b1", reason="x")).then()
    given(*RETURNING, closed("b1")).when(CLOSE).then_nothing_happened()


def test_a_return_that_came_back_whole_is_closed_not_declined() -> None:
    history = (*RETURNING, return_received("b1", "x1", 2, 1))
    given(*history).when(DECLINE).then_refused("return-received")
    given(*history).when(CLOSE).then(closed("b1"))
