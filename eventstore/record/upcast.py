"""Upcasting event data of old schema versions, one version at a time (design section 5).

The log is never rewritten: an upcaster works on data that was read. It is a pure function from the
JSON object of version n to that of n + 1, and once released it is never changed.
"""

from collections.abc import Callable
from typing import Any, Final, TypeAlias

from domain.billing import apportioned
from domain.currency import EXPONENTS

Data: TypeAlias = dict[str, Any]
Upcaster: TypeAlias = Callable[[Data], Data]


def exponent_by_currency(data: Data) -> Data:
    """OrderPlaced 1 had no exponent: every order had the one of the ISO table."""
    return {**data, "exponent": EXPONENTS[data["currency"]]}


def apportioned_by_line(data: Data) -> Data:
    """OrderPlaced 2 had the discount and the tax of the whole order alone, and prices per unit."""
    amounts = [item["quantity"] * item["price_cents"] for item in data["items"]]
    nothing = [0] * len(amounts)
    result = apportioned(
        amounts,
        nothing,
        nothing,
        shipping_cents=data["shipping_cents"],
        shipping_tax_cents=0,
        discount_cents=data["discount_cents"],
        tax_cents=data["tax_cents"],
    )
    items = [
        {
            **item,
            "amount_cents": amount,
            "discount_cents": discount,
            "tax_cents": tax,
            "tax_code": "",
            "name": "",
            "unit": "",
            "requires_shipping": True,
        }
        for item, amount, discount, tax in zip(
            data["items"], amounts, result.discounts, result.taxes, strict=True
        )
    ]
    return {
        **data,
        "items": items,
        "shipping_discount_cents": result.shipping_discount_cents,
        "shipping_tax_cents": result.shipping_tax_cents,
        "shipping_tax_code": "",
        "prices_include_tax": False,
        "attributes": {},
    }


def with_new(**fields: Any) -> Upcaster:
    """New fields, with what they are in events that were written without them."""

    def upcaster(data: Data) -> Data:
        return {**data, **fields}

    return upcaster


def names_the_authorization(data: Data) -> Data:
    """A payment had one authorization, which had no name of its own."""
    return {**data, "authorization_id": data["payment_id"]}


def authorized_with_report(data: Data) -> Data:
    return {**names_the_authorization(data), **_NOT_COUNTED, "report_id": None}


def allowance_is_credit(data: Data) -> Data:
    """RefundGranted 1 had an allowance, which counted up to the amount; the fold splits it."""
    rest = {name: value for name, value in data.items() if name != "allowance_cents"}
    credit_cents = min(data["allowance_cents"], data["amount_cents"])
    return {**rest, "credit_cents": credit_cents, "parts": None}


def unchanged(data: Data) -> Data:
    """A field may be null now."""
    return data


_NOT_COUNTED: Final = {"counted_cents": None}
_MONEY_FACT: Final = with_new(**_NOT_COUNTED, report_id=None)
_WITH_METHOD: Final = with_new(**_NOT_COUNTED, report_id=None, method=None)
_OUTCOME: Final = with_new(lines=[])

UPCASTERS: dict[str, tuple[Upcaster, ...]] = {
    "OrderPlaced": (exponent_by_currency, apportioned_by_line),
    "ItemsCancelled": (with_new(shipping_cents=0, refund_id=None, credit=None),),
    "PaymentAuthorized": (authorized_with_report,),
    "PaymentCaptured": (_WITH_METHOD,),
    "PaymentVoided": (_MONEY_FACT,),
    "AuthorizationExpired": (names_the_authorization,),
    "RefundGranted": (allowance_is_credit,),
    "RefundRevoked": (with_new(credit=None),),
    "PaymentRefunded": (_WITH_METHOD,),
    "RefundFailed": (with_new(report_id=None),),
    "PaymentChargedBack": (_MONEY_FACT,),
    "ChargebackReversed": (
        with_new(amount_cents=None, currency=None, **_NOT_COUNTED, report_id=None),
    ),
    "ShipmentPlanned": (with_new(replaces=None, replaced=[], reason=""),),
    "ShipmentDispatched": (unchanged,),
    "ShipmentDelivered": (_OUTCOME,),
    "ShipmentLost": (_OUTCOME,),
    "ShipmentReturnedToSender": (_OUTCOME,),
    "ReturnReceived": (with_new(report_id=None),),
    "AnomalyRecorded": (with_new(anomaly_id=None),),
}
"""By event type, from version 1 on: the current version is one more than the upcasters."""


def current_version(event_type: str) -> int:
    return 1 + len(UPCASTERS.get(event_type, ()))


def upcast(event_type: str, version: int, data: Data) -> Data:
    """Data of that version (1 to the current one) in the current version's shape."""
    for upcaster in UPCASTERS[event_type][version - 1 :]:
        data = upcaster(data)
    return data
