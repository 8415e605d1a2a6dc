"""Commands: requests, which may be refused, and facts, reports of what happened, which may not.

Their names are the HTTP routes, the bulk format and the arguments of the command line, so a class
is never renamed. The shape of a single field is an annotation (domain.values); what needs several
fields is checked on construction (Malformed, 422).

What money facts and receipts share: `report_id` is the provider's id of the movement, and part of
the fact's identity. `currency` may be left out (None): then it is the order's. `counted_cents`
says what an amount in another currency counts for in the order's.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar, Final, Literal, TypeAlias, get_args

from domain.currency import EXPONENTS
from domain.frozen import dataclass
from domain.values import (
    CENTS_MAX,
    ITEMS_MAX,
    AttributeChanges,
    Attributes,
    Cents,
    Channel,
    Currency,
    Id,
    Label,
    LineNumber,
    Malformed,
    Many,
    NoteText,
    OptionalText,
    PositiveCents,
    Quantity,
    ShortText,
    SignedCents,
    Text,
    Title,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderedItem:
    """price_cents: list price of one unit; or amount_cents: of the whole line. discount_cents and
    tax_cents are of the whole line.
    """

    product_id: Id
    quantity: Quantity
    price_cents: Cents | None = None
    amount_cents: Cents | None = None
    discount_cents: Cents = 0
    tax_cents: Cents = 0
    tax_code: ShortText = ""
    name: Title = ""
    unit: ShortText = ""
    requires_shipping: bool = True
    schema: ClassVar[Mapping[str, Any]] = {
        "oneOf": [
            {
                "required": [named],
                "properties": {named: {"type": "integer"}, other: {"type": "null"}},
            }
            for named, other in (("price_cents", "amount_cents"), ("amount_cents", "price_cents"))
        ]
    }

    def __post_init__(self) -> None:
        if (self.price_cents is None) == (self.amount_cents is None):
            raise Malformed("items", "has either price_cents or amount_cents")

    @property
    def list_cents(self) -> int:
        """The list price of the whole line."""
        if self.price_cents is None:
            return self.amount_cents or 0
        return self.quantity * self.price_cents


@dataclass(frozen=True, slots=True, kw_only=True)
class LineQuantity:
    line: LineNumber
    quantity: Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedLine:
    line: LineNumber
    quantity: Quantity
    condition: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class PartsCents:
    """An amount by what it is of; all its parts have the amount's sign."""

    goods_cents: SignedCents = 0
    shipping_cents: SignedCents = 0
    tax_cents: SignedCents = 0
    other_cents: SignedCents = 0

    @property
    def sum_cents(self) -> int:
        return self.goods_cents + self.shipping_cents + self.tax_cents + self.other_cents

    def have_sign_of(self, amount_cents: int) -> bool:
        parts = (self.goods_cents, self.shipping_cents, self.tax_cents, self.other_cents)
        return all(part * amount_cents >= 0 for part in parts)


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
    """discount_cents and tax_cents: of the whole order, on top of the items' own."""

    order_id: Id
    customer_id: Id
    currency: Currency
    items: Items
    shipping_cents: Cents = 0
    shipping_tax_cents: Cents = 0
    shipping_tax_code: ShortText = ""
    discount_cents: Cents = 0
    tax_cents: Cents = 0
    prices_include_tax: bool = False
    attributes: Attributes | None = None
    channel: Channel = ""
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
        _in_capitals(self)
        if self.currency not in EXPONENTS:
            raise Malformed("currency", "not an ISO 4217 currency code")
        _check_items(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmOrder:
    example: ClassVar[Example] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelOrder:
    reason: Text
    example: ClassVar[Example] = {"reason": "the customer changed her mind"}


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelItems:
    """shipping_cents: that much of shipping is cancelled too; then lines may be empty. refund_id:
    the refund that was for these goods, whose credit ends.
    """

    cancellation_id: Id
    lines: OptionalLines = ()
    shipping_cents: Cents = 0
    refund_id: Id | None = None
    reason: Text
    example: ClassVar[Example] = {
        "cancellation_id": "x1",
        "lines": _ONE_LINE,
        "reason": "out of stock",
    }

    def __post_init__(self) -> None:
        if not self.lines and not self.shipping_cents:
            raise Malformed("lines", "name at least one line, or shipping_cents above 0")
        _each_line_once(self.lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class AddItems:
    """discount_cents and tax_cents: of the whole addition, on top of the items' own."""

    addition_id: Id
    items: Items
    shipping_cents: Cents = 0
    shipping_tax_cents: Cents = 0
    shipping_tax_code: ShortText = ""
    discount_cents: Cents = 0
    tax_cents: Cents = 0
    example: ClassVar[Example] = {
        "addition_id": "a1",
        "items": [{"product_id": "saucer", "quantity": 4, "price_cents": 250}],
    }

    def __post_init__(self) -> None:
        _check_items(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustOrder:
    """amount_cents: above 0 a charge, below 0 a credit. parts: of its sign, and sum to it. label:
    price, fee, tip, goodwill, correction or another word.
    """

    adjustment_id: Id
    amount_cents: SignedCents
    parts: PartsCents | None = None
    label: Label
    reason: Text
    example: ClassVar[Example] = {
        "adjustment_id": "j1",
        "amount_cents": -500,
        "label": "goodwill",
        "reason": "delivered late",
    }

    def __post_init__(self) -> None:
        if self.amount_cents == 0:
            raise Malformed("amount_cents", "above 0 for a charge, below 0 for a credit")
        if self.parts is None:
            return
        if not self.parts.have_sign_of(self.amount_cents):
            raise Malformed("parts", "each part has the sign of amount_cents")
        if self.parts.sum_cents != self.amount_cents:
            raise Malformed("parts", "the parts add up to amount_cents")


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeAdjustment:
    adjustment_id: Id
    reason: Text
    example: ClassVar[Example] = {"adjustment_id": "j1", "reason": "it was on time after all"}


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteOff:
    write_off_id: Id
    amount_cents: PositiveCents
    reason: Text
    example: ClassVar[Example] = {
        "write_off_id": "w1",
        "amount_cents": 1,
        "reason": "a cent short, not worth a letter",
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeWriteOff:
    write_off_id: Id
    reason: Text
    example: ClassVar[Example] = {"write_off_id": "w1", "reason": "paid after all"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeCustomer:
    customer_id: Id
    reason: Text
    example: ClassVar[Example] = {"customer_id": "grace", "reason": "ordered as a guest"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAttributes:
    """Merged with what the order has; null removes."""

    attributes: AttributeChanges
    example: ClassVar[Example] = {"attributes": {"invoice": "2026-1001"}}


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
    text: NoteText
    example: ClassVar[Example] = {"note_id": "n1", "text": "ring twice"}


# Payment ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizePayment:
    """authorization_id: the payment's id if left out."""

    payment_id: Id
    amount_cents: Cents
    method: Text
    authorization_id: Id | None = None
    currency: Currency | None = None
    counted_cents: Cents | None = None
    report_id: Id | None = None
    example: ClassVar[Example] = {"payment_id": "p1", "amount_cents": 5540, "method": "card"}

    def __post_init__(self) -> None:
        _check_currency(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustAuthorization:
    """amount_cents: what is authorized from now on."""

    payment_id: Id
    adjustment_id: Id
    amount_cents: Cents
    authorization_id: Id | None = None
    currency: Currency | None = None
    counted_cents: Cents | None = None
    report_id: Id | None = None
    example: ClassVar[Example] = {
        "payment_id": "p1",
        "adjustment_id": "j1",
        "amount_cents": 6540,
    }

    def __post_init__(self) -> None:
        _check_currency(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class CapturePayment:
    """method: that of the payment's other captures or authorizations if left out."""

    payment_id: Id
    capture_id: Id
    amount_cents: Cents
    method: Text | None = None
    currency: Currency | None = None
    counted_cents: Cents | None = None
    report_id: Id | None = None
    example: ClassVar[Example] = {"payment_id": "p1", "capture_id": "c1", "amount_cents": 5540}

    def __post_init__(self) -> None:
        _check_currency(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class VoidPayment:
    payment_id: Id
    void_id: Id
    amount_cents: Cents
    currency: Currency | None = None
    counted_cents: Cents | None = None
    report_id: Id | None = None
    example: ClassVar[Example] = {"payment_id": "p1", "void_id": "v1", "amount_cents": 650}

    def __post_init__(self) -> None:
        _check_currency(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpireAuthorization:
    """authorization_id: the payment's id if left out."""

    payment_id: Id
    authorization_id: Id | None = None
    report_id: Id | None = None
    example: ClassVar[Example] = {"payment_id": "p1"}


@dataclass(frozen=True, slots=True, kw_only=True)
class FailPayment:
    """An attempt to pay failed; the payment may be tried again under the same id."""

    payment_id: Id
    reason: Text
    report_id: Id | None = None
    example: ClassVar[Example] = {"payment_id": "p1", "reason": "insufficient funds"}


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantRefund:
    """credit_cents: how much of the refund also lowers the amount due; allowance_cents is its old
    name. parts: of the credit. lines: what the refund is for, which splits the credit by parts.
    """

    refund_id: Id
    amount_cents: PositiveCents
    reason: Text
    credit_cents: Cents | None = None
    allowance_cents: Cents | None = None
    parts: PartsCents | None = None
    lines: OptionalLines = ()
    example: ClassVar[Example] = {
        "refund_id": "r1",
        "amount_cents": 650,
        "reason": "one cup broken",
    }

    def __post_init__(self) -> None:
        _each_line_once(self.lines)
        if self.allowance_cents is not None and self.credit_cents is not None:
            raise Malformed("allowance_cents", "the old name of credit_cents; name one of them")
        _check_credit(self.parts, self.named_credit_cents, self.amount_cents)

    @property
    def named_credit_cents(self) -> int | None:
        """None if it is left out, and the parts too."""
        named = self.allowance_cents if self.credit_cents is None else self.credit_cents
        return self.parts.sum_cents if named is None and self.parts is not None else named


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeRefund:
    refund_id: Id
    reason: Text
    example: ClassVar[Example] = {"refund_id": "r1", "reason": "a new cup was sent instead"}


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptRefund:
    """A payout that no grant covers is granted afterwards."""

    payment_id: Id
    payout_id: Id
    reason: Text
    credit_cents: Cents | None = None
    example: ClassVar[Example] = {
        "payment_id": "p1",
        "payout_id": "o1",
        "reason": "refunded in the provider's dashboard",
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundPayment:
    """payment_id: what is given back. method: what it went through; the payment's if left out."""

    payment_id: Id
    payout_id: Id
    amount_cents: Cents
    refund_id: Id | None = None
    method: Text | None = None
    currency: Currency | None = None
    counted_cents: Cents | None = None
    report_id: Id | None = None
    example: ClassVar[Example] = {
        "payment_id": "p1",
        "payout_id": "o1",
        "amount_cents": 650,
        "refund_id": "r1",
    }

    def __post_init__(self) -> None:
        _check_currency(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class FailRefund:
    """The payout named by payment_id and payout_id failed. Without them it fails none and is an
    anomaly.
    """

    refund_id: Id | None = None
    reason: Text
    payment_id: Id | None = None
    payout_id: Id | None = None
    report_id: Id | None = None
    example: ClassVar[Example] = {
        "refund_id": "r1",
        "payment_id": "p1",
        "payout_id": "o1",
        "reason": "the card was closed",
    }

    def __post_init__(self) -> None:
        if self.refund_id is None and (self.payment_id is None or self.payout_id is None):
            raise Malformed("refund_id", "name payment_id and payout_id, or the refund")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeBackPayment:
    payment_id: Id
    chargeback_id: Id
    amount_cents: Cents
    currency: Currency | None = None
    counted_cents: Cents | None = None
    report_id: Id | None = None
    example: ClassVar[Example] = {"payment_id": "p1", "chargeback_id": "b1", "amount_cents": 5540}

    def __post_init__(self) -> None:
        _check_currency(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReverseChargeback:
    """amount_cents: the whole of one report if left out."""

    payment_id: Id
    chargeback_id: Id
    amount_cents: Cents | None = None
    currency: Currency | None = None
    counted_cents: Cents | None = None
    report_id: Id | None = None
    example: ClassVar[Example] = {"payment_id": "p1", "chargeback_id": "b1"}

    def __post_init__(self) -> None:
        _check_currency(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordFee:
    """What the provider keeps (above 0) or gives back (below 0) of what it passes on."""

    fee_id: Id
    amount_cents: SignedCents
    kind: Text
    payment_id: Id | None = None
    currency: Currency | None = None
    counted_cents: SignedCents | None = None
    report_id: Id | None = None
    example: ClassVar[Example] = {
        "fee_id": "f1",
        "payment_id": "p1",
        "amount_cents": 112,
        "kind": "processing",
    }

    def __post_init__(self) -> None:
        _check_currency(self)
        if self.amount_cents == 0:
            raise Malformed("amount_cents", "above 0 for a fee, below 0 for one given back")


# Shipment -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanShipment:
    """replaces: goods that were sent go again; the id of the shipment first sent, or true for the
    first one of each line that is out. reason: why they go again.
    """

    shipment_id: Id
    lines: Lines
    location: Text
    replaces: Id | Literal[True] | None = None
    reason: OptionalText = ""
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
    tracking: Text | None = None
    example: ClassVar[Example] = {"shipment_id": "s1", "carrier": "DHL", "tracking": "JJD0099"}


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectTracking:
    shipment_id: Id
    carrier: Text
    tracking: Text | None = None
    reason: Text
    example: ClassVar[Example] = {
        "shipment_id": "s1",
        "carrier": "DHL",
        "tracking": "JJD0100",
        "reason": "two labels were mixed up",
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverShipment:
    """lines: what of the parcel; all that has no outcome yet if left out."""

    shipment_id: Id
    lines: OptionalLines = ()
    report_id: Id | None = None
    example: ClassVar[Example] = {"shipment_id": "s1", "occurred_at": "2026-11-23T09:30:00Z"}

    def __post_init__(self) -> None:
        _each_line_once(self.lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoseShipment:
    """lines: what of the parcel; all that has no outcome yet if left out."""

    shipment_id: Id
    lines: OptionalLines = ()
    report_id: Id | None = None
    example: ClassVar[Example] = {"shipment_id": "s1"}

    def __post_init__(self) -> None:
        _each_line_once(self.lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnShipmentToSender:
    """lines: what of the parcel; all that has no outcome yet if left out."""

    shipment_id: Id
    lines: OptionalLines = ()
    report_id: Id | None = None
    example: ClassVar[Example] = {"shipment_id": "s1", "report_id": "dhl-7781"}

    def __post_init__(self) -> None:
        _each_line_once(self.lines)


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
    report_id: Id | None = None
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


# Corrections of the books -------------------------------------------------------------------------

Retractable: TypeAlias = Literal[
    "authorize-payment",
    "adjust-authorization",
    "capture-payment",
    "void-payment",
    "expire-authorization",
    "fail-payment",
    "refund-payment",
    "fail-refund",
    "charge-back-payment",
    "reverse-chargeback",
    "record-fee",
    "receive-return",
]
"""The facts that can be retracted; RETRACTABLE says by which ids."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetractFact:
    """A money fact or a receipt of goods that was told wrongly no longer counts.

    fact: the command that told it; with it the ids, report_id and currency that name the fact.
    An actor is demanded: the edge refuses a retraction without one.
    """

    fact: Retractable
    payment_id: Id | None = None
    authorization_id: Id | None = None
    adjustment_id: Id | None = None
    capture_id: Id | None = None
    void_id: Id | None = None
    payout_id: Id | None = None
    refund_id: Id | None = None
    chargeback_id: Id | None = None
    fee_id: Id | None = None
    return_id: Id | None = None
    receipt_id: Id | None = None
    report_id: Id | None = None
    currency: Currency | None = None
    reason: Text
    demands_actor: ClassVar[bool] = True
    example: ClassVar[Example] = {
        "fact": "capture-payment",
        "payment_id": "p1",
        "capture_id": "c1",
        "reason": "typed a zero too many",
    }

    def __post_init__(self) -> None:
        ids = RETRACTABLE.get(self.fact)
        if ids is None:
            raise Malformed("fact", f"one of {', '.join(RETRACTABLE)}")
        for name in ids:
            if getattr(self, name) is None:
                raise Malformed(name, f"is required: {self.fact} is named by {', '.join(ids)}")
        _in_capitals(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolveAnomaly:
    anomaly_id: Id
    reason: Text
    example: ClassVar[Example] = {"anomaly_id": "1", "reason": "the bank confirmed it"}


RETRACTABLE: Final[Mapping[Retractable, tuple[str, ...]]] = {
    "authorize-payment": ("payment_id",),
    "adjust-authorization": ("payment_id", "adjustment_id"),
    "capture-payment": ("payment_id", "capture_id"),
    "void-payment": ("payment_id", "void_id"),
    "expire-authorization": ("payment_id",),
    "fail-payment": ("payment_id",),
    "refund-payment": ("payment_id", "payout_id"),
    "fail-refund": (),
    "charge-back-payment": ("payment_id", "chargeback_id"),
    "reverse-chargeback": ("payment_id", "chargeback_id"),
    "record-fee": ("fee_id",),
    "receive-return": ("return_id", "receipt_id"),
}
"""The facts that can be retracted, and the ids that each must be named by."""


def _in_capitals(command: Any) -> None:
    """Lower-case currencies are accepted."""
    if command.currency is not None and not command.currency.isupper():
        object.__setattr__(command, "currency", command.currency.upper())


def _check_currency(fact: Any) -> None:
    _in_capitals(fact)
    if fact.counted_cents is not None and fact.currency is None:
        raise Malformed("counted_cents", "only of an amount in another currency; name it")


def _each_line_once(lines: Iterable[LineQuantity]) -> None:
    numbers = [line.line for line in lines]
    if len(set(numbers)) < len(numbers):
        raise Malformed("lines", "a line is named twice")


def _check_credit(parts: PartsCents | None, credit_cents: int | None, amount_cents: int) -> None:
    if parts is not None:
        if not parts.have_sign_of(1):
            raise Malformed("parts", "no part is below 0")
        if parts.sum_cents != credit_cents:
            raise Malformed("parts", "the parts add up to credit_cents")
    if credit_cents is not None and credit_cents > amount_cents:
        raise Malformed("credit_cents", "the credit is at most amount_cents")


def _check_items(command: PlaceOrder | AddItems) -> None:
    """What needs no apportioning; see domain.billing for the rest."""
    if not command.items:
        raise Malformed("items", "at least one item")
    list_cents = discount_cents = tax_cents = 0
    for number, item in enumerate(command.items):
        of_line = item.list_cents
        if item.discount_cents > of_line:
            raise Malformed(f"items.{number}.discount_cents", "above the price of the line")
        list_cents += of_line
        discount_cents += item.discount_cents
        tax_cents += item.tax_cents
    if list_cents > CENTS_MAX:
        raise Malformed("items", f"the prices of the items add up to more than {CENTS_MAX}")
    total_cents = list_cents - discount_cents + command.shipping_cents
    if command.discount_cents > total_cents:
        raise Malformed("discount_cents", "above the price of the goods and shipping")
    total_cents -= command.discount_cents
    if isinstance(command, AddItems) or not command.prices_include_tax:
        total_cents += tax_cents + command.tax_cents + command.shipping_tax_cents
    if total_cents > CENTS_MAX:
        raise Malformed("items", f"the total is more than {CENTS_MAX}")


# Who decides what. Each module must decide every command of its union: mypy holds it to that.
OrderRequest: TypeAlias = (
    ConfirmOrder
    | CancelOrder
    | PlaceHold
    | ReleaseHold
    | AddNote
    | ChangeCustomer
    | SetAttributes
    | ResolveAnomaly
)
BillingRequest: TypeAlias = (
    CancelItems | AddItems | AdjustOrder | RevokeAdjustment | WriteOff | RevokeWriteOff
)
RefundRequest: TypeAlias = GrantRefund | RevokeRefund | AcceptRefund
ShipmentRequest: TypeAlias = PlanShipment | CancelShipment | DispatchShipment | CorrectTracking
ReturnRequest: TypeAlias = RequestReturn | DeclineReturn | CloseReturn
Request: TypeAlias = (
    PlaceOrder
    | OrderRequest
    | BillingRequest
    | RefundRequest
    | ShipmentRequest
    | ReturnRequest
    | RetractFact
)
Fact: TypeAlias = (
    AuthorizePayment
    | AdjustAuthorization
    | CapturePayment
    | VoidPayment
    | ExpireAuthorization
    | FailPayment
    | RefundPayment
    | FailRefund
    | ChargeBackPayment
    | ReverseChargeback
    | RecordFee
    | DeliverShipment
    | LoseShipment
    | ReturnShipmentToSender
    | ReceiveReturn
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
