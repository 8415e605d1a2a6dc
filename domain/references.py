"""Text that names a thing or a fact, as anomalies refer to it: "payment:p1"."""

from collections.abc import Iterable
from typing import TypeAlias

Ids: TypeAlias = tuple[str, ...]
"""The ids of one thing: ("p1",) of a payment, ("p1", "b1") of a chargeback, () of the order, the
number of a line as text.
"""


def reference(name: str, ids: Iterable[str | None]) -> str:
    """Text that names a thing or a fact: "capture-payment:p1/c1/EUR", "order" without ids. "-" for
    what was left out.

    "%" and "/" in ids, and an id that is "-", are percent-encoded, so that no two are the same.
    """
    text = "/".join([_encoded(id_) for id_ in ids])
    return f"{name}:{text}" if text else name


def reference_of_two(name: str, id_: str, other: str) -> str:
    """reference(name, (id_, other)), faster: it is made for each money fact."""
    text = f"{id_}/{other}"
    if "%" in text or "-" in {id_, other} or text.count("/") > 1:
        return reference(name, (id_, other))
    return f"{name}:{text}"


def ids_of(refers_to: str) -> Ids:
    """The ids in a reference."""
    text = refers_to.partition(":")[2]
    return tuple([_decoded(id_) for id_ in text.split("/")]) if text else ()


def _encoded(id_: str | None) -> str:
    if not id_:
        return "-"
    if id_ == "-":
        return "%2D"
    if "/" in id_ or "%" in id_:
        return id_.replace("%", "%25").replace("/", "%2F")
    return id_


def _decoded(text: str) -> str:
    if "%" not in text:
        return text
    return text.replace("%2D", "-").replace("%2F", "/").replace("%25", "%")
