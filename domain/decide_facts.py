"""Facts: reports of what did happen. Recorded once, never refused; flagged when out of bounds."""

import json
from dataclasses import fields

from domain.bounds import Look, anomalies
from domain.commands import (
    COMMAND_NAMES,
    AuthorizePayment,
    CapturePayment,
    ChargeBackPayment,
    Command,
    DeliverShipment,
    ExpireAuthorization,
    Fact,
    FailPayment,
    FailRefund,
    LoseShipment,
    RefundPayment,
    ReturnShipmentToSender,
    ReverseChargeback,
    VoidPayment,
)
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
    ShipmentDelivered,
    ShipmentLost,
    ShipmentReturnedToSender,
)
from domain.goods import evolve_goods
from domain.money import evolve_money
from domain.state import IDENTITIES, Order

# A fact and its event have the same fields; of the fact some may be left out.
EVENT_OF: dict[type[Command], type[Event]] = {
    AuthorizePayment: PaymentAuthorized,
    CapturePayment: PaymentCaptured,
    VoidPayment: PaymentVoided,
    ExpireAuthorization: AuthorizationExpired,
    FailPayment: PaymentFailed,
    RefundPayment: PaymentRefunded,
    FailRefund: RefundFailed,
    ChargeBackPayment: PaymentChargedBack,
    ReverseChargeback: ChargebackReversed,
    DeliverShipment: ShipmentDelivered,
    LoseShipment: ShipmentLost,
    ReturnShipmentToSender: ShipmentReturnedToSender,
}
_FIELDS: dict[type[Event], tuple[str, ...]] = {
    event: tuple(field.name for field in fields(event)) for event in EVENT_OF.values()
}


def record(fact: Fact, order: Order) -> tuple[Event, ...]:
    """The fact's event and its anomalies; nothing if it was told before."""
    event = _event(fact, order)
    known = order.known(event)
    if known == event:
        return ()
    if known is not None:
        return _contradiction(known, event, _reference(fact, event), order)
    look = Look(
        fact, event, order, evolve_money(order.money, event), evolve_goods(order.goods, event)
    )
    flags = (
        AnomalyRecorded(kind=kind, refers_to=_reference(fact, event), detail=detail)
        for kind, detail in anomalies(look)
    )
    return (event, *flags)


def _event(fact: Fact, order: Order) -> Event:
    event = EVENT_OF[type(fact)]
    content = {name: getattr(fact, name) for name in _FIELDS[event]}
    if content.get("currency", "") is None:
        content["currency"] = order.money.currency
    if isinstance(fact, RefundPayment) and fact.refund_id is None:
        content["refund_id"] = fact.payout_id
    return event(**content)


def _contradiction(known: Event, told: Event, refers_to: str, order: Order) -> tuple[Event, ...]:
    """Both contents, so that each contradiction is recorded once; the first report counts."""
    detail = f"recorded: {_content(known)}; told: {_content(told)}"
    anomaly = AnomalyRecorded(kind="contradicting-fact", refers_to=refers_to, detail=detail)
    return () if order.known(anomaly) else (anomaly,)


def _reference(fact: Fact, event: Event) -> str:
    """The fact's identity in words, "-" for what was left out (no id is "-")."""
    ids = (getattr(event, name) for name in IDENTITIES[type(event)])
    return f"{COMMAND_NAMES[type(fact)]}:{'/'.join(part or '-' for part in ids)}"


def _content(event: Event) -> str:
    names = (name for name in _FIELDS[type(event)] if name not in IDENTITIES[type(event)])
    content = {name: getattr(event, name) for name in names}
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))
