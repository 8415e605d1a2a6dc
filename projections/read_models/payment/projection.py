"""The money of an order: payments, refunds, what is due, and the postings that prove it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Table

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
from domain.money import NO_PAYMENT, Money, Payment, Refund, evolve_money
from domain.persistent import with_entry, with_fields
from domain.postings import Posting, postings
from eventstore.record.codec import OrderEvent
from eventstore.record.moments import quarter_of
from projections.overflow import bounded, within
from projections.parts import changed_entries
from projections.projection import Contribution, Entries, Projection, Row, Rows, copied_from
from projections.read_models.payment.tables import (
    ANOMALIES,
    BALANCES,
    MOVES,
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
    placed_quarter: int = 0
    placed_recorded_quarter: int = 0


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
        "placed_quarter": view.placed_quarter,
        "placed_recorded_quarter": view.placed_recorded_quarter,
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
        currency = "" if view.money is None else view.money.currency
        return with_fields(view, anomalies=view.anomalies + 1), (_anomaly(body, event, currency),)
    before, after = view.money, evolve_money(view.money, body)
    step = _STEPS.get(type(body))
    if step is None and after is before:
        return view, ()
    bounded(after)
    metadata = event.metadata
    at = {
        "order_id": event.order_id,
        "revision": event.revision,
        "currency": after.currency,
        "occurred_quarter": quarter_of(metadata.occurred_at),
        "recorded_quarter": quarter_of(metadata.recorded_at),
    }
    posted = _posted(postings(before, body, after), at)
    if before is None:
        return _placed(view, after, at), posted
    if step is None:
        return with_fields(view, money=after), posted
    now = _with_fact(view, after, body, metadata.occurred_at)
    return now, [_step(body, event, *step), *posted, *_moved(view, now, body, at)]


def _placed(view: PaymentView, money: Money, at: Row) -> PaymentView:
    return with_fields(
        view,
        money=money,
        placed_quarter=at["occurred_quarter"],
        placed_recorded_quarter=at["recorded_quarter"],
    )


def _moved(view: PaymentView, now: PaymentView, body: Any, at: Row) -> Entries:
    """What a fact changes in the figures of payments. Where it names the method of a payment, what
    was captured of it moves from the method that it had before.
    """
    money, after = view.money, now.money
    if money is None or after is None:
        return ()
    payment_id = getattr(body, "payment_id", None)
    old = new = NO_PAYMENT
    reported = 0
    if payment_id is not None:
        old, new = money.payment(payment_id), after.payment(payment_id)
        reported = int(payment_id not in view.reported)
    elif after.refunded_cents == money.refunded_cents:
        return ()
    moves = [
        {
            **at,
            "n": 0,
            "method": new.method or UNKNOWN_METHOD,
            "reported": reported,
            "payments": now.payments - view.payments,
            "authorized_cents": now.authorized_cents - view.authorized_cents,
            "captured_cents": new.captured_cents - old.captured_cents,
            "refunded_cents": after.refunded_cents - money.refunded_cents,
            "charged_back_cents": after.charged_back_cents - money.charged_back_cents,
        }
    ]
    if new.method != old.method and not reported:
        moves[0] |= {"reported": 1, "captured_cents": new.captured_cents}
        other = {"n": 1, "method": old.method or UNKNOWN_METHOD, "reported": -1}
        moves.append({**at, **_NO_MOVE, **other, "captured_cents": -old.captured_cents})
    return [(MOVES, move) for move in moves if any(move[name] for name in _NO_MOVE)]


_NO_MOVE = dict.fromkeys(
    (
        "reported",
        "payments",
        "authorized_cents",
        "captured_cents",
        "refunded_cents",
        "charged_back_cents",
    ),
    0,
)


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


def _posted(posted: Iterable[Posting], at: Row) -> list[tuple[Table, Row]]:
    return [
        (POSTINGS, {**at, "n": n, "account": posting.account, "amount_cents": posting.amount_cents})
        for n, posting in enumerate(posted)
    ]


def _anomaly(body: AnomalyRecorded, event: OrderEvent, currency: str) -> tuple[Any, Row]:
    return ANOMALIES, {
        "order_id": event.order_id,
        "revision": event.revision,
        "kind": body.kind,
        "refers_to": body.refers_to,
        "detail": body.detail,
        "recorded_at": event.metadata.recorded_at,
        "occurred_at": event.metadata.occurred_at,
        "currency": currency,
    }


def _order_amounts(row: Row) -> tuple[int, ...]:
    """Paid in full, over and under compare all that was captured with what is due before refunds.
    A cancelled order counts for what is owed back alone.
    """
    if row["cancelled"]:
        return 1, max(0, row["net_cents"]), 0, 0, 0, 0
    rise = row["captured_cents"] - row["due0_cents"]
    over, under = max(0, rise), max(0, -rise) if row["capture_count"] else 0
    return 1, 0, rise >= 0, rise > 0, over, under


_MOVED = itemgetter(*(name for name in _NO_MOVE if name != "reported"))

CONTRIBUTIONS = (
    # An order counts when it was placed, as it is now.
    Contribution(
        table=BALANCES,
        names=(
            "orders",
            "captured_cents_of_cancelled_orders",
            "orders_paid_in_full",
            "orders_overpaid",
            "overpaid_cents",
            "underpaid_cents_of_captured_orders",
        ),
        columns=("cancelled", "net_cents", "captured_cents", "due0_cents", "capture_count"),
        amounts=_order_amounts,
        occurred="placed_quarter",
        recorded="placed_recorded_quarter",
    ),
    # Whatever moves counts when it moved.
    Contribution(
        table=MOVES,
        names=(
            "payments",
            "authorized_cents",
            "captured_cents",
            "refunded_cents",
            "charged_back_cents",
        ),
        columns=tuple(_NO_MOVE),
        amounts=_MOVED,
        occurred="occurred_quarter",
        recorded="recorded_quarter",
    ),
    Contribution(
        table=MOVES,
        names=("payments_by_method", "captured_cents_by_method"),
        columns=("reported", "captured_cents"),
        amounts=itemgetter("reported", "captured_cents"),
        of="method",
        occurred="occurred_quarter",
        recorded="recorded_quarter",
    ),
    Contribution(
        table=POSTINGS,
        names=("posted_cents",),
        columns=("amount_cents",),
        amounts=lambda row: (row["amount_cents"],),
        of="account",
        keeps_zero=True,
        occurred="occurred_quarter",
        recorded="recorded_quarter",
    ),
    Contribution(
        table=ANOMALIES,
        names=("anomalies",),
        columns=(),
        amounts=lambda _: (1,),
        occurred="occurred_at",
        recorded="recorded_at",
    ),
)

PROJECTION = Projection(
    name="payment",
    version=4,
    tables=TABLES,
    view=TypeAdapter(PaymentView),
    initial=copied_from(PaymentView("")),
    evolve=evolve,
    rows=rows,
    contributions=CONTRIBUTIONS,
    parts={
        "money.payments": "payment_id",
        "money.refunds": "refund_id",
        "reported": "payment_id",
    },
)
