"""What an order answers to commands that change what is billed."""

from dataclasses import replace
from typing import assert_never

from domain import commands as c
from domain import events as e
from domain.billing import apportion_command, cancelled, numbered_items
from domain.guards import (
    already_done,
    require_cancellable_quantity,
    require_creditable,
    require_known_lines,
    require_not_cancelled,
)
from domain.money import Money
from domain.parts import ended, named_cents, negated, spread, with_codes
from domain.rules import OrderRefused
from domain.state import Order
from domain.values import ITEMS_MAX


def decide(command: c.BillingRequest, order: Order) -> tuple[e.Event, ...]:
    match command:
        case c.CancelItems():
            return _cancel_items(command, order)
        case c.AddItems():
            return _add_items(command, order)
        case c.AdjustOrder():
            return _adjust(command, order)
        case c.RevokeAdjustment():
            return _revoke_adjustment(command, order)
        case c.WriteOff():
            return _write_off(command, order)
        case c.RevokeWriteOff():
            return _revoke_write_off(command, order)
        case _:
            assert_never(command)


def _cancel_items(command: c.CancelItems, order: Order) -> tuple[e.Event, ...]:
    event = e.ItemsCancelled(
        cancellation_id=command.cancellation_id,
        lines=command.lines,
        shipping_cents=command.shipping_cents,
        refund_id=command.refund_id,
        credit=None,
        reason=command.reason,
    )
    same = order.find_same(event)
    if isinstance(same, e.ItemsCancelled):  # what ends of a credit was computed then
        event = replace(event, credit=same.credit)
    if already_done(order, event):
        return ()
    require_not_cancelled(order)
    require_known_lines(order, command.lines)
    require_cancellable_quantity(order, command.lines)
    _require_billed_shipping(order.money, command.shipping_cents)
    if command.refund_id is None:
        return (event,)
    return (replace(event, credit=_ended_credit(command, command.refund_id, order.money)),)


def _require_billed_shipping(money: Money, shipping_cents: int) -> None:
    billed = sum([each.amount_cents - each.cancelled_cents for each in money.shippings])
    if shipping_cents > billed:
        raise OrderRefused("shipping-not-billed", f"{shipping_cents} wanted, {billed} billed")


def _ended_credit(command: c.CancelItems, refund_id: str, money: Money) -> e.Parts:
    refund = money.refund(refund_id)
    if not refund.granted:
        raise OrderRefused("unknown-refund")
    off = cancelled(
        money.lines,
        money.shippings,
        command.lines,
        command.shipping_cents,
        prices_include_tax=money.prices_include_tax,
    ).off
    return ended(money.kept_of(refund), off.parts)


def _add_items(command: c.AddItems, order: Order) -> tuple[e.Event, ...]:
    money = order.money
    result = apportion_command(command, prices_include_tax=money.prices_include_tax)
    event = e.ItemsAdded(
        addition_id=command.addition_id,
        items=numbered_items(command, result, len(money.lines) + 1),
        shipping_cents=command.shipping_cents,
        shipping_discount_cents=result.shipping_discount_cents,
        shipping_tax_cents=result.shipping_tax_cents,
        shipping_tax_code=command.shipping_tax_code,
        discount_cents=command.discount_cents,
        tax_cents=command.tax_cents,
    )
    same = order.find_same(event)
    if isinstance(same, e.ItemsAdded):  # its lines have the numbers they were given then
        event = replace(event, items=numbered_items(command, result, same.items[0].line))
    if already_done(order, event):
        return ()
    require_not_cancelled(order)
    lines = len(money.lines) + len(command.items)
    if lines > ITEMS_MAX:
        raise OrderRefused("too-many-items", f"they would be {lines}")
    return (event,)


def _adjust(command: c.AdjustOrder, order: Order) -> tuple[e.Event, ...]:
    money = order.money
    event = e.OrderAdjusted(
        adjustment_id=command.adjustment_id,
        amount_cents=command.amount_cents,
        parts=_adjusted_parts(command, money),
        label=command.label,
        reason=command.reason,
    )
    same = order.find_same(event)
    if isinstance(same, e.OrderAdjusted) and command.parts in {None, named_cents(same.parts)}:
        event = replace(event, parts=same.parts)
    adjustment = money.adjustments.get(command.adjustment_id)
    if already_done(order, event, ended=adjustment is not None and adjustment.revoked):
        return ()
    require_creditable(money, -command.amount_cents)
    return (event,)


def _adjusted_parts(command: c.AdjustOrder, money: Money) -> e.Parts:
    if command.parts is not None:
        return with_codes(command.parts, money.uncredited.taxes or money.billed.taxes)
    if command.amount_cents > 0:
        return e.Parts(other_cents=command.amount_cents)
    return negated(spread(-command.amount_cents, money.uncredited))


def _revoke_adjustment(command: c.RevokeAdjustment, order: Order) -> tuple[e.Event, ...]:
    adjustment = order.money.adjustments.get(command.adjustment_id)
    if adjustment is None:
        raise OrderRefused("unknown-adjustment")
    if adjustment.revoked:
        raise OrderRefused("already-revoked")
    return (e.AdjustmentRevoked(adjustment_id=command.adjustment_id, reason=command.reason),)


def _write_off(command: c.WriteOff, order: Order) -> tuple[e.Event, ...]:
    money = order.money
    event = e.WrittenOff(
        write_off_id=command.write_off_id,
        amount_cents=command.amount_cents,
        forgiven_cents=max(0, command.amount_cents - max(0, money.due_cents)),
        reason=command.reason,
    )
    write_off = money.write_offs.get(command.write_off_id)
    if write_off is not None:  # what of it was above the due was fixed then
        event = replace(event, forgiven_cents=write_off.forgiven_cents)
    if already_done(order, event, ended=write_off is not None and write_off.revoked):
        return ()
    if command.amount_cents > money.balance_cents:
        detail = f"{command.amount_cents} wanted, the balance is {money.balance_cents}"
        raise OrderRefused("write-off-above-balance", detail)
    return (event,)


def _revoke_write_off(command: c.RevokeWriteOff, order: Order) -> tuple[e.Event, ...]:
    write_off = order.money.write_offs.get(command.write_off_id)
    if write_off is None:
        raise OrderRefused("unknown-write-off")
    if write_off.revoked:
        raise OrderRefused("already-revoked")
    return (e.WriteOffRevoked(write_off_id=command.write_off_id, reason=command.reason),)
