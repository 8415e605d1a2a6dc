"""Arithmetic of Parts: amounts by what they are of, tax by its code."""

from collections.abc import Mapping
from typing import Final

from domain.apportion import apportion
from domain.commands import PartsCents
from domain.events import Parts, TaxCents

NOTHING: Final = Parts()


def tax_total(taxes: tuple[TaxCents, ...]) -> int:
    return sum([tax.cents for tax in taxes]) if taxes else 0


def total(parts: Parts) -> int:
    return parts.goods_cents + parts.shipping_cents + parts.other_cents + tax_total(parts.taxes)


def added(one: Parts, other: Parts, sign: int = 1) -> Parts:
    """One + sign * other."""
    if other is NOTHING:
        return one
    return Parts(
        goods_cents=one.goods_cents + sign * other.goods_cents,
        shipping_cents=one.shipping_cents + sign * other.shipping_cents,
        other_cents=one.other_cents + sign * other.other_cents,
        taxes=_added_taxes(one.taxes, other.taxes, sign),
    )


def subtracted(one: Parts, other: Parts) -> Parts:
    return added(one, other, -1)


def negated(parts: Parts) -> Parts:
    return added(NOTHING, parts, -1)


def least(one: Parts, other: Parts) -> Parts:
    """The smaller amount of each part, taken from `one`: tax, which is one part, of the codes that
    `other` has, then of the others in their order.
    """
    return Parts(
        goods_cents=min(one.goods_cents, other.goods_cents),
        shipping_cents=min(one.shipping_cents, other.shipping_cents),
        other_cents=min(one.other_cents, other.other_cents),
        taxes=_least_taxes(one.taxes, other.taxes) if one.taxes and other.taxes else (),
    )


def _least_taxes(one: tuple[TaxCents, ...], other: tuple[TaxCents, ...]) -> tuple[TaxCents, ...]:
    by_code = {tax.tax_code: tax.cents for tax in other}
    own = {tax.tax_code: min(tax.cents, by_code.get(tax.tax_code, 0)) for tax in one}
    left = min(tax_total(one), tax_total(other)) - sum(own.values())
    if left:
        for tax in one:
            more = min(left, tax.cents - own[tax.tax_code])
            own[tax.tax_code] += more
            left -= more
    return taxes_of(own)


def taxes_of(by_code: Mapping[str, int]) -> tuple[TaxCents, ...]:
    """Sorted by code, without zeros."""
    return tuple(
        [TaxCents(tax_code=code, cents=cents) for code, cents in sorted(by_code.items()) if cents]
    )


def spread(cents: int, over: Parts) -> Parts:
    """Cents apportioned over parts: goods, shipping, other, tax; and the tax over its codes."""
    tax = tax_total(over.taxes)
    weights = (over.goods_cents, over.shipping_cents, over.other_cents, tax)
    goods, shipping, other, tax = apportion(cents, weights)
    return Parts(
        goods_cents=goods,
        shipping_cents=shipping,
        other_cents=other,
        taxes=spread_tax(tax, over.taxes),
    )


def spread_tax(cents: int, over: tuple[TaxCents, ...]) -> tuple[TaxCents, ...]:
    """Tax apportioned over codes; without any to one that has no name."""
    if not cents:
        return ()
    if not over:
        return (TaxCents(tax_code="", cents=cents),)
    shares = apportion(cents, [tax.cents for tax in over])
    return tuple(
        [
            TaxCents(tax_code=tax.tax_code, cents=each)
            for tax, each in zip(over, shares, strict=True)
            if each
        ]
    )


def with_codes(named: PartsCents, over: tuple[TaxCents, ...]) -> Parts:
    """The parts that a command names, their tax apportioned over codes; of either sign."""
    sign = -1 if named.tax_cents < 0 else 1
    taxes = spread_tax(abs(named.tax_cents), over)
    return Parts(
        goods_cents=named.goods_cents,
        shipping_cents=named.shipping_cents,
        other_cents=named.other_cents,
        taxes=tuple([TaxCents(tax_code=tax.tax_code, cents=sign * tax.cents) for tax in taxes]),
    )


def named_cents(parts: Parts) -> PartsCents:
    """The parts as a command names them."""
    return PartsCents(
        goods_cents=parts.goods_cents,
        shipping_cents=parts.shipping_cents,
        tax_cents=tax_total(parts.taxes),
        other_cents=parts.other_cents,
    )


def filled(billed: Parts, credits_: Parts) -> Parts:
    """e1 by part: credits as far as their part is billed; the rest to goods, shipping, other, tax.

    The sum is the smaller one of what is billed and the credits.
    """
    own = least(billed, credits_)
    left = min(total(billed), total(credits_)) - total(own)
    return added(own, drawn(left, subtracted(billed, own))) if left else own


def ended(kept: Parts, shares: Parts) -> Parts:
    """How much of a kept credit ends with these shares: their own parts first, the rest apportioned
    over what is kept.
    """
    own = least(kept, shares)
    rest = min(total(kept), total(shares)) - total(own)
    return added(own, spread(rest, subtracted(kept, own))) if rest else own


def drawn(cents: int, of: Parts) -> Parts:
    """Cents of goods, then of shipping, other and tax, by code, as far as each goes."""
    goods = min(cents, of.goods_cents)
    shipping = min(cents - goods, of.shipping_cents)
    other = min(cents - goods - shipping, of.other_cents)
    left = cents - goods - shipping - other
    taxes = {}
    for tax in of.taxes:
        taxes[tax.tax_code] = min(left, tax.cents)
        left -= taxes[tax.tax_code]
    return Parts(
        goods_cents=goods, shipping_cents=shipping, other_cents=other, taxes=taxes_of(taxes)
    )


def _added_taxes(
    one: tuple[TaxCents, ...], other: tuple[TaxCents, ...], sign: int
) -> tuple[TaxCents, ...]:
    if not other:
        return one
    by_code = {tax.tax_code: tax.cents for tax in one}
    for tax in other:
        by_code[tax.tax_code] = by_code.get(tax.tax_code, 0) + sign * tax.cents
    return taxes_of(by_code)
