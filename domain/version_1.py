"""How anomalies that version 1 recorded are judged by the bounds of version 2.

Version 1 recorded one for each fact that was out of bounds, and referred to the fact.
"""

from domain import events as e
from domain.bounds import Books
from domain.references import Ids, ids_of, reference
from domain.rules import JUDGED_AS

_PAYMENT = frozenset(
    {
        "captured-above-authorized",
        "captured-after-expiry",
        "voided-above-authorized",
        "refunded-above-captured",
        "charged-back-above-captured",
    }
)
_ORDER = frozenset({"captured-after-cancel", "authorized-after-cancel"})


def thing_of_version_1(event: e.AnomalyRecorded, after: Books) -> str:
    """What the anomaly is about, as version 2 refers to it."""
    kind = JUDGED_AS.get(event.kind, event.kind)
    name, ids = event.refers_to.partition(":")[0], ids_of(event.refers_to)
    if kind in _PAYMENT:
        return reference("payment", ids[:1])
    if kind in _ORDER:
        return reference("order", ())
    if kind == "unknown-chargeback":
        return reference("chargeback", ids[:2])
    if kind == "refund-without-grant":
        return reference("refund", (_refund_id(name, ids, after),))
    if kind == "delivered-before-dispatch":
        return reference("shipment", ids[:1])
    if kind == "overshipped":
        return reference("line", (_line(ids[0], after),))
    return _fact(name, ids)


def _refund_id(name: str, ids: Ids, after: Books) -> str:
    if name == "fail-refund":
        return ids[0]
    return _refund_of_payout(ids, after)


def _line(shipment_id: str, after: Books) -> str:
    """The first line of the shipment that is overshipped, else its first line."""
    shipment = after.goods.shipment(shipment_id)
    lines = after.goods.overshipped_lines(shipment)
    lines += tuple(part.line for part in shipment.lines)
    return str(lines[0]) if lines else "1"


def _fact(name: str, ids: Ids) -> str:
    """Version 2 leaves a report id out that was not told, and names the authorization."""
    if name == "authorize-payment":
        ids = (ids[0], *ids)
    if name == "expire-authorization":
        ids = (ids[0], *ids)
    if ids[-1] == "-":
        ids = ids[:-1]
    return reference(name, ids)


def _refund_of_payout(ids: Ids, after: Books) -> str:
    payout = after.money.movement(reference("payout", ids[:2]))
    return payout.reports[0].refund_id if payout.reports else ids[1]
