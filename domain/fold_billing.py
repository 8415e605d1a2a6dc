"""The fold of what is billed, credited and written off: what commands change."""

from domain import events as e
from domain.billing import Billed, billed_by, billed_lines, billed_shipping, cancelled
from domain.money import NOT_PLACED, Adjustment, Money, WriteOff
from domain.parts import NOTHING, added, negated, subtracted, tax_total, total
from domain.persistent import NewMap, with_entry, with_fields


def place_money(placed: e.OrderPlaced, new_map: NewMap = dict) -> Money:
    """The money of an order that was just placed. new_map: the kind of its maps."""
    billed, discount_cents = billed_by(placed, prices_include_tax=placed.prices_include_tax)
    tax_cents = tax_total(billed.taxes)
    goods_cents = billed.goods_cents + discount_cents
    if placed.prices_include_tax:
        goods_cents += tax_cents - placed.shipping_tax_cents
    return with_fields(
        NOT_PLACED,
        currency=placed.currency,
        prices_include_tax=placed.prices_include_tax,
        lines=billed_lines(placed.items),
        shippings=billed_shipping(placed),
        goods_cents=goods_cents,
        shipping_cents=placed.shipping_cents,
        tax_cents=tax_cents,
        discount_cents=discount_cents + placed.shipping_discount_cents,
        total_cents=placed.total_cents,
        billed=billed,
        billed_cents=total(billed),
        billed_discount_cents=discount_cents,
        payments=new_map(),
        refunds=new_map(),
        adjustments=new_map(),
        write_offs=new_map(),
        movements=new_map(),
    )


def order_cancelled(money: Money) -> Money:
    """Nothing is due any more; what was forgiven stays. What is billed later counts again."""
    return with_fields(
        money,
        cancelled=True,
        billed=NOTHING,
        billed_cents=0,
        billed_discount_cents=0,
        kept=NOTHING,
        credited_cents=0,
        written_off_cents=money.forgiven_cents,
    )


def items_added(money: Money, event: e.ItemsAdded) -> Money:
    billed = billed_by(event, prices_include_tax=money.prices_include_tax)
    return with_fields(
        _billed(money, billed),
        lines=money.lines + billed_lines(event.items),
        shippings=money.shippings + billed_shipping(event),
    )


def items_cancelled(money: Money, event: e.ItemsCancelled) -> Money:
    lines, shippings, off = cancelled(
        money.lines,
        money.shippings,
        event.lines,
        event.shipping_cents,
        prices_include_tax=money.prices_include_tax,
    )
    money = _billed(money, Billed(negated(off.parts), -off.discount_cents))
    money = with_fields(money, lines=lines, shippings=shippings)
    if event.refund_id is None or event.credit is None:
        return money
    return without_credit(money, event.refund_id, event.credit)


def without_credit(money: Money, refund_id: str, credit: e.Parts) -> Money:
    """With so much less kept of a refund's credit."""
    old = money.refund(refund_id)
    new = with_fields(
        old,
        kept=subtracted(money.kept_of(old), credit),
        kept_after_cancel=money.cancelled,
    )
    refunds = with_entry(money.refunds, refund_id, new)
    return with_fields(credited(money, credit, -1), refunds=refunds)


def credited(money: Money, credit: e.Parts, sign: int = 1) -> Money:
    """With so much more of all credits; less, with sign -1."""
    return with_fields(
        money,
        kept=added(money.kept, credit, sign),
        credited_cents=money.credited_cents + sign * total(credit),
    )


def adjusted(money: Money, event: e.OrderAdjusted) -> Money:
    new = Adjustment(
        event.amount_cents, event.parts, event.label, event.reason, after_cancel=money.cancelled
    )
    money = _with_adjustment(money, new, 1)
    return with_fields(money, adjustments=with_entry(money.adjustments, event.adjustment_id, new))


def adjustment_revoked(money: Money, event: e.AdjustmentRevoked) -> Money:
    """One made before the order was cancelled ended with that."""
    old = money.adjustments[event.adjustment_id]
    if old.after_cancel == money.cancelled:
        money = _with_adjustment(money, old, -1)
    adjustments = with_entry(money.adjustments, event.adjustment_id, with_fields(old, revoked=True))
    return with_fields(money, adjustments=adjustments)


def written_off(money: Money, event: e.WrittenOff) -> Money:
    new = WriteOff(
        event.amount_cents,
        event.reason,
        event.forgiven_cents,
        after_cancel=money.cancelled,
    )
    return with_fields(
        money,
        write_offs=with_entry(money.write_offs, event.write_off_id, new),
        written_off_cents=money.written_off_cents + event.amount_cents,
        forgiven_cents=money.forgiven_cents + event.forgiven_cents,
    )


def write_off_revoked(money: Money, event: e.WriteOffRevoked) -> Money:
    """Of one made before the order was cancelled, only what was forgiven still counted."""
    old = money.write_offs[event.write_off_id]
    counted = old.amount_cents if old.after_cancel == money.cancelled else old.forgiven_cents
    new = with_fields(old, revoked=True)
    return with_fields(
        money,
        write_offs=with_entry(money.write_offs, event.write_off_id, new),
        written_off_cents=money.written_off_cents - counted,
        forgiven_cents=money.forgiven_cents - old.forgiven_cents,
    )


def _with_adjustment(money: Money, adjustment: Adjustment, sign: int) -> Money:
    if adjustment.amount_cents < 0:
        return credited(money, negated(adjustment.parts), sign)
    parts = adjustment.parts if sign > 0 else negated(adjustment.parts)
    return _billed(money, Billed(parts))


def _billed(money: Money, more: Billed) -> Money:
    return with_fields(
        money,
        billed=added(money.billed, more.parts),
        billed_cents=money.billed_cents + total(more.parts),
        billed_discount_cents=money.billed_discount_cents + more.discount_cents,
    )
