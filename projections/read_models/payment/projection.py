"""The money of an order: payments, refunds, what is due, and the postings that prove it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import TypeAdapter

from domain.events import (
    AnomalyRecorded,
    AuthorizationExpired,
    ChargebackReversed,
    Event,
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
from domain.money import Money, Payment, Refund, evolve_money
from domain.persistent import with_entry, with_fields
from domain.postings import Posting, postings
from eventstore.record.codec import OrderEvent
from projections.overflow import bounded, within
from projections.parts import changed_entries
from projections.projection import Entries, Projection, Row, Rows, copied_from
from projections.read_models.payment.tables import (
    ANOMALIES,
    BALANCES,
    PAYMENTS,
    POSTINGS,
    REFUNDS,
    STEPS,
    TABLES,
)


@dataclass(frozen=True)
class PaymentView:
    """reported: by payment_id, when its first fact happened. captures: how many count.

    payments: how many have a fact that counts.
    """

    order_id: str
    money: Money | None = None
    reported: Mapping[str, str] = field(default_factory=dict)
    payments: int = 0
    authorized_cents: int = 0
    captures: int = 0
    anomalies: int = 0


UNKNOWN_METHOD = "unknown"


def rows(view: PaymentView) -> Rows:
    """One balance; a row for each payment and each refund that a fact is about."""
    money = view.money
    if money is None:
        return {}
    order_id = view.order_id
    payment_ids = {**changed_entries(view.reported), **changed_entries(money.payments)}
    return {
        BALANCES: (_balance(view, money),),
        PAYMENTS: [
            _payment(order_id, payment_id, money, view.reported[payment_id])
            for payment_id in payment_ids
        ],
        REFUNDS: [
            _refund(order_id, refund_id, refund)
            for refund_id, refund in changed_entries(money.refunds).items()
        ],
    }


def _balance(view: PaymentView, money: Money) -> Row:
    return {
        "order_id": view.order_id,
        "currency": money.currency,
        "cancelled": money.cancelled,
        "payment": money.payment_status,
        "total_cents": money.total_cents,
        "due0_cents": money.due_before_refunds_cents,
        "due_cents": money.due_cents,
        "authorized_cents": view.authorized_cents,
        "captured_cents": money.captured_cents,
        "refunded_cents": money.refunded_cents,
        "charged_back_cents": money.charged_back_cents,
        "net_cents": money.net_cents,
        "balance_cents": money.balance_cents,
        "open_refunds_cents": money.open_refunds_cents,
        "payment_count": view.payments,
        "capture_count": view.captures,
        "anomaly_count": view.anomalies,
    }


def _payment(order_id: str, payment_id: str, money: Money, reported_at: str) -> Row:
    payment = money.payment(payment_id)
    return {
        "order_id": order_id,
        "payment_id": payment_id,
        "currency": money.currency,
        "method": payment.method or UNKNOWN_METHOD,
        "state": state(payment),
        "authorized_cents": payment.authorized_cents,
        "captured_cents": payment.captured_cents,
        "voided_cents": payment.voided_cents,
        "refunded_cents": payment.refunded_cents,
        "charged_back_cents": payment.charged_back_cents,
        "net_cents": _net_cents(payment),
        "expired": payment.expired,
        "failed": payment.failed,
        "reported_at": reported_at,
    }


def _refund(order_id: str, refund_id: str, refund: Refund) -> Row:
    return {
        "order_id": order_id,
        "refund_id": refund_id,
        "state": refund_state(refund),
        "granted_cents": refund.granted_cents,
        "allowance_cents": refund.allowance_cents,
        "revoked_cents": refund.revoked_cents,
        "paid_out_cents": refund.paid_out_cents,
        "open_cents": refund.open_cents,
    }


def _net_cents(payment: Payment) -> int:
    return payment.captured_cents - payment.refunded_cents - payment.charged_back_cents


def state(payment: Payment) -> str:
    """The payment's state in a word; the first that applies.

    If something was captured: charged_back or refunded (all of it), partly_returned,
    partly_captured (something is left to capture), captured. Else: failed, expired, authorized
    (something is left to capture), voided, none.
    """
    if payment.captured_cents == 0:
        return _authorization_state(payment)
    net_cents = _net_cents(payment)
    if net_cents <= 0:
        return "charged_back" if payment.charged_back_cents else "refunded"
    if net_cents < payment.captured_cents:
        return "partly_returned"
    return "partly_captured" if payment.is_authorized else "captured"


def _authorization_state(payment: Payment) -> str:
    if payment.failed:
        return "failed"
    if payment.expired:
        return "expired"
    if payment.is_authorized:
        return "authorized"
    return "voided" if payment.voided_cents else "none"


def refund_state(refund: Refund) -> str:
    """The first that applies: ungranted (paid out or failed under an id that was never granted),
    revoked, open, paid_out.
    """
    if not refund.granted:
        return "ungranted"
    if refund.revoked:
        return "revoked"
    return "open" if refund.open_cents else "paid_out"


# By event: the kind of step, and the field that distinguishes steps of this kind.
_STEPS: dict[type[Event], tuple[str, str]] = {
    PaymentAuthorized: ("authorization", ""),
    PaymentCaptured: ("capture", "capture_id"),
    PaymentVoided: ("void", "void_id"),
    AuthorizationExpired: ("expiry", "report_id"),
    PaymentFailed: ("failure", "report_id"),
    RefundGranted: ("grant", "refund_id"),
    RefundRevoked: ("revocation", "refund_id"),
    PaymentRefunded: ("payout", "payout_id"),
    RefundFailed: ("payout-failure", "payout_id"),
    PaymentChargedBack: ("chargeback", "chargeback_id"),
    ChargebackReversed: ("chargeback-reversal", "chargeback_id"),
}


def evolve(view: PaymentView, event: OrderEvent) -> tuple[PaymentView, Entries]:
    """Returns the same view for an event that does not change money."""
    body = event.event
    if isinstance(body, AnomalyRecorded):
        return with_fields(view, anomalies=view.anomalies + 1), (_anomaly(body, event),)
    before, after = view.money, evolve_money(view.money, body)
    step = _STEPS.get(type(body))
    if step is None and after is before:
        return view, ()
    bounded(after)
    moved = _posted(postings(before, body, after), event, after.currency)
    if step is None:
        return with_fields(view, money=after), moved
    view = _with_fact(view, after, body, event.metadata.occurred_at)
    return view, [_step(body, event, *step), *moved]


def _with_fact(view: PaymentView, money: Money, body: Any, occurred_at: str) -> PaymentView:
    """The view after a fact: with this money, and with what its rows contain besides."""
    changes: dict[str, Any] = {"money": money}
    payment_id = getattr(body, "payment_id", None)
    if payment_id is not None:
        payment = money.payments.get(payment_id)
        if payment is not None:
            within(payment.voided_cents)
            if view.money is None or payment_id not in view.money.payments:
                changes["payments"] = view.payments + 1
        if payment_id not in view.reported:
            changes["reported"] = with_entry(view.reported, payment_id, occurred_at)
    if getattr(body, "currency", None) == money.currency:
        if isinstance(body, PaymentAuthorized):
            authorized_cents = view.authorized_cents + body.amount_cents
            within(authorized_cents)
            changes["authorized_cents"] = authorized_cents
        elif isinstance(body, PaymentCaptured):
            changes["captures"] = view.captures + 1
    return with_fields(view, **changes)


def _step(body: Any, event: OrderEvent, kind: str, id_field: str) -> tuple[Any, Row]:
    return STEPS, {
        "order_id": event.order_id,
        "payment_id": getattr(body, "payment_id", None) or "",
        "kind": kind,
        "id": (getattr(body, id_field) if id_field else None) or "",
        "revision": event.revision,
        "refund_id": getattr(body, "refund_id", None),
        "amount_cents": _amount(body),
        "currency": getattr(body, "currency", None),
        "method": getattr(body, "method", None),
        "reason": getattr(body, "reason", None),
        "occurred_at": event.metadata.occurred_at,
        "recorded_at": event.metadata.recorded_at,
    }


def _amount(body: Any) -> int | None:
    amount: int | None = getattr(body, "amount_cents", None)
    return body.revoked_cents if isinstance(body, RefundRevoked) else amount


def _posted(moved: Iterable[Posting], event: OrderEvent, currency: str) -> Entries:
    return [
        (
            POSTINGS,
            {
                "order_id": event.order_id,
                "revision": event.revision,
                "n": n,
                "account": posting.account,
                "amount_cents": posting.amount_cents,
                "currency": currency,
            },
        )
        for n, posting in enumerate(moved)
    ]


def _anomaly(body: AnomalyRecorded, event: OrderEvent) -> tuple[Any, Row]:
    return ANOMALIES, {
        "order_id": event.order_id,
        "revision": event.revision,
        "kind": body.kind,
        "refers_to": body.refers_to,
        "detail": body.detail,
        "recorded_at": event.metadata.recorded_at,
    }


PROJECTION = Projection(
    name="payment",
    version=3,
    tables=TABLES,
    view=TypeAdapter(PaymentView),
    initial=copied_from(PaymentView("")),
    evolve=evolve,
    rows=rows,
    parts={
        "money.payments": "payment_id",
        "money.refunds": "refund_id",
        "reported": "payment_id",
    },
)
