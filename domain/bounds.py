"""The bounds that a fact can break, each by the kind of anomaly it is recorded as.

They are looked at in the books as they are after the fact, per payment and per refund.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from domain.decide_shipments import overshipped_lines
from domain.events import (
    ChargebackReversed,
    Event,
    PaymentAuthorized,
    PaymentCaptured,
    PaymentChargedBack,
    PaymentRefunded,
    PaymentVoided,
    RefundFailed,
    ShipmentDelivered,
    ShipmentLost,
    ShipmentReturnedToSender,
)
from domain.goods import CANCELLED, PLANNED, UNKNOWN, Goods, Shipment
from domain.money import Money
from domain.payments import Payment
from domain.refunds import Refund
from domain.state import Order


@dataclass(frozen=True, slots=True)
class Look:
    """A fact, its event, the order before it, and money and goods after it."""

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
        """As it was before the fact."""
        return self.order.goods.shipment(self.event.shipment_id)


Broken: TypeAlias = Callable[[Look], bool]


def anomalies(look: Look) -> Iterator[tuple[str, str]]:
    """(kind, detail) of every bound that the fact breaks, in the order of rules.ANOMALIES."""
    currency = look.order.money.currency
    if getattr(look.event, "currency", currency) != currency:
        yield "currency-mismatch", f"the order is in {currency}, not in {look.event.currency}"
        return
    bounds, figures = BOUNDS.get(type(look.event), _NONE)
    for kind, is_broken in bounds.items():
        if is_broken(look):
            yield kind, figures(look)


def _order_cancelled(look: Look) -> bool:
    return look.order.standing.cancelled


def _captured_above_authorized(look: Look) -> bool:
    return look.payment.captured_cents > look.payment.authorized_cents


def _captured_after_void(look: Look) -> bool:
    return look.payment.voided_cents > 0 and _voided_above_authorized(look)


def _captured_after_expiry(look: Look) -> bool:
    return look.payment.expired


def _captured_after_failure(look: Look) -> bool:
    return look.payment.failed


def _voided_above_authorized(look: Look) -> bool:
    payment = look.payment
    return payment.captured_cents + payment.voided_cents > payment.authorized_cents


def _refunded_above_captured(look: Look) -> bool:
    payment = look.payment
    return payment.refunded_cents + payment.charged_back_cents > payment.captured_cents


def _refund_without_grant(look: Look) -> bool:
    refund = look.refund
    if refund.paid_out_cents > refund.granted_cents - refund.revoked_cents:
        return True
    return not refund.granted and look.fact.refund_id is None


def _unknown_refund(look: Look) -> bool:
    return not look.refund.granted and look.fact.refund_id is not None


def _charged_back_above_captured(look: Look) -> bool:
    return _refunded_above_captured(look) or look.money.refundable_cents < 0


def _unknown_chargeback(look: Look) -> bool:
    return look.payment.chargeback(look.event.chargeback_id).amount_cents is None


def _before_dispatch(look: Look) -> bool:
    return look.shipment.state == PLANNED


def _after_cancel(look: Look) -> bool:
    return look.shipment.state == CANCELLED


def _unknown_shipment(look: Look) -> bool:
    return look.shipment.state == UNKNOWN


def _outcome_contradicted(look: Look) -> bool:
    before = look.shipment.outcome
    return before not in {None, look.goods.shipment(look.event.shipment_id).outcome}


def _overshipped(look: Look) -> bool:
    return bool(overshipped_lines(look.shipment, look.goods))


def _payment_figures(look: Look) -> str:
    payment = look.payment
    return (
        f"payment: authorized {payment.authorized_cents}, captured {payment.captured_cents}, "
        f"voided {payment.voided_cents}, refunded {payment.refunded_cents}, "
        f"charged back {payment.charged_back_cents}"
    )


def _refund_figures(look: Look) -> str:
    refund = look.refund
    return (
        f"refund: granted {refund.granted_cents}, revoked {refund.revoked_cents}, "
        f"paid out {refund.paid_out_cents}"
    )


def _payout_figures(look: Look) -> str:
    return f"{_payment_figures(look)}; {_refund_figures(look)}"


def _chargeback_figures(look: Look) -> str:
    money = look.money
    return (
        f"{_payment_figures(look)}; order: captured {money.captured_cents}, "
        f"charged back {money.charged_back_cents}, claimed by refunds {money.claimed_refunds_cents}"
    )


def _shipment_figures(look: Look) -> str:
    shipment = look.shipment
    lines = overshipped_lines(shipment, look.goods)
    overshipped = f"; lines overshipped: {', '.join(map(str, lines))}" if lines else ""
    before = f"; outcome before: {shipment.outcome}" if shipment.outcome else ""
    return f"shipment was {shipment.state}{before}{overshipped}"


Bounds: TypeAlias = tuple[dict[str, Broken], Callable[[Look], str]]

_NONE: Bounds = ({}, _payment_figures)
_SHIPMENT: Bounds = (
    {
        "delivered-before-dispatch": _before_dispatch,
        "dispatched-after-cancel": _after_cancel,
        "unknown-shipment": _unknown_shipment,
        "outcome-contradicted": _outcome_contradicted,
        "overshipped": _overshipped,
    },
    _shipment_figures,
)

# Event of the fact -> its bounds by kind of anomaly, and the figures that go with all of them.
BOUNDS: dict[type[Event], Bounds] = {
    PaymentAuthorized: ({"authorized-after-cancel": _order_cancelled}, _payment_figures),
    PaymentCaptured: (
        {
            "captured-above-authorized": _captured_above_authorized,
            "captured-after-cancel": _order_cancelled,
            "captured-after-void": _captured_after_void,
            "captured-after-expiry": _captured_after_expiry,
            "captured-after-failure": _captured_after_failure,
        },
        _payment_figures,
    ),
    PaymentVoided: ({"voided-above-authorized": _voided_above_authorized}, _payment_figures),
    PaymentRefunded: (
        {
            "refunded-above-captured": _refunded_above_captured,
            "refund-without-grant": _refund_without_grant,
            "unknown-refund": _unknown_refund,
        },
        _payout_figures,
    ),
    RefundFailed: ({"unknown-refund": _unknown_refund}, _refund_figures),
    PaymentChargedBack: (
        {"charged-back-above-captured": _charged_back_above_captured},
        _chargeback_figures,
    ),
    ChargebackReversed: ({"unknown-chargeback": _unknown_chargeback}, _payment_figures),
    ShipmentDelivered: _SHIPMENT,
    ShipmentLost: _SHIPMENT,
    ShipmentReturnedToSender: _SHIPMENT,
}
