"""The money of one order: a fold from events to counters, in minor units of its one currency.

Every counter is a function of the set of facts, whatever order they came in. Totals are kept as
running sums, so that an event costs the same on an order with one payment and with thousands.
A fact in another currency than the order's is in no counter.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from domain.events import (
    AuthorizationExpired,
    ChargebackReversed,
    Event,
    ItemsCancelled,
    OrderCancelled,
    OrderPlaced,
    PaymentAuthorized,
    PaymentCaptured,
    PaymentChargedBack,
    PaymentFailed,
    PaymentRefunded,
    PaymentVoided,
    RefundFailed,
    RefundGranted,
    RefundRevoked,
)
from domain.folding import changed, first
from domain.payments import NO_PAYMENT, Chargeback, Payment
from domain.persistent import empty_like, with_entry
from domain.refunds import NO_REFUND, Failure, Payout, Refund, with_failure, with_payout


@dataclass(frozen=True)
class Money:
    """prices_cents: by line, the first at 0. Sums run over all payments and refunds."""

    currency: str
    prices_cents: tuple[int, ...]
    goods_cents: int
    shipping_cents: int
    tax_cents: int
    discount_cents: int
    total_cents: int
    payments: Mapping[str, Payment]
    refunds: Mapping[str, Refund]
    cancelled: bool = False
    cancelled_goods_cents: int = 0
    captured_cents: int = 0
    refunded_cents: int = 0
    charged_back_cents: int = 0
    open_refunds_cents: int = 0
    claimed_refunds_cents: int = 0
    allowed_refunds_cents: int = 0

    @property
    def net_cents(self) -> int:
        return self.captured_cents - self.refunded_cents - self.charged_back_cents

    @property
    def due0_cents(self) -> int:
        """What the order costs before refunds settle a part of it."""
        return 0 if self.cancelled else max(0, self.total_cents - self.cancelled_goods_cents)

    @property
    def settled_cents(self) -> int:
        """The part of what was due that refunds have settled (e in the postings)."""
        return min(self.due0_cents, self.allowed_refunds_cents)

    @property
    def due_cents(self) -> int:
        return self.due0_cents - self.settled_cents

    @property
    def balance_cents(self) -> int:
        """What the customer still has to pay; negative: we owe."""
        return self.due_cents - self.net_cents

    @property
    def refundable_cents(self) -> int:
        """Taken, kept, and claimed by no refund yet; negative where facts broke the bound."""
        return self.captured_cents - self.charged_back_cents - self.claimed_refunds_cents

    def payment(self, payment_id: str) -> Payment:
        return self.payments.get(payment_id, NO_PAYMENT)

    def refund(self, refund_id: str) -> Refund:
        return self.refunds.get(refund_id, NO_REFUND)


_UNPLACED: Final = Money("", (), 0, 0, 0, 0, 0, {}, {})
"""What an order's first event fills in."""


def evolve_money(money: Money | None, event: Event) -> Money:
    """The books after the event; None before OrderPlaced. The same object if nothing changed."""
    if money is None:
        return _placed(first(event))
    step = _STEPS.get(type(event))
    return money if step is None else step(money, event)


def _placed(event: OrderPlaced) -> Money:
    return changed(
        _UNPLACED,
        currency=event.currency,
        prices_cents=tuple([item.price_cents for item in event.items]),
        goods_cents=sum([item.quantity * item.price_cents for item in event.items]),
        shipping_cents=event.shipping_cents,
        tax_cents=event.tax_cents,
        discount_cents=event.discount_cents,
        total_cents=event.total_cents,
        payments={},
        refunds={},
    )


def _cancelled(money: Money, _event: OrderCancelled) -> Money:
    return changed(money, cancelled=True)


def _items_cancelled(money: Money, event: ItemsCancelled) -> Money:
    price = sum(part.quantity * money.prices_cents[part.line - 1] for part in event.lines)
    return changed(money, cancelled_goods_cents=money.cancelled_goods_cents + price)


# Payments -----------------------------------------------------------------------------------------


def _authorized(money: Money, event: PaymentAuthorized) -> Money:
    if event.currency != money.currency:
        return money
    old = money.payment(event.payment_id)
    new = changed(old, authorized_cents=event.amount_cents, method=event.method)
    return _with_payment(money, event.payment_id, new)


def _captured(money: Money, event: PaymentCaptured) -> Money:
    if event.currency != money.currency:
        return money
    old = money.payment(event.payment_id)
    new = changed(old, captured_cents=old.captured_cents + event.amount_cents)
    return _with_payment(money, event.payment_id, new)


def _voided(money: Money, event: PaymentVoided) -> Money:
    if event.currency != money.currency:
        return money
    old = money.payment(event.payment_id)
    new = changed(old, voided_cents=old.voided_cents + event.amount_cents)
    return _with_payment(money, event.payment_id, new)


def _expired(money: Money, event: AuthorizationExpired) -> Money:
    new = changed(money.payment(event.payment_id), expired=True)
    return _with_payment(money, event.payment_id, new)


def _failed(money: Money, event: PaymentFailed) -> Money:
    new = changed(money.payment(event.payment_id), failed=True)
    return _with_payment(money, event.payment_id, new)


def _charged_back(money: Money, event: PaymentChargedBack) -> Money:
    if event.currency != money.currency:
        return money
    old = money.payment(event.payment_id).chargeback(event.chargeback_id)
    new = changed(old, amount_cents=event.amount_cents)
    return _with_chargeback(money, event.payment_id, event.chargeback_id, new)


def _reversed(money: Money, event: ChargebackReversed) -> Money:
    old = money.payment(event.payment_id).chargeback(event.chargeback_id)
    new = changed(old, reversed=True)
    return _with_chargeback(money, event.payment_id, event.chargeback_id, new)


def _with_chargeback(money: Money, payment_id: str, chargeback_id: str, new: Chargeback) -> Money:
    payment = money.payment(payment_id)
    rise = new.counted_cents - payment.chargeback(chargeback_id).counted_cents
    known = payment.chargebacks or empty_like(money.payments)
    payment = changed(
        payment,
        chargebacks=with_entry(known, chargeback_id, new),
        charged_back_cents=payment.charged_back_cents + rise,
    )
    return _with_payment(money, payment_id, payment)


def _with_payment(money: Money, payment_id: str, new: Payment) -> Money:
    old = money.payment(payment_id)
    return changed(
        money,
        payments=with_entry(money.payments, payment_id, new),
        captured_cents=money.captured_cents + new.captured_cents - old.captured_cents,
        refunded_cents=money.refunded_cents + new.refunded_cents - old.refunded_cents,
        charged_back_cents=(
            money.charged_back_cents + new.charged_back_cents - old.charged_back_cents
        ),
    )


# Refunds ------------------------------------------------------------------------------------------


def _granted(money: Money, event: RefundGranted) -> Money:
    new = changed(
        money.refund(event.refund_id),
        granted=True,
        granted_cents=event.amount_cents,
        allowance_cents=event.allowance_cents,
    )
    return _with_refund(money, event.refund_id, new)


def _revoked(money: Money, event: RefundRevoked) -> Money:
    new = changed(money.refund(event.refund_id), revoked_cents=event.revoked_cents)
    return _with_refund(money, event.refund_id, new)


def _paid_out(money: Money, event: PaymentRefunded) -> Money:
    if event.currency != money.currency:
        return money
    payout = Payout(event.payment_id, event.payout_id, event.amount_cents)
    old = money.refund(event.refund_id)
    new = with_payout(old, payout)
    money = _refunded(money, payout, new.paid_out_cents - old.paid_out_cents)
    return _with_refund(money, event.refund_id, new)


def _payout_failed(money: Money, event: RefundFailed) -> Money:
    old = money.refund(event.refund_id)
    failure = Failure(event.payment_id, event.payout_id)
    for payout in old.payouts:
        if failure.names(payout):
            money = _refunded(money, payout, -payout.amount_cents)
    return _with_refund(money, event.refund_id, with_failure(old, failure))


def _refunded(money: Money, payout: Payout, rise: int) -> Money:
    old = money.payment(payout.payment_id)
    new = changed(old, refunded_cents=old.refunded_cents + rise)
    return _with_payment(money, payout.payment_id, new)


def _with_refund(money: Money, refund_id: str, new: Refund) -> Money:
    old = money.refund(refund_id)
    return changed(
        money,
        refunds=with_entry(money.refunds, refund_id, new),
        open_refunds_cents=money.open_refunds_cents + new.open_cents - old.open_cents,
        claimed_refunds_cents=money.claimed_refunds_cents + new.claimed_cents - old.claimed_cents,
        allowed_refunds_cents=money.allowed_refunds_cents + new.allowed_cents - old.allowed_cents,
    )


_STEPS: dict[type[Event], Callable[[Money, Any], Money]] = {
    OrderCancelled: _cancelled,
    ItemsCancelled: _items_cancelled,
    PaymentAuthorized: _authorized,
    PaymentCaptured: _captured,
    PaymentVoided: _voided,
    AuthorizationExpired: _expired,
    PaymentFailed: _failed,
    PaymentChargedBack: _charged_back,
    ChargebackReversed: _reversed,
    RefundGranted: _granted,
    RefundRevoked: _revoked,
    PaymentRefunded: _paid_out,
    RefundFailed: _payout_failed,
}
