"""From plain data to the domain's commands, and from the domain's events to what is compared."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any
from urllib.parse import unquote

from domain import commands as c
from domain.commands import COMMANDS, Command
from tests.domain.oracle_history import Entry

NAMES = {
    "place-order": "OrderPlaced",
    "confirm-order": "OrderConfirmed",
    "cancel-order": "OrderCancelled",
    "cancel-items": "ItemsCancelled",
    "add-items": "ItemsAdded",
    "adjust-order": "OrderAdjusted",
    "revoke-adjustment": "AdjustmentRevoked",
    "write-off": "WrittenOff",
    "revoke-write-off": "WriteOffRevoked",
    "change-customer": "CustomerChanged",
    "set-attributes": "AttributesSet",
    "place-hold": "HoldPlaced",
    "release-hold": "HoldReleased",
    "add-note": "NoteAdded",
    "authorize-payment": "PaymentAuthorized",
    "adjust-authorization": "AuthorizationAdjusted",
    "capture-payment": "PaymentCaptured",
    "void-payment": "PaymentVoided",
    "expire-authorization": "AuthorizationExpired",
    "fail-payment": "PaymentFailed",
    "grant-refund": "RefundGranted",
    "revoke-refund": "RefundRevoked",
    "accept-refund": "RefundAccepted",
    "refund-payment": "PaymentRefunded",
    "fail-refund": "RefundFailed",
    "charge-back-payment": "PaymentChargedBack",
    "reverse-chargeback": "ChargebackReversed",
    "record-fee": "FeeRecorded",
    "plan-shipment": "ShipmentPlanned",
    "cancel-shipment": "ShipmentCancelled",
    "dispatch-shipment": "ShipmentDispatched",
    "correct-tracking": "TrackingCorrected",
    "deliver-shipment": "ShipmentDelivered",
    "lose-shipment": "ShipmentLost",
    "return-shipment-to-sender": "ShipmentReturnedToSender",
    "request-return": "ReturnRequested",
    "receive-return": "ReturnReceived",
    "decline-return": "ReturnDeclined",
    "close-return": "ReturnClosed",
    "retract-fact": "FactRetracted",
    "anomaly": "AnomalyRecorded",
    "resolve-anomaly": "AnomalyResolved",
}
"""The event of each entry."""
_SHAPES: dict[str, Any] = {
    "items": c.OrderedItem,
    "lines": c.LineQuantity,
    "received": c.ReceivedLine,
}


def command_of(told: Mapping[str, Any]) -> Command:
    """The domain's command; it raises its own Malformed."""
    kind = COMMANDS[told["command"]]
    values: dict[str, Any] = {}
    for name, value in told.items():
        shape = "received" if (kind, name) == (c.ReceiveReturn, "lines") else name
        if name in {"command", "actor"}:
            continue
        if shape in _SHAPES:
            values[name] = tuple(_SHAPES[shape](**part) for part in value)
        else:
            values[name] = c.PartsCents(**value) if name == "parts" else value
    return kind(**values)


def plain(value: Any) -> Any:
    """Of dataclasses and tuples: dicts and lists."""
    if is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple | list):
        return [plain(part) for part in value]
    return dict(value) if isinstance(value, Mapping) else value


def of_event(event: Any) -> dict[str, Any]:
    """What of an event is compared."""
    told = {"event": type(event).__name__} | plain(event)
    for name in ("parts", "credit"):
        if told.get(name) is not None:
            told[name] = _parts(told[name])
    if told["event"] == "AnomalyRecorded":
        return {key: told[key] for key in ("event", "kind")} | {"about": about_of(event)}
    return told


def about_of(anomaly: Any) -> str:
    """The ids that an anomaly refers to, joined by /."""
    _, _, ids = anomaly.refers_to.partition(":")
    return "/".join(unquote(part) for part in ids.split("/"))


def _parts(parts: Mapping[str, Any]) -> dict[str, Any]:
    taxes = {tax["tax_code"]: tax["cents"] for tax in parts["taxes"]}
    names = ("goods_cents", "shipping_cents", "other_cents")
    return {"split": [*(parts[name] for name in names), sum(taxes.values())], "codes": taxes}


def of_entry(entry: Entry) -> dict[str, Any]:
    """The same of what the oracle expects, as far as it says it."""
    told = {"event": NAMES[entry.name], **entry.fields}
    if entry.name in _OWN:
        told |= _OWN[entry.name](told)
    told = {name: value for name, value in told.items() if value is not ...}
    for own in ("told", "told_parts", "taken", "taken_codes", "codes"):
        told.pop(own, None)
    return told


def _split(parts: Any, codes: Any) -> dict[str, Any]:
    return {"split": list(parts), "codes": dict(codes)}


def _billed(told: dict[str, Any]) -> dict[str, Any]:
    shipping = told.pop("shipping")
    lines = told.pop("lines")
    return {
        "shipping_cents": shipping["amount"],
        "shipping_discount_cents": shipping["amount"] - shipping["net"],
        "shipping_tax_cents": shipping["tax"],
        "shipping_tax_code": shipping["code"],
        "items": [
            {
                "line": line["line"],
                "product_id": line["product_id"],
                "quantity": line["quantity"],
                "amount_cents": line["amount"],
                "discount_cents": line["amount"] - line["net"],
                "tax_cents": line["tax"],
                "tax_code": line["code"],
                "requires_shipping": line["ships"],
            }
            for line in lines
        ],
    }


def _granted(told: dict[str, Any]) -> dict[str, Any]:
    parts = told["parts"]
    return {"credit_cents": sum(parts), "parts": _split(parts, told["codes"])}


def _ended(told: dict[str, Any]) -> dict[str, Any]:
    none = told["event"] == "ItemsCancelled" and told["refund_id"] is None
    return {"credit": None if none else _split(told["taken"], told["taken_codes"])}


def _planned(told: dict[str, Any]) -> dict[str, Any]:
    firsts = told.pop("firsts")
    again = [{"line": int(n), "shipment_id": first} for n, first in firsts.items() if first]
    return {"replaced": again}


_OWN: dict[str, Any] = {
    "place-order": _billed,
    "add-items": _billed,
    "grant-refund": _granted,
    "accept-refund": _granted,
    "adjust-order": lambda told: {"parts": _split(told["parts"], told["codes"])},
    "revoke-refund": _ended,
    "cancel-items": _ended,
    "plan-shipment": _planned,
    "retract-fact": lambda told: {"identity": None},
    "reverse-chargeback": lambda told: {"currency": ...},
    "resolve-anomaly": lambda told: {"anomaly_id": str(told.pop("number")), "many": None},
}


def differs(wanted: Mapping[str, Any], found: Mapping[str, Any]) -> list[str]:
    """The fields that both have and that are not equal."""
    return [
        f"{name} is {found[name]}, by the oracle {value}"
        for name, value in wanted.items()
        if name in found and not _equal(name, value, found[name])
    ]


def _equal(name: str, wanted: Any, found: Any) -> bool:
    if name == "items":
        return len(wanted) == len(found) and not any(map(differs, wanted, found))
    if name in {"lines", "replaced"}:
        return sorted(map(str, wanted)) == sorted(map(str, found))
    return bool(wanted == found)
