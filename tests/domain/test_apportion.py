"""Apportioning, and what it keeps: the sum, the signs, and the exact share to a cent."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.apportion import apportion, share
from domain.billing import apportioned
from domain.events import Parts, TaxCents
from domain.parts import filled

CENTS = st.integers(0, 10**15 - 1)


@pytest.mark.parametrize(
    ("cents", "weights", "shares"),
    [
        (100, [1, 1, 1], [34, 33, 33]),
        (1, [1, 1], [1, 0]),
        (2, [1, 2], [1, 1]),
        (7, [0, 0, 0], [7, 0, 0]),
        (0, [3, 4], [0, 0]),
        (5, [0, 2], [0, 5]),
    ],
)
def test_largest_remainder_and_ties_go_to_the_lower_place(
    cents: int, weights: list[int], shares: list[int]
) -> None:
    assert apportion(cents, weights) == shares


@given(CENTS, st.lists(CENTS, min_size=1, max_size=20))
def test_shares_add_up_and_are_within_a_cent_of_the_exact_share(
    cents: int, weights: list[int]
) -> None:
    shares = apportion(cents, weights)

    assert sum(shares) == cents
    assert min(shares) >= 0
    whole = sum(weights)
    if whole:
        exact = [Fraction(cents * weight, whole) for weight in weights]
        assert all(abs(mine - theirs) < 1 for mine, theirs in zip(shares, exact, strict=True))


@given(CENTS, st.integers(1, 10**6), st.data())
def test_a_share_is_cumulative(part: int, quantity: int, data: st.DataObject) -> None:
    """Taken one after another or at once: the same to the cent."""
    first = data.draw(st.integers(0, quantity))
    second = data.draw(st.integers(first, quantity))

    steps = [share(part, until, quantity) for until in (0, first, second, quantity)]
    assert steps[0] == 0
    assert steps == sorted(steps)
    assert steps[-1] == part


PRICED = st.builds(
    lambda amount, taken, tax: (amount, min(amount, taken), tax),
    st.integers(0, 10_000),
    st.integers(0, 10_000),
    st.integers(0, 3_000),
)


@given(
    st.lists(PRICED, min_size=1, max_size=8),
    st.integers(0, 2_000),
    st.integers(0, 500),
    st.integers(0, 50_000),
    st.integers(0, 5_000),
)
def test_an_orders_own_discount_and_tax_are_all_apportioned_and_no_line_bears_too_much(
    lines: list[tuple[int, int, int]], shipping: int, shipping_tax: int, discount: int, tax: int
) -> None:
    amounts, own_discounts, own_taxes = zip(*lines, strict=True)
    discount = min(discount, sum(amounts) - sum(own_discounts) + shipping)

    result = apportioned(
        amounts,
        own_discounts,
        own_taxes,
        shipping_cents=shipping,
        shipping_tax_cents=shipping_tax,
        discount_cents=discount,
        tax_cents=tax,
    )

    discounts, taxes = result.discounts, result.taxes
    assert sum(discounts) + result.shipping_discount_cents == sum(own_discounts) + discount
    assert sum(taxes) + result.shipping_tax_cents == sum(own_taxes) + shipping_tax + tax
    for amount, own, taken in zip(amounts, own_discounts, discounts, strict=True):
        assert own <= taken <= amount
    assert 0 <= result.shipping_discount_cents <= shipping
    if result.shipping_discount_cents:
        assert sum(discounts) == sum(amounts)


def taxed(**cents: int) -> tuple[TaxCents, ...]:
    return tuple(TaxCents(tax_code=code, cents=each) for code, each in cents.items())


@pytest.mark.parametrize(
    ("billed", "kept", "credited"),
    [
        (Parts(goods_cents=9), Parts(goods_cents=4), Parts(goods_cents=4)),
        (Parts(goods_cents=9), Parts(shipping_cents=4), Parts(goods_cents=4)),
        (
            Parts(goods_cents=2, shipping_cents=3, other_cents=4),
            Parts(goods_cents=8),
            Parts(goods_cents=2, shipping_cents=3, other_cents=3),
        ),
        (
            Parts(goods_cents=9, taxes=taxed(A=2, B=2)),
            Parts(goods_cents=1, taxes=taxed(B=3)),
            Parts(goods_cents=1, taxes=taxed(A=1, B=2)),
        ),
        (Parts(goods_cents=1), Parts(goods_cents=5), Parts(goods_cents=1)),
    ],
)
def test_credits_go_to_their_own_part_first_and_then_on(
    billed: Parts, kept: Parts, credited: Parts
) -> None:
    assert filled(billed, kept) == credited
