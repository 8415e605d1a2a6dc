"""Cents in parts: goods, shipping, other and tax; and how an amount is apportioned."""

from collections.abc import Iterable, Sequence
from typing import TypeAlias

PARTS = ("goods", "shipping", "other", "tax")
Parts: TypeAlias = tuple[int, int, int, int]
NOTHING: Parts = (0, 0, 0, 0)


def apportion(total: int, weights: Sequence[int]) -> list[int]:
    """By largest remainder; ties go to the first; all weights 0: all to the first."""
    whole = sum(weights)
    if whole == 0:
        return [total, *[0] * (len(weights) - 1)]
    shares = [total * weight // whole for weight in weights]
    by_remainder = sorted(
        range(len(weights)), key=lambda index: (-(total * weights[index] % whole), index)
    )
    for index in by_remainder[: total - sum(shares)]:
        shares[index] += 1
    return shares


def parts_of(amounts: Iterable[int]) -> Parts:
    goods, shipping, other, tax = amounts
    return goods, shipping, other, tax


def plus(*several: Sequence[int]) -> Parts:
    return parts_of(sum(column) for column in zip(NOTHING, *several, strict=True))


def minus(one: Sequence[int], other: Sequence[int]) -> Parts:
    return parts_of(a - b for a, b in zip(one, other, strict=True))


def smaller(one: Sequence[int], other: Sequence[int]) -> Parts:
    return parts_of(min(a, b) for a, b in zip(one, other, strict=True))


def over(amount: int, weights: Sequence[int]) -> Parts:
    """The amount apportioned over parts."""
    return parts_of(apportion(amount, weights))


def taken(amount: int, wanted: Sequence[int], kept: Parts) -> Parts:
    """So much of what is kept: of each part what is wanted of it first, then over what is left."""
    first = smaller(wanted, kept)
    rest = min(amount, sum(kept)) - sum(first)
    return plus(first, over(rest, minus(kept, first)))


def filled(amount: int, wanted: Sequence[int], room: Parts) -> Parts:
    """So much of the room: of each part what is wanted of it first, then in the order of PARTS."""
    first = list(smaller(wanted, room))
    rest = amount - sum(first)
    for index, place in enumerate(room):
        more = min(rest, place - first[index])
        first[index] += more
        rest -= more
    return parts_of(first)
