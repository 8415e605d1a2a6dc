"""Events: what happened. Their names and fields are storage format.

A shape written once is never changed in place: a change is a new schema version in
eventstore.schemas with an upcaster from the old one, and a test holds this file to the checked-in
JSON Schemas. Amounts are minor units of the order's currency unless the event names its own.
"""

from dataclasses import dataclass
from typing import TypeAlias

from domain.commands import LineQuantity, ReceivedLine


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    line: int
    product_id: str
    quantity: int
    price_cents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPlaced:
    """exponent: digits of the currency's minor unit on the day the order was placed."""

    order_id: str
    customer_id: str
    currency: str
    exponent: int
    items: tuple[Item, ...]
    shipping_cents: int
    tax_cents: int
    discount_cents: int
    total_cents: int
    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderConfirmed:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCancelled:
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemsCancelled:
    cancellation_id: str
    lines: tuple[LineQuantity, ...]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldPlaced:
    hold_id: str
    kind: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldReleased:
    hold_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteAdded:
    note_id: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentAuthorized:
    payment_id: str
    amount_cents: int
    currency: str
    method: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentCaptured:
    payment_id: str
    capture_id: str
    amount_cents: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentVoided:
    payment_id: str
    void_id: str
    amount_cents: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationExpired:
    payment_id: str
    report_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentFailed:
    payment_id: str
    reason: str
    report_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundGranted:
    refund_id: str
    amount_cents: int
    allowance_cents: int
    reason: str
    lines: tuple[LineQuantity, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundRevoked:
    refund_id: str
    revoked_cents: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRefunded:
    payment_id: str
    payout_id: str
    refund_id: str
    amount_cents: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundFailed:
    """payment_id, payout_id: None where the report did not name them."""

    refund_id: str
    payment_id: str | None
    payout_id: str | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentChargedBack:
    payment_id: str
    chargeback_id: str
    amount_cents: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargebackReversed:
    payment_id: str
    chargeback_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentPlanned:
    shipment_id: str
    lines: tuple[LineQuantity, ...]
    location: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentCancelled:
    shipment_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentDispatched:
    shipment_id: str
    carrier: str
    tracking: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentDelivered:
    shipment_id: str
    report_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentLost:
    shipment_id: str
    report_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentReturnedToSender:
    shipment_id: str
    report_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnRequested:
    return_id: str
    lines: tuple[LineQuantity, ...]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnReceived:
    return_id: str
    receipt_id: str
    lines: tuple[ReceivedLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnDeclined:
    return_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnClosed:
    return_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AnomalyRecorded:
    """A fact was out of bounds; it is in the books all the same (kinds: domain.rules.ANOMALIES).

    refers_to: the fact's identity, as "kind:id/id". detail: what was out of bounds, in words
    and figures; for contradicting-fact both contents.
    """

    kind: str
    refers_to: str
    detail: str


Event: TypeAlias = (
    OrderPlaced
    | OrderConfirmed
    | OrderCancelled
    | ItemsCancelled
    | HoldPlaced
    | HoldReleased
    | NoteAdded
    | PaymentAuthorized
    | PaymentCaptured
    | PaymentVoided
    | AuthorizationExpired
    | PaymentFailed
    | RefundGranted
    | RefundRevoked
    | PaymentRefunded
    | RefundFailed
    | PaymentChargedBack
    | ChargebackReversed
    | ShipmentPlanned
    | ShipmentCancelled
    | ShipmentDispatched
    | ShipmentDelivered
    | ShipmentLost
    | ShipmentReturnedToSender
    | ReturnRequested
    | ReturnReceived
    | ReturnDeclined
    | ReturnClosed
    | AnomalyRecorded
)

EVENTS: dict[str, type[Event]] = {event.__name__: event for event in Event.__args__}
