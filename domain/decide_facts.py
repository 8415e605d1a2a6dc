"""Facts: reports of what happened. Recorded once, never refused; anomalies are recorded with them.

A fact that was told before is no event. Told again with another content it contradicts; told again
after what it did was undone, or after it was retracted, it is odd: both are recorded as anomalies
alone, and the first report counts. Only what names a line that the order does not have is refused,
as it would be about an order that does not exist.
"""

import json
from dataclasses import asdict, fields
from typing import Any

from domain import commands as c
from domain import events as e
from domain.facts import EVENT_OF, FIELDS, is_same_content, reference_of
from domain.guards import require_known_lines
from domain.identity import identity_of
from domain.state import Order, Retracted
from domain.undone import is_undone
from domain.values import Malformed


def record(fact: c.Fact, order: Order) -> tuple[e.Event, ...]:
    """The fact's event; an anomaly or nothing if it was recorded before."""
    event = _event(fact, order)
    recorded = order.seen_events.get(identity_of(event))
    if recorded is None:
        return _new(event, order)
    if isinstance(recorded, Retracted):
        same = is_same_content(recorded.event, event)
        return _repeated(event, order) if same else _new(event, order)
    if not is_same_content(recorded, event):
        return _contradiction(recorded, event, order)
    return _repeated(event, order) if is_undone(event, order) else ()


def _new(event: e.FactEvent, order: Order) -> tuple[e.Event, ...]:
    require_known_lines(order, getattr(event, "lines", ()))
    return (event,)


def _event(fact: c.Fact, order: Order) -> e.FactEvent:
    kind = EVENT_OF[type(fact)]
    content: dict[str, Any] = {name: getattr(fact, name) for name in FIELDS[kind]}
    if "currency" in content:
        _complete_currency(content, order.money.currency)
    if content.get("authorization_id", "") is None:
        content["authorization_id"] = content["payment_id"]
    match fact:
        case c.RefundPayment(refund_id=None):
            content["refund_id"] = fact.payout_id
        case c.ReverseChargeback():
            if content["currency"] == order.money.currency:
                content["currency"] = None  # with an amount or without, it is the same reversal
        case c.DeliverShipment() | c.LoseShipment() | c.ReturnShipmentToSender():
            content["lines"] = tuple(sorted(fact.lines, key=lambda part: part.line))
        case _:
            pass
    return kind(**content)


def _complete_currency(content: dict[str, Any], currency: str) -> None:
    if content["currency"] is None:
        content["currency"] = currency
    elif content["currency"] == currency and content["counted_cents"] is not None:
        raise Malformed("counted_cents", "only of an amount in another currency than the order's")


def _repeated(event: e.FactEvent, order: Order) -> tuple[e.Event, ...]:
    """An anomaly, once for each identity."""
    refers_to = reference_of(event)
    if order.anomalies.is_recorded("repeated-after-end", refers_to):
        return ()
    detail = f"told again: {_content(event)}"
    return (_report("repeated-after-end", refers_to, detail, order),)


def _contradiction(recorded: e.Event, event: e.FactEvent, order: Order) -> tuple[e.Event, ...]:
    """An anomaly with both contents, once for each other content. The first report counts."""
    detail = f"recorded: {_content(recorded)}; told: {_content(event)}"  # this text is in the log
    anomaly = _report("contradicting-fact", reference_of(event), detail, order)
    return () if order.find_same(anomaly) else (anomaly,)


def _report(kind: str, refers_to: str, detail: str, order: Order) -> e.AnomalyRecorded:
    return e.AnomalyRecorded(
        kind=kind, anomaly_id=order.anomalies.next_id(), refers_to=refers_to, detail=detail
    )


def _content(event: e.Event) -> str:
    """What the event reports besides its identity, as JSON."""
    names = (field.name for field in fields(event) if field.name not in event.identity)
    content = {name: getattr(event, name) for name in names}
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"), default=asdict)
