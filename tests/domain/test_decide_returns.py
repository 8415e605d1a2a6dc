"""Returns are requested of what was delivered, declined or closed; what arrives is a fact."""

from dataclasses import replace

import pytest

from domain import commands as c
from domain.events import Event, ReturnReceived
from tests.domain.examples import (
    CANCELLED,
    READY,
    anomaly,
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
    received = ReturnReceived(return_id="b1", receipt_id="x1", lines=lines, report_id=None)
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


# What arrives -------------------------------------------------------------------------------------


def kinds(*history: Event) -> list[tuple[str, str, str]]:
    """Kind, reference and state of the order's anomalies."""
    recorded = order_of(*history).anomalies.recorded.values()
    return [(it.kind, it.refers_to, it.state) for it in recorded]


def recorded(*history: Event, facts: tuple[c.Command, ...]) -> tuple[Event, ...]:
    """The history with the events of facts, each of which must be recorded."""
    for fact in facts:
        events = given(*history).when(fact).events
        assert events, fact
        history = (*history, *events)
    return history


def receive(receipt_id: str, *quantities: int, return_id: str = "b1") -> c.ReceiveReturn:
    return c.ReceiveReturn(
        return_id=return_id, receipt_id=receipt_id, lines=as_received(*quantities)
    )


def test_goods_that_nobody_announced_are_recorded() -> None:
    history = recorded(*ARRIVED, facts=(RECEIVE,))
    assert history[-2:] == (
        return_received("b1", "x1", 1),
        anomaly("unannounced-return", "return:b1", "unannounced: requested 0, received 1"),
    )
    assert order_of(*history).goods.line(1).received == 1


def test_a_request_joins_what_was_received_under_its_id() -> None:
    before = recorded(*ARRIVED, facts=(RECEIVE, REQUEST))
    after = recorded(*ARRIVED, facts=(REQUEST, RECEIVE))
    assert order_of(*before).goods.lines == order_of(*after).goods.lines
    assert kinds(*before) == [("unannounced-return", "return:b1", "explained")]
    assert kinds(*after) == []


def test_all_that_was_received_can_be_announced_late() -> None:
    history = recorded(*ARRIVED, facts=(receive("x1", 2),))
    given(*history).when(replace(REQUEST, lines=parts(2))).then(return_requested("b1", 2))
    given(*history).when(replace(REQUEST, lines=parts(3))).then_refused("quantity-not-returnable")
    other = replace(REQUEST, return_id="b2", lines=parts(1))
    given(*history).when(other).then_refused("quantity-not-returnable")


def test_even_what_was_never_delivered_is_announced_late() -> None:
    history = recorded(*READY, facts=(RECEIVE,))
    given(*history).when(replace(REQUEST, lines=parts(1))).then(return_requested("b1", 1))


def test_a_return_that_nobody_announced_is_unknown() -> None:
    history = recorded(*ARRIVED, facts=(RECEIVE,))
    given(*history).when(CLOSE).then_refused("unknown-return")
    given(*history).when(DECLINE).then_refused("unknown-return")


@pytest.mark.parametrize(
    ("state", "end"), [("open", ()), ("explained", (closed("b1"),))], ids=["open", "closed"]
)
def test_what_was_received_by_the_time_of_close_counts_as_requested(
    state: str, end: tuple[Event, ...]
) -> None:
    history = (*recorded(*ARRIVED, return_requested("b1", 1), facts=(receive("x1", 2, 1),)), *end)
    assert kinds(*history) == [("received-above-requested", "return:b1", state)]
    assert [line.requested for line in order_of(*history).goods.lines] == [0, 0]


@pytest.mark.parametrize(
    "history",
    [
        (*RETURNING, closed("b1")),
        (*RETURNING, declined("b1")),
        (*RETURNING, return_received("b1", "x0", 1), closed("b1")),
    ],
    ids=["closed", "declined", "closed with a part"],
)
def test_what_arrives_after_the_end_is_above_what_was_requested(
    history: tuple[Event, ...],
) -> None:
    received = recorded(*history, facts=(RECEIVE,))
    assert kinds(*received) == [("received-above-requested", "return:b1", "open")]
    line = order_of(*received).goods.line(1)
    assert line.received == order_of(*history).goods.line(1).received + 1
    assert line.requested == 0


def test_more_than_was_delivered_comes_back() -> None:
    history = recorded(*READY, *arrived("s1", 1), facts=(receive("x1", 1), receive("x2", 1)))
    assert ("received-above-delivered", "line:1", "open") in kinds(*history)
    more = recorded(*history, *arrived("s2", 1), facts=())
    assert ("received-above-delivered", "line:1", "explained") in kinds(*more)


def test_one_receipt_under_two_reports_counts_twice_and_is_flagged() -> None:
    again = replace(RECEIVE, report_id="e2")
    history = recorded(*RETURNING, facts=(replace(RECEIVE, report_id="e1"), again))
    assert kinds(*history) == [("told-again", "receipt:b1/x1", "open")]
    assert order_of(*history).goods.line(1).received == 2
    history = recorded(*history, facts=(retract("b1", "x1", "e2"),))
    assert kinds(*history) == [("told-again", "receipt:b1/x1", "explained")]


def retract(return_id: str, receipt_id: str, report_id: str | None = None) -> c.RetractFact:
    return c.RetractFact(
        fact="receive-return",
        return_id=return_id,
        receipt_id=receipt_id,
        report_id=report_id,
        reason="another order's",
    )


def test_a_receipt_that_is_retracted_does_not_count() -> None:
    history = recorded(*RETURNING, facts=(RECEIVE, retract("b1", "x1")))
    assert order_of(*history).goods.lines == order_of(*RETURNING).goods.lines
    history = recorded(*history, facts=(receive("x1", 2),))
    line = order_of(*history).goods.line(1)
    assert (line.requested, line.received) == (0, 2)
    assert kinds(*history) == []


def test_anomalies_of_a_receipt_end_with_its_retraction() -> None:
    history = recorded(*READY, facts=(RECEIVE, retract("b1", "x1")))
    assert {state for _, _, state in kinds(*history)} == {"explained"}
    assert len(kinds(*history)) == 2


def test_a_receipt_of_a_line_that_the_order_does_not_have_is_refused() -> None:
    given(*ARRIVED).when(receive("x1", 0, 0, 1)).then_refused("unknown-line")
