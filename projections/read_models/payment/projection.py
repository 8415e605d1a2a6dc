"""The money of an order: payments, refunds, what is due, and the postings that prove it."""

from collections.abc import Iterable
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
from domain.money import Money, evolve_money
from domain.persistent import with_entry, with_fields
from domain.postings import Posting, postings
from eventstore.record.codec import OrderEvent
from projections.overflow import bounded, within
from projections.projection import Entries, Projection, Row, copied_from
from projections.read_models.payment.rows import rows
from projections.read_models.payment.tables import ANOMALIES, POSTINGS, STEPS, TABLES
from projections.read_models.payment.view import PaymentView

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
