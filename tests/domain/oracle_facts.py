"""What the design requires of facts: identity, repeats, contradictions, anomalies."""

from collections.abc import Callable, Iterator
from dataclasses import fields
from typing import Any, TypeAlias

from domain import commands as c
from domain import events as e
from domain.commands import Command
from domain.events import Event
from tests.domain.oracle import Books, books
from tests.domain.oracle_goods import outcomes, shipment_state
from tests.domain.oracle_history import History, all_of, is_cancelled, the_order
from tests.domain.oracle_money import Payment
from tests.domain.oracle_verdict import NOTHING, Verdict, anomaly, happens

# fact -> its event and the fields that are its identity within its kind
FACT_EVENTS: dict[type[Command], tuple[type[Event], tuple[str, ...]]] = {
    c.AuthorizePayment: (e.PaymentAuthorized, ("payment_id", "currency")),
    c.CapturePayment: (e.PaymentCaptured, ("payment_id", "capture_id", "currency")),
    c.VoidPayment: (e.PaymentVoided, ("payment_id", "void_id", "currency")),
    c.ExpireAuthorization: (e.AuthorizationExpired, ("payment_id", "report_id")),
    c.FailPayment: (e.PaymentFailed, ("payment_id", "report_id")),
    c.RefundPayment: (e.PaymentRefunded, ("payment_id", "payout_id", "currency")),
    c.FailRefund: (e.RefundFailed, ("refund_id", "payment_id", "payout_id")),
    c.ChargeBackPayment: (
        e.PaymentChargedBack,
        ("payment_id", "chargeback_id", "currency"),
    ),
    c.ReverseChargeback: (e.ChargebackReversed, ("payment_id", "chargeback_id")),
    c.DeliverShipment: (e.ShipmentDelivered, ("shipment_id", "report_id")),
    c.LoseShipment: (e.ShipmentLost, ("shipment_id", "report_id")),
    c.ReturnShipmentToSender: (
        e.ShipmentReturnedToSender,
        ("shipment_id", "report_id"),
    ),
}
ORDER_OF_KINDS = (
    "currency-mismatch",
    "captured-above-authorized",
    "captured-after-cancel",
    "captured-after-void",
    "captured-after-expiry",
    "captured-after-failure",
    "authorized-after-cancel",
    "voided-above-authorized",
    "refunded-above-captured",
    "refund-without-grant",
    "unknown-refund",
    "charged-back-above-captured",
    "unknown-chargeback",
    "delivered-before-dispatch",
    "dispatched-after-cancel",
    "unknown-shipment",
    "outcome-contradicted",
    "overshipped",
    "contradicting-fact",
)


def _names(kind: type[Event]) -> list[str]:
    return [field.name for field in fields(kind)]


def fact_event(fact: Command, currency: str) -> Event:
    """The event of a fact, with the design's defaults filled in."""
    kind, _ = FACT_EVENTS[type(fact)]
    content: dict[str, Any] = {name: getattr(fact, name) for name in _names(kind)}
    if content.get("currency", "") is None:
        content["currency"] = currency
    if isinstance(fact, c.RefundPayment) and fact.refund_id is None:
        content["refund_id"] = fact.payout_id
    return kind(**content)


def same_identity(history: History, fact: Command, event: Event) -> Event | None:
    kind, identity = FACT_EVENTS[type(fact)]
    for known in history:
        if type(known) is kind and all(
            getattr(known, name) == getattr(event, name) for name in identity
        ):
            return known
    return None


def content(fact: Command, event: Event) -> list[object]:
    """What the fact reports besides its identity."""
    kind, identity = FACT_EVENTS[type(fact)]
    return [getattr(event, name) for name in _names(kind) if name not in identity]


def fact_verdict(history: History, contradictions: frozenset[Event], fact: Command) -> Verdict:
    """contradictions: the contents that were already recorded as contradicting."""
    event = fact_event(fact, the_order(history).currency)
    known = same_identity(history, fact, event)
    if known == event or event in contradictions:
        return NOTHING
    if known is not None:
        return happens(anomaly("contradicting-fact"))
    must, may = _kinds(history, event)
    flags = [anomaly(kind) for kind in ORDER_OF_KINDS if kind in must]
    return happens(event, *flags, may=frozenset(may - must))


Kinds: TypeAlias = tuple[set[str], set[str]]  # those that must, those that may be recorded
Judge: TypeAlias = Callable[[History, Books, Any], Iterator[str]]


def _kinds(history: History, event: Event) -> Kinds:
    currency = getattr(event, "currency", None)
    if currency is not None and currency != the_order(history).currency:
        return {"currency-mismatch"}, set()
    after = books((*history, event))
    judge = ANOMALIES.get(type(event))
    kinds = set(judge(history, after, event)) if judge else set()
    return {k for k in kinds if not k.startswith("?")}, {k[1:] for k in kinds if k.startswith("?")}


# Each yields the kinds that must be recorded; with a "?" before it, one that may be.


def _authorized(history: History, _now: Books, _event: e.PaymentAuthorized) -> Iterator[str]:
    if is_cancelled(history):
        yield "authorized-after-cancel"


def _captured(history: History, now: Books, event: e.PaymentCaptured) -> Iterator[str]:
    payment = now.payments[event.payment_id]
    if payment.captured > payment.authorized:
        yield "captured-above-authorized"
    if is_cancelled(history):
        yield "captured-after-cancel"
    if payment.voided and payment.captured + payment.voided > payment.authorized:
        yield "captured-after-void"
    if payment.expired:
        yield "captured-after-expiry"
    if payment.failed:
        yield "captured-after-failure"


def _voided(_history: History, now: Books, event: e.PaymentVoided) -> Iterator[str]:
    payment = now.payments[event.payment_id]
    if payment.captured + payment.voided > payment.authorized:
        yield "voided-above-authorized"


def _refunded(history: History, now: Books, event: e.PaymentRefunded) -> Iterator[str]:
    counted = now.refunded > books(history).refunded
    if _above_captured(now.payments[event.payment_id]):
        yield "refunded-above-captured" if counted else "?refunded-above-captured"
    refund = now.refunds.get(event.refund_id)
    granted = refund is not None and refund.granted is not None
    named = event.refund_id != event.payout_id
    if refund is not None and refund.paid_out > refund.kept:
        yield "refund-without-grant" if counted else "?refund-without-grant"
    if not granted and not named:
        yield "refund-without-grant"
    if not granted and named:
        yield "unknown-refund"


def _refund_failed(history: History, now: Books, event: e.RefundFailed) -> Iterator[str]:
    refund = now.refunds.get(event.refund_id)
    if refund is not None and refund.granted is not None:
        return
    paid = any(p.refund_id == event.refund_id for p in all_of(history, e.PaymentRefunded))
    yield "?unknown-refund" if paid else "unknown-refund"


def _charged_back(history: History, now: Books, event: e.PaymentChargedBack) -> Iterator[str]:
    counted = now.charged_back > books(history).charged_back
    too_much = _above_captured(now.payments[event.payment_id])
    if too_much or now.claimed_refunds > now.captured - now.charged_back:
        yield "charged-back-above-captured" if counted else "?charged-back-above-captured"


def _reversed(history: History, _now: Books, event: e.ChargebackReversed) -> Iterator[str]:
    pair = (event.payment_id, event.chargeback_id)
    known = [
        back
        for back in all_of(history, e.PaymentChargedBack)
        if (back.payment_id, back.chargeback_id) == pair
    ]
    if not known:
        yield "unknown-chargeback"
    elif all(back.currency != the_order(history).currency for back in known):
        yield "?unknown-chargeback"


def _outcome(
    history: History,
    now: Books,
    event: e.ShipmentDelivered | e.ShipmentLost | e.ShipmentReturnedToSender,
) -> Iterator[str]:
    earlier = outcomes(history, event.shipment_id)
    contradicted = bool(earlier) and earlier[-1] is not type(event)
    state = shipment_state(history, event.shipment_id)
    if state == "planned":
        yield "delivered-before-dispatch"
    if state == "cancelled":
        yield "dispatched-after-cancel"
    if state == "unknown":
        yield "unknown-shipment"
    if contradicted:
        yield "?outcome-contradicted" if state == "unknown" else "outcome-contradicted"
    if any(now.lines[line].overshipped for line in _lines_of(history, event.shipment_id)):
        changed = contradicted or not earlier
        yield "overshipped" if changed else "?overshipped"


def _lines_of(history: History, shipment_id: str) -> Iterator[int]:
    for plan in all_of(history, e.ShipmentPlanned):
        if plan.shipment_id == shipment_id:
            yield from (part.line for part in plan.lines)


def _above_captured(payment: Payment) -> bool:
    return payment.refunded + payment.charged_back > payment.captured


ANOMALIES: dict[type[Event], Judge] = {
    e.PaymentAuthorized: _authorized,
    e.PaymentCaptured: _captured,
    e.PaymentVoided: _voided,
    e.PaymentRefunded: _refunded,
    e.RefundFailed: _refund_failed,
    e.PaymentChargedBack: _charged_back,
    e.ChargebackReversed: _reversed,
    e.ShipmentDelivered: _outcome,
    e.ShipmentLost: _outcome,
    e.ShipmentReturnedToSender: _outcome,
}
