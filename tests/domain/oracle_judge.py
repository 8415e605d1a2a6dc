"""What the design says an order answers to a command, from its whole history by brute force.

An independent reading of the table of commands and of the order in which refusals are judged:
the order exists; the same id; the order is cancelled; the guards.
"""

from collections.abc import Callable
from dataclasses import fields
from typing import Any, TypeAlias

from domain import commands as told
from domain import events as happened
from domain.commands import FACTS, Command
from domain.currency import EXPONENTS
from domain.events import Event
from tests.domain import oracle_judge_goods as goods
from tests.domain.oracle import Books
from tests.domain.oracle_facts import fact_verdict
from tests.domain.oracle_goods import shipment_state
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
    return JUDGES[type(command)](history, now, command)


def _first(command: Command) -> Verdict:
    return (
        happens(_placed(command))
        if isinstance(command, told.PlaceOrder)
        else refused(UNKNOWN_ORDER)
    )


def _placed(command: told.PlaceOrder) -> happened.OrderPlaced:
    items = tuple(
        happened.Item(
            line=number,
            product_id=item.product_id,
            quantity=item.quantity,
            price_cents=item.price_cents,
        )
        for number, item in enumerate(command.items, start=1)
    )
    price = sum(item.quantity * item.price_cents for item in items)
    extras = command.shipping_cents + command.tax_cents - command.discount_cents
    return happened.OrderPlaced(
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


def _place(history: History, _now: Books, command: told.PlaceOrder) -> Verdict:
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


def _confirm(history: History, now: Books, _command: told.ConfirmOrder) -> Verdict:
    confirmed = find(history, happened.OrderConfirmed) is not None
    if is_cancelled(history):
        return either(NOTHING, ENDED, CANCELLED) if confirmed else refused(CANCELLED)
    if confirmed:
        return NOTHING
    return guarded(happened.OrderConfirmed(), {"on-hold": now.on_hold})


def _cancel(history: History, now: Books, command: told.CancelOrder) -> Verdict:
    if is_cancelled(history):
        return NOTHING
    if any(line.out for line in now.lines.values()):
        return refused("goods-out")
    planned = [
        happened.ShipmentCancelled(shipment_id=plan.shipment_id, reason=command.reason)
        for plan in all_of(history, happened.ShipmentPlanned)
        if shipment_state(history, plan.shipment_id) == "planned"
    ]
    return happens(*planned, happened.OrderCancelled(reason=command.reason))


def _cancel_items(history: History, now: Books, command: told.CancelItems) -> Verdict:
    wished = happened.ItemsCancelled(
        cancellation_id=command.cancellation_id, lines=command.lines, reason=command.reason
    )
    known = find(history, happened.ItemsCancelled, cancellation_id=command.cancellation_id)
    if (known_verdict := of_known(known, wished)) is not None:
        return known_verdict
    if is_cancelled(history):
        return refused(CANCELLED)
    free = {number: line.open for number, line in now.lines.items()}
    return guarded(wished, lines_against(command.lines, free, "quantity-not-open"))


def _hold(history: History, _now: Books, command: told.PlaceHold) -> Verdict:
    wished = happened.HoldPlaced(hold_id=command.hold_id, kind=command.kind, reason=command.reason)
    known = find(history, happened.HoldPlaced, hold_id=command.hold_id)
    stands = command.hold_id in open_holds(history)
    if (known_verdict := of_known(known, wished, stands=stands)) is not None:
        return known_verdict
    return refused(CANCELLED) if is_cancelled(history) else happens(wished)


def _release(history: History, _now: Books, command: told.ReleaseHold) -> Verdict:
    if find(history, happened.HoldPlaced, hold_id=command.hold_id) is None:
        return refused("unknown-hold")
    if command.hold_id not in open_holds(history):
        return NOTHING
    return happens(happened.HoldReleased(hold_id=command.hold_id, reason=command.reason))


def _note(history: History, _now: Books, command: told.AddNote) -> Verdict:
    wished = happened.NoteAdded(note_id=command.note_id, text=command.text)
    known = find(history, happened.NoteAdded, note_id=command.note_id)
    return of_known(known, wished) or happens(wished)


def _grant(history: History, now: Books, command: told.GrantRefund) -> Verdict:
    wished = happened.RefundGranted(
        refund_id=command.refund_id,
        amount_cents=command.amount_cents,
        allowance_cents=_allowance(now, command),
        reason=command.reason,
        lines=command.lines,
    )
    known = find(history, happened.RefundGranted, refund_id=command.refund_id)
    if isinstance(known, happened.RefundGranted):
        content = ("amount_cents", "reason", "lines")
        same = all(getattr(known, name) == getattr(wished, name) for name in content)
        if command.allowance_cents not in (None, known.allowance_cents) or not same:
            return refused(REUSED)
        revoked = find(history, happened.RefundRevoked, refund_id=command.refund_id)
        verdict_on_same = NOTHING if revoked is None else refused(ENDED)
        # Whether the allowance was given or filled in is not in the event: both are content.
        return either(verdict_on_same, REUSED) if command.allowance_cents else verdict_on_same
    refund = now.refunds.get(command.refund_id)
    paid = refund.paid_out if refund is not None else 0
    bound = now.bound - paid + max(command.amount_cents, paid)
    broken = {
        "refund-above-captured": bound > now.captured - now.charged_back,
        "unknown-line": any(part.line not in now.lines for part in command.lines),
    }
    return guarded(wished, broken)


def _allowance(now: Books, command: told.GrantRefund) -> int:
    if command.allowance_cents is not None:
        return command.allowance_cents
    return max(0, command.amount_cents - max(0, now.net - now.due - now.u))


def _revoke(history: History, now: Books, command: told.RevokeRefund) -> Verdict:
    if find(history, happened.RefundGranted, refund_id=command.refund_id) is None:
        return refused("unknown-refund")
    if find(history, happened.RefundRevoked, refund_id=command.refund_id) is not None:
        return NOTHING
    left = now.refunds[command.refund_id].open
    if left == 0:
        return refused(PAID_OUT)
    return happens(
        happened.RefundRevoked(
            refund_id=command.refund_id, revoked_cents=left, reason=command.reason
        )
    )


JUDGES: dict[type[Command], Judge] = {
    told.PlaceOrder: _place,
    told.ConfirmOrder: _confirm,
    told.CancelOrder: _cancel,
    told.CancelItems: _cancel_items,
    told.PlaceHold: _hold,
    told.ReleaseHold: _release,
    told.AddNote: _note,
    told.GrantRefund: _grant,
    told.RevokeRefund: _revoke,
    told.PlanShipment: goods.plan,
    told.CancelShipment: goods.cancel_shipment,
    told.DispatchShipment: goods.dispatch,
    told.RequestReturn: goods.request,
    told.ReceiveReturn: goods.receive,
    told.DeclineReturn: goods.decline,
    told.CloseReturn: goods.close,
}
