"""An event is as much work for a read model on a long order as on a short one, by what it does."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from sqlalchemy import Connection

from domain.commands import LineQuantity
from domain.events import (
    AdjustmentRevoked,
    AnomalyRecorded,
    AuthorizationAdjusted,
    ChargebackReversed,
    Event,
    FactRetracted,
    FeeRecorded,
    HoldPlaced,
    OrderAdjusted,
    Parts,
    PaymentAuthorized,
    PaymentCaptured,
    PaymentChargedBack,
    PaymentRefunded,
    RefundFailed,
    RefundGranted,
    ReturnRequested,
    ShipmentDelivered,
    ShipmentDispatched,
    ShipmentPlanned,
    WrittenOff,
)
from projections.fold import Item
from projections.models import MODELS
from projections.projection import Projection, Rows
from projections.worker.writer import Writer
from tests.projections.order_events import order_events, placed
from tests.projections.told import told
from tests.projections.toy import writer_of

SHORT, LONG = 100, 1_100
NEVER = 10**9
UNIT = (LineQuantity(line=1, quantity=1),)


def payment(n: int) -> Sequence[Event]:
    name = f"p-{n:04}"
    return (
        told(PaymentAuthorized, payment_id=name, amount_cents=5, currency="EUR", method="card"),
        told(PaymentCaptured, payment_id=name, capture_id="k", amount_cents=5, currency="EUR"),
    )


def refund(n: int) -> Sequence[Event]:
    """Granted, paid out, and the payout fails."""
    name, paid = f"r-{n:04}", f"p-{n:04}"
    return (
        told(
            RefundGranted, refund_id=name, amount_cents=5, credit_cents=0, reason="broken", lines=()
        ),
        told(
            PaymentRefunded,
            payment_id=paid,
            payout_id=name,
            refund_id=name,
            amount_cents=5,
            currency="EUR",
        ),
        told(RefundFailed, payment_id=paid, payout_id=name, reason="no iban"),
    )


def shipment(n: int) -> Sequence[Event]:
    name = f"s-{n:04}"
    return (
        told(ShipmentPlanned, shipment_id=name, lines=UNIT, location="north"),
        told(ShipmentDispatched, shipment_id=name, carrier="post", tracking=name),
        told(ShipmentDelivered, shipment_id=name, report_id=None),
    )


def return_(n: int) -> Sequence[Event]:
    return (ReturnRequested(return_id=f"b-{n:04}", lines=UNIT, reason="too small"),)


def hold(n: int) -> Sequence[Event]:
    return (HoldPlaced(hold_id=f"h-{n:04}", kind="fraud", reason="looks odd"),)


def anomaly(n: int) -> Sequence[Event]:
    """A payment of which more is captured than was authorized, until more is authorized."""
    name = f"p-{n:04}"
    authorized = told(
        PaymentAuthorized, payment_id=name, amount_cents=5, currency="EUR", method="card"
    )
    captured = told(
        PaymentCaptured, payment_id=name, capture_id="k", amount_cents=9, currency="EUR"
    )
    above = told(
        AnomalyRecorded,
        kind="captured-above-authorized",
        anomaly_id=str(n + 1),
        refers_to=f"payment:{name}",
    )
    again = told(
        AuthorizationAdjusted,
        payment_id=name,
        adjustment_id="a",
        amount_cents=9,
        currency="EUR",
    )
    return authorized, captured, above, again


def billing(n: int) -> Sequence[Event]:
    name = f"a-{n:04}"
    return (
        told(OrderAdjusted, adjustment_id=name, amount_cents=5, parts=Parts(other_cents=5)),
        told(WrittenOff, write_off_id=name, amount_cents=5),
        AdjustmentRevoked(adjustment_id=name, reason="mistyped"),
    )


def chargeback(n: int) -> Sequence[Event]:
    name, fee = f"p-{n:04}", f"f-{n:04}"
    reported = told(
        PaymentChargedBack, payment_id=name, chargeback_id="b", amount_cents=5, currency="EUR"
    )
    return (
        told(FeeRecorded, fee_id=fee, payment_id=name, amount_cents=1, currency="EUR"),
        reported,
        told(ChargebackReversed, payment_id=name, chargeback_id="b", amount_cents=2),
        told(
            FactRetracted,
            fact="charge-back-payment",
            payment_id=name,
            chargeback_id="b",
            amount_cents=5,
            currency="EUR",
        ),
    )


Step = Callable[[int], Sequence[Event]]
CASES: list[tuple[str, Step]] = [
    ("payment", payment),
    ("payment", refund),
    ("payment", anomaly),
    ("payment", billing),
    ("payment", chargeback),
    ("payment", shipment),
    ("shipment", shipment),
    ("shipment", return_),
    ("order", payment),
    ("order", refund),
    ("order", anomaly),
    ("order", billing),
    ("order", chargeback),
    ("order", shipment),
    ("order", return_),
    ("order", hold),
]


WITHOUT_ROWS = [("payment", shipment)]
"""Those of which the model has no row each."""


class Work(NamedTuple):
    """statements: to the database. sent: their length in hundreds of characters, rounded, with all
    that is written. stored: rows written. made: rows made of views, to be compared.
    """

    statements: int
    sent: int
    stored: int
    made: int


async def work(folder: Path, projection: Projection[Any], step: Step) -> tuple[Work, Work]:
    """For the events of one more step of an order, one by one: when it is short, and long."""
    made = 0

    def rows(view: Any) -> Rows:
        nonlocal made
        found = projection.rows(view)
        made += sum(map(len, found.values()))
        return found

    steps = [step(n) for n in range(LONG + 1)]
    events = order_events(
        placed("o-1", (10**6, 10**4)), *[event for each in steps for event in each]
    )
    size = len(steps[0])

    async with writer_of(folder, replace(projection, rows=rows)) as writer:

        async def grow(length: int) -> None:
            applied = writer.checkpoints.get("log", 0)
            await commit(writer, events[applied : 1 + length * size])

        async def measured() -> Work:
            nonlocal made
            made, sent = 0, list[str]()
            at = writer.checkpoints["log"]
            before = await traced(writer, sent.append)
            for event in events[at : at + size]:
                writer.views.forget()  # so that it is loaded, too
                await commit(writer, [event])
            after = await traced(writer, None)
            return Work(len(sent), round(sum(map(len, sent)) / 100), after - before, made)

        await grow(SHORT)
        short = await measured()
        await grow(LONG)
        return short, await measured()


async def commit(writer: Writer, items: Sequence[Item]) -> None:
    assert await writer.commit(items, {"log": items[-1].position}) == {}
    assert not writer.parked


async def traced(writer: Writer, trace: Callable[[str], object] | None) -> int:
    """From now on; answers how many rows were written so far."""

    def change(conn: Connection) -> int:
        driver = conn.connection.driver_connection
        assert driver is not None
        driver.set_trace_callback(trace)
        written: int = driver.total_changes
        return written

    return await writer.change(change)


@pytest.mark.parametrize(("name", "step"), CASES)
async def test_an_event_is_as_much_work_on_a_long_order(
    tmp_path: Path, name: str, step: Step
) -> None:
    short, long = await work(tmp_path, MODELS[name], step)

    assert long._replace(sent=0) == short._replace(sent=0)
    assert long.sent <= short.sent + 1


@pytest.mark.parametrize(("name", "step"), CASES)
async def test_with_views_that_are_stored_whole_it_is_more(
    tmp_path: Path, name: str, step: Step
) -> None:
    """So the test above would notice."""
    short, long = await work(tmp_path, replace(MODELS[name], split_at=NEVER), step)

    assert long.sent > 3 * short.sent
    if name != "order" and (name, step) not in WITHOUT_ROWS:
        assert long.made > 3 * short.made
