"""The JSON documents that are read from the log: an order as the fold of its events, and events."""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final

from pydantic import TypeAdapter
from pydantic_core import SchemaSerializer

from domain.billing import BilledLine
from domain.events import Item
from domain.figures import order_figures
from domain.goods import Goods, Line
from domain.order import Order
from domain.persistent import with_fields
from eventstore.ledger.history import FoldedOrder
from eventstore.record.codec import OrderEvent
from projections.read_models.payment.rows import UNKNOWN_METHOD

Document = dict[str, Any]


def plain(part: Any) -> Document:
    """A dataclass as JSON has it. dataclasses.asdict takes ten times as long, and a large order
    has thousands of them.
    """
    kind: type = type(part)
    document: Document = _serializer(kind).to_python(part)
    return document


@cache
def _serializer(kind: type) -> SchemaSerializer:
    return TypeAdapter(kind).serializer


def order_document(folded: FoldedOrder) -> Document:
    """The whole order, as of folded.revision."""
    order = folded.order
    return {
        "order_id": order.placed.order_id,
        "revision": folded.revision,
        "position": folded.position,
        "hash": folded.hash,
        "recorded_at": folded.recorded_at,
        "customer_id": order.status.customer_id,
        "channel": order.placed.channel,
        "currency": order.placed.currency,
        "exponent": order.placed.exponent,
        "prices_include_tax": order.money.prices_include_tax,
        "attributes": {each.key: each.value for each in order.status.attributes},
        "holds": [{"hold_id": id_, "kind": kind} for id_, kind in order.status.holds.items()],
        **order_figures(order),
        "billed": plain(order.money.billed),
        "credited": plain(order.money.credited),
        "lines": _lines(order),
        "shippings": list(map(plain, order.money.shippings)),
        "adjustments": _named("adjustment_id", order.money.adjustments),
        "write_offs": _named("write_off_id", order.money.write_offs),
        "shipments": [
            {"shipment_id": id_, **plain(shipment), "state": shipment.status}
            for id_, shipment in order.goods.shipments.items()
        ],
        "returns": _returns(order.goods),
        "payments": [
            {**payment, "method": payment["method"] or UNKNOWN_METHOD}
            for payment in _named("payment_id", order.money.payments, "method", "expired", "failed")
        ],
        "movements": [
            {**movement, **{name: _without_empty(movement[name]) for name in _TOLD}}
            for movement in _named("movement", order.money.movements)
        ],
        "refunds": _named("refund_id", order.money.refunds, "open_cents"),
    }


_TOLD: Final = ("reports", "ends", "changes")
"""Of a movement: what was told of it."""


def _without_empty(told: Sequence[Document]) -> list[Document]:
    """Null for what was not told, as in all documents."""
    return [{name: None if value == "" else value for name, value in each.items()} for each in told]


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


def _lines(order: Order) -> list[Document]:
    """As placed and as they are by now: quantities, and amounts of the whole line."""
    lines = zip(order.items, order.goods.lines, order.money.lines, strict=True)
    return [
        {**_ordered(item), **plain(line), **_amounts(billed), **_derived(line)}
        for item, line, billed in lines
    ]


def _ordered(item: Item) -> Document:
    return {
        "line": item.line,
        "product_id": item.product_id,
        "name": item.name,
        "unit": item.unit,
        "price_cents": item.price_cents,
    }


def _amounts(billed: BilledLine) -> Document:
    """The quantities are those of the goods."""
    amounts = plain(billed)
    del amounts["quantity"], amounts["cancelled"]
    return amounts


def _derived(line: Line) -> Document:
    return {"open": line.open, "returnable": line.returnable, "overshipped": line.overshipped}


def _named(name: str, entries: Mapping[str, Any], *derived: str) -> list[Document]:
    """Each entry with its id under a name, its fields, and some of what follows from them."""
    return [
        {name: id_, **plain(entry), **{each: getattr(entry, each) for each in derived}}
        for id_, entry in entries.items()
    ]


def _returns(goods: Goods) -> list[Document]:
    """receipts: their ids, each as often as it counts."""
    return [
        {
            "return_id": id_,
            **plain(with_fields(return_, receipts=None)),
            "receipts": [
                {"receipt_id": receipt_id, "reports": reports}
                for receipt_id, reports in (return_.receipts or {}).items()
            ],
        }
        for id_, return_ in goods.returns.items()
    ]
