"""The fold of money: which event is folded where."""

from typing import assert_never

from domain import events as e
from domain import fold_billing, fold_payments, fold_refunds
from domain.facts import retracted_event
from domain.fold_billing import place_money
from domain.money import Money

__all__ = ["evolve_money", "place_money"]


def evolve_money(money: Money | None, event: e.Event) -> Money:
    """The money after the event; None before OrderPlaced. The same object if nothing changed."""
    if money is None:
        return place_money(e.require_placed(event))
    if e.is_money_fact(event):
        return _fact(money, event, 1)
    return _after(money, event) if e.changes_money(event) else money


def _fact(money: Money, event: e.MoneyFactEvent, sign: int) -> Money:  # noqa: C901
    """sign: 1 for the fact, -1 for its retraction."""
    match event:  # the frequent ones first
        case e.PaymentAuthorized():
            return fold_payments.authorized(money, event, sign)
        case e.PaymentCaptured():
            return fold_payments.captured(money, event, sign)
        case e.PaymentVoided():
            return fold_payments.voided(money, event, sign)
        case e.PaymentRefunded():
            return fold_payments.paid_out(money, event, sign)
        case e.FeeRecorded():
            return fold_payments.fee_recorded(money, event, sign)
        case e.AuthorizationAdjusted():
            return fold_payments.authorization_adjusted(money, event, sign)
        case e.AuthorizationExpired():
            return fold_payments.expired(money, event, sign)
        case e.PaymentFailed():
            return fold_payments.failed(money, event, sign)
        case e.RefundFailed():
            return fold_payments.payout_failed(money, event, sign)
        case e.PaymentChargedBack():
            return fold_payments.charged_back(money, event, sign)
        case e.ChargebackReversed():
            return fold_payments.chargeback_reversed(money, event, sign)
        case _:
            assert_never(event)


def _after(money: Money, event: e.MoneyEvent) -> Money:  # noqa: C901 (a case per event)
    match event:
        case e.RefundGranted():
            return fold_refunds.granted(money, event)
        case e.RefundRevoked():
            return fold_refunds.revoked(money, event)
        case e.RefundAccepted():
            key = fold_payments.payout_key(event.payment_id, event.payout_id)
            return fold_refunds.accepted(money, event, key)
        case e.OrderCancelled():
            return fold_billing.order_cancelled(money)
        case e.ItemsCancelled():
            return fold_billing.items_cancelled(money, event)
        case e.ItemsAdded():
            return fold_billing.items_added(money, event)
        case e.OrderAdjusted():
            return fold_billing.adjusted(money, event)
        case e.AdjustmentRevoked():
            return fold_billing.adjustment_revoked(money, event)
        case e.WrittenOff():
            return fold_billing.written_off(money, event)
        case e.WriteOffRevoked():
            return fold_billing.write_off_revoked(money, event)
        case e.FactRetracted():
            fact = retracted_event(event)
            return money if isinstance(fact, e.ReturnReceived) else _fact(money, fact, -1)
        case _:
            return _fact(money, event, 1)
