"""What is checked about each fact, by the kind of anomaly that it is recorded as (domain.rules).

Money and goods are checked as they are after the fact, for each payment and each refund alone.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, TypeAlias, assert_never

from domain import events as e
from domain.goods import CANCELLED, PLANNED, UNKNOWN, Goods, Shipment
from domain.money import Money, Payment, Refund
from domain.state import Order


@dataclass(frozen=True, slots=True)
class FactContext:
    """A fact, its event, the order before it, and the order's money and goods after it."""

    fact: Any
    event: Any
    order: Order
    money: Money
    goods: Goods

    @property
    def payment(self) -> Payment:
        return self.money.payment(self.event.payment_id)

    @property
    def refund(self) -> Refund:
        return self.money.refund(self.event.refund_id)

    @property
    def shipment(self) -> Shipment:
        """The shipment before the fact."""
        return self.order.goods.shipment(self.event.shipment_id)


Check: TypeAlias = Callable[[FactContext], bool]


class Checks(NamedTuple):
    """by_kind: kind of anomaly -> True if the fact is one. figures: the detail of all of them."""

    by_kind: dict[str, Check]
    figures: Callable[[FactContext], str]


def anomalies(context: FactContext) -> Iterator[tuple[str, str]]:
    """(kind, detail) of every anomaly of the fact, in the order of rules.ANOMALIES."""
    currency = context.order.money.currency
    if getattr(context.event, "currency", currency) != currency:
        yield "currency-mismatch", f"the order is in {currency}, not in {context.event.currency}"
        return
    checks = checks_of(context.event)
    for kind, is_broken in checks.by_kind.items():
        if is_broken(context):
            yield kind, checks.figures(context)


def _order_cancelled(context: FactContext) -> bool:
    return context.order.status.cancelled


def _captured_above_authorized(context: FactContext) -> bool:
    return context.payment.captured_cents > context.payment.authorized_cents


def _captured_after_void(context: FactContext) -> bool:
    return context.payment.voided_cents > 0 and _voided_above_authorized(context)


def _captured_after_expiry(context: FactContext) -> bool:
    return context.payment.expired


def _captured_after_failure(context: FactContext) -> bool:
    return context.payment.failed


def _voided_above_authorized(context: FactContext) -> bool:
    payment = context.payment
    return payment.captured_cents + payment.voided_cents > payment.authorized_cents


def _refunded_above_captured(context: FactContext) -> bool:
    payment = context.payment
    return payment.refunded_cents + payment.charged_back_cents > payment.captured_cents


def _refund_without_grant(context: FactContext) -> bool:
    refund = context.refund
    if refund.paid_out_cents > refund.granted_cents - refund.revoked_cents:
        return True
    return not refund.granted and context.fact.refund_id is None


def _unknown_refund(context: FactContext) -> bool:
    return not context.refund.granted and context.fact.refund_id is not None


def _charged_back_above_captured(context: FactContext) -> bool:
    return _refunded_above_captured(context) or context.money.refundable_cents < 0


def _unknown_chargeback(context: FactContext) -> bool:
    return context.payment.chargeback(context.event.chargeback_id).amount_cents is None


def _before_dispatch(context: FactContext) -> bool:
    return context.shipment.state == PLANNED


def _after_cancel(context: FactContext) -> bool:
    return context.shipment.state == CANCELLED


def _unknown_shipment(context: FactContext) -> bool:
    return context.shipment.state == UNKNOWN


def _outcome_contradicted(context: FactContext) -> bool:
    before = context.shipment.outcome
    return before not in {None, context.goods.shipment(context.event.shipment_id).outcome}


def _overshipped(context: FactContext) -> bool:
    return bool(context.goods.overshipped_lines(context.shipment))


def _payment_figures(context: FactContext) -> str:
    payment = context.payment
    return (
        f"payment: authorized {payment.authorized_cents}, captured {payment.captured_cents}, "
        f"voided {payment.voided_cents}, refunded {payment.refunded_cents}, "
        f"charged back {payment.charged_back_cents}"
    )


def _refund_figures(context: FactContext) -> str:
    refund = context.refund
    return (
        f"refund: granted {refund.granted_cents}, revoked {refund.revoked_cents}, "
        f"paid out {refund.paid_out_cents}"
    )


def _payout_figures(context: FactContext) -> str:
    return f"{_payment_figures(context)}; {_refund_figures(context)}"


def _chargeback_figures(context: FactContext) -> str:
    money = context.money
    return (
        f"{_payment_figures(context)}; order: captured {money.captured_cents}, "
        f"charged back {money.charged_back_cents}, claimed by refunds {money.claimed_refunds_cents}"
    )


def _shipment_figures(context: FactContext) -> str:
    shipment = context.shipment
    lines = context.goods.overshipped_lines(shipment)
    overshipped = f"; lines overshipped: {', '.join(map(str, lines))}" if lines else ""
    before = f"; outcome before: {shipment.outcome}" if shipment.outcome else ""
    return f"shipment was {shipment.state}{before}{overshipped}"


AUTHORIZED: Final = Checks({"authorized-after-cancel": _order_cancelled}, _payment_figures)
CAPTURED: Final = Checks(
    {
        "captured-above-authorized": _captured_above_authorized,
        "captured-after-cancel": _order_cancelled,
        "captured-after-void": _captured_after_void,
        "captured-after-expiry": _captured_after_expiry,
        "captured-after-failure": _captured_after_failure,
    },
    _payment_figures,
)
VOIDED: Final = Checks({"voided-above-authorized": _voided_above_authorized}, _payment_figures)
REFUNDED: Final = Checks(
    {
        "refunded-above-captured": _refunded_above_captured,
        "refund-without-grant": _refund_without_grant,
        "unknown-refund": _unknown_refund,
    },
    _payout_figures,
)
REFUND_FAILED: Final = Checks({"unknown-refund": _unknown_refund}, _refund_figures)
CHARGED_BACK: Final = Checks(
    {"charged-back-above-captured": _charged_back_above_captured}, _chargeback_figures
)
REVERSED: Final = Checks({"unknown-chargeback": _unknown_chargeback}, _payment_figures)
OUTCOME: Final = Checks(
    {
        "delivered-before-dispatch": _before_dispatch,
        "dispatched-after-cancel": _after_cancel,
        "unknown-shipment": _unknown_shipment,
        "outcome-contradicted": _outcome_contradicted,
        "overshipped": _overshipped,
    },
    _shipment_figures,
)
NO_CHECKS: Final = Checks({}, _payment_figures)


def checks_of(event: e.FactEvent) -> Checks:
    match event:
        case e.PaymentAuthorized():
            return AUTHORIZED
        case e.PaymentCaptured():
            return CAPTURED
        case e.PaymentVoided():
            return VOIDED
        case e.AuthorizationExpired() | e.PaymentFailed():
            return NO_CHECKS
        case e.PaymentRefunded():
            return REFUNDED
        case e.RefundFailed():
            return REFUND_FAILED
        case e.PaymentChargedBack():
            return CHARGED_BACK
        case e.ChargebackReversed():
            return REVERSED
        case e.ShipmentDelivered() | e.ShipmentLost() | e.ShipmentReturnedToSender():
            return OUTCOME
        case _:
            assert_never(event)
