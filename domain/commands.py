"""Commands: requests, which may be refused, and facts, reports of what happened, which may not.

Their names are the HTTP routes, the bulk format and the arguments of the command line, so a class
is never renamed. The shape of a single field is an annotation (domain.values); what needs several
fields is checked on construction.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar, Final, TypeAlias, get_args

from domain.currency import EXPONENTS
from domain.values import (
    CENTS_MAX,
    ITEMS_MAX,
    Cents,
    Currency,
    Id,
    LineNumber,
    Malformed,
    Many,
    OptionalText,
    Quantity,
    Text,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderedItem:
    product_id: Id
    quantity: Quantity
    price_cents: Cents


@dataclass(frozen=True, slots=True, kw_only=True)
class LineQuantity:
    line: LineNumber
    quantity: Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedLine:
    line: LineNumber
    quantity: Quantity
    condition: Text


Items: TypeAlias = Annotated[tuple[OrderedItem, ...], Many(1, ITEMS_MAX)]
Lines: TypeAlias = Annotated[tuple[LineQuantity, ...], Many(1, ITEMS_MAX)]
OptionalLines: TypeAlias = Annotated[tuple[LineQuantity, ...], Many(0, ITEMS_MAX)]
ReceivedLines: TypeAlias = Annotated[tuple[ReceivedLine, ...], Many(1, ITEMS_MAX)]

Example: TypeAlias = Mapping[str, object]
"""A believable body of a command, as JSON has it: for the documentation."""
_ONE_LINE: Final = [{"line": 1, "quantity": 1}]


# Order --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceOrder:
    order_id: Id
    customer_id: Id
    currency: Currency
    items: Items
    shipping_cents: Cents = 0
    tax_cents: Cents = 0
    discount_cents: Cents = 0
    channel: OptionalText = ""
    example: ClassVar[Example] = {
        "order_id": "1001",
        "customer_id": "ada",
        "currency": "EUR",
        "items": [
            {"product_id": "teapot", "quantity": 1, "price_cents": 2450},
            {"product_id": "cup", "quantity": 4, "price_cents": 650},
        ],
        "shipping_cents": 490,
        "channel": "web",
    }

    def __post_init__(self) -> None:
        if self.currency not in EXPONENTS:
            raise Malformed("currency", "not an ISO 4217 currency code")
        if not self.items:
            raise Malformed("items", "an order has at least one item")
        goods_cents = self.goods_cents
        if goods_cents > CENTS_MAX:
            raise Malformed("items", f"quantity times price adds up to more than {CENTS_MAX}")
        if self.discount_cents > goods_cents:
            raise Malformed("discount_cents", "the discount is above the price of the goods")
        if goods_cents + self.shipping_cents + self.tax_cents - self.discount_cents > CENTS_MAX:
            raise Malformed("items", f"the total is more than {CENTS_MAX}")

    @property
    def goods_cents(self) -> int:
        return sum([item.quantity * item.price_cents for item in self.items])

    @property
    def total_cents(self) -> int:
        return self.goods_cents + self.shipping_cents + self.tax_cents - self.discount_cents


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmOrder:
    example: ClassVar[Example] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelOrder:
    reason: Text
    example: ClassVar[Example] = {"reason": "the customer changed her mind"}


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelItems:
    cancellation_id: Id
    lines: Lines
    reason: Text
    example: ClassVar[Example] = {
        "cancellation_id": "x1",
        "lines": _ONE_LINE,
        "reason": "out of stock",
    }

    def __post_init__(self) -> None:
        _each_line_once(self.lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceHold:
    hold_id: Id
    kind: Text
    reason: Text
    example: ClassVar[Example] = {
        "hold_id": "h1",
        "kind": "fraud",
        "reason": "address and card differ",
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseHold:
    hold_id: Id
    reason: Text
    example: ClassVar[Example] = {"hold_id": "h1", "reason": "checked by telephone"}


@dataclass(frozen=True, slots=True, kw_only=True)
class AddNote:
    note_id: Id
    text: Text
    example: ClassVar[Example] = {"note_id": "n1", "text": "ring twice"}


# Payment ------------------------------------------------------------------------------------------
# The currency of a fact may be left out (None): then it is the order's.


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizePayment:
    payment_id: Id
    amount_cents: Cents
    method: Text
    currency: Currency | None = None
    example: ClassVar[Example] = {"payment_id": "p1", "amount_cents": 5540, "method": "card"}


@dataclass(frozen=True, slots=True, kw_only=True)
class CapturePayment:
    payment_id: Id
    capture_id: Id
    amount_cents: Cents
    currency: Currency | None = None
    example: ClassVar[Example] = {"payment_id": "p1", "capture_id": "c1", "amount_cents": 5540}


@dataclass(frozen=True, slots=True, kw_only=True)
class VoidPayment:
    payment_id: Id
    void_id: Id
    amount_cents: Cents
    currency: Currency | None = None
    example: ClassVar[Example] = {"payment_id": "p1", "void_id": "v1", "amount_cents": 650}


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpireAuthorization:
    payment_id: Id
    report_id: Id | None = None
    example: ClassVar[Example] = {"payment_id": "p1"}


@dataclass(frozen=True, slots=True, kw_only=True)
class FailPayment:
    payment_id: Id
    reason: Text
    report_id: Id | None = None
    example: ClassVar[Example] = {"payment_id": "p1", "reason": "insufficient funds"}


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantRefund:
    refund_id: Id
    amount_cents: Cents
    reason: Text
    allowance_cents: Cents | None = None
    lines: OptionalLines = ()
    example: ClassVar[Example] = {
        "refund_id": "r1",
        "amount_cents": 650,
        "reason": "one cup broken",
    }

    def __post_init__(self) -> None:
        _each_line_once(self.lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeRefund:
    refund_id: Id
    reason: Text
    example: ClassVar[Example] = {"refund_id": "r1", "reason": "a new cup was sent instead"}


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundPayment:
    payment_id: Id
    payout_id: Id
    amount_cents: Cents
    refund_id: Id | None = None
    currency: Currency | None = None
    example: ClassVar[Example] = {
        "payment_id": "p1",
        "payout_id": "o1",
        "amount_cents": 650,
        "refund_id": "r1",
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class FailRefund:
    refund_id: Id
    reason: Text
    payment_id: Id | None = None
    payout_id: Id | None = None
    example: ClassVar[Example] = {
        "refund_id": "r1",
        "payment_id": "p1",
        "payout_id": "o1",
        "reason": "the card was closed",
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeBackPayment:
    payment_id: Id
    chargeback_id: Id
    amount_cents: Cents
    currency: Currency | None = None
    example: ClassVar[Example] = {"payment_id": "p1", "chargeback_id": "b1", "amount_cents": 5540}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReverseChargeback:
    payment_id: Id
    chargeback_id: Id
    example: ClassVar[Example] = {"payment_id": "p1", "chargeback_id": "b1"}


# Shipment -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanShipment:
    shipment_id: Id
    lines: Lines
    location: Text
    example: ClassVar[Example] = {"shipment_id": "s1", "lines": _ONE_LINE, "location": "Leipzig"}

    def __post_init__(self) -> None:
        _each_line_once(self.lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelShipment:
    shipment_id: Id
    reason: Text
    example: ClassVar[Example] = {"shipment_id": "s1", "reason": "wrong warehouse"}


@dataclass(frozen=True, slots=True, kw_only=True)
class DispatchShipment:
    shipment_id: Id
    carrier: Text
    tracking: Text
    example: ClassVar[Example] = {"shipment_id": "s1", "carrier": "DHL", "tracking": "JJD0099"}


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverShipment:
    shipment_id: Id
    report_id: Id | None = None
    example: ClassVar[Example] = {"shipment_id": "s1", "occurred_at": "2026-11-23T09:30:00Z"}


@dataclass(frozen=True, slots=True, kw_only=True)
class LoseShipment:
    shipment_id: Id
    report_id: Id | None = None
    example: ClassVar[Example] = {"shipment_id": "s1"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnShipmentToSender:
    shipment_id: Id
    report_id: Id | None = None
    example: ClassVar[Example] = {"shipment_id": "s1", "report_id": "dhl-7781"}


# Return -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestReturn:
    return_id: Id
    lines: Lines
    reason: Text
    example: ClassVar[Example] = {"return_id": "t1", "lines": _ONE_LINE, "reason": "too small"}

    def __post_init__(self) -> None:
        _each_line_once(self.lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiveReturn:
    return_id: Id
    receipt_id: Id
    lines: ReceivedLines
    example: ClassVar[Example] = {
        "return_id": "t1",
        "receipt_id": "g1",
        "lines": [{"line": 1, "quantity": 1, "condition": "as new"}],
    }

    def __post_init__(self) -> None:
        if len({(line.line, line.condition) for line in self.lines}) < len(self.lines):
            raise Malformed("lines", "a line is named twice with the same condition")


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclineReturn:
    return_id: Id
    reason: Text
    example: ClassVar[Example] = {"return_id": "t1", "reason": "after the 30 days"}


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseReturn:
    return_id: Id
    example: ClassVar[Example] = {"return_id": "t1"}


def _each_line_once(lines: Iterable[LineQuantity]) -> None:
    numbers = [line.line for line in lines]
    if len(set(numbers)) < len(numbers):
        raise Malformed("lines", "a line is named twice")


# Who decides what. Each module must decide every command of its union: mypy holds it to that.
OrderRequest: TypeAlias = (
    ConfirmOrder | CancelOrder | CancelItems | PlaceHold | ReleaseHold | AddNote
)
RefundRequest: TypeAlias = GrantRefund | RevokeRefund
ShipmentRequest: TypeAlias = PlanShipment | CancelShipment | DispatchShipment
ReturnRequest: TypeAlias = RequestReturn | ReceiveReturn | DeclineReturn | CloseReturn
Request: TypeAlias = PlaceOrder | OrderRequest | RefundRequest | ShipmentRequest | ReturnRequest
Fact: TypeAlias = (
    AuthorizePayment
    | CapturePayment
    | VoidPayment
    | ExpireAuthorization
    | FailPayment
    | RefundPayment
    | FailRefund
    | ChargeBackPayment
    | ReverseChargeback
    | DeliverShipment
    | LoseShipment
    | ReturnShipmentToSender
)
Command: TypeAlias = Request | Fact

COMMANDS: Final[dict[str, type[Command]]] = {
    re.sub(r"\B(?=[A-Z])", "-", name).lower(): kind
    for name, kind in tuple(globals().items())
    if kind in get_args(Command)
}
"""Every command by its name, in the order of the declarations above: PlaceOrder is place-order."""
COMMAND_NAMES: Final[dict[type[Command], str]] = {kind: name for name, kind in COMMANDS.items()}
FACTS: Final[frozenset[type[Command]]] = frozenset(get_args(Fact))
