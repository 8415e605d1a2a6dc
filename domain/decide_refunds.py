"""What an order answers to the granting and revoking of refunds."""

from dataclasses import replace

from domain.commands import GrantRefund, RevokeRefund
from domain.events import Event, RefundGranted, RefundRevoked
from domain.guards import known_lines, stands_already
from domain.money import Money
from domain.rules import OrderRefused
from domain.state import Order


def grant(command: GrantRefund, order: Order) -> tuple[Event, ...]:
    event = RefundGranted(
        refund_id=command.refund_id,
        amount_cents=command.amount_cents,
        allowance_cents=_allowance(command, order.money),
        reason=command.reason,
        lines=command.lines,
    )
    known = order.known(event)
    if command.allowance_cents is None and isinstance(known, RefundGranted):
        # The default was fixed in the event; the books have moved on since.
        event = replace(event, allowance_cents=known.allowance_cents)
    refund = order.money.refund(command.refund_id)
    if stands_already(order, event, ended=refund.revoked):
        return ()
    known_lines(order, command.lines)
    claims = max(command.amount_cents, refund.paid_out_cents) - refund.claimed_cents
    if claims > order.money.refundable_cents:
        detail = f"{claims} more claimed, {order.money.refundable_cents} left to refund"
        raise OrderRefused("refund-above-captured", detail)
    return (event,)


def _allowance(command: GrantRefund, money: Money) -> int:
    """By default a refund first gives back what was overpaid, and settles the due with the rest."""
    if command.allowance_cents is not None:
        return command.allowance_cents
    overpaid = max(0, money.net_cents - money.due_cents - money.open_refunds_cents)
    return max(0, command.amount_cents - overpaid)


def revoke(command: RevokeRefund, order: Order) -> tuple[Event, ...]:
    refund = order.money.refund(command.refund_id)
    if refund.revoked:
        return ()
    if not refund.granted:
        raise OrderRefused("unknown-refund")
    if not refund.open_cents:
        raise OrderRefused("paid-out", f"{refund.paid_out_cents} of {refund.granted_cents}")
    event = RefundRevoked(
        refund_id=command.refund_id, revoked_cents=refund.open_cents, reason=command.reason
    )
    return (event,)
