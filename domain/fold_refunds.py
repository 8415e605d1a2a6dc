"""The fold of grants: how much may be paid out, and how much of it lowers the amount due."""

from domain import events as e
from domain.billing import Taken, shares_of
from domain.commands import LineQuantity
from domain.fold_billing import credited, without_credit
from domain.money import Money
from domain.movements import counted_cents
from domain.parts import NOTHING, added, spread, total
from domain.persistent import with_entry, with_fields
from domain.refunds import Refund


def granted(money: Money, event: e.RefundGranted) -> Money:
    parts = event.parts
    if parts is None:  # of version 1
        parts = default_parts(money, event.credit_cents, event.lines)
    return _raised(money, event.refund_id, event.amount_cents, parts)


def accepted(money: Money, event: e.RefundAccepted, key: str) -> Money:
    """key: of the payout's movement."""
    money = _raised(money, event.refund_id, event.amount_cents, event.parts)
    refund = money.refund(event.refund_id)
    if key not in refund.accepted:
        refund = with_fields(refund, accepted=(*refund.accepted, key))
    payout = money.movement(key)
    payout = with_fields(payout, accepted_cents=payout.accepted_cents + event.amount_cents)
    return with_fields(
        money,
        refunds=with_entry(money.refunds, event.refund_id, refund),
        movements=with_entry(money.movements, key, payout),
    )


def revoked(money: Money, event: e.RefundRevoked) -> Money:
    old = money.refund(event.refund_id)
    credit = event.credit
    if credit is None:  # of version 1
        credit = revoked_credit(money.kept_of(old), event.revoked_cents)
    if credit is not NOTHING and total(credit):
        money = without_credit(money, event.refund_id, credit)
    old = money.refund(event.refund_id)
    new = with_fields(old, revoked_cents=old.revoked_cents + event.revoked_cents)
    return _without_failed(with_refund(money, event.refund_id, new), old)


def _without_failed(money: Money, refund: Refund) -> Money:
    """The revoke ends the acceptance of payouts that failed."""
    movements = money.movements
    for key in refund.accepted:  # few: each is a command of somebody
        payout = movements[key]
        counts = counted_cents(payout)
        if payout.accepted_cents > counts:
            movements = with_entry(movements, key, with_fields(payout, accepted_cents=counts))
    return with_fields(money, movements=movements)


def with_refund(money: Money, refund_id: str, new: Refund) -> Money:
    old = money.refund(refund_id)
    return with_fields(
        money,
        refunds=with_entry(money.refunds, refund_id, new),
        open_refunds_cents=money.open_refunds_cents + new.open_cents - old.open_cents,
        claimed_refunds_cents=money.claimed_refunds_cents + new.claimed_cents - old.claimed_cents,
    )


def default_parts(money: Money, credit_cents: int, lines: tuple[LineQuantity, ...]) -> e.Parts:
    """What a credit is of that names no parts: by its lines as they were placed, else by what is
    billed and not credited.
    """
    if not credit_cents:
        return NOTHING
    if not lines:
        return spread(credit_cents, money.uncredited)
    units = []
    for part in lines:
        line = money.lines[part.line - 1]
        units.append(Taken(line, 0, min(part.quantity, line.quantity)))
    return spread(credit_cents, shares_of(units, prices_include_tax=money.prices_include_tax).parts)


def revoked_credit(kept: e.Parts, revoked_cents: int) -> e.Parts:
    """Revoking takes the credit first."""
    cents = min(total(kept), revoked_cents)
    return spread(cents, kept) if cents else NOTHING


def _raised(money: Money, refund_id: str, amount_cents: int, credit: e.Parts) -> Money:
    old = money.refund(refund_id)
    new = with_fields(
        old,
        granted=True,
        granted_cents=old.granted_cents + amount_cents,
        credit_cents=old.credit_cents + total(credit),
        kept=added(money.kept_of(old), credit),
        kept_after_cancel=money.cancelled,
    )
    return with_refund(credited(money, credit), refund_id, new)
