"""What a small world (scope) is, and short ways to write a command in it."""

from dataclasses import MISSING, dataclass, fields
from typing import Any, TypeVar, get_args, get_type_hints

from domain import commands as c
from domain.commands import Command
from domain.values import Identifier, Iso4217, Many, TextShape, Whole

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Scope:
    """setup: the first commands, all accepted; moves: the commands that may follow, at any time."""

    name: str
    setup: tuple[Command, ...]
    moves: tuple[Command, ...]


def lines(**quantities: int) -> tuple[c.LineQuantity, ...]:
    """lines(l1=2) is two pieces of line 1."""
    return tuple(
        c.LineQuantity(line=int(name.removeprefix("l")), quantity=quantity)
        for name, quantity in quantities.items()
    )


def received(line: int, quantity: int, condition: str = "good") -> tuple[c.ReceivedLine, ...]:
    return (c.ReceivedLine(line=line, quantity=quantity, condition=condition),)


def place(
    *quantities: int, shipping_cents: int = 0, tax_cents: int = 0, discount_cents: int = 0
) -> Command:
    """A line for each quantity, at 5, 6, ... cents a piece."""
    items = tuple(
        c.OrderedItem(product_id=f"product-{n}", quantity=quantity, price_cents=n)
        for n, quantity in enumerate(quantities, start=5)
    )
    return c.PlaceOrder(
        order_id="o",
        customer_id="k",
        currency="EUR",
        items=items,
        shipping_cents=shipping_cents,
        tax_cents=tax_cents,
        discount_cents=discount_cents,
    )


def authorize(amount: int, payment: str = "p", currency: str | None = None) -> Command:
    return c.AuthorizePayment(
        payment_id=payment, amount_cents=amount, method="card", currency=currency
    )


def capture(
    amount: int, capture_id: str = "c", payment: str = "p", currency: str | None = None
) -> Command:
    return c.CapturePayment(
        payment_id=payment, capture_id=capture_id, amount_cents=amount, currency=currency
    )


def grant(amount: int, refund: str = "r", allowance: int | None = None) -> Command:
    return c.GrantRefund(
        refund_id=refund, amount_cents=amount, reason="goodwill", allowance_cents=allowance
    )


def payout(
    amount: int,
    payout_id: str = "o",
    refund: str | None = "r",
    payment: str = "p",
    currency: str | None = None,
) -> Command:
    return c.RefundPayment(
        payment_id=payment,
        payout_id=payout_id,
        amount_cents=amount,
        refund_id=refund,
        currency=currency,
    )


def plan(shipment: str, **quantities: int) -> Command:
    return c.PlanShipment(shipment_id=shipment, lines=lines(**quantities), location="north")


def dispatch(shipment: str, tracking: str = "t") -> Command:
    return c.DispatchShipment(shipment_id=shipment, carrier="post", tracking=tracking)


def cancel_items(cancellation: str, **quantities: int) -> Command:
    return c.CancelItems(cancellation_id=cancellation, lines=lines(**quantities), reason="less")


def request_return(return_id: str, **quantities: int) -> Command:
    return c.RequestReturn(return_id=return_id, lines=lines(**quantities), reason="broken")


def receive(return_id: str, receipt: str, quantity: int, condition: str = "good") -> Command:
    return c.ReceiveReturn(
        return_id=return_id, receipt_id=receipt, lines=received(1, quantity, condition)
    )


def made(kind: type[T], text: str = "any") -> T:
    """A command of any kind, each required field by its shape; every text is `text`."""
    hints = get_type_hints(kind, include_extras=True)
    required = [field.name for field in fields(kind) if field.default is MISSING]
    return kind(**{name: _value(hints[name], text) for name in required})


def _value(shape: Any, text: str) -> Any:
    match get_args(shape):
        case (_, Identifier()):
            return "a"
        case (_, TextShape()):
            return text
        case (_, Whole()):
            return 1
        case (_, Iso4217()):
            return "EUR"
        case (kind, Many()):
            return (made(get_args(kind)[0], text),)
        case _:
            raise LookupError(f"{shape}: no value in tests/domain/search_moves.py")


CONFIRM = c.ConfirmOrder()
CANCEL = c.CancelOrder(reason="changed mind")
HOLD = c.PlaceHold(hold_id="h", kind="fraud", reason="odd")
RELEASE = c.ReleaseHold(hold_id="h", reason="fine")
BILLED = place(2, shipping_cents=3, tax_cents=2, discount_cents=1)  # goods 10, total 14
