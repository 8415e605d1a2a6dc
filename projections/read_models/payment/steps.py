"""The entries of an event that changes money: its step, a retraction, the postings."""

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple, get_args

from sqlalchemy import Table

from domain import events as e
from domain.facts import retracted_event
from domain.money import Money
from domain.parts import NOTHING, subtracted, tax_total, total
from domain.postings import Posting
from eventstore.record.codec import OrderEvent
from projections.projection import Row, dated
from projections.read_models.payment.tables import POSTINGS, RETRACTIONS, STEPS


class Step(NamedTuple):
    """kind: the step's name. id_field: what tells steps of this kind apart; "" for none."""

    kind: str
    id_field: str = ""


STEP_OF: Final[dict[type[e.Event], Step]] = {
    e.OrderCancelled: Step("order-cancellation"),
    e.ItemsCancelled: Step("cancellation", "cancellation_id"),
    e.ItemsAdded: Step("addition", "addition_id"),
    e.OrderAdjusted: Step("adjustment", "adjustment_id"),
    e.AdjustmentRevoked: Step("adjustment-revocation", "adjustment_id"),
    e.WrittenOff: Step("write-off", "write_off_id"),
    e.WriteOffRevoked: Step("write-off-revocation", "write_off_id"),
    e.PaymentAuthorized: Step("authorization", "authorization_id"),
    e.AuthorizationAdjusted: Step("authorization-adjustment", "adjustment_id"),
    e.AuthorizationExpired: Step("expiry", "authorization_id"),
    e.PaymentCaptured: Step("capture", "capture_id"),
    e.PaymentVoided: Step("void", "void_id"),
    e.PaymentFailed: Step("failure"),
    e.RefundGranted: Step("grant", "refund_id"),
    e.RefundRevoked: Step("revocation", "refund_id"),
    e.RefundAccepted: Step("acceptance", "payout_id"),
    e.PaymentRefunded: Step("payout", "payout_id"),
    e.RefundFailed: Step("payout-failure", "payout_id"),
    e.PaymentChargedBack: Step("chargeback", "chargeback_id"),
    e.ChargebackReversed: Step("chargeback-reversal", "chargeback_id"),
    e.FeeRecorded: Step("fee", "fee_id"),
    e.FactRetracted: Step("retraction"),
}
_OF_BILLING: Final = (e.OrderCancelled, e.ItemsCancelled, e.ItemsAdded)
_COMMANDED: Final = (
    *_OF_BILLING,
    e.OrderAdjusted,
    e.AdjustmentRevoked,
    e.WriteOffRevoked,
    e.RefundGranted,
    e.RefundRevoked,
    e.RefundAccepted,
)
_FACTS: Final = get_args(e.MoneyFactEvent)


def step_entries(
    body: Any, event: OrderEvent, before: Money | None, after: Money
) -> list[tuple[Table, Row]]:
    """Its step, and of a retraction the entry that names the fact; nothing for other events."""
    kind = STEP_OF.get(type(body))
    if kind is None or before is None:
        return []
    if isinstance(body, e.FactRetracted):
        fact = retracted_event(body)
        if isinstance(fact, e.ReturnReceived):
            return []
        retraction = (RETRACTIONS, _retraction(fact, event))
        return [(STEPS, _retraction_step(body, fact, event, after)), retraction]
    return [(STEPS, _step(body, event, kind, before, after))]


def _step(body: Any, event: OrderEvent, kind: Step, before: Money, after: Money) -> Row:
    return {
        **_NO_PARTS,
        "order_id": event.order_id,
        "payment_id": getattr(body, "payment_id", None) or "",
        "kind": kind.kind,
        "id": _id(body, kind),
        "revision": event.revision,
        "authorization_id": getattr(body, "authorization_id", None),
        "refund_id": getattr(body, "refund_id", None),
        "report_id": getattr(body, "report_id", None),
        "amount_cents": _amount(body, before, after),
        "counted_cents": _counted(body, after),
        "currency": getattr(body, "currency", None),
        "method": getattr(body, "method", None),
        "label": _label(body),
        "reason": getattr(body, "reason", None),
        **(_parts(before, after) if isinstance(body, _COMMANDED) else {}),
        "occurred_at": event.metadata.occurred_at,
        "recorded_at": event.metadata.recorded_at,
    }


def _retraction_step(
    body: e.FactRetracted, fact: e.MoneyFactEvent, event: OrderEvent, after: Money
) -> Row:
    """As the fact's own step; label: the kind of that."""
    kind = STEP_OF[type(fact)]
    return {
        **_step(fact, event, kind, after, after),
        "kind": STEP_OF[e.FactRetracted].kind,
        "label": kind.kind,
        "reason": body.reason,
    }


def _retraction(fact: e.MoneyFactEvent, event: OrderEvent) -> Row:
    kind = STEP_OF[type(fact)]
    return {
        "order_id": event.order_id,
        "revision": event.revision,
        "payment_id": getattr(fact, "payment_id", None) or "",
        "kind": kind.kind,
        "id": _id(fact, kind),
        "authorization_id": getattr(fact, "authorization_id", None),
        "report_id": fact.report_id,
        "currency": getattr(fact, "currency", None),
    }


def _id(body: Any, kind: Step) -> str:
    return (getattr(body, kind.id_field) if kind.id_field else None) or ""


def _amount(body: Any, before: Money, after: Money) -> int | None:
    if isinstance(body, _OF_BILLING):
        return after.billed_cents - before.billed_cents
    amount: int | None = getattr(body, "amount_cents", None)
    return body.revoked_cents if isinstance(body, e.RefundRevoked) else amount


def _counted(body: Any, money: Money) -> int | None:
    if not isinstance(body, _FACTS) or not hasattr(body, "amount_cents"):
        return None
    return money.counted_cents(body)


def _label(body: Any) -> str | None:
    label: str | None = getattr(body, "label", None)
    return body.kind if isinstance(body, e.FeeRecorded) else label


_NO_PARTS: Final = dict.fromkeys(
    ("goods_cents", "shipping_cents", "tax_cents", "other_cents", "credit_cents")
)


def _parts(before: Money, after: Money) -> Row:
    billed = subtracted(after.billed, before.billed)
    credit = subtracted(after.kept, before.kept)
    moved = billed if billed != NOTHING else credit
    return {
        "goods_cents": moved.goods_cents,
        "shipping_cents": moved.shipping_cents,
        "tax_cents": tax_total(moved.taxes),
        "other_cents": moved.other_cents,
        "credit_cents": total(credit),
    }


def posted(
    moved: Iterable[Posting], event: OrderEvent, currency: str
) -> Sequence[tuple[Table, Row]]:
    at = dated(event, currency)
    return [
        (
            POSTINGS,
            {
                **at,
                "n": n,
                "account": posting.account,
                "tax_code": posting.tax_code,
                "amount_cents": posting.amount_cents,
            },
        )
        for n, posting in enumerate(moved)
    ]
