"""Goods by brute force: every quantity of a line added up from the whole history."""

from collections import Counter
from dataclasses import dataclass

from domain import events as e
from domain.events import Event
from tests.domain.oracle_history import History, all_of, cancelled_on, is_cancelled

OUTCOMES = (
    e.ShipmentDelivered,
    e.ShipmentLost,
    e.ShipmentReturnedToSender,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    ordered: int
    price_cents: int
    cancelled: int
    planned: int
    dispatched: int
    delivered: int
    lost: int
    back: int
    requested: int
    received: int

    @property
    def out(self) -> int:
        return self.dispatched - self.lost - self.back

    @property
    def wanted(self) -> int:
        return self.ordered - self.cancelled

    @property
    def open(self) -> int:
        return max(0, self.ordered - self.cancelled - self.planned - self.out)

    @property
    def overshipped(self) -> int:
        return max(0, self.cancelled + self.planned + self.out - self.ordered)

    @property
    def returnable(self) -> int:
        return self.delivered - self.requested - self.received


def shipment_state(history: History, shipment_id: str) -> str:
    """planned, dispatched (also by an outcome alone) or cancelled; unknown: never planned."""
    if not any(p.shipment_id == shipment_id for p in all_of(history, e.ShipmentPlanned)):
        return "unknown"
    if outcomes(history, shipment_id) or dispatch_of(history, shipment_id) is not None:
        return "dispatched"
    cancelled = all_of(history, e.ShipmentCancelled)
    return (
        "cancelled"
        if any(cancellation.shipment_id == shipment_id for cancellation in cancelled)
        else "planned"
    )


def dispatch_of(history: History, shipment_id: str) -> e.ShipmentDispatched | None:
    dispatches = all_of(history, e.ShipmentDispatched)
    return next((d for d in dispatches if d.shipment_id == shipment_id), None)


def outcomes(history: History, shipment_id: str) -> list[type[Event]]:
    """The outcomes that carriers reported, in stream order; the last one counts."""
    return [
        type(event)
        for event in history
        if isinstance(event, OUTCOMES) and event.shipment_id == shipment_id
    ]


def return_ended(history: History, return_id: str) -> bool:
    ends = (e.ReturnDeclined, e.ReturnClosed)
    return any(isinstance(event, ends) and event.return_id == return_id for event in history)


def received_of(history: History, return_id: str) -> Counter[int]:
    """Per line, what came back on the return."""
    got: Counter[int] = Counter()
    for receipt in all_of(history, e.ReturnReceived):
        if receipt.return_id == return_id:
            for part in receipt.lines:
                got[part.line] += part.quantity
    return got


def line_of(history: History, item: e.Item) -> Line:
    shipped: Counter[str] = Counter()
    for plan in all_of(history, e.ShipmentPlanned):
        quantity = sum(part.quantity for part in plan.lines if part.line == item.line)
        state = shipment_state(history, plan.shipment_id)
        shipped[state] += quantity
        reported = outcomes(history, plan.shipment_id)
        if reported:
            shipped[reported[-1].__name__] += quantity
    requested = received = 0
    for wish in all_of(history, e.ReturnRequested):
        got = received_of(history, wish.return_id)[item.line]
        received += got
        if not return_ended(history, wish.return_id):
            requested += sum(p.quantity for p in wish.lines if p.line == item.line) - got
    return Line(
        ordered=item.quantity,
        price_cents=item.price_cents,
        cancelled=item.quantity if is_cancelled(history) else cancelled_on(history, item.line),
        planned=shipped["planned"],
        dispatched=shipped["dispatched"],
        delivered=shipped["ShipmentDelivered"],
        lost=shipped["ShipmentLost"],
        back=shipped["ShipmentReturnedToSender"],
        requested=requested,
        received=received,
    )
