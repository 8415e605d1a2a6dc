"""What a command answers that names a thing which has ended.

A command that ends a thing by its id refuses to end it twice where its effect is an amount or a
judgement (revoke, retract, resolve); where its goal is a state (cancel, release, decline, close)
that state is reached, and there is nothing to do.
"""

from dataclasses import replace

import pytest

from domain import commands as c
from domain.commands import Command
from domain.events import AnomalyResolved, Event
from domain.facts import retraction_of
from tests.domain.examples import (
    CANCELLED,
    CONFIRMED,
    PLACED,
    READY,
    adjusted,
    adjustment_revoked,
    anomaly,
    arrived,
    authorized,
    captured,
    closed,
    declined,
    delivered,
    dispatched,
    granted,
    held,
    planned,
    refund_failed,
    refunded,
    released,
    return_requested,
    revoked,
    unplanned,
    write_off_revoked,
    written_off,
)
from tests.specification import given

WHY = "why"
PAID = (*READY, authorized(), captured())
RETURNING = (*READY, *arrived("s1", 2), return_requested("b1", 1))
EARLY = anomaly("delivered-before-dispatch", "shipment:s1", "the shipment was planned; delivered")
ODD = (*READY, planned("s1", 2), delivered("s1"), EARLY)

REVOKE = c.RevokeRefund(refund_id="r1", reason=WHY)
ACCEPT = c.AcceptRefund(payment_id="p1", payout_id="o1", reason=WHY)
RESOLVE = c.ResolveAnomaly(anomaly_id="1", reason=WHY)

REFUSED: dict[str, tuple[tuple[Event, ...], Command, str]] = {
    "revoke of a refund that is revoked": (
        (*PAID, granted(100), revoked(100)),
        REVOKE,
        "already-revoked",
    ),
    "revoke of a refund that is paid out in part and revoked": (
        (*PAID, granted(100), refunded(60), revoked(40)),
        REVOKE,
        "already-revoked",
    ),
    "revoke of a refund that is paid out": (
        (*PAID, granted(100), refunded(100)),
        REVOKE,
        "paid-out",
    ),
    "revoke of an adjustment that is revoked": (
        (*READY, adjusted(5), adjustment_revoked()),
        c.RevokeAdjustment(adjustment_id="j1", reason=WHY),
        "already-revoked",
    ),
    "revoke of a write-off that is revoked": (
        (*READY, written_off(5), write_off_revoked()),
        c.RevokeWriteOff(write_off_id="w1", reason=WHY),
        "already-revoked",
    ),
    "retract of a fact that is retracted": (
        (*PAID, retraction_of(captured(), WHY)),
        c.RetractFact(fact="capture-payment", payment_id="p1", capture_id="c1", reason=WHY),
        "unknown-fact",
    ),
    "resolve of an anomaly that is resolved": (
        (*ODD, AnomalyResolved(anomaly_id="1", reason=WHY)),
        RESOLVE,
        "anomaly-not-open",
    ),
    "resolve of an anomaly that is explained": (
        (*ODD, dispatched("s1")),
        RESOLVE,
        "anomaly-not-open",
    ),
    "accept of a payout that a grant covers": (
        (*PAID, granted(5), refunded(5)),
        ACCEPT,
        "nothing-to-accept",
    ),
    "accept of a payout that failed": (
        (*PAID, refunded(5), refund_failed("r1", "p1", "o1")),
        ACCEPT,
        "nothing-to-accept",
    ),
    "confirm of an order that was confirmed and is cancelled": (
        (PLACED, CONFIRMED, CANCELLED),
        c.ConfirmOrder(),
        "order-cancelled",
    ),
    "close of a return that is declined": (
        (*RETURNING, declined("b1")),
        c.CloseReturn(return_id="b1"),
        "return-ended",
    ),
    "decline of a return that is closed": (
        (*RETURNING, closed("b1")),
        c.DeclineReturn(return_id="b1", reason=WHY),
        "return-ended",
    ),
    "dispatch of a shipment that is cancelled": (
        (*READY, planned("s1", 2), unplanned("s1")),
        c.DispatchShipment(shipment_id="s1", carrier="dhl", tracking="t1"),
        "shipment-cancelled",
    ),
}

NOTHING_TO_DO: dict[str, tuple[tuple[Event, ...], Command]] = {
    "cancel of an order that is cancelled": ((PLACED, CANCELLED), c.CancelOrder(reason="other")),
    "cancel of a shipment that is cancelled": (
        (*READY, planned("s1", 2), unplanned("s1")),
        c.CancelShipment(shipment_id="s1", reason="other"),
    ),
    "release of a hold that is released": (
        (PLACED, held(), released()),
        c.ReleaseHold(hold_id="h1", reason="other"),
    ),
    "decline of a return that is declined": (
        (*RETURNING, declined("b1")),
        c.DeclineReturn(return_id="b1", reason="other"),
    ),
    "close of a return that is closed": (
        (*RETURNING, closed("b1")),
        c.CloseReturn(return_id="b1"),
    ),
    "confirm of an order that is confirmed": (READY, c.ConfirmOrder()),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_has_ended_is_not_ended_again(case: str) -> None:
    history, command, rule = REFUSED[case]
    given(*history).when(command).then_refused(rule)


@pytest.mark.parametrize("case", NOTHING_TO_DO)
def test_a_state_that_is_reached_is_no_event(case: str) -> None:
    history, command = NOTHING_TO_DO[case]
    given(*history).when(command).then_nothing_happened()


def test_a_payout_that_is_accepted_already_is_no_event() -> None:
    given(*PAID, refunded(5)).when(ACCEPT).then_is_decided()
    given(*PAID, refunded(5)).when(replace(ACCEPT, credit_cents=0)).then_is_decided()
