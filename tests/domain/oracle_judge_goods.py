"""What the design says an order answers to the commands of shipments and returns."""

from domain import commands as told
from domain import events as happened
from tests.domain.oracle import Books
from tests.domain.oracle_goods import (
    dispatch_of,
    outcomes,
    received_of,
    return_ended,
    shipment_state,
)
from tests.domain.oracle_history import History, find, is_cancelled
from tests.domain.oracle_verdict import (
    CANCELLED,
    ENDED,
    NOTHING,
    RETURN_ENDED,
    RETURN_RECEIVED,
    REUSED,
    Verdict,
    either,
    guarded,
    happens,
    lines_against,
    of_known,
    refused,
)


def plan(history: History, now: Books, command: told.PlanShipment) -> Verdict:
    wished = happened.ShipmentPlanned(
        shipment_id=command.shipment_id, lines=command.lines, location=command.location
    )
    known = find(history, happened.ShipmentPlanned, shipment_id=command.shipment_id)
    state = shipment_state(history, command.shipment_id)
    if (known_verdict := of_known(known, wished, stands=state != "cancelled")) is not None:
        cancelled = find(history, happened.ShipmentCancelled, shipment_id=command.shipment_id)
        sent_all_the_same = cancelled is not None and known_verdict == NOTHING
        return either(NOTHING, ENDED) if sent_all_the_same else known_verdict
    named = bool(outcomes(history, command.shipment_id))
    if is_cancelled(history):
        return refused(CANCELLED, REUSED) if named else refused(CANCELLED)
    if named:
        return refused(REUSED)
    free = {number: line.open for number, line in now.lines.items()}
    broken = {"not-confirmed": now.state != "confirmed", "on-hold": now.on_hold}
    return guarded(wished, broken | lines_against(command.lines, free, "quantity-not-open"))


def cancel_shipment(history: History, _now: Books, command: told.CancelShipment) -> Verdict:
    state = shipment_state(history, command.shipment_id)
    cancelled = find(history, happened.ShipmentCancelled, shipment_id=command.shipment_id)
    if state == "planned":
        return happens(
            happened.ShipmentCancelled(shipment_id=command.shipment_id, reason=command.reason)
        )
    if state == "cancelled":
        return NOTHING
    if state == "unknown":
        return refused("unknown-shipment")
    left = refused("shipment-dispatched")
    return left if cancelled is None else either(NOTHING, *left.rules)


def dispatch(history: History, now: Books, command: told.DispatchShipment) -> Verdict:
    wished = happened.ShipmentDispatched(
        shipment_id=command.shipment_id, carrier=command.carrier, tracking=command.tracking
    )
    known = dispatch_of(history, command.shipment_id)
    if (known_verdict := of_known(known, wished)) is not None:
        return known_verdict
    state = shipment_state(history, command.shipment_id)
    if state == "dispatched":
        return either(happens(wished), CANCELLED) if is_cancelled(history) else happens(wished)
    if is_cancelled(history):
        return refused(CANCELLED, ENDED) if state == "cancelled" else refused(CANCELLED)
    if state == "cancelled":
        return refused("shipment-cancelled", ENDED)
    if state == "unknown":
        return refused("unknown-shipment")
    plan = find(history, happened.ShipmentPlanned, shipment_id=command.shipment_id)
    lines = plan.lines if isinstance(plan, happened.ShipmentPlanned) else ()
    over = any(now.lines[part.line].overshipped for part in lines)
    return guarded(wished, {"on-hold": now.on_hold, "overshipped": over})


def request(history: History, now: Books, command: told.RequestReturn) -> Verdict:
    wished = happened.ReturnRequested(
        return_id=command.return_id, lines=command.lines, reason=command.reason
    )
    known = find(history, happened.ReturnRequested, return_id=command.return_id)
    stands = not return_ended(history, command.return_id)
    if (known_verdict := of_known(known, wished, stands=stands)) is not None:
        return known_verdict
    free = {number: line.returnable for number, line in now.lines.items()}
    return guarded(wished, lines_against(command.lines, free, "quantity-not-returnable"))


def receive(history: History, now: Books, command: told.ReceiveReturn) -> Verdict:
    wished = happened.ReturnReceived(
        return_id=command.return_id, receipt_id=command.receipt_id, lines=command.lines
    )
    asked = find(history, happened.ReturnRequested, return_id=command.return_id)
    if not isinstance(asked, happened.ReturnRequested):
        return refused("unknown-return")
    ended = return_ended(history, command.return_id)
    known = find(
        history,
        happened.ReturnReceived,
        return_id=command.return_id,
        receipt_id=command.receipt_id,
    )
    if (known_verdict := of_known(known, wished)) is not None:
        return either(known_verdict, ENDED) if ended and known == wished else known_verdict
    if ended:
        return refused(RETURN_ENDED)
    back = received_of(history, command.return_id)
    for part in command.lines:
        back[part.line] += part.quantity
    limits = {part.line: part.quantity for part in asked.lines}
    broken = {
        "unknown-line": any(part.line not in now.lines for part in command.lines),
        "received-above-requested": any(
            quantity > limits.get(line, 0) for line, quantity in back.items()
        ),
    }
    return guarded(wished, broken)


def decline(history: History, _now: Books, command: told.DeclineReturn) -> Verdict:
    if find(history, happened.ReturnRequested, return_id=command.return_id) is None:
        return refused("unknown-return")
    if find(history, happened.ReturnDeclined, return_id=command.return_id) is not None:
        return NOTHING
    if return_ended(history, command.return_id):
        return refused(RETURN_ENDED)
    if sum(received_of(history, command.return_id).values()):
        return refused(RETURN_RECEIVED)
    return happens(happened.ReturnDeclined(return_id=command.return_id, reason=command.reason))


def close(history: History, _now: Books, command: told.CloseReturn) -> Verdict:
    if find(history, happened.ReturnRequested, return_id=command.return_id) is None:
        return refused("unknown-return")
    if find(history, happened.ReturnClosed, return_id=command.return_id) is not None:
        return NOTHING
    if return_ended(history, command.return_id):
        return refused(RETURN_ENDED)
    return happens(happened.ReturnClosed(return_id=command.return_id))
