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
    GUARD,
    NOTHING,
    RETURN_ENDED,
    RETURN_RECEIVED,
    REUSED,
    Verdict,
    either,
    happens,
    of_known,
    refused,
    within,
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
    free = within(command.lines, lambda n: now.lines[n].open if n in now.lines else 0)
    if now.state != "confirmed" or now.on_hold or not free:
        return refused(GUARD)
    return happens(wished)


def cancel_shipment(history: History, _now: Books, command: told.CancelShipment) -> Verdict:
    state = shipment_state(history, command.shipment_id)
    cancelled = find(history, happened.ShipmentCancelled, shipment_id=command.shipment_id)
    if state == "planned":
        return happens(
            happened.ShipmentCancelled(shipment_id=command.shipment_id, reason=command.reason)
        )
    if state == "cancelled":
        return NOTHING
    return refused(GUARD) if cancelled is None else either(NOTHING, GUARD)


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
        return refused(GUARD, ENDED)
    if state == "unknown" or now.on_hold:
        return refused(GUARD)
    plan = find(history, happened.ShipmentPlanned, shipment_id=command.shipment_id)
    lines = plan.lines if isinstance(plan, happened.ShipmentPlanned) else ()
    over = any(now.lines[part.line].overshipped for part in lines)
    return refused(GUARD) if over else happens(wished)


def request(history: History, now: Books, command: told.RequestReturn) -> Verdict:
    wished = happened.ReturnRequested(
        return_id=command.return_id, lines=command.lines, reason=command.reason
    )
    known = find(history, happened.ReturnRequested, return_id=command.return_id)
    stands = not return_ended(history, command.return_id)
    if (known_verdict := of_known(known, wished, stands=stands)) is not None:
        return known_verdict
    free = within(command.lines, lambda n: now.lines[n].returnable if n in now.lines else 0)
    return happens(wished) if free else refused(GUARD)


def receive(history: History, _now: Books, command: told.ReceiveReturn) -> Verdict:
    wished = happened.ReturnReceived(
        return_id=command.return_id, receipt_id=command.receipt_id, lines=command.lines
    )
    asked = find(history, happened.ReturnRequested, return_id=command.return_id)
    if not isinstance(asked, happened.ReturnRequested):
        return refused(GUARD)
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
    fits = all(quantity <= limits.get(line, 0) for line, quantity in back.items())
    return happens(wished) if fits else refused(GUARD)


def decline(history: History, _now: Books, command: told.DeclineReturn) -> Verdict:
    if find(history, happened.ReturnRequested, return_id=command.return_id) is None:
        return refused(GUARD)
    if find(history, happened.ReturnDeclined, return_id=command.return_id) is not None:
        return NOTHING
    if return_ended(history, command.return_id):
        return refused(RETURN_ENDED)
    if sum(received_of(history, command.return_id).values()):
        return refused(RETURN_RECEIVED)
    return happens(happened.ReturnDeclined(return_id=command.return_id, reason=command.reason))


def close(history: History, _now: Books, command: told.CloseReturn) -> Verdict:
    if find(history, happened.ReturnRequested, return_id=command.return_id) is None:
        return refused(GUARD)
    if find(history, happened.ReturnClosed, return_id=command.return_id) is not None:
        return NOTHING
    if return_ended(history, command.return_id):
        return refused(RETURN_ENDED)
    return happens(happened.ReturnClosed(return_id=command.return_id))
