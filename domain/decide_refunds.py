"""What an order answers to the granting, revoking and accepting of refunds."""

from typing import assert_never

from domain import commands as c
from domain import events as e
from domain.fold_payments import payout_key
from domain.fold_refunds import default_parts, revoked_credit
from domain.guards import already_done, require_creditable, require_known_lines
from domain.money import Money
from domain.movements import Movement, counted_cents, in_force
from domain.parts import named_cents, with_codes
from domain.refunds import Refund
from domain.rules import OrderRefused
from domain.state import Order


def decide(command: c.RefundRequest, order: Order) -> tuple[e.Event, ...]:
    match command:
        case c.GrantRefund():
            return _grant(command, order)
        case c.RevokeRefund():
            return _revoke(command, order)
        case c.AcceptRefund():
            return _accept(command, order)
        case _:
            assert_never(command)


def _grant(command: c.GrantRefund, order: Order) -> tuple[e.Event, ...]:
    money = order.money
    refund = money.refund(command.refund_id)
    same = order.seen_grant(command.refund_id)
    if same is not None:
        already_done(order, _as_granted(command, same), ended=refund.revoked)
        return ()
    require_known_lines(order, command.lines)
    claims = _claimed_by(refund, command.amount_cents) - refund.claimed_cents
    if claims > money.refundable_cents:
        detail = f"{claims} more claimed, {money.refundable_cents} left to refund"
        raise OrderRefused("refund-above-captured", detail)
    credit_cents = command.named_credit_cents
    if credit_cents is None:
        credit_cents = default_credit(money, refund, command.amount_cents)
    require_creditable(money, credit_cents)
    event = e.RefundGranted(
        refund_id=command.refund_id,
        amount_cents=command.amount_cents,
        credit_cents=credit_cents,
        parts=_parts(command, credit_cents, money),
        reason=command.reason,
        lines=command.lines,
    )
    return (event,)


def _as_granted(command: c.GrantRefund, same: e.RefundGranted) -> e.RefundGranted:
    """The event of the command if it were the same grant: what it leaves out was computed when the
    refund was granted; by now it would be another.
    """
    credit_cents = command.named_credit_cents
    parts = same.parts
    if command.parts is not None and (parts is None or command.parts != named_cents(parts)):
        parts = e.Parts(other_cents=-1)  # no grant has these
    return e.RefundGranted(
        refund_id=command.refund_id,
        amount_cents=command.amount_cents,
        credit_cents=same.credit_cents if credit_cents is None else credit_cents,
        parts=parts,
        reason=command.reason,
        lines=command.lines,
    )


def _claimed_by(refund: Refund, amount_cents: int) -> int:
    """What the refund would claim with so much more granted."""
    return max(refund.covered_cents + amount_cents, refund.paid_out_cents)


def default_credit(money: Money, refund: Refund, amount_cents: int) -> int:
    """A refund first gives back what was overpaid; the rest of it lowers the amount due.

    What was paid out under its id and is covered by no grant was paid too much until now.
    """
    net = money.net_cents + refund.uncovered_cents
    overpaid = max(0, net - money.due_cents - money.open_refunds_cents)
    return min(max(0, amount_cents - overpaid), money.creditable_cents)


def _parts(command: c.GrantRefund, credit_cents: int, money: Money) -> e.Parts:
    if command.parts is None:
        return default_parts(money, credit_cents, command.lines)
    return with_codes(command.parts, money.uncredited.taxes or money.billed.taxes)


def _revoke(command: c.RevokeRefund, order: Order) -> tuple[e.Event, ...]:
    refund = order.money.refund(command.refund_id)
    if not refund.granted:
        raise OrderRefused("unknown-refund")
    if not refund.open_cents:
        if refund.revoked:
            raise OrderRefused("already-revoked")
        raise OrderRefused("paid-out", f"{refund.paid_out_cents} of {refund.granted_cents}")
    event = e.RefundRevoked(
        refund_id=command.refund_id,
        revoked_cents=refund.open_cents,
        credit=revoked_credit(order.money.kept_of(refund), refund.open_cents),
        reason=command.reason,
    )
    return (event,)


def _refund_to_accept(payout: Movement, money: Money) -> str:
    """The first of those that the payout's reports name that is paid out without grant, if any."""
    refund_ids = [report.refund_id for report in in_force(payout)]
    open_ = [refund_id for refund_id in refund_ids if money.refund(refund_id).uncovered_cents]
    return (open_ or refund_ids)[0]


def _accept(command: c.AcceptRefund, order: Order) -> tuple[e.Event, ...]:
    money = order.money
    payout = money.movement(payout_key(command.payment_id, command.payout_id))
    if not payout.reports:
        raise OrderRefused("unknown-payout")
    counted = counted_cents(payout)
    if not counted:
        raise OrderRefused("nothing-to-accept", "the payout failed")
    not_accepted = counted - payout.accepted_cents
    refund_id = _refund_to_accept(payout, money)
    refund = money.refund(refund_id)
    amount_cents = min(refund.uncovered_cents, not_accepted)
    if amount_cents <= 0:
        if payout.accepted_cents:
            return ()
        raise OrderRefused("nothing-to-accept", "grants cover the payout")
    credit_cents = command.credit_cents
    if credit_cents is None:
        credit_cents = default_credit(money, refund, amount_cents)
    if credit_cents > amount_cents:
        raise OrderRefused("credit-above-refund", f"{credit_cents} of {amount_cents}")
    require_creditable(money, credit_cents)
    event = e.RefundAccepted(
        payment_id=command.payment_id,
        payout_id=command.payout_id,
        refund_id=refund_id,
        amount_cents=amount_cents,
        credit_cents=credit_cents,
        parts=default_parts(money, credit_cents, ()),
        reason=command.reason,
    )
    return (event,)
