"""The money of one order: a fold from events to counters, in minor units of its one currency.

Every counter is a function of the set of facts, whatever their order. Totals are kept as running
sums, so that an event costs the same on an order with one payment and on one with thousands.
A fact in another currency than the order's is in no counter.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, assert_never

from domain import events as e
from domain.persistent import NewMap, empty_like, with_entry, with_fields

# One payment: what was authorized, captured and given back under its payment_id ------------------


@dataclass(frozen=True)
class Chargeback:
    """amount_cents: None until it is reported. It counts if it is known and not reversed."""

    amount_cents: int | None = None
    reversed: bool = False

    @property
    def counted_cents(self) -> int:
        return 0 if self.reversed or self.amount_cents is None else self.amount_cents


@dataclass(frozen=True)
class Payment:
    """method: None until its authorization is reported."""

    method: str | None = None
    authorized_cents: int = 0
    captured_cents: int = 0
    voided_cents: int = 0
    refunded_cents: int = 0
    charged_back_cents: int = 0
    expired: bool = False
    failed: bool = False
    chargebacks: Mapping[str, Chargeback] | None = None

    @property
    def is_authorized(self) -> bool:
        """True if some of the authorization is left to capture."""
        if self.expired or self.failed:
            return False
        return self.authorized_cents > self.captured_cents + self.voided_cents

    def chargeback(self, chargeback_id: str) -> Chargeback:
        return (self.chargebacks or {}).get(chargeback_id, NO_CHARGEBACK)


NO_CHARGEBACK: Final = Chargeback()
NO_PAYMENT: Final = Payment()


# One refund: its grant and its payouts belong together by refund_id, in whatever order they came --


@dataclass(frozen=True)
class Payout:
    payment_id: str
    payout_id: str
    amount_cents: int


@dataclass(frozen=True)
class Failure:
    """A report that payouts of a refund failed. An id that is None stands for every id."""

    payment_id: str | None
    payout_id: str | None

    def names(self, payout: Payout) -> bool:
        if self.payment_id is not None and self.payment_id != payout.payment_id:
            return False
        return self.payout_id is None or self.payout_id == payout.payout_id


@dataclass(frozen=True)
class Refund:
    """payouts: those that count; one that failed does not, and is not kept."""

    granted: bool = False
    granted_cents: int = 0
    allowance_cents: int = 0
    revoked_cents: int = 0
    paid_out_cents: int = 0
    payouts: tuple[Payout, ...] = ()
    failures: tuple[Failure, ...] = ()

    @property
    def revoked(self) -> bool:
        return self.revoked_cents > 0

    @property
    def open_cents(self) -> int:
        """Granted, and neither paid out nor revoked."""
        return 0 if self.revoked else max(0, self.granted_cents - self.paid_out_cents)

    @property
    def claimed_cents(self) -> int:
        """How much of captured - charged back it uses: granted or paid out, whichever is more."""
        return max(0 if self.revoked else self.granted_cents, self.paid_out_cents)

    @property
    def allowed_cents(self) -> int:
        """How much of the amount due this refund cancels."""
        return min(self.allowance_cents, self.granted_cents - self.revoked_cents)


NO_REFUND: Final = Refund()


# All money of the order ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Money:
    """prices_cents: by line, line 1 at index 0. Sums run over all payments and refunds.

    authorized_payments: how many payments have something left to capture.
    """

    currency: str
    prices_cents: tuple[int, ...]
    goods_cents: int
    shipping_cents: int
    tax_cents: int
    discount_cents: int
    total_cents: int
    payments: Mapping[str, Payment]
    refunds: Mapping[str, Refund]
    authorized_payments: int = 0
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
    def due_before_refunds_cents(self) -> int:
        """What the order costs before refunds cancel some of it."""
        return 0 if self.cancelled else max(0, self.total_cents - self.cancelled_goods_cents)

    @property
    def due_cents(self) -> int:
        return max(0, self.due_before_refunds_cents - self.allowed_refunds_cents)

    @property
    def balance_cents(self) -> int:
        """What the customer still has to pay; negative: what we owe the customer."""
        return self.due_cents - self.net_cents

    @property
    def refundable_cents(self) -> int:
        """Captured, not charged back, claimed by no refund; negative if facts claimed too much."""
        return self.captured_cents - self.charged_back_cents - self.claimed_refunds_cents

    @property
    def payment_status(self) -> str:
        """none, authorized, refunded, partly_captured, paid or overpaid; the first that applies."""
        net, due = self.net_cents, self.due_cents
        if self.captured_cents == 0 and net == 0:
            return "authorized" if self.authorized_payments else "none"
        if net <= 0:
            return "refunded"
        if net < due:
            return "partly_captured"
        return "paid" if net == due else "overpaid"

    def payment(self, payment_id: str) -> Payment:
        return self.payments.get(payment_id, NO_PAYMENT)

    def refund(self, refund_id: str) -> Refund:
        return self.refunds.get(refund_id, NO_REFUND)


NOT_PLACED: Final = Money("", (), 0, 0, 0, 0, 0, {}, {})


def place_money(placed: e.OrderPlaced, new_map: NewMap = dict) -> Money:
    """The money of an order that was just placed. new_map: the kind of its maps."""
    return with_fields(
        NOT_PLACED,
        currency=placed.currency,
        prices_cents=tuple([item.price_cents for item in placed.items]),
        goods_cents=sum([item.quantity * item.price_cents for item in placed.items]),
        shipping_cents=placed.shipping_cents,
        tax_cents=placed.tax_cents,
        discount_cents=placed.discount_cents,
        total_cents=placed.total_cents,
        payments=new_map(),
        refunds=new_map(),
    )


def evolve_money(money: Money | None, event: e.Event) -> Money:
    """The money after the event; None before OrderPlaced. The same object if nothing changed."""
    if money is None:
        return place_money(e.require_placed(event))
    return _after(money, event) if isinstance(event, e.MoneyEvent) else money


def _after(money: Money, event: e.MoneyEvent) -> Money:  # noqa: C901, PLR0912 (a case per event)
    match event:  # the frequent ones first
        case e.PaymentAuthorized():
            return _authorized(money, event)
        case e.PaymentCaptured():
            return _captured(money, event)
        case e.PaymentVoided():
            return _voided(money, event)
        case e.AuthorizationExpired():
            return _expired(money, event)
        case e.PaymentFailed():
            return _failed(money, event)
        case e.RefundGranted():
            return _granted(money, event)
        case e.RefundRevoked():
            return _revoked(money, event)
        case e.PaymentRefunded():
            return _paid_out(money, event)
        case e.RefundFailed():
            return _payout_failed(money, event)
        case e.PaymentChargedBack():
            return _charged_back(money, event)
        case e.ChargebackReversed():
            return _chargeback_reversed(money, event)
        case e.ItemsCancelled():
            return _items_cancelled(money, event)
        case e.OrderCancelled():
            return with_fields(money, cancelled=True)
        case _:
            assert_never(event)


def _items_cancelled(money: Money, event: e.ItemsCancelled) -> Money:
    price = sum(part.quantity * money.prices_cents[part.line - 1] for part in event.lines)
    return with_fields(money, cancelled_goods_cents=money.cancelled_goods_cents + price)


def _authorized(money: Money, event: e.PaymentAuthorized) -> Money:
    if event.currency != money.currency:
        return money
    old = money.payment(event.payment_id)
    new = with_fields(old, authorized_cents=event.amount_cents, method=event.method)
    return _with_payment(money, event.payment_id, new)


def _captured(money: Money, event: e.PaymentCaptured) -> Money:
    if event.currency != money.currency:
        return money
    old = money.payment(event.payment_id)
    new = with_fields(old, captured_cents=old.captured_cents + event.amount_cents)
    return _with_payment(money, event.payment_id, new)


def _voided(money: Money, event: e.PaymentVoided) -> Money:
    if event.currency != money.currency:
        return money
    old = money.payment(event.payment_id)
    new = with_fields(old, voided_cents=old.voided_cents + event.amount_cents)
    return _with_payment(money, event.payment_id, new)


def _expired(money: Money, event: e.AuthorizationExpired) -> Money:
    new = with_fields(money.payment(event.payment_id), expired=True)
    return _with_payment(money, event.payment_id, new)


def _failed(money: Money, event: e.PaymentFailed) -> Money:
    new = with_fields(money.payment(event.payment_id), failed=True)
    return _with_payment(money, event.payment_id, new)


def _charged_back(money: Money, event: e.PaymentChargedBack) -> Money:
    if event.currency != money.currency:
        return money
    old = money.payment(event.payment_id).chargeback(event.chargeback_id)
    new = with_fields(old, amount_cents=event.amount_cents)
    return _with_chargeback(money, event.payment_id, event.chargeback_id, new)


def _chargeback_reversed(money: Money, event: e.ChargebackReversed) -> Money:
    old = money.payment(event.payment_id).chargeback(event.chargeback_id)
    new = with_fields(old, reversed=True)
    return _with_chargeback(money, event.payment_id, event.chargeback_id, new)


def _with_chargeback(money: Money, payment_id: str, chargeback_id: str, new: Chargeback) -> Money:
    payment = money.payment(payment_id)
    rise = new.counted_cents - payment.chargeback(chargeback_id).counted_cents
    known = payment.chargebacks or empty_like(money.payments)
    payment = with_fields(
        payment,
        chargebacks=with_entry(known, chargeback_id, new),
        charged_back_cents=payment.charged_back_cents + rise,
    )
    return _with_payment(money, payment_id, payment)


def _with_payment(money: Money, payment_id: str, new: Payment) -> Money:
    old = money.payment(payment_id)
    return with_fields(
        money,
        payments=with_entry(money.payments, payment_id, new),
        authorized_payments=money.authorized_payments + new.is_authorized - old.is_authorized,
        captured_cents=money.captured_cents + new.captured_cents - old.captured_cents,
        refunded_cents=money.refunded_cents + new.refunded_cents - old.refunded_cents,
        charged_back_cents=(
            money.charged_back_cents + new.charged_back_cents - old.charged_back_cents
        ),
    )


def _granted(money: Money, event: e.RefundGranted) -> Money:
    new = with_fields(
        money.refund(event.refund_id),
        granted=True,
        granted_cents=event.amount_cents,
        allowance_cents=event.allowance_cents,
    )
    return _with_refund(money, event.refund_id, new)


def _revoked(money: Money, event: e.RefundRevoked) -> Money:
    new = with_fields(money.refund(event.refund_id), revoked_cents=event.revoked_cents)
    return _with_refund(money, event.refund_id, new)


def _paid_out(money: Money, event: e.PaymentRefunded) -> Money:
    if event.currency != money.currency:
        return money
    payout = Payout(event.payment_id, event.payout_id, event.amount_cents)
    old = money.refund(event.refund_id)
    new = _with_payout(old, payout)
    money = _refunded(money, payout, new.paid_out_cents - old.paid_out_cents)
    return _with_refund(money, event.refund_id, new)


def _payout_failed(money: Money, event: e.RefundFailed) -> Money:
    old = money.refund(event.refund_id)
    failure = Failure(event.payment_id, event.payout_id)
    for payout in old.payouts:
        if failure.names(payout):
            money = _refunded(money, payout, -payout.amount_cents)
    return _with_refund(money, event.refund_id, _with_failure(old, failure))


def _refunded(money: Money, payout: Payout, rise: int) -> Money:
    old = money.payment(payout.payment_id)
    new = with_fields(old, refunded_cents=old.refunded_cents + rise)
    return _with_payment(money, payout.payment_id, new)


def _with_refund(money: Money, refund_id: str, new: Refund) -> Money:
    old = money.refund(refund_id)
    return with_fields(
        money,
        refunds=with_entry(money.refunds, refund_id, new),
        open_refunds_cents=money.open_refunds_cents + new.open_cents - old.open_cents,
        claimed_refunds_cents=money.claimed_refunds_cents + new.claimed_cents - old.claimed_cents,
        allowed_refunds_cents=money.allowed_refunds_cents + new.allowed_cents - old.allowed_cents,
    )


def _with_payout(refund: Refund, payout: Payout) -> Refund:
    """The same object if the payout is known to have failed: then it does not count."""
    if any(failure.names(payout) for failure in refund.failures):
        return refund
    return with_fields(
        refund,
        payouts=(*refund.payouts, payout),
        paid_out_cents=refund.paid_out_cents + payout.amount_cents,
    )


def _with_failure(refund: Refund, failure: Failure) -> Refund:
    payouts = tuple(payout for payout in refund.payouts if not failure.names(payout))
    return with_fields(
        refund,
        payouts=payouts,
        paid_out_cents=sum(payout.amount_cents for payout in payouts),
        failures=(*refund.failures, failure),
    )
