"""Carriers' reports that are odd in themselves."""

from collections.abc import Callable, Iterator
from typing import Any, Final, TypeAlias

from domain import events as e
from domain.bounds import Books
from domain.shipments import (
    CANCELLED,
    DELIVERED,
    LOST,
    RETURNED_TO_SENDER,
    UNKNOWN,
    Shipment,
    contradicts,
)

Odd: TypeAlias = Iterator[tuple[str, str]]
"""Kind and detail of each anomaly of a fact."""
_Outcome: TypeAlias = e.ShipmentDelivered | e.ShipmentLost | e.ShipmentReturnedToSender


def _delivered(event: e.ShipmentDelivered, before: Books, _after: Books) -> Odd:
    return _odd(event, DELIVERED, before)


def _lost(event: e.ShipmentLost, before: Books, _after: Books) -> Odd:
    return _odd(event, LOST, before)


def _sent_back(event: e.ShipmentReturnedToSender, before: Books, _after: Books) -> Odd:
    return _odd(event, RETURNED_TO_SENDER, before)


def _odd(event: _Outcome, outcome: str, before: Books) -> Odd:
    shipment = before.goods.shipment(event.shipment_id)
    if shipment.state == CANCELLED:
        yield "dispatched-after-cancel", _figures(shipment)
    if shipment.state == UNKNOWN:
        yield "unknown-shipment", _figures(shipment)
    if contradicts(shipment, outcome, event.lines):
        yield "outcome-contradicted", _figures(shipment)


def _figures(shipment: Shipment) -> str:
    figures = f"shipment was {shipment.state}"
    if shipment.outcome is not None:
        figures += f"; outcome before: {shipment.outcome}"
    return figures


GOODS_REPORTS: Final[dict[type[e.Event], Callable[[Any, Books, Books], Odd]]] = {
    e.ShipmentDelivered: _delivered,
    e.ShipmentLost: _lost,
    e.ShipmentReturnedToSender: _sent_back,
}
"""By event; given the event, the books before it and after it: kind and detail of each anomaly."""
