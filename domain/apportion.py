"""Apportioning: whole cents over weights, by largest remainder."""

from collections.abc import Sequence


def apportion(cents: int, weights: Sequence[int]) -> list[int]:
    """The share of each weight: at least 0, within one cent of the exact share; the sum is exact.

    What is left over after rounding down goes a cent each to the largest remainders, ties to the
    lower place. If all weights are 0, all goes to the first. cents and weights: 0 or more.
    """
    whole = sum(weights)
    if whole == 0:
        return [cents, *[0] * (len(weights) - 1)]
    if not cents:
        return [0] * len(weights)
    shares, remainders = [], []
    for place, weight in enumerate(weights):
        share, remainder = divmod(cents * weight, whole)
        shares.append(share)
        remainders.append((-remainder, place))
    left = cents - sum(shares)
    if left:
        remainders.sort()
        for _, place in remainders[:left]:
            shares[place] += 1
    return shares


def share(part: int, quantity: int, of: int) -> int:
    """The share of a quantity in a part, cumulative: the shares of all add up to the part."""
    return part * quantity // of
