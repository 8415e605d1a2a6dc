"""The money of one order: a fold from events to counters, in minor units of its one currency.

What is billed, credited and written off changes by commands alone; what is paid changes by facts
alone, and is a function of the set of facts, whatever their order. Totals are kept as running sums,
so that an event costs the same on an order with one payment and on one with thousands. A fact in
another currency that does not say what it counts for is in no counter.

Here is the state and what follows from it; domain.fold_money folds the events.
"""

from collections.abc import Mapping
from typing import Final

from domain import events as e
from domain.billing import BilledLine, BilledShipping
from domain.frozen import dataclass
from domain.movements import NO_MOVEMENT, Movement
from domain.parts import NOTHING, filled, subtracted
from domain.payments import NO_PAYMENT, Payment
from domain.refunds import NO_REFUND, Refund


@dataclass(frozen=True)
class Adjustment:
    """amount_cents: above 0 a charge, below 0 a credit; so are the parts."""

    amount_cents: int
    parts: e.Parts
    label: str
    reason: str
    after_cancel: bool = False
    revoked: bool = False


@dataclass(frozen=True)
class WriteOff:
    """forgiven_cents: what of it was above the amount due."""

    amount_cents: int
    reason: str
    forgiven_cents: int = 0
    after_cancel: bool = False
    revoked: bool = False


@dataclass(frozen=True)
class Money:
    """lines: line 1 at index 0. goods_cents to total_cents: as placed.

    billed: what is billed, by part; discount_cents_billed: the discounts of its goods. kept: the
    credits, by part. *_cents of facts: over all payments. movements: by domain.references, as
    "capture:p1/c1". authorized_payments: how many have something left to capture; failures,
    captures: how many count.
    """

    currency: str
    lines: tuple[BilledLine, ...]
    shippings: tuple[BilledShipping, ...]
    goods_cents: int
    shipping_cents: int
    tax_cents: int
    discount_cents: int
    total_cents: int
    billed: e.Parts
    billed_cents: int
    billed_discount_cents: int
    payments: Mapping[str, Payment]
    refunds: Mapping[str, Refund]
    adjustments: Mapping[str, Adjustment]
    write_offs: Mapping[str, WriteOff]
    movements: Mapping[str, Movement]
    prices_include_tax: bool = False
    cancelled: bool = False
    kept: e.Parts = NOTHING
    credited_cents: int = 0
    written_off_cents: int = 0
    forgiven_cents: int = 0
    authorized_payments: int = 0
    failures: int = 0
    captures: int = 0
    authorized_cents: int = 0
    captured_cents: int = 0
    voided_cents: int = 0
    refunded_cents: int = 0
    charged_back_cents: int = 0
    store_cents: int = 0
    fees_cents: int = 0
    over_returned_cents: int = 0
    captured_after_cancel_cents: int = 0
    authorized_after_cancel_cents: int = 0
    open_refunds_cents: int = 0
    claimed_refunds_cents: int = 0

    @property
    def net_cents(self) -> int:
        return self.captured_cents - self.refunded_cents - self.charged_back_cents

    @property
    def creditable_cents(self) -> int:
        """What is billed and neither credited nor written off (C - e)."""
        waived = self.credited_cents + self.written_off_cents - self.forgiven_cents
        return max(0, self.billed_cents - waived)

    @property
    def due_cents(self) -> int:
        """What the order costs by now; below 0 by what was forgiven."""
        return self.creditable_cents - self.forgiven_cents

    @property
    def balance_cents(self) -> int:
        """What the customer still has to pay; negative: what we owe the customer."""
        return self.due_cents - self.net_cents

    @property
    def credited(self) -> e.Parts:
        """What of what is billed is credited, by part (e1)."""
        return filled(self.billed, self.kept) if self.credited_cents else NOTHING

    @property
    def uncredited(self) -> e.Parts:
        """What is billed and not credited, by part."""
        return subtracted(self.billed, self.credited)

    @property
    def waived_cents(self) -> int:
        """What of what is billed and not credited is written off (e2)."""
        credited = min(self.billed_cents, self.credited_cents)
        return min(self.billed_cents - credited, self.written_off_cents - self.forgiven_cents)

    @property
    def refundable_cents(self) -> int:
        """Captured, not charged back, claimed by no refund; negative if facts claimed too much."""
        return self.captured_cents - self.charged_back_cents - self.claimed_refunds_cents

    @property
    def payment_status(self) -> str:
        """The word of the payment; the first that applies."""
        net, due = self.net_cents, self.due_cents
        if self.captured_cents == net == 0 <= due:
            return self._unpaid_status(due)
        if self.charged_back_cents and (net < due or net <= 0):
            return "charged_back"
        if net <= 0 and net == due:
            return "refunded"
        if net < due:
            return "unpaid" if net <= 0 else "partly_paid"
        if net == due:
            return "paid"
        return "refunding" if self.open_refunds_cents >= net - due else "overpaid"

    def _unpaid_status(self, due: int) -> str:
        """Of an order of which nothing was captured."""
        if due == 0 and not self.cancelled:
            return "paid"
        if self.authorized_payments:
            return "authorized"
        return "failed" if self.failures else "none"

    @property
    def owed_back_cents(self) -> int:
        """What is owed back to the customer and covered by no open grant."""
        return max(0, -self.balance_cents - self.open_refunds_cents)

    def payment(self, payment_id: str) -> Payment:
        return self.payments.get(payment_id, NO_PAYMENT)

    def refund(self, refund_id: str) -> Refund:
        return self.refunds.get(refund_id, NO_REFUND)

    def movement(self, key: str) -> Movement:
        return self.movements.get(key, NO_MOVEMENT)

    def kept_of(self, refund: Refund) -> e.Parts:
        """What of a refund's credit is kept; the order's cancellation ends those before it."""
        return refund.kept if refund.kept_after_cancel == self.cancelled else NOTHING

    def counted_cents(self, event: e.MoneyFactEvent) -> int | None:
        """What a fact counts for in the order's currency; None for nothing."""
        currency = getattr(event, "currency", None)
        if currency is None or currency == self.currency:
            amount: int | None = event.amount_cents  # type: ignore[union-attr]
            return amount
        counted: int | None = event.counted_cents  # type: ignore[union-attr]
        return counted


NOT_PLACED: Final = Money("", (), (), 0, 0, 0, 0, 0, NOTHING, 0, 0, {}, {}, {}, {}, {})
