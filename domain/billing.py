"""What is billed: lines and shipping, apportioned once; what a cancellation takes off them."""

from collections.abc import Iterable, Sequence
from operator import add, sub
from typing import Final, NamedTuple

from domain import events as e
from domain.apportion import apportion, share
from domain.commands import AddItems, LineQuantity, PlaceOrder
from domain.frozen import dataclass
from domain.parts import NOTHING, added, taxes_of
from domain.persistent import with_fields
from domain.values import Malformed


@dataclass(frozen=True)
class BilledLine:
    """amount_cents: list price of the line; discount_cents, tax_cents: of the line. cancelled: so
    many of quantity are.
    """

    quantity: int
    amount_cents: int
    discount_cents: int = 0
    tax_cents: int = 0
    tax_code: str = ""
    cancelled: int = 0


@dataclass(frozen=True)
class BilledShipping:
    """amount_cents: after discount, as it is priced (with contained tax)."""

    amount_cents: int
    tax_cents: int = 0
    tax_code: str = ""
    cancelled_cents: int = 0


class Billed(NamedTuple):
    """An amount billed, or taken off. discount_cents: of the goods, which are without it."""

    parts: e.Parts = NOTHING
    discount_cents: int = 0


NOT_BILLED: Final = Billed()


# Apportioning -------------------------------------------------------------------------------------


class Apportioned(NamedTuple):
    """amounts: list price of each line. discounts, taxes: of each line, and shipping_*: of
    shipping, with its part of what is of the whole order.
    """

    amounts: Sequence[int]
    discounts: Sequence[int]
    taxes: Sequence[int]
    shipping_discount_cents: int
    shipping_tax_cents: int


def apportioned(
    amounts: Sequence[int],
    discounts: Sequence[int],
    taxes: Sequence[int],
    *,
    shipping_cents: int,
    shipping_tax_cents: int,
    discount_cents: int,
    tax_cents: int,
) -> Apportioned:
    """The whole order's discount over the lines by what is left of their prices, the rest to
    shipping; its tax over lines and shipping by their discounted prices.
    """
    shipping_discount = 0
    if discount_cents:
        room = [*map(sub, amounts, discounts)]
        borne = min(discount_cents, sum(room))
        discounts = [*map(add, discounts, apportion(borne, room))]
        shipping_discount = discount_cents - borne
    if tax_cents:
        left = map(sub, amounts, discounts)
        *shares, on_shipping = apportion(tax_cents, [*left, shipping_cents - shipping_discount])
        taxes = [*map(add, taxes, shares)]
        shipping_tax_cents += on_shipping
    return Apportioned(amounts, discounts, taxes, shipping_discount, shipping_tax_cents)


def apportion_command(command: PlaceOrder | AddItems, *, prices_include_tax: bool) -> Apportioned:
    """Raises Malformed if a contained tax is above what it is contained in."""
    items = command.items
    result = apportioned(
        [item.list_cents for item in items],
        [item.discount_cents for item in items],
        [item.tax_cents for item in items],
        shipping_cents=command.shipping_cents,
        shipping_tax_cents=command.shipping_tax_cents,
        discount_cents=command.discount_cents,
        tax_cents=command.tax_cents,
    )
    if prices_include_tax:
        _check_contained(command, result)
    return result


def _check_contained(command: PlaceOrder | AddItems, result: Apportioned) -> None:
    lines = zip(result.amounts, result.discounts, result.taxes, strict=True)
    for number, (amount, discount, tax) in enumerate(lines):
        if tax > amount - discount:
            raise Malformed(f"items.{number}.tax_cents", "above the price that it is contained in")
    if result.shipping_tax_cents > command.shipping_cents - result.shipping_discount_cents:
        raise Malformed("shipping_tax_cents", "above the price that it is contained in")


def numbered_items(
    command: PlaceOrder | AddItems, result: Apportioned, start: int
) -> tuple[e.Item, ...]:
    lines = zip(command.items, result.amounts, result.discounts, result.taxes, strict=True)
    return tuple(
        [
            e.Item(  # by place, as there may be thousands: by name takes twice as long
                line,
                item.product_id,
                item.quantity,
                item.price_cents,
                amount,
                discount,
                tax,
                item.tax_code,
                item.name,
                item.unit,
                item.requires_shipping,
            )
            for line, (item, amount, discount, tax) in enumerate(lines, start)
        ]
    )


# Billing ------------------------------------------------------------------------------------------


def billed_lines(items: Iterable[e.Item]) -> tuple[BilledLine, ...]:
    return tuple(
        [
            with_fields(
                _LINE,
                quantity=item.quantity,
                amount_cents=item.amount_cents,
                discount_cents=item.discount_cents,
                tax_cents=item.tax_cents,
                tax_code=item.tax_code,
            )
            for item in items
        ]
    )


_LINE: Final = BilledLine(0, 0)


def billed_shipping(event: e.OrderPlaced | e.ItemsAdded) -> tuple[BilledShipping, ...]:
    """None if there is nothing to pay for it."""
    amount = event.shipping_cents - event.shipping_discount_cents
    if not amount and not event.shipping_tax_cents:
        return ()
    return (BilledShipping(amount, event.shipping_tax_cents, event.shipping_tax_code),)


def billed_by(event: e.OrderPlaced | e.ItemsAdded, *, prices_include_tax: bool) -> Billed:
    """All that the event bills."""
    shipping = event.shipping_cents - event.shipping_discount_cents
    goods = discount = 0
    taxes: dict[str, int] = {}
    if event.shipping_tax_cents:
        taxes[event.shipping_tax_code] = event.shipping_tax_cents
        if prices_include_tax:
            shipping -= event.shipping_tax_cents
    for item in event.items:
        goods += item.amount_cents - item.discount_cents
        discount += item.discount_cents
        tax = item.tax_cents
        if tax:
            taxes[item.tax_code] = taxes.get(item.tax_code, 0) + tax
            if prices_include_tax:
                goods -= tax
    parts = e.Parts(
        goods_cents=goods, shipping_cents=shipping, taxes=taxes_of(taxes) if taxes else ()
    )
    return Billed(parts, discount)


class Taken(NamedTuple):
    """Units of a line: those after so many, up to so many."""

    line: BilledLine
    after: int
    until: int


def shares_of(units: Iterable[Taken], *, prices_include_tax: bool) -> Billed:
    """The shares of these units, which are counted from a line's first one."""
    goods = discount = 0
    taxes: dict[str, int] = {}
    for line, after, until in units:
        of, net = line.quantity, line.amount_cents - line.discount_cents
        amount = share(line.amount_cents, until, of) - share(line.amount_cents, after, of)
        mine = share(net, until, of) - share(net, after, of)
        discount += amount - mine
        goods += mine
        if line.tax_cents:
            tax = share(line.tax_cents, until, of) - share(line.tax_cents, after, of)
            taxes[line.tax_code] = taxes.get(line.tax_code, 0) + tax
            if prices_include_tax:
                goods -= tax
    return Billed(e.Parts(goods_cents=goods, taxes=taxes_of(taxes)), discount)


def shipping_share(shipping: BilledShipping, cents: int, *, prices_include_tax: bool) -> e.Parts:
    """The share of so many cents of the shipping, counted from none."""
    tax = share(shipping.tax_cents, cents, shipping.amount_cents) if cents else 0
    return e.Parts(
        shipping_cents=cents - tax if prices_include_tax else cents,
        taxes=taxes_of({shipping.tax_code: tax}) if tax else (),
    )


# Taking off ---------------------------------------------------------------------------------------


class Cancelled(NamedTuple):
    """Lines and shippings after a cancellation, and what it takes off."""

    lines: tuple[BilledLine, ...]
    shippings: tuple[BilledShipping, ...]
    off: Billed


def cancelled(
    lines: tuple[BilledLine, ...],
    shippings: tuple[BilledShipping, ...],
    parts: Iterable[LineQuantity],
    shipping_cents: int,
    *,
    prices_include_tax: bool,
) -> Cancelled:
    """Without so many units of some lines and so much of shipping, the oldest first."""
    new_lines, new_shippings = list(lines), list(shippings)
    units = []
    for part in parts:
        line = lines[part.line - 1]
        until = line.cancelled + part.quantity
        units.append(Taken(line, line.cancelled, until))
        new_lines[part.line - 1] = with_fields(line, cancelled=until)
    off, discount = shares_of(units, prices_include_tax=prices_include_tax)
    for place, shipping in enumerate(shippings):
        taken = min(shipping_cents, shipping.amount_cents - shipping.cancelled_cents)
        if taken:
            shipping_cents -= taken
            until = shipping.cancelled_cents + taken
            after_parts = shipping_share(shipping, until, prices_include_tax=prices_include_tax)
            before_parts = shipping_share(
                shipping, shipping.cancelled_cents, prices_include_tax=prices_include_tax
            )
            off = added(added(off, after_parts), before_parts, -1)
            new_shippings[place] = with_fields(shipping, cancelled_cents=until)
    return Cancelled(tuple(new_lines), tuple(new_shippings), Billed(off, discount))
