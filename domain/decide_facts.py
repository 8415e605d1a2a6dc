"""Facts: reports of what happened. Recorded once, never refused; anomalies are recorded with them.

A fact and its event have the same fields; some may be left out of the fact.
"""

import json
from dataclasses import fields
from typing import Final, assert_never, get_args

from domain import commands as c
from domain import events as e
from domain.anomalies import FactContext, anomalies
from domain.goods import evolve_goods
from domain.money import evolve_money
from domain.state import Order


def event_type(fact: c.Fact) -> type[e.FactEvent]:  # noqa: C901, PLR0912 (a case per fact)
    """The event that the fact is recorded as."""
    match fact:
        case c.AuthorizePayment():
            return e.PaymentAuthorized
        case c.CapturePayment():
            return e.PaymentCaptured
        case c.VoidPayment():
            return e.PaymentVoided
        case c.ExpireAuthorization():
            return e.AuthorizationExpired
        case c.FailPayment():
            return e.PaymentFailed
        case c.RefundPayment():
            return e.PaymentRefunded
        case c.FailRefund():
            return e.RefundFailed
        case c.ChargeBackPayment():
            return e.PaymentChargedBack
        case c.ReverseChargeback():
            return e.ChargebackReversed
        case c.DeliverShipment():
            return e.ShipmentDelivered
        case c.LoseShipment():
            return e.ShipmentLost
        case c.ReturnShipmentToSender():
            return e.ShipmentReturnedToSender
        case _:
            assert_never(fact)


_FIELDS: Final[dict[type[e.FactEvent], tuple[str, ...]]] = {
    event: tuple(field.name for field in fields(event)) for event in get_args(e.FactEvent)
}


def record(fact: c.Fact, order: Order) -> tuple[e.Event, ...]:
    """The fact's event and its anomalies; none if the fact was recorded before."""
    event = _event(fact, order)
    recorded = order.find_same(event)
    if recorded == event:
        return ()
    if recorded is not None:
        return _contradiction(recorded, event, _reference(fact, event), order)
    context = FactContext(
        fact, event, order, evolve_money(order.money, event), evolve_goods(order.goods, event)
    )
    found = (
        e.AnomalyRecorded(kind=kind, refers_to=_reference(fact, event), detail=detail)
        for kind, detail in anomalies(context)
    )
    return (event, *found)


def _event(fact: c.Fact, order: Order) -> e.FactEvent:
    kind = event_type(fact)
    content = {name: getattr(fact, name) for name in _FIELDS[kind]}
    if content.get("currency", "") is None:
        content["currency"] = order.money.currency
    if isinstance(fact, c.RefundPayment) and fact.refund_id is None:
        content["refund_id"] = fact.payout_id
    return kind(**content)


def _contradiction(
    recorded: e.Event, event: e.FactEvent, refers_to: str, order: Order
) -> tuple[e.Event, ...]:
    """An anomaly with both contents, once for each other content. The first report counts."""
    detail = f"recorded: {_content(recorded)}; told: {_content(event)}"  # this text is in the log
    anomaly = e.AnomalyRecorded(kind="contradicting-fact", refers_to=refers_to, detail=detail)
    return () if order.find_same(anomaly) else (anomaly,)


def _reference(fact: c.Fact, event: e.FactEvent) -> str:
    """The fact's identity as text, "-" for what was left out (no id is "-")."""
    ids = (getattr(event, name) for name in event.identity)
    return f"{c.COMMAND_NAMES[type(fact)]}:{'/'.join(part or '-' for part in ids)}"


def _content(event: e.Event) -> str:
    """What the event reports besides its identity, as JSON."""
    names = (field.name for field in fields(event) if field.name not in event.identity)
    content = {name: getattr(event, name) for name in names}
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))
