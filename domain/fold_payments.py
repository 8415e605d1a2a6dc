"""The fold of money facts: what is authorized, captured, voided, paid out, charged back, kept."""

from typing import Any, Final

from domain import events as e
from domain.fold_refunds import with_refund
from domain.money import Money
from domain.movements import (
    NO_REPORT,
    Change,
    End,
    Movement,
    Report,
    authorized_by,
    authorized_late_cents,
    charged_back_cents,
    in_force,
    with_end,
    with_report,
    without_change,
    without_end,
    without_report,
)
from domain.payments import Payment, counted_methods, with_own
from domain.persistent import with_entry, with_fields
from domain.references import reference, reference_of_two

AUTHORIZATION: Final = "authorization"
CAPTURE: Final = "capture"
VOID: Final = "void"
PAYOUT: Final = "payout"
CHARGEBACK: Final = "chargeback"
FEE: Final = "fee"


def payout_key(payment_id: str, payout_id: str) -> str:
    return reference_of_two(PAYOUT, payment_id, payout_id)


def chargeback_key(payment_id: str, chargeback_id: str) -> str:
    return reference_of_two(CHARGEBACK, payment_id, chargeback_id)


def authorization_key(payment_id: str, authorization_id: str) -> str:
    return reference_of_two(AUTHORIZATION, payment_id, authorization_id)


# Each of these folds a fact, with sign 1, or its retraction, with sign -1 -------------------------


def authorized(money: Money, event: e.PaymentAuthorized, sign: int) -> Money:
    cents = money.counted_cents(event)
    if cents is None:
        return money
    key = authorization_key(event.payment_id, event.authorization_id)
    methods = money.payment(event.payment_id).methods
    methods = counted_methods(methods, event.method, authorizations=sign)
    movement = _reported(money, key, event, cents, sign)
    return _with_authorization(money, event.payment_id, key, movement, methods=methods)


def authorization_adjusted(money: Money, event: e.AuthorizationAdjusted, sign: int) -> Money:
    cents = money.counted_cents(event)
    if cents is None:
        return money
    key = authorization_key(event.payment_id, event.authorization_id)
    change = Change(event.adjustment_id, cents, event.report_id, event.currency, money.cancelled)
    old = money.movement(key)
    if sign > 0:
        movement = with_fields(old, changes=(*old.changes, change))
    else:
        movement = without_change(old, change)
    return _with_authorization(money, event.payment_id, key, movement)


def expired(money: Money, event: e.AuthorizationExpired, sign: int) -> Money:
    key = authorization_key(event.payment_id, event.authorization_id)
    movement = _ended(money.movement(key), End(None, event.report_id), sign)
    expiries = money.payment(event.payment_id).expiries + sign
    return _with_authorization(money, event.payment_id, key, movement, expiries=expiries)


def failed(money: Money, event: e.PaymentFailed, sign: int) -> Money:
    old = money.payment(event.payment_id)
    new = with_fields(old, failures=old.failures + sign)
    return _with_payment(with_fields(money, failures=money.failures + sign), event.payment_id, new)


def captured(money: Money, event: e.PaymentCaptured, sign: int) -> Money:
    cents = money.counted_cents(event)
    if cents is None:
        return money
    key = reference_of_two(CAPTURE, event.payment_id, event.capture_id)
    old = money.payment(event.payment_id)
    movement = money.movement(key)
    if sign > 0:
        report = _report(money, event, cents, late=old.expired)
        movement = with_report(movement, report)
    else:
        report = _found(movement, event)
        movement = without_report(movement, event.report_id, event.currency)
    moved = sign * cents
    changes: dict[str, object] = {"captured_cents": old.captured_cents + moved}
    if report.late:
        changes["late_captured_cents"] = old.late_captured_cents + moved
    if event.method is not None:
        changes["methods"] = counted_methods(old.methods, event.method, captures=sign)
    new = with_own(with_fields(old, **changes), event.method, moved)
    late = moved if report.after_cancel else 0
    return _with_payment(
        money,
        event.payment_id,
        new,
        movements=with_entry(money.movements, key, movement),
        captures=money.captures + sign,
        captured_after_cancel_cents=money.captured_after_cancel_cents + late,
    )


def voided(money: Money, event: e.PaymentVoided, sign: int) -> Money:
    cents = money.counted_cents(event)
    if cents is None:
        return money
    key = reference_of_two(VOID, event.payment_id, event.void_id)
    movements = with_entry(money.movements, key, _reported(money, key, event, cents, sign))
    old = money.payment(event.payment_id)
    new = with_fields(old, voided_cents=old.voided_cents + sign * cents)
    total = money.voided_cents + sign * cents
    return _with_payment(money, event.payment_id, new, movements=movements, voided_cents=total)


def paid_out(money: Money, event: e.PaymentRefunded, sign: int) -> Money:
    cents = money.counted_cents(event)
    if cents is None:
        return money
    key = payout_key(event.payment_id, event.payout_id)
    more = {"method": event.method, "refund_id": event.refund_id}
    movement = _reported(money, key, event, cents, sign, **more)
    return _with_payout(money, event.payment_id, key, movement)


def payout_failed(money: Money, event: e.RefundFailed, sign: int) -> Money:
    """A failure that names no payout fails none."""
    if event.payment_id is None or event.payout_id is None:
        return money
    key = payout_key(event.payment_id, event.payout_id)
    movement = _ended(money.movement(key), End(None, event.report_id), sign)
    return _with_payout(money, event.payment_id, key, movement)


def charged_back(money: Money, event: e.PaymentChargedBack, sign: int) -> Money:
    cents = money.counted_cents(event)
    if cents is None:
        return money
    key = chargeback_key(event.payment_id, event.chargeback_id)
    movement = _reported(money, key, event, cents, sign)
    return _with_chargeback(money, event.payment_id, key, movement)


def chargeback_reversed(money: Money, event: e.ChargebackReversed, sign: int) -> Money:
    cents = money.counted_cents(event)
    if cents is None and event.currency is not None:
        return money
    key = chargeback_key(event.payment_id, event.chargeback_id)
    end = End(cents, event.report_id, event.currency or "")
    movement = _ended(money.movement(key), end, sign)
    return _with_chargeback(money, event.payment_id, key, movement)


def fee_recorded(money: Money, event: e.FeeRecorded, sign: int) -> Money:
    """It is of the order, and in no counter of a payment."""
    cents = money.counted_cents(event)
    if cents is None:
        return money
    key = reference(FEE, (event.fee_id,))
    return with_fields(
        money,
        movements=with_entry(money.movements, key, _reported(money, key, event, cents, sign)),
        fees_cents=money.fees_cents + sign * cents,
    )


# Movements ----------------------------------------------------------------------------------------


def _report(money: Money, event: Any, cents: int, **more: object) -> Report:
    """more: the fields that not every fact has."""
    return with_fields(
        NO_REPORT,
        amount_cents=cents,
        report_id=event.report_id,
        currency=event.currency,
        after_cancel=money.cancelled,
        **more,
    )


def _reported(
    money: Money, key: str, event: Any, cents: int, sign: int, **more: object
) -> Movement:
    old = money.movement(key)
    if sign > 0:
        return with_report(old, _report(money, event, cents, **more))
    return without_report(old, event.report_id, event.currency)


def _found(movement: Movement, event: e.PaymentCaptured) -> Report:
    index = movement.index_of(event.report_id, event.currency)
    return NO_REPORT if index is None else movement.reports[index]


def _ended(movement: Movement, end: End, sign: int) -> Movement:
    if sign > 0:
        return with_end(movement, end)
    return without_end(movement, end.report_id, end.currency)


# Sums ---------------------------------------------------------------------------------------------


def _with_authorization(
    money: Money, payment_id: str, key: str, new: Movement, **changes: object
) -> Money:
    """changes: other fields of the payment."""
    old, payment = money.movement(key), money.payment(payment_id)
    was, now = authorized_by(old), authorized_by(new)
    rise = now.authorized_cents - was.authorized_cents
    if money.cancelled:
        late = authorized_late_cents(new) - authorized_late_cents(old)
        changes["late_authorized_cents"] = payment.late_authorized_cents + late
    new_payment = with_fields(
        payment,
        told=payment.told + now.told - was.told,
        in_force=payment.in_force + now.in_force - was.in_force,
        authorized_cents=payment.authorized_cents + rise,
        in_force_cents=payment.in_force_cents + now.in_force_cents - was.in_force_cents,
        **changes,
    )
    return _with_payment(
        money,
        payment_id,
        new_payment,
        movements=with_entry(money.movements, key, new),
        authorized_cents=money.authorized_cents + rise,
    )


def _with_payout(money: Money, payment_id: str, key: str, new: Movement) -> Money:
    """With another movement of a payout: what counts of it moves in its payment and its refunds."""
    before, after = in_force(money.movement(key)), in_force(new)
    payment = money.payment(payment_id)
    movements = with_entry(money.movements, key, new)
    for reports, others, sign in ((before, after, -1), (after, before, 1)):
        for report in reports:
            if report in others:
                continue
            cents = sign * report.amount_cents
            payment = with_fields(payment, refunded_cents=payment.refunded_cents + cents)
            payment = with_own(payment, report.method, -cents)
            refund = money.refund(report.refund_id)
            refund = with_fields(refund, paid_out_cents=refund.paid_out_cents + cents)
            money = with_refund(money, report.refund_id, refund)
    return _with_payment(money, payment_id, payment, movements=movements)


def _with_chargeback(money: Money, payment_id: str, key: str, new: Movement) -> Money:
    rise = charged_back_cents(new) - charged_back_cents(money.movement(key))
    old = money.payment(payment_id)
    payment = with_fields(old, charged_back_cents=old.charged_back_cents + rise)
    movements = with_entry(money.movements, key, new)
    return _with_payment(money, payment_id, payment, movements=movements)


def _with_payment(money: Money, payment_id: str, new: Payment, **changes: object) -> Money:
    """With another payment, and with the sums that it is in. changes: other fields."""
    old = money.payment(payment_id)
    changes["payments"] = with_entry(money.payments, payment_id, new)
    left = new.is_authorized - old.is_authorized
    if left:
        changes["authorized_payments"] = money.authorized_payments + left
    if new.is_paid or old.is_paid:
        changes |= _paid_sums(money, old, new)
    if money.cancelled:
        late = new.late_left_cents - old.late_left_cents
        changes["authorized_after_cancel_cents"] = money.authorized_after_cancel_cents + late
    return with_fields(money, **changes)


def _paid_sums(money: Money, old: Payment, new: Payment) -> dict[str, int]:
    """The sums of what is paid that change with a payment."""
    sums = {}
    if new.captured_cents != old.captured_cents:
        sums["captured_cents"] = money.captured_cents + new.captured_cents - old.captured_cents
    if new.refunded_cents != old.refunded_cents:
        sums["refunded_cents"] = money.refunded_cents + new.refunded_cents - old.refunded_cents
    back = new.charged_back_cents - old.charged_back_cents
    if back:
        sums["charged_back_cents"] = money.charged_back_cents + back
    store = new.store_cents - old.store_cents
    if store:
        sums["store_cents"] = money.store_cents + store
    if new.net_cents < 0 or old.net_cents < 0:
        over = new.over_returned_cents - old.over_returned_cents
        sums["over_returned_cents"] = money.over_returned_cents + over
    return sums
