"""What carriers report: counted as it comes, and recorded as an anomaly where it is odd."""

import pytest

from domain import commands as c
from domain.events import Event
from tests.domain.examples import (
    CANCELLED,
    READY,
    anomaly,
    arrived,
    delivered,
    dispatched,
    lost,
    order_of,
    parts,
    planned,
    return_received,
    sent_back,
    shipped,
    unplanned,
)
from tests.specification import given

History = tuple[Event, ...]
DELIVER = c.DeliverShipment(shipment_id="s1")
LOSE = c.LoseShipment(shipment_id="s1")


def deliver(*quantities: int) -> c.Command:
    return c.DeliverShipment(shipment_id="s1", lines=parts(*quantities))


def lose(*quantities: int) -> c.Command:
    return c.LoseShipment(shipment_id="s1", lines=parts(*quantities))


def told(*history: Event, facts: tuple[c.Command, ...]) -> History:
    """The history with what the facts are recorded as."""
    for fact in facts:
        history = (*history, *given(*history).when(fact).events)
    return history


def states(*history: Event) -> dict[tuple[str, str], str]:
    recorded = order_of(*history).anomalies.recorded.values()
    return {(it.kind, it.refers_to): it.state for it in recorded}


@pytest.mark.parametrize(
    ("fact", "event"),
    [
        (DELIVER, delivered("s1")),
        (LOSE, lost("s1")),
        (c.ReturnShipmentToSender(shipment_id="s1"), sent_back("s1")),
    ],
)
def test_an_outcome_is_recorded_once(fact: c.Command, event: Event) -> None:
    given(*READY, *shipped("s1", 2)).when(fact).then(event)


def test_the_lines_of_a_report_are_part_of_its_identity_in_any_order() -> None:
    both = c.DeliverShipment(shipment_id="s1", lines=parts(1, 1))
    turned = c.DeliverShipment(shipment_id="s1", lines=tuple(reversed(parts(1, 1))))
    history = told(*READY, *shipped("s1", 2, 3), facts=(both,))
    assert history[-1] == delivered("s1", lines=parts(1, 1))
    given(*history).when(turned).then_nothing_happened()
    given(*history).when(DELIVER).then(delivered("s1"))


def test_what_is_reported_before_its_dispatch_is_explained_by_the_dispatch() -> None:
    history = told(*READY, planned("s1", 2), facts=(DELIVER,))
    early = ("delivered-before-dispatch", "shipment:s1")
    assert history[-1] == anomaly(*early, "the shipment was planned; delivered")
    assert states(*history) == {early: "open"}
    assert states(*history, delivered("s1", "x1")) == {early: "open"}
    assert states(*history, dispatched("s1")) == {early: "explained"}


def test_a_dispatch_before_its_report_is_no_anomaly() -> None:
    assert states(*told(*READY, *shipped("s1", 2), facts=(DELIVER,))) == {}


def test_a_cancelled_shipment_is_on_its_way_all_the_same() -> None:
    history = told(*READY, planned("s1", 2), unplanned("s1"), facts=(DELIVER,))
    assert states(*history) == {("dispatched-after-cancel", "deliver-shipment:s1"): "open"}
    assert order_of(*history).goods.line(1).delivered == 2


def test_a_shipment_that_nobody_planned_is_recorded() -> None:
    history = told(*READY, facts=(DELIVER,))
    assert states(*history) == {("unknown-shipment", "deliver-shipment:s1"): "open"}
    contradicted = told(*history, facts=(LOSE,))
    assert ("outcome-contradicted", "lose-shipment:s1") in states(*contradicted)


@pytest.mark.parametrize(
    ("is_odd", "before", "fact"),
    [
        (False, (), DELIVER),
        (True, (lost("s1"),), DELIVER),
        (False, (delivered("s1", "x1"),), DELIVER),
        (False, (delivered("s1", lines=parts(1)),), LOSE),
        (True, (delivered("s1", lines=parts(1)), lost("s1")), DELIVER),
        (
            False,
            (delivered("s1", lines=parts(1)),),
            lose(1),
        ),
        (
            True,
            (delivered("s1", lines=parts(1)),),
            lose(2),
        ),
        (True, (), deliver(3)),
        (True, (), deliver(0, 1)),
    ],
)
def test_a_report_that_changes_an_outcome_contradicts(
    is_odd: bool, before: History, fact: c.Command
) -> None:
    history = told(*READY, *shipped("s1", 2), *before, facts=(fact,))
    assert [kind for kind, _ in states(*history)] == ["outcome-contradicted"] * is_odd


def test_a_report_of_a_line_that_the_order_does_not_have_is_refused() -> None:
    fact = c.DeliverShipment(shipment_id="s1", lines=parts(0, 0, 1))
    given(*READY, *shipped("s1", 2)).when(fact).then_refused("unknown-line")


def test_a_lost_parcel_that_is_found_after_it_was_sent_again_is_overshipped() -> None:
    history = told(*READY, *shipped("s1", 2), lost("s1"), planned("s2", 2), facts=(DELIVER,))
    overshipped = ("overshipped", "line:1")
    assert states(*history)[overshipped] == "open"
    assert states(*history, unplanned("s2"))[overshipped] == "explained"
    assert states(*history, lost("s1", "x1"))[overshipped] == "explained"
    given(*history).when(c.DispatchShipment(shipment_id="s2", carrier="dhl")).then_refused(
        "overshipped"
    )


def test_a_parcel_that_is_found_after_the_order_was_cancelled_is_overshipped() -> None:
    history = told(*READY, *shipped("s1", 2), lost("s1"), CANCELLED, facts=(DELIVER,))
    assert states(*history)["overshipped", "line:1"] == "open"


def test_goods_that_came_back_and_were_lost_before_are_received_above_delivered() -> None:
    history = told(*READY, *arrived("s1", 2), return_received("b1", "x1", 2), facts=(LOSE,))
    above = ("received-above-delivered", "line:1")
    assert states(*history)[above] == "open"
    assert states(*history, delivered("s1", "x1"))[above] == "explained"
