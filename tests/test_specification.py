"""The checks of the specification can fail: each is given something that it must not accept."""

import pytest

from domain.commands import ConfirmOrder, DeliverShipment
from tests.domain.examples import CONFIRMED, PLACED, READY, anomaly, delivered, planned
from tests.specification import given

FLAG = anomaly("delivered-before-dispatch", "shipment:s1", "the shipment was planned; delivered")


def test_then_wants_every_event_in_order_and_no_other() -> None:
    outcome = given(*READY, planned("s1", 1)).when(DeliverShipment(shipment_id="s1"))

    outcome.then(delivered("s1"), FLAG)
    for wrong in ((), (delivered("s1"),), (FLAG, delivered("s1")), (delivered("s1"), FLAG, FLAG)):
        with pytest.raises(AssertionError):
            outcome.then(*wrong)


def test_then_does_not_take_a_refusal_for_nothing() -> None:
    refused = given().when(ConfirmOrder())

    refused.then_refused("unknown-order")
    with pytest.raises(AssertionError):
        refused.then_nothing_happened()


def test_then_refused_wants_this_rule() -> None:
    with pytest.raises(AssertionError):
        given().when(ConfirmOrder()).then_refused("on-hold")
    with pytest.raises(AssertionError):
        given(PLACED).when(ConfirmOrder()).then_refused("on-hold")
    given(PLACED).when(ConfirmOrder()).then(CONFIRMED)
