"""What can happen to an order of the demo's tea shop: stories as lists of commands."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeAlias, TypedDict

WEB, TILL, ANNA, BEN = "web-shop", "till-2", "anna@teashop.example", "ben@teashop.example"
PAY, POST = "payments-provider", "parcel-carrier"


TAX_CODE = "S20"


class OrderedItem(TypedDict):
    product_id: str
    quantity: int
    price_cents: int
    discount_cents: int
    tax_cents: int
    tax_code: str


def item(product_id: str, quantity: int, price_cents: int, percent_off: int = 0) -> OrderedItem:
    """Prices contain the tax."""
    discount = quantity * price_cents * percent_off // 100
    return OrderedItem(
        product_id=product_id,
        quantity=quantity,
        price_cents=price_cents,
        discount_cents=discount,
        tax_cents=contained_tax(quantity * price_cents - discount),
        tax_code=TAX_CODE,
    )


def contained_tax(cents: int) -> int:
    return cents * 20 // 120


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
        return sum(_cents(item) for item in self.items) + self.shipping_cents

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


def _cents(item: OrderedItem) -> int:
    return item["quantity"] * item["price_cents"] - item["discount_cents"]


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
        *_payment(goods, 1, voucher, "gift-card"),
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
    """The order that the demo shows: a hold, a refusal, a return, a refund of goods and tax."""
    first = goods.items[0]
    tax = first["tax_cents"] // first["quantity"]
    price = first["price_cents"]
    hold = {"hold_id": "address", "kind": "address", "reason": "house number is missing"}
    parts = {"goods_cents": price - tax, "tax_cents": tax}
    return [
        *_placed(goods),
        ("place-hold", WEB, hold),
        _confirmed(),
        ("release-hold", ANNA, {"hold_id": "address", "reason": "customer rang with the number"}),
        _confirmed(),
        *_paid(goods),
        *_shipped(goods),
        _delivered(goods),
        *_came_back("arrived with a chip"),
        _granted(price, "damaged in transit", parts=parts),
        _paid_out(goods, price),
    ]


def _discounted(goods: Goods) -> list[Act]:
    """A discounted line is cancelled with its share of discount and tax."""
    offer = (item("teapot-glass", 1, 3490, 10), item("cup-pair", 2, 2400, 10))
    goods = replace(goods, items=offer)
    gone = {
        "cancellation_id": "sold-out",
        "lines": [{"line": 2, "quantity": 1}],
        "reason": "sold out",
    }
    rest = [{"line": 1, "quantity": 1}, {"line": 2, "quantity": 1}]
    return [
        *_placed(goods),
        _confirmed(),
        *_paid(goods),
        ("cancel-items", BEN, gone),
        _granted(2160, "one pair of cups is sold out"),
        _paid_out(goods, 2160),
        *_shipped(goods, 1, rest),
        _delivered(goods),
    ]


def _replaced(goods: Goods) -> list[Act]:
    """What arrived broken goes again, and no money moves."""
    line = {"line": 1, "quantity": 1}
    again = {"replaces": goods.parcel(1), "reason": "arrived broken"}
    return [
        *_sold(goods),
        *_came_back("arrived broken"),
        *_shipped(goods, 2, [line], again),
        _delivered(goods, 2),
    ]


def _dispute_won(goods: Goods) -> list[Act]:
    back = {"payment_id": goods.payment(), "chargeback_id": "cb-1", "report_id": "txn-2"}
    return [
        *_sold(goods),
        *_disputed(goods, "txn-1"),
        ("add-note", ANNA, {"note_id": "cb-1", "text": "sent the bank the proof of delivery"}),
        ("reverse-chargeback", PAY, back),
    ]


def _dispute_lost(goods: Goods) -> list[Act]:
    """Won first, then lost after all; what will not be paid is written off."""
    lost = {"write_off_id": "cb-1", "amount_cents": goods.total_cents, "reason": "dispute lost"}
    return [
        *_dispute_won(goods),
        *_disputed(goods, "txn-3")[:1],
        ("write-off", ANNA, lost),
    ]


def _refunded_elsewhere(goods: Goods) -> list[Act]:
    """A refund in the provider's dashboard is an anomaly until it is accepted."""
    payout = {"payment_id": goods.payment(), "payout_id": "out-1"}
    return [
        *_sold(goods),
        ("refund-payment", PAY, payout | {"amount_cents": 500}),
        ("accept-refund", ANNA, payout | {"reason": "late delivery, agreed by telephone"}),
    ]


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
    "discounted line cancelled": _discounted,
    "replacement": _replaced,
    "dispute won": _dispute_won,
    "dispute lost": _dispute_lost,
    "refund made elsewhere": _refunded_elsewhere,
    "lost and sent again": _lost_and_sent_again,
    "captured after cancel": _captured_after_cancel,
    "returned": _returned,
}


# Pieces of stories -------------------------------------------------------------------------------


def _place(goods: Goods) -> Act:
    fields = {
        "customer_id": goods.customer_id,
        "currency": goods.currency,
        "prices_include_tax": True,
        "items": list(goods.items),
        "shipping_cents": goods.shipping_cents,
        "shipping_tax_cents": contained_tax(goods.shipping_cents),
        "shipping_tax_code": TAX_CODE,
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
    payment = {"payment_id": goods.payment()}
    amount = {"amount_cents": goods.total_cents}
    captured = ("capture-payment", PAY, payment | {"capture_id": "cap-1"} | amount)
    return [captured, _fee(goods, "cap-1", 25 + goods.total_cents * 14 // 1000, "processing")]


def _fee(goods: Goods, fee_id: str, cents: int, kind: str) -> Act:
    """What the provider keeps."""
    fields = {"fee_id": fee_id, "payment_id": goods.payment(), "amount_cents": cents, "kind": kind}
    return "record-fee", PAY, fields


def _disputed(goods: Goods, report_id: str) -> list[Act]:
    dispute = {
        "payment_id": goods.payment(),
        "chargeback_id": "cb-1",
        "amount_cents": goods.total_cents,
        "report_id": report_id,
    }
    return [("charge-back-payment", PAY, dispute), _fee(goods, report_id, 1500, "dispute")]


def _came_back(reason: str) -> list[Act]:
    """One of line 1."""
    line = {"line": 1, "quantity": 1}
    back = {"return_id": "ret-1"}
    receipt = {"receipt_id": "rec-1", "lines": [line | {"condition": "damaged"}]}
    return [
        ("request-return", WEB, back | {"lines": [line], "reason": reason}),
        ("receive-return", BEN, back | receipt),
        ("close-return", BEN, back),
    ]


def _granted(cents: int, reason: str, **more: Any) -> Act:
    refund = {"refund_id": "ref-1", "amount_cents": cents, "reason": reason}
    return "grant-refund", ANNA, refund | more


def _paid_out(goods: Goods, cents: int) -> Act:
    payout = {"payment_id": goods.payment(), "payout_id": "out-1", "refund_id": "ref-1"}
    return "refund-payment", PAY, payout | {"amount_cents": cents}


def _payment(goods: Goods, number: int, cents: int, method: str) -> list[Act]:
    payment = {"payment_id": goods.payment(number), "amount_cents": cents}
    return [
        ("authorize-payment", TILL, payment | {"method": method}),
        ("capture-payment", PAY, payment | {"capture_id": "cap-1"}),
    ]


def _voided(goods: Goods) -> Act:
    fields = {"payment_id": goods.payment(), "void_id": "void-1", "amount_cents": goods.total_cents}
    return "void-payment", PAY, fields


def _shipped(
    goods: Goods,
    number: int = 1,
    lines: list[dict[str, int]] | None = None,
    again: dict[str, str] | None = None,
) -> list[Act]:
    """again: which parcel it replaces, and why."""
    parcel = {"shipment_id": goods.parcel(number)}
    planned = {"lines": lines or goods.lines, "location": "shop"} | (again or {})
    tracking = f"TS{goods.order_id[-4:]}{number}GB"
    return [
        ("plan-shipment", BEN, parcel | planned),
        ("dispatch-shipment", BEN, parcel | {"carrier": "royal-mail", "tracking": tracking}),
    ]


def _delivered(goods: Goods, number: int = 1) -> Act:
    return "deliver-shipment", POST, {"shipment_id": goods.parcel(number)}
