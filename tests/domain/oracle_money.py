"""Money by brute force: every amount added up from the set of all facts that count."""

from collections.abc import Iterable
from dataclasses import dataclass

from domain import events as e
from domain.events import Event
from tests.domain.oracle_history import E, History, all_of, cancelled_on, the_order


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    authorized: int = 0
    captured: int = 0
    voided: int = 0
    refunded: int = 0
    charged_back: int = 0
    expired: bool = False
    failed: bool = False
    method: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """One refund_id: its grant (None where only payouts name it) and what was paid out on it."""

    granted: int | None
    allowance: int
    revoked: int | None
    paid_out: int

    @property
    def open(self) -> int:
        """What is granted and neither paid out nor revoked."""
        if self.revoked is not None:
            return 0
        return max(0, (self.granted or 0) - self.paid_out)

    @property
    def kept(self) -> int:
        return (self.granted or 0) - (self.revoked or 0)

    @property
    def claimed(self) -> int:
        """How much of captured - charged back this refund uses."""
        return max(0 if self.revoked is not None else self.granted or 0, self.paid_out)


def in_currency(history: History, kind: type[E]) -> list[E]:
    """Facts with an amount that count: those in the order's currency."""
    currency = the_order(history).currency
    return [
        event for event in all_of(history, kind) if getattr(event, "currency", None) == currency
    ]


def payouts(history: History) -> list[e.PaymentRefunded]:
    """The payouts that count: no report of a failure names them, before or after."""
    failures = list(all_of(history, e.RefundFailed))
    return [
        payout
        for payout in in_currency(history, e.PaymentRefunded)
        if not any(_names(failure, payout) for failure in failures)
    ]


def chargebacks(history: History) -> list[e.PaymentChargedBack]:
    """The chargebacks that count: their reversal is nowhere in the stream."""
    reversals = all_of(history, e.ChargebackReversed)
    reversed_pairs = {(event.payment_id, event.chargeback_id) for event in reversals}
    return [
        event
        for event in in_currency(history, e.PaymentChargedBack)
        if (event.payment_id, event.chargeback_id) not in reversed_pairs
    ]


def _names(failure: e.RefundFailed, payout: e.PaymentRefunded) -> bool:
    return (
        failure.refund_id == payout.refund_id
        and failure.payment_id in (None, payout.payment_id)
        and failure.payout_id in (None, payout.payout_id)
    )


def payment_ids(history: History) -> set[str]:
    ids = {getattr(event, "payment_id", None) for event in history}
    return {payment_id for payment_id in ids if payment_id is not None}


def payment_of(history: History, payment_id: str) -> Payment:
    def total(facts: Iterable[Event]) -> int:
        mine = (fact for fact in facts if getattr(fact, "payment_id", None) == payment_id)
        return sum(getattr(fact, "amount_cents", 0) for fact in mine)

    authorizations = in_currency(history, e.PaymentAuthorized)
    methods = [a.method for a in authorizations if a.payment_id == payment_id]
    expiries = all_of(history, e.AuthorizationExpired)
    failures = all_of(history, e.PaymentFailed)
    return Payment(
        authorized=total(authorizations),
        captured=total(in_currency(history, e.PaymentCaptured)),
        voided=total(in_currency(history, e.PaymentVoided)),
        refunded=total(payouts(history)),
        charged_back=total(chargebacks(history)),
        expired=any(event.payment_id == payment_id for event in expiries),
        failed=any(event.payment_id == payment_id for event in failures),
        method=methods[0] if methods else None,
    )


def refund_ids(history: History) -> set[str]:
    granted = {event.refund_id for event in all_of(history, e.RefundGranted)}
    return granted | {event.refund_id for event in payouts(history)}


def refund_of(history: History, refund_id: str) -> Refund:
    grants = [g for g in all_of(history, e.RefundGranted) if g.refund_id == refund_id]
    ends = [r for r in all_of(history, e.RefundRevoked) if r.refund_id == refund_id]
    return Refund(
        granted=grants[0].amount_cents if grants else None,
        allowance=grants[0].allowance_cents if grants else 0,
        revoked=ends[0].revoked_cents if ends else None,
        paid_out=sum(p.amount_cents for p in payouts(history) if p.refund_id == refund_id),
    )


def cancelled_price(history: History) -> int:
    items = the_order(history).items
    return sum(cancelled_on(history, item.line) * item.price_cents for item in items)
