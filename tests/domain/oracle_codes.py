"""Tax by tax_code: billed, credited and left, from the whole history."""

from collections.abc import Mapping
from functools import lru_cache
from typing import TypeAlias

from tests.domain.oracle_billing import adjustments, bill_of, due_of
from tests.domain.oracle_history import History
from tests.domain.oracle_parts import apportion

Codes: TypeAlias = Mapping[str, int]


def over_codes(amount: int, weights: Codes) -> dict[str, int]:
    """The amount apportioned over tax codes, in their order."""
    codes = sorted(code for code, weight in weights.items() if weight) or [""]
    shares = apportion(abs(amount), [weights.get(code, 0) for code in codes])
    sign = -1 if amount < 0 else 1
    return {code: sign * cents for code, cents in zip(codes, shares, strict=True) if cents}


def added(*several: Codes, sign: int = 1) -> dict[str, int]:
    """The first and `sign` times the others."""
    total = dict(several[0])
    for one in several[1:]:
        for code, cents in one.items():
            total[code] = total.get(code, 0) + sign * cents
    return {code: cents for code, cents in sorted(total.items()) if cents}


def smaller_codes(one: Codes, other: Codes) -> dict[str, int]:
    return {code: min(one[code], other[code]) for code in sorted(one) if code in other}


def taken_codes(amount: int, wanted: Codes, kept: Codes) -> dict[str, int]:
    """So much of what is kept: of each code what is wanted of it first, then over what is left."""
    first = smaller_codes(wanted, kept)
    left = amount - sum(first.values())
    if left < 0:  # the parts gave less to tax than its codes would
        return over_codes(amount, first)
    return added(first, over_codes(left, added(kept, first, sign=-1)))


def billed_codes(history: History) -> dict[str, int]:
    charges = [e["codes"] for e in adjustments(history) if e["amount_cents"] > 0]
    return added(bill_of(history).by_code, *charges)


def kept_codes(history: History) -> dict[str, dict[str, int]]:
    """Per refund_id the tax that is kept of its credit."""
    kept: dict[str, dict[str, int]] = {}
    for entry in history:
        if entry.name == "cancel-order":
            kept = {}
        refund = entry.get("refund_id")
        now = kept.get(refund, {})
        if entry.name in {"grant-refund", "accept-refund"}:
            kept[refund] = added(now, entry["codes"])
        elif entry.name in {"revoke-refund", "cancel-items"} and refund:
            kept[refund] = added(now, entry["taken_codes"], sign=-1)
    return kept


@lru_cache(maxsize=256)
def credited_codes(history: History) -> dict[str, int]:
    """e1's part of tax: each credit's codes first, the rest in the order of the codes."""
    less = [e["codes"] for e in adjustments(history) if e["amount_cents"] < 0]
    wanted = added(added({}, *kept_codes(history).values()), *less, sign=-1)
    room = billed_codes(history)
    first = smaller_codes(wanted, room)
    rest = due_of(history).e1[3] - sum(first.values())
    for code in sorted(room):
        more = min(rest, room[code] - first.get(code, 0))
        first[code] = first.get(code, 0) + more
        rest -= more
    return first


def uncredited_codes(history: History) -> dict[str, int]:
    """What is billed and not credited; what is billed, where all of it is credited."""
    billed = billed_codes(history)
    return added(billed, credited_codes(history), sign=-1) or billed
