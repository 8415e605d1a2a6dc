"""Events: what happened. Their names and fields are storage format.

A shape that was written once is never changed in place: a change is a new schema version in
eventstore.record.schemas with an upcaster from the old one. A test holds this file to the
checked-in JSON Schemas. Amounts are minor units of the order's currency unless the event names
its own.

Each event states its identity, and is named below in the union of each fold that it changes.
"""

from typing import ClassVar, Final, Literal, TypeAlias, TypeGuard, get_args

from domain.commands import LineQuantity, ReceivedLine
from domain.frozen import dataclass

Identity: TypeAlias = tuple[str, ...]
"""Names of the fields by which an event is recognised when it is reported again.

An amount in another currency is another event; so is a report with another report_id.
"""
NO_IDENTITY: Final[Identity] = ()
"""Of events that no command looks up again: the order's state shows that they happened."""


@dataclass(frozen=True, slots=True)
class Item:
    """price_cents: list price of one unit; None for a line priced as a whole. amount_cents: list
    price of the line. discount_cents, tax_cents: of the line, with its part of the whole order's.
    """

    line: int
    product_id: str
    quantity: int
    price_cents: int | None
    amount_cents: int
    discount_cents: int
    tax_cents: int
    tax_code: str
    name: str
    unit: str
    requires_shipping: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxCents:
    tax_code: str
    cents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """An amount by what it is of. taxes: by tax_code, sorted, without zeros."""

    goods_cents: int = 0
    shipping_cents: int = 0
    other_cents: int = 0
    taxes: tuple[TaxCents, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPlaced:
    """exponent: digits of the currency's minor unit on the day the order was placed.

    discount_cents, tax_cents: of the whole order, as they were named. They are apportioned: the
    items and shipping_discount_cents, shipping_tax_cents have their parts.
    """

    order_id: str
    customer_id: str
    currency: str
    exponent: int
    items: tuple[Item, ...]
    shipping_cents: int
    shipping_discount_cents: int
    shipping_tax_cents: int
    shipping_tax_code: str
    discount_cents: int
    tax_cents: int
    prices_include_tax: bool
    attributes: dict[str, str]
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
    """credit: what ends of the refund's credit; None without a refund."""

    cancellation_id: str
    lines: tuple[LineQuantity, ...]
    shipping_cents: int
    refund_id: str | None
    credit: Parts | None
    reason: str
    identity: ClassVar[Identity] = ("cancellation_id",)


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemsAdded:
    """As OrderPlaced has them; lines are numbered on."""

    addition_id: str
    items: tuple[Item, ...]
    shipping_cents: int
    shipping_discount_cents: int
    shipping_tax_cents: int
    shipping_tax_code: str
    discount_cents: int
    tax_cents: int
    identity: ClassVar[Identity] = ("addition_id",)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderAdjusted:
    """Above 0 a charge, below 0 a credit; so are the parts."""

    adjustment_id: str
    amount_cents: int
    parts: Parts
    label: str
    reason: str
    identity: ClassVar[Identity] = ("adjustment_id",)


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustmentRevoked:
    adjustment_id: str
    reason: str
    identity: ClassVar[Identity] = NO_IDENTITY


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenOff:
    """forgiven_cents: what of it was above the amount due."""

    write_off_id: str
    amount_cents: int
    forgiven_cents: int
    reason: str
    identity: ClassVar[Identity] = ("write_off_id",)


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteOffRevoked:
    write_off_id: str
    reason: str
    identity: ClassVar[Identity] = NO_IDENTITY


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerChanged:
    customer_id: str
    reason: str
    identity: ClassVar[Identity] = NO_IDENTITY


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributesSet:
    """Merged with what the order has; None removes."""

    attributes: dict[str, str | None]
    identity: ClassVar[Identity] = NO_IDENTITY


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


# Money facts. counted_cents: what an amount in another currency counts for; None: it does not.


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentAuthorized:
    payment_id: str
    authorization_id: str
    amount_cents: int
    currency: str
    counted_cents: int | None
    method: str
    report_id: str | None
    identity: ClassVar[Identity] = ("payment_id", "authorization_id", "report_id", "currency")


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationAdjusted:
    """amount_cents: what is authorized from now on."""

    payment_id: str
    authorization_id: str
    adjustment_id: str
    amount_cents: int
    currency: str
    counted_cents: int | None
    report_id: str | None
    identity: ClassVar[Identity] = (
        "payment_id",
        "authorization_id",
        "adjustment_id",
        "report_id",
        "currency",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentCaptured:
    payment_id: str
    capture_id: str
    amount_cents: int
    currency: str
    counted_cents: int | None
    method: str | None
    report_id: str | None
    identity: ClassVar[Identity] = ("payment_id", "capture_id", "report_id", "currency")


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentVoided:
    payment_id: str
    void_id: str
    amount_cents: int
    currency: str
    counted_cents: int | None
    report_id: str | None
    identity: ClassVar[Identity] = ("payment_id", "void_id", "report_id", "currency")


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationExpired:
    payment_id: str
    authorization_id: str
    report_id: str | None
    identity: ClassVar[Identity] = ("payment_id", "authorization_id", "report_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentFailed:
    payment_id: str
    reason: str
    report_id: str | None
    identity: ClassVar[Identity] = ("payment_id", "report_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundGranted:
    """credit_cents: how much of it also lowers the amount due; parts: of the credit. None in events
    of version 1: then the fold apportions.
    """

    refund_id: str
    amount_cents: int
    credit_cents: int
    parts: Parts | None
    reason: str
    lines: tuple[LineQuantity, ...]
    identity: ClassVar[Identity] = ("refund_id",)


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundRevoked:
    """credit: what it takes of the credit. None in events of version 1: then the fold computes."""

    refund_id: str
    revoked_cents: int
    credit: Parts | None
    reason: str
    identity: ClassVar[Identity] = NO_IDENTITY


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundAccepted:
    """A payout that no grant covered raises the grant of its refund by amount_cents."""

    payment_id: str
    payout_id: str
    refund_id: str
    amount_cents: int
    credit_cents: int
    parts: Parts
    reason: str
    identity: ClassVar[Identity] = NO_IDENTITY


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRefunded:
    payment_id: str
    payout_id: str
    refund_id: str
    amount_cents: int
    currency: str
    counted_cents: int | None
    method: str | None
    report_id: str | None
    identity: ClassVar[Identity] = ("payment_id", "payout_id", "report_id", "currency")


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundFailed:
    """payment_id, payout_id: the payout that failed; if one is None, none did, and refund_id is
    part of the identity (domain.state.identity_of).
    """

    refund_id: str | None
    payment_id: str | None
    payout_id: str | None
    reason: str
    report_id: str | None
    identity: ClassVar[Identity] = ("payment_id", "payout_id", "report_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentChargedBack:
    payment_id: str
    chargeback_id: str
    amount_cents: int
    currency: str
    counted_cents: int | None
    report_id: str | None
    identity: ClassVar[Identity] = ("payment_id", "chargeback_id", "report_id", "currency")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargebackReversed:
    """amount_cents: None for the whole of one report. currency: None for the order's."""

    payment_id: str
    chargeback_id: str
    amount_cents: int | None
    currency: str | None
    counted_cents: int | None
    report_id: str | None
    identity: ClassVar[Identity] = ("payment_id", "chargeback_id", "report_id", "currency")


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeRecorded:
    fee_id: str
    payment_id: str | None
    amount_cents: int
    currency: str
    counted_cents: int | None
    kind: str
    report_id: str | None
    identity: ClassVar[Identity] = ("fee_id", "report_id", "currency")


# Goods.


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplacedLine:
    """shipment_id: the shipment first sent, whose goods of this line go again."""

    line: int
    shipment_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentPlanned:
    """replaces: as it was told; None: the goods are sent for the first time. replaced: by line of
    the shipment what it came to; empty for goods sent for the first time.
    """

    shipment_id: str
    lines: tuple[LineQuantity, ...]
    location: str
    replaces: str | Literal[True] | None
    replaced: tuple[ReplacedLine, ...]
    reason: str
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
    tracking: str | None
    identity: ClassVar[Identity] = ("shipment_id",)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackingCorrected:
    shipment_id: str
    carrier: str
    tracking: str | None
    reason: str
    identity: ClassVar[Identity] = NO_IDENTITY


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentDelivered:
    """lines: what of the parcel, sorted by line; empty for all that has no outcome yet."""

    shipment_id: str
    lines: tuple[LineQuantity, ...]
    report_id: str | None
    identity: ClassVar[Identity] = ("shipment_id", "lines", "report_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentLost:
    shipment_id: str
    lines: tuple[LineQuantity, ...]
    report_id: str | None
    identity: ClassVar[Identity] = ("shipment_id", "lines", "report_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentReturnedToSender:
    shipment_id: str
    lines: tuple[LineQuantity, ...]
    report_id: str | None
    identity: ClassVar[Identity] = ("shipment_id", "lines", "report_id")


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
    report_id: str | None
    identity: ClassVar[Identity] = ("return_id", "receipt_id", "report_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnDeclined:
    return_id: str
    reason: str
    identity: ClassVar[Identity] = NO_IDENTITY


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnClosed:
    return_id: str
    identity: ClassVar[Identity] = NO_IDENTITY


# Corrections of the books.


@dataclass(frozen=True, slots=True, kw_only=True)
class FactRetracted:
    """fact: the command that told it. The other fields are those of the fact's event, so that a
    fold can take back what it did (domain.retraction).
    """

    fact: str
    reason: str
    payment_id: str | None
    authorization_id: str | None
    adjustment_id: str | None
    capture_id: str | None
    void_id: str | None
    payout_id: str | None
    refund_id: str | None
    chargeback_id: str | None
    fee_id: str | None
    return_id: str | None
    receipt_id: str | None
    report_id: str | None
    amount_cents: int | None
    currency: str | None
    counted_cents: int | None
    method: str | None
    kind: str | None
    lines: tuple[ReceivedLine, ...]
    identity: ClassVar[Identity] = NO_IDENTITY


@dataclass(frozen=True, slots=True, kw_only=True)
class AnomalyRecorded:
    """The books are out of a bound, or a report is odd (kinds: domain.rules.ANOMALIES).

    anomaly_id: counted within the order; None in events of version 1, whose place is its number.
    refers_to: of a bound the thing that it is about, as "payment:p1"; of a report the fact, as
    "capture-payment:p1/c1/EUR". detail: the figures.
    """

    kind: str
    anomaly_id: str | None
    refers_to: str
    detail: str
    identity: ClassVar[Identity] = ("kind", "refers_to", "detail")


@dataclass(frozen=True, slots=True, kw_only=True)
class AnomalyResolved:
    anomaly_id: str
    reason: str
    identity: ClassVar[Identity] = NO_IDENTITY


# What changes what. Each fold must handle every event of its union: mypy holds it to that.
StatusEvent: TypeAlias = (
    OrderConfirmed | OrderCancelled | HoldPlaced | HoldReleased | CustomerChanged | AttributesSet
)
MoneyEvent: TypeAlias = (
    OrderCancelled
    | ItemsCancelled
    | ItemsAdded
    | OrderAdjusted
    | AdjustmentRevoked
    | WrittenOff
    | WriteOffRevoked
    | PaymentAuthorized
    | AuthorizationAdjusted
    | PaymentCaptured
    | PaymentVoided
    | AuthorizationExpired
    | PaymentFailed
    | RefundGranted
    | RefundRevoked
    | RefundAccepted
    | PaymentRefunded
    | RefundFailed
    | PaymentChargedBack
    | ChargebackReversed
    | FeeRecorded
    | FactRetracted
)
GoodsEvent: TypeAlias = (
    OrderCancelled
    | ItemsCancelled
    | ItemsAdded
    | ShipmentPlanned
    | ShipmentCancelled
    | ShipmentDispatched
    | TrackingCorrected
    | ShipmentDelivered
    | ShipmentLost
    | ShipmentReturnedToSender
    | ReturnRequested
    | ReturnReceived
    | ReturnDeclined
    | ReturnClosed
    | FactRetracted
)
Event: TypeAlias = (
    OrderPlaced
    | StatusEvent
    | MoneyEvent
    | GoodsEvent
    | NoteAdded
    | AnomalyRecorded
    | AnomalyResolved
)

MoneyFactEvent: TypeAlias = (
    PaymentAuthorized
    | AuthorizationAdjusted
    | PaymentCaptured
    | PaymentVoided
    | AuthorizationExpired
    | PaymentFailed
    | PaymentRefunded
    | RefundFailed
    | PaymentChargedBack
    | ChargebackReversed
    | FeeRecorded
)
RetractableEvent: TypeAlias = MoneyFactEvent | ReturnReceived
FactEvent: TypeAlias = (
    RetractableEvent | ShipmentDelivered | ShipmentLost | ShipmentReturnedToSender
)
"""What facts are recorded as."""

EVENTS: Final[dict[str, type[Event]]] = {
    name: kind for name, kind in tuple(globals().items()) if kind in get_args(Event)
}
"""Every event by its name, in the order of the declarations above."""


_OF_STATUS: Final = frozenset(get_args(StatusEvent))
_OF_MONEY: Final = frozenset(get_args(MoneyEvent))
_MONEY_FACTS: Final = frozenset(get_args(MoneyFactEvent))
_OF_GOODS: Final = frozenset(get_args(GoodsEvent))


# isinstance() with a union looks at its classes one by one: of twenty, that takes a microsecond.


def changes_status(event: Event) -> TypeGuard[StatusEvent]:
    return type(event) in _OF_STATUS


def changes_money(event: Event) -> TypeGuard[MoneyEvent]:
    return type(event) in _OF_MONEY


def is_money_fact(event: Event) -> TypeGuard[MoneyFactEvent]:
    return type(event) in _MONEY_FACTS


def changes_goods(event: Event) -> TypeGuard[GoodsEvent]:
    return type(event) in _OF_GOODS


def require_placed(event: Event) -> OrderPlaced:
    """The event, which must be a stream's first; TypeError if it is not OrderPlaced."""
    if not isinstance(event, OrderPlaced):
        raise TypeError(f"a stream starts with OrderPlaced, not {type(event).__name__}")
    return event
