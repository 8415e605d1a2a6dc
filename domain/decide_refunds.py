"""What an order answers to the granting and revoking of refunds."""

from dataclasses import replace
from typing import assert_never

from domain import commands as c
from domain import events as e
from domain.guards import already_done, require_known_lines
from domain.money import Money
from domain.rules import OrderRefused
from domain.state import Order


def decide(command: c.RefundRequest, order: Order) -> tuple[e.Event, ...]:
    match command:
        case c.GrantRefund():
            return _grant(command, order)
        case c.RevokeRefund():
            return _revoke(command, order)
        case _:
            assert_never(command)


def _grant(command: c.GrantRefund, order: Order) -> tuple[e.Event, ...]:
    event = e.RefundGranted(
        refund_id=command.refund_id,
        amount_cents=command.amount_cents,
        allowance_cents=_allowance(command, order.money),
        reason=command.reason,
        lines=command.lines,
    )
    same = order.find_same(event)
    if command.allowance_cents is None and isinstance(same, e.RefundGranted):
        # The default was computed when the refund was granted; by now it would be another.
        event = replace(event, allowance_cents=same.allowance_cents)
    refund = order.money.refund(command.refund_id)
    if already_done(order, event, ended=refund.revoked):
        return ()
    require_known_lines(order, command.lines)
    claims = max(command.amount_cents, refund.paid_out_cents) - refund.claimed_cents
    if claims > order.money.refundable_cents:
        detail = f"{claims} more claimed, {order.money.refundable_cents} left to refund"
        raise OrderRefused("refund-above-captured", detail)
    return (event,)


def _allowance(command: c.GrantRefund, money: Money) -> int:
    """By default a refund gives back what was overpaid; the rest of it lowers the amount due."""
    if command.allowance_cents is not None:
        return command.allowance_cents
    overpaid = max(0, money.net_cents - money.due_cents - money.open_refunds_cents)
    return max(0, command.amount_cents - overpaid)


def _revoke(command: c.RevokeRefund, order: Order) -> tuple[e.Event, ...]:
    refund = order.money.refund(command.refund_id)
    if refund.revoked:
        return ()
    if not refund.granted:
        raise OrderRefused("unknown-refund")
    if not refund.open_cents:
        raise OrderRefused("paid-out", f"{refund.paid_out_cents} of {refund.granted_cents}")
    event = e.RefundRevoked(
        refund_id=command.refund_id, revoked_cents=refund.open_cents, reason=command.reason
    )
    return (event,)
