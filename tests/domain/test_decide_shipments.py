"""Shipments are planned from open quantity, cancelled while planned, dispatched once; goods that
are out are sent again in a replacement.
"""

from dataclasses import replace
from typing import Literal

import pytest

from domain import commands as c
from domain.events import Event, ShipmentPlanned, TrackingCorrected
from tests.domain.examples import (
    CANCELLED,
    CONFIRMED,
    PLACED,
    READY,
    arrived,
    delivered,
    dispatched,
    held,
    items_cancelled,
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
AGAIN = c.PlanShipment(
    shipment_id="s2", lines=parts(1), location="warehouse", replaces=True, reason="broken"
)
CORRECT = c.CorrectTracking(shipment_id="s1", carrier="ups", tracking="t2", reason="mistyped")
CORRECTED = TrackingCorrected(shipment_id="s1", carrier="ups", tracking="t2", reason="mistyped")
TICKET = replace(PLACED.items[1], requires_shipping=False)
WITH_TICKETS = (replace(PLACED, items=(PLACED.items[0], TICKET)), CONFIRMED)


History = tuple[Event, ...]


def again(shipment_id: str, *quantities: int) -> Event:
    """A replacement of what s1 was sent with."""
    replaced = ("s1",) * len(parts(*quantities))
    return planned(shipment_id, *quantities, replaces=True, replaced=replaced)


LOST_AND_REPLACED = (*shipped("s1", 1), again("s3", 1), lost("s1"))


def gone_out(shipment_id: str) -> History:
    return dispatched(shipment_id), delivered(shipment_id)


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
        before.goods.shipment("s1"), carrier="dhl", tracking="t1", before_dispatch=False
    )
    given(*history, dispatched("s1")).when(replace(DISPATCH, tracking="x")).then_refused(
        "id-reused"
    )


def test_a_late_dispatch_on_a_cancelled_order_is_refused_like_any_other() -> None:
    history = (*READY, planned("s1", 2), unplanned("s1"), CANCELLED, delivered("s1"))
    given(*history).when(DISPATCH).then_refused("order-cancelled")


def test_a_line_that_needs_no_shipping_is_not_planned() -> None:
    given(*WITH_TICKETS).when(PLAN).then_refused("line-not-shipped")
    given(*WITH_TICKETS).when(replace(PLAN, lines=parts(2))).then(planned("s1", 2))


def test_a_dispatch_may_leave_out_the_tracking() -> None:
    without = replace(DISPATCH, tracking=None)
    given(*READY, planned("s1", 2)).when(without).then(dispatched("s1", tracking=None))
    given(*READY, *shipped("s1", 2)).when(without).then_refused("id-reused")


def test_tracking_is_corrected_once_the_parcel_has_left() -> None:
    given(*READY, *shipped("s1", 2)).when(CORRECT).then(CORRECTED)
    given(*READY, *shipped("s1", 2), CORRECTED).when(CORRECT).then_nothing_happened()
    shipment = order_of(*READY, *shipped("s1", 2), CORRECTED).goods.shipment("s1")
    assert (shipment.state, shipment.carrier, shipment.tracking) == ("dispatched", "ups", "t2")


def test_a_cancelled_orders_tracking_is_corrected_too() -> None:
    history = (*READY, *shipped("s1", 2), lost("s1"), CANCELLED)
    given(*history).when(CORRECT).then(CORRECTED)


@pytest.mark.parametrize(
    ("rule", "history"),
    [
        ("unknown-shipment", ()),
        ("unknown-shipment", (lost("s1"),)),
        ("shipment-not-dispatched", (planned("s1", 2),)),
        ("shipment-cancelled", (planned("s1", 2), unplanned("s1"))),
    ],
)
def test_only_the_tracking_of_what_has_left_is_corrected(rule: str, history: History) -> None:
    given(*READY, *history).when(CORRECT).then_refused(rule)


def test_a_dispatch_is_the_same_after_its_tracking_was_corrected() -> None:
    history = (*READY, *shipped("s1", 2), CORRECTED)
    given(*history).when(DISPATCH).then_nothing_happened()
    corrected = replace(DISPATCH, carrier="ups", tracking="t2")
    given(*history).when(corrected).then_refused("id-reused")


# Replacements -------------------------------------------------------------------------------------


def parcel_replaced_by(command: c.PlanShipment, *history: Event) -> str:
    [event] = given(*history).when(command).events
    assert isinstance(event, ShipmentPlanned)
    [line] = event.replaced
    return line.shipment_id


def test_goods_that_are_out_are_sent_again() -> None:
    replaced = replace(planned("s2", 1, replaces=True, replaced=("s1",)), reason="broken")
    for history in (shipped("s1", 2, 3), arrived("s1", 2, 3)):
        given(*READY, *history).when(AGAIN).then(replaced)
        line = order_of(*READY, *history, replaced).goods.line(1)
        assert (line.extra, line.open, line.overshipped) == (1, 0, 0)


def test_the_first_shipment_of_the_line_that_is_out_is_replaced() -> None:
    history = (
        *READY,
        *shipped("s0", 0, 1),
        planned("s3", 1),
        unplanned("s3"),
        *shipped("s4", 1),
        lost("s4"),
        *shipped("s5", 1),
        *shipped("s6", 1),
    )
    assert parcel_replaced_by(AGAIN, *history) == "s5"


def test_a_shipment_is_named_to_be_replaced() -> None:
    history = (*READY, *arrived("s1", 1), *arrived("s3", 1))
    assert parcel_replaced_by(replace(AGAIN, replaces="s3"), *history) == "s3"


def test_a_replacement_of_a_replacement_goes_for_the_shipment_first_sent() -> None:
    history = (*READY, *arrived("s1", 2), planned("s3", 1, replaced=("s1",)), dispatched("s3"))
    assert parcel_replaced_by(replace(AGAIN, replaces="s3"), *history) == "s1"


def test_a_replacement_is_the_same_when_another_shipment_is_the_first_one_out() -> None:
    history = (
        *READY,
        *shipped("s1", 1),
        *shipped("s3", 1),
        replace(planned("s2", 1, replaces=True, replaced=("s1",)), reason="broken"),
        lost("s1"),
    )
    given(*history).when(AGAIN).then_nothing_happened()
    given(*history).when(replace(AGAIN, replaces="s3")).then_refused("id-reused")
    given(*history).when(replace(AGAIN, replaces=None)).then_refused("id-reused")


@pytest.mark.parametrize(
    ("rule", "history", "replaces"),
    [
        ("replacement-above-dispatched", (), True),
        ("replacement-above-dispatched", (planned("s1", 2),), True),
        ("replacement-above-dispatched", (*shipped("s1", 2), lost("s1")), True),
        ("replacement-above-dispatched", (*arrived("s1", 1), again("s3", 1)), True),
        ("not-replaceable", (*arrived("s1", 2), *shipped("s3", 0, 1)), "s3"),
        ("not-replaceable", (*arrived("s1", 1), *shipped("s3", 1), lost("s3")), "s3"),
        (
            "not-replaceable",
            (*shipped("s1", 1), again("s3", 1), *arrived("s4", 1), lost("s1")),
            "s1",
        ),
        ("unknown-shipment", arrived("s1", 2), "s9"),
        ("shipment-not-dispatched", (*arrived("s1", 1), planned("s3", 1)), "s3"),
        ("shipment-cancelled", (*arrived("s1", 1), planned("s3", 1), unplanned("s3")), "s3"),
    ],
)
def test_only_what_is_out_is_replaced(
    rule: str, history: History, replaces: str | Literal[True]
) -> None:
    given(*READY, *history).when(replace(AGAIN, replaces=replaces)).then_refused(rule)


def test_goods_are_replaced_as_often_as_they_break() -> None:
    history = (*READY, *arrived("s1", 1), again("s3", 1), *gone_out("s3"), again("s4", 1))
    given(*history, *gone_out("s4")).when(AGAIN).then_is_decided()


def test_a_replacement_takes_the_place_of_what_is_lost_later() -> None:
    history = (*READY, *shipped("s1", 2, 3), again("s2", 1))
    before, after = order_of(*history), order_of(*history, lost("s1", lines=parts(1)))
    assert (before.goods.line(1).extra, after.goods.line(1).extra) == (1, 0)
    assert after.goods.line(1).open == 0
    found = order_of(*history, lost("s1", lines=parts(1)), delivered("s1", "x1", parts(2)))
    assert (found.goods.line(1).extra, found.goods.line(1).overshipped) == (1, 0)


def test_what_took_the_place_of_the_lost_is_replaced_in_its_turn() -> None:
    history = (*READY, *shipped("s1", 1), again("s3", 1), dispatched("s3"), lost("s1"))
    given(*history).when(replace(AGAIN, replaces="s1")).then_is_decided()
    given(*history).when(AGAIN).then_is_decided()


def test_what_was_lost_and_sent_by_another_shipment_needs_no_replacement() -> None:
    half = (*READY, *shipped("s1", 2), lost("s1", lines=parts(1)), delivered("s1"))
    history = (*half, *arrived("s3", 1), again("s2", 1))
    line = order_of(*history).goods.line(1)
    assert (line.open, line.overshipped, line.extra) == (0, 0, 1)
    given(*history).when(replace(DISPATCH, shipment_id="s2")).then(dispatched("s2"))

    cancelled = order_of(*half, items_cancelled("x1", 1), again("s2", 1)).goods.line(1)
    assert (cancelled.open, cancelled.overshipped, cancelled.extra) == (0, 0, 1)


def test_a_replacement_of_what_was_lost_and_not_sent_again_closes_it() -> None:
    history = (*READY, *shipped("s1", 2), lost("s1", lines=parts(1)), again("s2", 1))
    line = order_of(*history).goods.line(1)
    assert (line.open, line.overshipped, line.extra) == (0, 0, 0)


def test_a_cancelled_or_lost_replacement_replaces_nothing() -> None:
    history = (*READY, *arrived("s1", 2), again("s2", 1))
    for end in ((unplanned("s2"),), (dispatched("s2"), lost("s2"))):
        line = order_of(*history, *end).goods.line(1)
        assert (line.extra, line.open, line.overshipped) == (0, 0, 0)


def test_items_are_cancelled_as_if_replacements_were_sent_first() -> None:
    history = (*READY, *arrived("s1", 1), again("s2", 1))
    assert order_of(*history).goods.line(1).open == 1
    cancel = c.CancelItems(cancellation_id="x1", lines=parts(1), reason="why")
    given(*history).when(cancel).then_refused("quantity-not-open")
    given(*history, unplanned("s2")).when(cancel).then_is_decided()


# Outcomes of parts --------------------------------------------------------------------------------


def outcomes(*history: Event) -> list[tuple[int, int, int, int]]:
    lines = order_of(*READY, *history).goods.lines
    return [(it.dispatched, it.delivered, it.lost, it.returned_to_sender) for it in lines]


@pytest.mark.parametrize(
    ("counted", "reports"),
    [
        ((1, 0, 0), (delivered("s1", lines=parts(1)),)),
        ((1, 1, 0), (delivered("s1", lines=parts(1)), lost("s1"))),
        ((1, 1, 0), (lost("s1"), delivered("s1", lines=parts(1)))),
        ((1, 1, 0), (delivered("s1", lines=parts(1)), lost("s1", lines=parts(1)))),
        ((2, 0, 0), (delivered("s1", lines=parts(1)), delivered("s1", "x1", parts(1)))),
        ((0, 0, 2), (delivered("s1", lines=parts(1)), lost("s1"), sent_back("s1"))),
        ((2, 0, 0), (delivered("s1"), delivered("s1", "x1"))),
        ((2, 0, 0), (delivered("s1", lines=parts(1)), lost("s1"), delivered("s1", "x1", parts(1)))),
        ((2, 0, 0), (delivered("s1", lines=parts(9)),)),
        ((0, 0, 0), (delivered("s1", lines=parts(0, 1)),)),
    ],
)
def test_each_part_of_a_parcel_has_its_outcome(
    counted: tuple[int, int, int], reports: History
) -> None:
    assert outcomes(*shipped("s1", 2), *reports) == [(2, *counted), (0, 0, 0, 0)]


def test_a_part_that_is_delivered_implies_the_dispatch_of_the_parcel() -> None:
    report = delivered("s1", lines=parts(1))
    assert outcomes(planned("s1", 2), report) == [(2, 1, 0, 0), (0, 0, 0, 0)]
    assert outcomes(planned("s1", 2), unplanned("s1"), report) == [(2, 1, 0, 0), (0, 0, 0, 0)]
    assert outcomes(report) == [(0, 0, 0, 0), (0, 0, 0, 0)]


@pytest.mark.parametrize(
    ("status", "reports"),
    [
        ("dispatched", ()),
        ("partly_delivered", (delivered("s1", lines=parts(1)),)),
        ("partly_delivered", (delivered("s1", lines=parts(1)), lost("s1"))),
        ("delivered", (delivered("s1", lines=parts(1)), delivered("s1"))),
        ("dispatched", (lost("s1", lines=parts(1)),)),
        ("lost", (lost("s1"),)),
        ("returned_to_sender", (lost("s1", lines=parts(1)), sent_back("s1"))),
    ],
)
def test_a_shipment_is_where_its_parts_are(status: str, reports: History) -> None:
    assert order_of(*READY, *shipped("s1", 2), *reports).goods.shipment("s1").status == status
