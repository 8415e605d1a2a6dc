"""What an order must answer to a command by the design, from its whole history by brute force.

An independent reading of the table of commands and of the order in which refusals are judged:
the order exists; the same id; the order is cancelled; the guards.
"""

from collections.abc import Callable
from dataclasses import fields
from typing import Any, TypeAlias

from domain import commands as c
from domain import events as e
from domain.commands import FACTS, Command
from domain.currency import EXPONENTS
from domain.events import Event
from tests.domain.oracle import Books
from tests.domain.oracle_facts import fact_verdict
from tests.domain.oracle_goods import (
    dispatch_of,
    outcomes,
    received_of,
    return_ended,
    shipment_state,
)
from tests.domain.oracle_history import (
    History,
    all_of,
    find,
    is_cancelled,
    open_holds,
    the_order,
)
from tests.domain.oracle_verdict import (
    CANCELLED,
    ENDED,
    NOTHING,
    PAID_OUT,
    RETURN_ENDED,
    RETURN_RECEIVED,
    REUSED,
    UNKNOWN_ORDER,
    Verdict,
    either,
    guarded,
    happens,
    lines_against,
    of_known,
    refused,
)

Judge: TypeAlias = Callable[[History, Books, Any], Verdict]


def verdict(
    history: History, now: Books | None, contradictions: frozenset[Event], command: Command
) -> Verdict:
    """now: books(history); contradictions: facts' contents recorded as contradicting so far."""
    if now is None:
        return _first(command)
    if type(command) in FACTS:
        return fact_verdict(history, contradictions, command)
    judge = JUDGES.get(type(command))
    if judge is None:
        name = type(command).__name__
        raise LookupError(f"{name}: no judge in tests/domain/oracle_judge.py (JUDGES)")
    return judge(history, now, command)


def _first(command: Command) -> Verdict:
    return (
        happens(_placed(command)) if isinstance(command, c.PlaceOrder) else refused(UNKNOWN_ORDER)
    )


def _placed(command: c.PlaceOrder) -> e.OrderPlaced:
    items = tuple(
        e.Item(
            line=number,
            product_id=item.product_id,
            quantity=item.quantity,
            price_cents=item.price_cents,
        )
        for number, item in enumerate(command.items, start=1)
    )
    price = sum(item.quantity * item.price_cents for item in items)
    extras = command.shipping_cents + command.tax_cents - command.discount_cents
    return e.OrderPlaced(
        order_id=command.order_id,
        customer_id=command.customer_id,
        currency=command.currency,
        exponent=EXPONENTS[command.currency],
        items=items,
        shipping_cents=command.shipping_cents,
        tax_cents=command.tax_cents,
        discount_cents=command.discount_cents,
        total_cents=price + extras,
        channel=command.channel,
    )


def _place(history: History, _now: Books, command: c.PlaceOrder) -> Verdict:
    placed = the_order(history)
    wished = _placed(command)
    same = all(
        getattr(placed, field.name) == getattr(wished, field.name)
        for field in fields(placed)
        if field.name != "channel"
    )
    if not same:
        return refused(REUSED)
    return refused(ENDED) if is_cancelled(history) else NOTHING


def _confirm(history: History, now: Books, _command: c.ConfirmOrder) -> Verdict:
    confirmed = find(history, e.OrderConfirmed) is not None
    if is_cancelled(history):
        return either(NOTHING, ENDED, CANCELLED) if confirmed else refused(CANCELLED)
    if confirmed:
        return NOTHING
    return guarded(e.OrderConfirmed(), {"on-hold": now.on_hold})


def _cancel(history: History, now: Books, command: c.CancelOrder) -> Verdict:
    if is_cancelled(history):
        return NOTHING
    if any(line.out for line in now.lines.values()):
        return refused("goods-out")
    planned = [
        e.ShipmentCancelled(shipment_id=plan.shipment_id, reason=command.reason)
        for plan in all_of(history, e.ShipmentPlanned)
        if shipment_state(history, plan.shipment_id) == "planned"
    ]
    return happens(*planned, e.OrderCancelled(reason=command.reason))


def _cancel_items(history: History, now: Books, command: c.CancelItems) -> Verdict:
    wished = e.ItemsCancelled(
        cancellation_id=command.cancellation_id, lines=command.lines, reason=command.reason
    )
    known = find(history, e.ItemsCancelled, cancellation_id=command.cancellation_id)
    if (known_verdict := of_known(known, wished)) is not None:
        return known_verdict
    if is_cancelled(history):
        return refused(CANCELLED)
    free = {number: line.open for number, line in now.lines.items()}
    return guarded(wished, lines_against(command.lines, free, "quantity-not-open"))


def _hold(history: History, _now: Books, command: c.PlaceHold) -> Verdict:
    wished = e.HoldPlaced(hold_id=command.hold_id, kind=command.kind, reason=command.reason)
    known = find(history, e.HoldPlaced, hold_id=command.hold_id)
    in_force = command.hold_id in open_holds(history)
    if (known_verdict := of_known(known, wished, in_force=in_force)) is not None:
        return known_verdict
    return refused(CANCELLED) if is_cancelled(history) else happens(wished)


def _release(history: History, _now: Books, command: c.ReleaseHold) -> Verdict:
    if find(history, e.HoldPlaced, hold_id=command.hold_id) is None:
        return refused("unknown-hold")
    if command.hold_id not in open_holds(history):
        return NOTHING
    return happens(e.HoldReleased(hold_id=command.hold_id, reason=command.reason))


def _note(history: History, _now: Books, command: c.AddNote) -> Verdict:
    wished = e.NoteAdded(note_id=command.note_id, text=command.text)
    known = find(history, e.NoteAdded, note_id=command.note_id)
    return of_known(known, wished) or happens(wished)


def _grant(history: History, now: Books, command: c.GrantRefund) -> Verdict:
    wished = e.RefundGranted(
        refund_id=command.refund_id,
        amount_cents=command.amount_cents,
        allowance_cents=_allowance(now, command),
        reason=command.reason,
        lines=command.lines,
    )
    known = find(history, e.RefundGranted, refund_id=command.refund_id)
    if isinstance(known, e.RefundGranted):
        content = ("amount_cents", "reason", "lines")
        same = all(getattr(known, name) == getattr(wished, name) for name in content)
        if command.allowance_cents not in (None, known.allowance_cents) or not same:
            return refused(REUSED)
        revoked = find(history, e.RefundRevoked, refund_id=command.refund_id)
        verdict_on_same = NOTHING if revoked is None else refused(ENDED)
        # Whether the allowance was given or filled in is not in the event: both are content.
        return either(verdict_on_same, REUSED) if command.allowance_cents else verdict_on_same
    refund = now.refunds.get(command.refund_id)
    paid = refund.paid_out if refund is not None else 0
    claimed = now.claimed_refunds - paid + max(command.amount_cents, paid)
    broken = {
        "refund-above-captured": claimed > now.captured - now.charged_back,
        "unknown-line": any(part.line not in now.lines for part in command.lines),
    }
    return guarded(wished, broken)


def _allowance(now: Books, command: c.GrantRefund) -> int:
    if command.allowance_cents is not None:
        return command.allowance_cents
    return max(0, command.amount_cents - max(0, now.net - now.due - now.open_refunds))


def _revoke(history: History, now: Books, command: c.RevokeRefund) -> Verdict:
    if find(history, e.RefundGranted, refund_id=command.refund_id) is None:
        return refused("unknown-refund")
    if find(history, e.RefundRevoked, refund_id=command.refund_id) is not None:
        return NOTHING
    left = now.refunds[command.refund_id].open
    if left == 0:
        return refused(PAID_OUT)
    return happens(
        e.RefundRevoked(refund_id=command.refund_id, revoked_cents=left, reason=command.reason)
    )


# Shipments and returns ----------------------------------------------------------------------------


def _plan(history: History, now: Books, command: c.PlanShipment) -> Verdict:
    wished = e.ShipmentPlanned(
        shipment_id=command.shipment_id, lines=command.lines, location=command.location
    )
    known = find(history, e.ShipmentPlanned, shipment_id=command.shipment_id)
    state = shipment_state(history, command.shipment_id)
    if (known_verdict := of_known(known, wished, in_force=state != "cancelled")) is not None:
        cancelled = find(history, e.ShipmentCancelled, shipment_id=command.shipment_id)
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


def _cancel_shipment(history: History, _now: Books, command: c.CancelShipment) -> Verdict:
    state = shipment_state(history, command.shipment_id)
    cancelled = find(history, e.ShipmentCancelled, shipment_id=command.shipment_id)
    if state == "planned":
        return happens(e.ShipmentCancelled(shipment_id=command.shipment_id, reason=command.reason))
    if state == "cancelled":
        return NOTHING
    if state == "unknown":
        return refused("unknown-shipment")
    left = refused("shipment-dispatched")
    return left if cancelled is None else either(NOTHING, *left.rules)


def _dispatch(history: History, now: Books, command: c.DispatchShipment) -> Verdict:
    wished = e.ShipmentDispatched(
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
    plan = find(history, e.ShipmentPlanned, shipment_id=command.shipment_id)
    lines = plan.lines if isinstance(plan, e.ShipmentPlanned) else ()
    over = any(now.lines[part.line].overshipped for part in lines)
    return guarded(wished, {"on-hold": now.on_hold, "overshipped": over})


def _request(history: History, now: Books, command: c.RequestReturn) -> Verdict:
    wished = e.ReturnRequested(
        return_id=command.return_id, lines=command.lines, reason=command.reason
    )
    known = find(history, e.ReturnRequested, return_id=command.return_id)
    in_force = not return_ended(history, command.return_id)
    if (known_verdict := of_known(known, wished, in_force=in_force)) is not None:
        return known_verdict
    free = {number: line.returnable for number, line in now.lines.items()}
    return guarded(wished, lines_against(command.lines, free, "quantity-not-returnable"))


def _receive(history: History, now: Books, command: c.ReceiveReturn) -> Verdict:
    wished = e.ReturnReceived(
        return_id=command.return_id, receipt_id=command.receipt_id, lines=command.lines
    )
    asked = find(history, e.ReturnRequested, return_id=command.return_id)
    if not isinstance(asked, e.ReturnRequested):
        return refused("unknown-return")
    ended = return_ended(history, command.return_id)
    known = find(
        history,
        e.ReturnReceived,
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


def _decline(history: History, _now: Books, command: c.DeclineReturn) -> Verdict:
    if find(history, e.ReturnRequested, return_id=command.return_id) is None:
        return refused("unknown-return")
    if find(history, e.ReturnDeclined, return_id=command.return_id) is not None:
        return NOTHING
    if return_ended(history, command.return_id):
        return refused(RETURN_ENDED)
    if sum(received_of(history, command.return_id).values()):
        return refused(RETURN_RECEIVED)
    return happens(e.ReturnDeclined(return_id=command.return_id, reason=command.reason))


def _close(history: History, _now: Books, command: c.CloseReturn) -> Verdict:
    if find(history, e.ReturnRequested, return_id=command.return_id) is None:
        return refused("unknown-return")
    if find(history, e.ReturnClosed, return_id=command.return_id) is not None:
        return NOTHING
    if return_ended(history, command.return_id):
        return refused(RETURN_ENDED)
    return happens(e.ReturnClosed(return_id=command.return_id))


JUDGES: dict[type[Command], Judge] = {
    c.PlaceOrder: _place,
    c.ConfirmOrder: _confirm,
    c.CancelOrder: _cancel,
    c.CancelItems: _cancel_items,
    c.PlaceHold: _hold,
    c.ReleaseHold: _release,
    c.AddNote: _note,
    c.GrantRefund: _grant,
    c.RevokeRefund: _revoke,
    c.PlanShipment: _plan,
    c.CancelShipment: _cancel_shipment,
    c.DispatchShipment: _dispatch,
    c.RequestReturn: _request,
    c.ReceiveReturn: _receive,
    c.DeclineReturn: _decline,
    c.CloseReturn: _close,
}
