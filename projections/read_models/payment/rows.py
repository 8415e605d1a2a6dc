"""The view of an order's money as rows. A row of a part is a function of that part alone."""

import json
from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import Any, Final

from sqlalchemy import Table

from domain.anomalies import Anomaly
from domain.fold_payments import AUTHORIZATION, CHARGEBACK, FEE
from domain.money import Adjustment, Money, WriteOff
from domain.movements import (
    Movement,
    authorized_cents,
    charged_back_cents,
    counted_cents,
    in_force,
    left_by_report,
    reported_cents,
)
from domain.parts import tax_total, total
from domain.payments import Payment
from domain.references import ids_of
from domain.refunds import Refund
from projections.parts import changed_entries
from projections.projection import Row, Rows
from projections.read_models.payment.tables import (
    ADJUSTMENTS,
    ALL,
    ANOMALIES,
    BALANCES,
    MOVEMENTS,
    PAYMENTS,
    REFUNDS,
    WRITE_OFFS,
)
from projections.read_models.payment.view import Noticed, PaymentView

UNKNOWN_METHOD = "unknown"


def rows(view: PaymentView) -> Rows:
    """One balance; a row for each payment, refund, adjustment, write-off, anomaly, and thing that
    facts report.
    """
    money, anomalies = view.money, view.anomalies
    if money is None or anomalies is None:
        return {}
    order_id, currency = view.order_id, money.currency
    found: dict[Table, Sequence[Row]] = {BALANCES: (_balance(view, money),)}
    payment_ids = {**changed_entries(view.reported), **changed_entries(money.payments)}
    if payment_ids:
        found[PAYMENTS] = [
            _payment(order_id, payment_id, money, view.reported[payment_id].at)
            for payment_id in payment_ids
        ]
    for table, row, of in _PARTS:
        entries = changed_entries(of(money))
        if entries:
            found[table] = [row(order_id, key, entry) for key, entry in entries.items()]
    recorded = changed_entries(anomalies.recorded)
    if recorded:
        found[ANOMALIES] = [
            _anomaly(order_id, anomaly_id, anomaly, view.noticed[anomaly_id], currency)
            for anomaly_id, anomaly in recorded.items()
        ]
    return found


def _balance(view: PaymentView, money: Money) -> Row:
    anomalies = view.anomalies
    due, net = money.due_cents, money.net_cents
    return {
        "order_id": view.order_id,
        "currency": money.currency,
        "cancelled": money.cancelled,
        "payment": money.payment_status,
        "total_cents": money.total_cents,
        "billed_cents": money.billed_cents,
        "credited_cents": money.credited_cents,
        "written_off_cents": money.written_off_cents,
        "forgiven_cents": money.forgiven_cents,
        "due_cents": due,
        "authorized_cents": money.authorized_cents,
        "captured_cents": money.captured_cents,
        "voided_cents": money.voided_cents,
        "refunded_cents": money.refunded_cents,
        "charged_back_cents": money.charged_back_cents,
        "store_credit_cents": money.store_cents,
        "fees_cents": money.fees_cents,
        "net_cents": net,
        "balance_cents": due - net,
        "open_refunds_cents": money.open_refunds_cents,
        "payment_count": view.payments,
        "capture_count": money.captures,
        "anomaly_count": 0 if anomalies is None else anomalies.count,
        "open_anomaly_count": 0 if anomalies is None else anomalies.open_count,
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
        "left_cents": payment.left_cents,
        "captured_cents": payment.captured_cents,
        "voided_cents": payment.voided_cents,
        "refunded_cents": payment.refunded_cents,
        "charged_back_cents": payment.charged_back_cents,
        "net_cents": payment.net_cents,
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
        "credit_cents": refund.credit_cents,
        "kept_cents": total(refund.kept),
        "kept_after_cancel": refund.kept_after_cancel,
        "revoked_cents": refund.revoked_cents,
        "paid_out_cents": refund.paid_out_cents,
        "open_cents": refund.open_cents,
        "uncovered_cents": refund.uncovered_cents,
    }


def _adjustment(order_id: str, adjustment_id: str, adjustment: Adjustment) -> Row:
    parts = adjustment.parts
    return {
        "order_id": order_id,
        "adjustment_id": adjustment_id,
        "amount_cents": adjustment.amount_cents,
        "goods_cents": parts.goods_cents,
        "shipping_cents": parts.shipping_cents,
        "tax_cents": tax_total(parts.taxes),
        "other_cents": parts.other_cents,
        "label": adjustment.label,
        "reason": adjustment.reason,
        "after_cancel": adjustment.after_cancel,
        "revoked": adjustment.revoked,
    }


def _write_off(order_id: str, write_off_id: str, write_off: WriteOff) -> Row:
    return {
        "order_id": order_id,
        "write_off_id": write_off_id,
        "amount_cents": write_off.amount_cents,
        "forgiven_cents": write_off.forgiven_cents,
        "reason": write_off.reason,
        "after_cancel": write_off.after_cancel,
        "revoked": write_off.revoked,
    }


def _anomaly(
    order_id: str, anomaly_id: str, anomaly: Anomaly, noticed: Noticed, currency: str
) -> Row:
    return {
        "order_id": order_id,
        "anomaly_id": anomaly_id,
        "revision": noticed.revision,
        "kind": anomaly.kind,
        "state": anomaly.state,
        "refers_to": anomaly.refers_to,
        "detail": anomaly.detail,
        "occurred_at": noticed.occurred_at,
        "recorded_at": noticed.recorded_at,
        "currency": currency,
    }


# Movements ----------------------------------------------------------------------------------------

_COUNTED: Final = {AUTHORIZATION: authorized_cents, CHARGEBACK: charged_back_cents}
"""How much of a movement counts, where that is not what no end takes."""


def _movement(order_id: str, reference: str, movement: Movement) -> Row:
    kind, ids = reference.partition(":")[0], ids_of(reference)
    reported = reported_cents(movement)
    if len(movement.reports) == 1 and not movement.ends and not movement.changes:
        counted, reports = reported, ALL  # nearly always; and quickly
    else:
        counted = _COUNTED.get(kind, counted_cents)(movement)
        reports = json.dumps(_counted(kind, movement), separators=(",", ":"), ensure_ascii=False)
    return {
        "order_id": order_id,
        "payment_id": "" if kind == FEE else ids[0],
        "kind": kind,
        "id": ids[-1],
        "reports": len(movement.reports),
        "ends": len(movement.ends),
        "reported_cents": reported,
        "counted_cents": counted,
        "accepted_cents": movement.accepted_cents,
        "counted": reports,
    }


def _counted(kind: str, movement: Movement) -> list[tuple[str, str | None, str]]:
    """The reports that count: adjustment_id or "", report_id, currency."""
    if kind == AUTHORIZATION and movement.changes:
        last = movement.changes[-1]
        return [(last.change_id, last.report_id, last.currency)]
    if kind == AUTHORIZATION:
        reports = movement.reports
    elif kind == CHARGEBACK:
        left = left_by_report(movement)
        pairs = zip(movement.reports, left, strict=True)
        reports = tuple([report for report, cents in pairs if cents is not None])
    else:
        reports = in_force(movement)
    return [("", report.report_id, report.currency) for report in reports]


_PARTS: Final[Sequence[tuple[Table, Callable[..., Row], Callable[[Money], Mapping[str, Any]]]]] = (
    (MOVEMENTS, _movement, attrgetter("movements")),
    (REFUNDS, _refund, attrgetter("refunds")),
    (ADJUSTMENTS, _adjustment, attrgetter("adjustments")),
    (WRITE_OFFS, _write_off, attrgetter("write_offs")),
)
"""Tables with a row for each entry of one of money's maps."""

# Words --------------------------------------------------------------------------------------------


def state(payment: Payment) -> str:
    """The payment's state in a word; the first that applies.

    If something was captured: charged_back or refunded (all of it), partly_returned,
    partly_captured (something is left to capture), captured. Else: failed, expired, authorized
    (something is left to capture), voided, none.
    """
    if payment.captured_cents == 0:
        return _authorization_state(payment)
    if payment.net_cents <= 0:
        return "charged_back" if payment.charged_back_cents else "refunded"
    if payment.net_cents < payment.captured_cents:
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
    open, revoked (nothing is left of it, and some was not paid out), paid_out.
    """
    if not refund.granted:
        return "ungranted"
    if refund.open_cents:
        return "open"
    return "revoked" if refund.revoked else "paid_out"
