"""The JSON documents that are read from the log: an order as the fold of its events, and events."""

import json
from dataclasses import asdict
from typing import Any

from domain.goods import Goods, Line
from domain.money import Money
from eventstore.ledger.history import FoldedOrder
from eventstore.record.codec import OrderEvent

Document = dict[str, Any]


def order_document(folded: FoldedOrder) -> Document:
    """The whole order, as of folded.revision."""
    order = folded.order
    return {
        "order_id": order.placed.order_id,
        "revision": folded.revision,
        "position": folded.position,
        "hash": folded.hash,
        "recorded_at": folded.recorded_at,
        "customer_id": order.placed.customer_id,
        "channel": order.placed.channel,
        "state": order.status.state,
        "on_hold": order.status.on_hold,
        "holds": [{"hold_id": id_, "kind": kind} for id_, kind in order.status.holds.items()],
        "fulfilment": order.goods.fulfilment,
        "payment": order.money.payment_status,
        "currency": order.placed.currency,
        "exponent": order.placed.exponent,
        **_totals(order.money),
        "lines": _lines(order.goods, order.money),
        "shipments": [
            {"shipment_id": id_, **asdict(shipment)}
            for id_, shipment in order.goods.shipments.items()
        ],
        "returns": [
            {"return_id": id_, **asdict(return_)} for id_, return_ in order.goods.returns.items()
        ],
        **_payments(order.money),
    }


def event_document(event: OrderEvent) -> Document:
    """One event with who, when and why. data: its fields as they are stored."""
    metadata = event.metadata
    return {
        "order_id": event.order_id,
        "revision": event.revision,
        "position": event.position,
        "event_id": str(event.event_id),
        "type": event.type,
        "schema": metadata.schema,
        "occurred_at": metadata.occurred_at,
        "recorded_at": metadata.recorded_at,
        "actor": metadata.actor,
        "reason": metadata.reason,
        "channel": metadata.channel,
        "command_id": metadata.command_id,
        "correlation_id": metadata.correlation_id,
        "causation_id": metadata.causation_id,
        "traceparent": metadata.traceparent,
        "prev_hash": metadata.prev_hash,
        "hash": metadata.hash,
        "data": json.loads(event.recorded.data),
    }


def _totals(money: Money) -> Document:
    return {
        "goods_cents": money.goods_cents,
        "shipping_cents": money.shipping_cents,
        "tax_cents": money.tax_cents,
        "discount_cents": money.discount_cents,
        "total_cents": money.total_cents,
        "due_cents": money.due_cents,
        "captured_cents": money.captured_cents,
        "refunded_cents": money.refunded_cents,
        "charged_back_cents": money.charged_back_cents,
        "net_cents": money.net_cents,
        "balance_cents": money.balance_cents,
    }


def _lines(goods: Goods, money: Money) -> list[Document]:
    return [
        {"line": number, "price_cents": price_cents, **asdict(line), **_derived(line)}
        for number, (line, price_cents) in enumerate(
            zip(goods.lines, money.prices_cents, strict=True), start=1
        )
    ]


def _derived(line: Line) -> Document:
    return {"open": line.open, "returnable": line.returnable, "overshipped": line.overshipped}


def _payments(money: Money) -> Document:
    return {
        "payments": [
            {"payment_id": id_, **vars(payment), "chargebacks": _chargebacks(payment.chargebacks)}
            for id_, payment in money.payments.items()
        ],
        "refunds": [
            {"refund_id": id_, **asdict(refund), "open_cents": refund.open_cents}
            for id_, refund in money.refunds.items()
        ],
    }


def _chargebacks(chargebacks: Any) -> list[Document]:
    return [{"chargeback_id": id_, **asdict(one)} for id_, one in (chargebacks or {}).items()]
