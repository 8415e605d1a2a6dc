"""The payment model's view as rows."""

from domain.money import Money, Payment, Refund
from projections.parts import changed_entries
from projections.projection import Row, Rows
from projections.read_models.payment.tables import BALANCES, PAYMENTS, REFUNDS
from projections.read_models.payment.view import PaymentView

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
