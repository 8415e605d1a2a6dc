"""What can happen to an order of the demo's tea shop: stories as lists of commands."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias, TypedDict

WEB, TILL, ANNA, BEN = "web-shop", "till-2", "anna@teashop.example", "ben@teashop.example"
PAY, POST = "payments-provider", "parcel-carrier"


class OrderedItem(TypedDict):
    product_id: str
    quantity: int
    price_cents: int


@dataclass(frozen=True, slots=True)
class Goods:
    """What an order is about, before anything happened to it."""

    order_id: str
    customer_id: str
    currency: str
    items: tuple[OrderedItem, ...]
    shipping_cents: int
    method: str
    placed_at: datetime

    @property
    def total_cents(self) -> int:
        goods = sum(item["quantity"] * item["price_cents"] for item in self.items)
        return goods + self.shipping_cents

    @property
    def lines(self) -> list[dict[str, int]]:
        return [
            {"line": number, "quantity": item["quantity"]}
            for number, item in enumerate(self.items, 1)
        ]

    def payment(self, number: int = 1) -> str:
        return f"{self.order_id}-pay{number}"

    def parcel(self, number: int = 1) -> str:
        return f"{self.order_id}-box{number}"


Act: TypeAlias = tuple[str, str, dict[str, Any]]
"""command, actor, fields: a step before it has a place in an order."""


# The usual stories -------------------------------------------------------------------------------


def _sold(goods: Goods) -> list[Act]:
    return [*_placed(goods), _confirmed(), *_paid(goods), *_shipped(goods), _delivered(goods)]


def _on_its_way(goods: Goods) -> list[Act]:
    return [*_placed(goods), _confirmed(), *_paid(goods), *_shipped(goods)]


def _just_placed(goods: Goods) -> list[Act]:
    return _placed(goods)


def _changed_their_mind(goods: Goods) -> list[Act]:
    reason = {"reason": "ordered twice by mistake"}
    return [*_placed(goods), _confirmed(), ("cancel-order", ANNA, reason), _voided(goods)]


def _two_parcels(goods: Goods) -> list[Act]:
    first, rest = goods.lines[:1], goods.lines[1:]
    if not rest:
        return _sold(goods)
    return [
        *_placed(goods),
        _confirmed(),
        *_paid(goods),
        *_shipped(goods, 1, first),
        *_shipped(goods, 2, rest),
        _delivered(goods, 1),
        _delivered(goods, 2),
    ]


def _voucher_and_card(goods: Goods) -> list[Act]:
    voucher = min(1000, goods.total_cents)
    return [
        _place(goods),
        *_payment(goods, 1, voucher, "voucher"),
        *_payment(goods, 2, goods.total_cents - voucher, "card"),
        _confirmed(),
        *_shipped(goods),
    ]


def _one_item_sold_out(goods: Goods) -> list[Act]:
    gone = {
        "cancellation_id": "sold-out",
        "lines": [{"line": 1, "quantity": 1}],
        "reason": "sold out",
    }
    return [*_placed(goods), ("cancel-items", BEN, gone), _confirmed()]


def _cancelled_too_late(goods: Goods) -> list[Act]:
    return [*_on_its_way(goods), ("cancel-order", ANNA, {"reason": "customer changed their mind"})]


USUAL: dict[Callable[[Goods], list[Act]], int] = {
    _sold: 60,
    _on_its_way: 10,
    _two_parcels: 8,
    _voucher_and_card: 7,
    _just_placed: 5,
    _changed_their_mind: 5,
    _one_item_sold_out: 3,
    _cancelled_too_late: 2,
}


# The stories to look at --------------------------------------------------------------------------


def _returned(goods: Goods) -> list[Act]:
    """The order that the demo shows: a hold, a refusal, a delivery, a return, a refund."""
    price = goods.items[0]["price_cents"]
    line = {"line": 1, "quantity": 1}
    hold = {"hold_id": "address", "kind": "address", "reason": "house number is missing"}
    wanted = {"return_id": "ret-1", "lines": [line], "reason": "arrived with a chip"}
    received = {
        "return_id": "ret-1",
        "receipt_id": "rec-1",
        "lines": [line | {"condition": "damaged"}],
    }
    refund = {"refund_id": "ref-1", "amount_cents": price, "reason": "damaged in transit"}
    payout = {"payment_id": goods.payment(), "payout_id": "out-1", "amount_cents": price}
    return [
        *_placed(goods),
        ("place-hold", WEB, hold),
        _confirmed(),
        ("release-hold", ANNA, {"hold_id": "address", "reason": "customer rang with the number"}),
        _confirmed(),
        *_paid(goods),
        *_shipped(goods),
        _delivered(goods),
        ("request-return", WEB, wanted),
        ("receive-return", BEN, received),
        ("grant-refund", ANNA, refund),
        ("refund-payment", PAY, payout | {"refund_id": "ref-1"}),
        ("close-return", BEN, {"return_id": "ret-1"}),
    ]


def _charged_back(goods: Goods) -> list[Act]:
    dispute = {
        "payment_id": goods.payment(),
        "chargeback_id": "cb-1",
        "amount_cents": goods.total_cents,
    }
    note = {"note_id": "cb-1", "text": "bank asks for proof of delivery; sent the tracking"}
    return [*_sold(goods), ("charge-back-payment", PAY, dispute), ("add-note", ANNA, note)]


def _lost_and_sent_again(goods: Goods) -> list[Act]:
    return [
        *_on_its_way(goods),
        ("lose-shipment", POST, {"shipment_id": goods.parcel()}),
        *_shipped(goods, 2),
        _delivered(goods, 2),
    ]


def _captured_after_cancel(goods: Goods) -> list[Act]:
    """Money came in that the books did not expect: recorded, and flagged."""
    reason = {"reason": "no answer from the customer"}
    return [*_placed(goods), ("cancel-order", ANNA, reason), *_paid(goods)]


SPECIAL: dict[str, Callable[[Goods], list[Act]]] = {
    "charged back": _charged_back,
    "lost and sent again": _lost_and_sent_again,
    "captured after cancel": _captured_after_cancel,
    "returned": _returned,
}


# Pieces of stories -------------------------------------------------------------------------------


def _place(goods: Goods) -> Act:
    fields = {
        "customer_id": goods.customer_id,
        "currency": goods.currency,
        "items": list(goods.items),
        "shipping_cents": goods.shipping_cents,
    }
    return "place-order", WEB, fields


def _placed(goods: Goods) -> list[Act]:
    authorized = {"amount_cents": goods.total_cents, "method": goods.method}
    return [
        _place(goods),
        ("authorize-payment", PAY, {"payment_id": goods.payment()} | authorized),
    ]


def _confirmed() -> Act:
    return "confirm-order", BEN, {}


def _paid(goods: Goods) -> list[Act]:
    capture = {"payment_id": goods.payment(), "capture_id": "cap-1"}
    return [("capture-payment", PAY, capture | {"amount_cents": goods.total_cents})]


def _payment(goods: Goods, number: int, cents: int, method: str) -> list[Act]:
    payment = {"payment_id": goods.payment(number), "amount_cents": cents}
    return [
        ("authorize-payment", TILL, payment | {"method": method}),
        ("capture-payment", PAY, payment | {"capture_id": "cap-1"}),
    ]


def _voided(goods: Goods) -> Act:
    fields = {"payment_id": goods.payment(), "void_id": "void-1", "amount_cents": goods.total_cents}
    return "void-payment", PAY, fields


def _shipped(goods: Goods, number: int = 1, lines: list[dict[str, int]] | None = None) -> list[Act]:
    parcel = {"shipment_id": goods.parcel(number)}
    tracking = f"TS{goods.order_id[-4:]}{number}GB"
    return [
        ("plan-shipment", BEN, parcel | {"lines": lines or goods.lines, "location": "shop"}),
        ("dispatch-shipment", BEN, parcel | {"carrier": "royal-mail", "tracking": tracking}),
    ]


def _delivered(goods: Goods, number: int = 1) -> Act:
    return "deliver-shipment", POST, {"shipment_id": goods.parcel(number)}
