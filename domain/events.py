"""Events: what happened. Their names and fields are storage format.

A shape that was written once is never changed in place: a change is a new schema version in
eventstore.record.schemas with an upcaster from the old one. A test holds this file to the
checked-in JSON Schemas. Amounts are minor units of the order's currency unless the event names
its own.

Each event states its identity, and is named below in the union of each fold that it changes.
"""

from dataclasses import dataclass
from typing import ClassVar, Final, TypeAlias, get_args

from domain.commands import LineQuantity, ReceivedLine

Identity: TypeAlias = tuple[str, ...]
"""Names of the fields by which an event is recognised when it is reported again.

An amount in another currency is another event; so is a report with another report_id.
"""
NO_IDENTITY: Final[Identity] = ()
"""Of events that no command looks up again: the order's state shows that they happened."""


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
    identity: ClassVar[Identity] = NO_IDENTITY


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderConfirmed:
    identity: ClassVar[Identity] = NO_IDENTITY


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCancelled:
    reason: str
    identity: ClassVar[Identity] = NO_IDENTITY


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemsCancelled:
    cancellation_id: str
    lines: tuple[LineQuantity, ...]
    reason: str
    identity: ClassVar[Identity] = ("cancellation_id",)


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldPlaced:
    hold_id: str
    kind: str
    reason: str
    identity: ClassVar[Identity] = ("hold_id",)


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldReleased:
    hold_id: str
    reason: str
    identity: ClassVar[Identity] = NO_IDENTITY


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteAdded:
    note_id: str
    text: str
    identity: ClassVar[Identity] = ("note_id",)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentAuthorized:
    payment_id: str
    amount_cents: int
    currency: str
    method: str
    identity: ClassVar[Identity] = ("payment_id", "currency")


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentCaptured:
    payment_id: str
    capture_id: str
    amount_cents: int
    currency: str
    identity: ClassVar[Identity] = ("payment_id", "capture_id", "currency")


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentVoided:
    payment_id: str
    void_id: str
    amount_cents: int
    currency: str
    identity: ClassVar[Identity] = ("payment_id", "void_id", "currency")


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationExpired:
    payment_id: str
    report_id: str | None
    identity: ClassVar[Identity] = ("payment_id", "report_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentFailed:
    payment_id: str
    reason: str
    report_id: str | None
    identity: ClassVar[Identity] = ("payment_id", "report_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundGranted:
    refund_id: str
    amount_cents: int
    allowance_cents: int
    reason: str
    lines: tuple[LineQuantity, ...]
    identity: ClassVar[Identity] = ("refund_id",)


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundRevoked:
    refund_id: str
    revoked_cents: int
    reason: str
    identity: ClassVar[Identity] = NO_IDENTITY


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRefunded:
    payment_id: str
    payout_id: str
    refund_id: str
    amount_cents: int
    currency: str
    identity: ClassVar[Identity] = ("payment_id", "payout_id", "currency")


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundFailed:
    """payment_id, payout_id: None if the report did not name them."""

    refund_id: str
    payment_id: str | None
    payout_id: str | None
    reason: str
    identity: ClassVar[Identity] = ("refund_id", "payment_id", "payout_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentChargedBack:
    payment_id: str
    chargeback_id: str
    amount_cents: int
    currency: str
    identity: ClassVar[Identity] = ("payment_id", "chargeback_id", "currency")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargebackReversed:
    payment_id: str
    chargeback_id: str
    identity: ClassVar[Identity] = ("payment_id", "chargeback_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentPlanned:
    shipment_id: str
    lines: tuple[LineQuantity, ...]
    location: str
    identity: ClassVar[Identity] = ("shipment_id",)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentCancelled:
    shipment_id: str
    reason: str
    identity: ClassVar[Identity] = NO_IDENTITY


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentDispatched:
    shipment_id: str
    carrier: str
    tracking: str
    identity: ClassVar[Identity] = NO_IDENTITY


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentDelivered:
    shipment_id: str
    report_id: str | None
    identity: ClassVar[Identity] = ("shipment_id", "report_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentLost:
    shipment_id: str
    report_id: str | None
    identity: ClassVar[Identity] = ("shipment_id", "report_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentReturnedToSender:
    shipment_id: str
    report_id: str | None
    identity: ClassVar[Identity] = ("shipment_id", "report_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnRequested:
    return_id: str
    lines: tuple[LineQuantity, ...]
    reason: str
    identity: ClassVar[Identity] = ("return_id",)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnReceived:
    return_id: str
    receipt_id: str
    lines: tuple[ReceivedLine, ...]
    identity: ClassVar[Identity] = ("return_id", "receipt_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnDeclined:
    return_id: str
    reason: str
    identity: ClassVar[Identity] = NO_IDENTITY


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnClosed:
    return_id: str
    identity: ClassVar[Identity] = NO_IDENTITY


@dataclass(frozen=True, slots=True, kw_only=True)
class AnomalyRecorded:
    """A fact broke a rule; it is recorded and counted all the same (kinds: domain.rules.ANOMALIES).

    refers_to: the fact's command and identity, as "capture-payment:p1/c1/EUR". detail: the figures
    that broke the rule; for contradicting-fact both contents.
    """

    kind: str
    refers_to: str
    detail: str
    identity: ClassVar[Identity] = ("kind", "refers_to", "detail")


# What changes what. Each fold must handle every event of its union: mypy holds it to that.
StatusEvent: TypeAlias = OrderConfirmed | OrderCancelled | HoldPlaced | HoldReleased
MoneyEvent: TypeAlias = (
    OrderCancelled
    | ItemsCancelled
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
)
GoodsEvent: TypeAlias = (
    OrderCancelled
    | ItemsCancelled
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
)
Event: TypeAlias = OrderPlaced | StatusEvent | MoneyEvent | GoodsEvent | NoteAdded | AnomalyRecorded

FactEvent: TypeAlias = (
    PaymentAuthorized
    | PaymentCaptured
    | PaymentVoided
    | AuthorizationExpired
    | PaymentFailed
    | PaymentRefunded
    | RefundFailed
    | PaymentChargedBack
    | ChargebackReversed
    | ShipmentDelivered
    | ShipmentLost
    | ShipmentReturnedToSender
)
"""What facts are recorded as."""

EVENTS: Final[dict[str, type[Event]]] = {
    name: kind for name, kind in tuple(globals().items()) if kind in get_args(Event)
}
"""Every event by its name, in the order of the declarations above."""


def require_placed(event: Event) -> OrderPlaced:
    """The event, which must be a stream's first; TypeError if it is not OrderPlaced."""
    if not isinstance(event, OrderPlaced):
        raise TypeError(f"a stream starts with OrderPlaced, not {type(event).__name__}")
    return event
