"""Shipments are planned from open quantity, cancelled while planned, dispatched once."""

from dataclasses import replace

from domain import commands as c
from tests.domain.examples import (
    CANCELLED,
    READY,
    delivered,
    dispatched,
    held,
    lost,
    order_of,
    parts,
    planned,
    sent_back,
    shipped,
    unplanned,
)
from tests.specification import given

PLAN = c.PlanShipment(shipment_id="s1", lines=parts(2, 1), location="warehouse")
CANCEL = c.CancelShipment(shipment_id="s1", reason="why")
DISPATCH = c.DispatchShipment(shipment_id="s1", carrier="dhl", tracking="t1")


def test_a_shipment_is_planned_from_what_is_open() -> None:
    given(*READY).when(PLAN).then(planned("s1", 2, 1))
    given(*READY, planned("s0", 0, 2)).when(PLAN).then(planned("s1", 2, 1))


def test_what_was_lost_or_came_back_can_be_planned_again() -> None:
    for outcome in (lost("s0"), sent_back("s0")):
        given(*READY, *shipped("s0", 2, 3), outcome).when(PLAN).then(planned("s1", 2, 1))


def test_planning_again_changes_nothing_unless_the_shipment_was_cancelled() -> None:
    given(*READY, planned("s1", 2, 1)).when(PLAN).then_nothing_happened()
    given(*READY, *shipped("s1", 2, 1), held()).when(PLAN).then_nothing_happened()
    rescued = (*READY, planned("s1", 2, 1), unplanned("s1"), delivered("s1"))
    given(*rescued).when(PLAN).then_nothing_happened()


def test_a_planned_shipment_is_cancelled_and_its_goods_are_open() -> None:
    given(*READY, planned("s1", 2)).when(CANCEL).then(unplanned("s1"))
    given(*READY, planned("s1", 2), unplanned("s1")).when(CANCEL).then_nothing_happened()
    assert order_of(*READY, planned("s1", 2), unplanned("s1")).goods.line(1).open == 2


def test_a_planned_shipment_is_dispatched_once() -> None:
    given(*READY, planned("s1", 2)).when(DISPATCH).then(dispatched("s1"))
    given(*READY, *shipped("s1", 2), held()).when(DISPATCH).then_nothing_happened()
    given(*READY, *shipped("s1", 2), delivered("s1")).when(DISPATCH).then_nothing_happened()


def test_after_a_carriers_report_a_dispatch_only_adds_carrier_and_tracking() -> None:
    history = (*READY, planned("s1", 2), delivered("s1"), held())
    given(*history).when(DISPATCH).then(dispatched("s1"))
    before, after = order_of(*history), order_of(*history, dispatched("s1"))
    assert after.goods.lines == before.goods.lines
    assert after.goods.shipment("s1") == replace(
        before.goods.shipment("s1"), carrier="dhl", tracking="t1"
    )
    given(*history, dispatched("s1")).when(replace(DISPATCH, tracking="x")).then_refused(
        "id-reused"
    )


def test_a_late_dispatch_on_a_cancelled_order_is_refused_like_any_other() -> None:
    history = (*READY, planned("s1", 2), unplanned("s1"), CANCELLED, delivered("s1"))
    given(*history).when(DISPATCH).then_refused("order-cancelled")
