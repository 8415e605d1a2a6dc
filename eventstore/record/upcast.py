"""Upcasting event data of old schema versions, one version at a time (design section 5).

The log is never rewritten: an upcaster works on data that was read. It is a pure function from the
JSON object of version n to that of n + 1, and once released it is never changed.
"""

from collections.abc import Callable
from typing import Any, TypeAlias

from domain.currency import EXPONENTS

Data: TypeAlias = dict[str, Any]
Upcaster: TypeAlias = Callable[[Data], Data]


def exponent_by_currency(data: Data) -> Data:
    """OrderPlaced 1 had no exponent: every order had the one of the ISO table."""
    return {**data, "exponent": EXPONENTS[data["currency"]]}


UPCASTERS: dict[str, tuple[Upcaster, ...]] = {
    "OrderPlaced": (exponent_by_currency,),
}
"""By event type, from version 1 on: the current version is one more than the upcasters."""


def current_version(event_type: str) -> int:
    return 1 + len(UPCASTERS.get(event_type, ()))


def upcast(event_type: str, version: int, data: Data) -> Data:
    """Data of that version (1 to the current one) in the current version's shape."""
    for upcaster in UPCASTERS[event_type][version - 1 :]:
        data = upcaster(data)
    return data
