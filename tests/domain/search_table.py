"""Every command and fact with values for its fields: few ids, many amounts, right and wrong ones.

Used by random walks and by the Hypothesis machine alike. A command is plain data, as in bulk. None
as a value leaves the field out.
"""

import json
from collections.abc import Mapping
from random import Random
from typing import Any


class Command(dict[str, Any]):
    """A command as plain data; never changed, so that it can be a key."""

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(json.dumps(self, sort_keys=True))

    def __or__(self, other: Any) -> "Command":
        return Command({**self, **other})


CENTS = (0, 1, 3, 4, 5, 7, 10, 20, 30, 45)
SOME_CENTS = CENTS[1:]
PAYMENTS = ("pay-1", "pay-1", "pay-2")
SECOND = ("a", "b")
REPORTS = (None, None, None, "e1", "e2")
REFUNDS = ("r1", "r2", "a")
SHIPMENTS = ("s1", "s2", "s3")
RETURNS = ("t1", "t2")
MONEY = {
    "amount_cents": CENTS,
    "currency": (None, None, None, None, "EUR", "eur", "USD"),
    "report_id": REPORTS,
}
AUTHORIZATION = {"payment_id": PAYMENTS, "authorization_id": (None, None, None, "a2")}
WHY = {"reason": ("why",)}
ONE_LINE = tuple(
    [{"line": line, "quantity": many}] for line in (1, 1, 1, 2, 2, 3) for many in (1, 1, 2)
)
LINES = (
    *ONE_LINE,
    [{"line": 1, "quantity": 1}, {"line": 2, "quantity": 1}],
    [{"line": 4, "quantity": 1}],
)
RECEIVED = tuple([line | {"condition": "good"} for line in lines] for lines in LINES)
OUTCOME = {
    "shipment_id": SHIPMENTS,
    "report_id": REPORTS,
    "lines": (None, None, None, None, *ONE_LINE),
}
PARTS = (
    None,
    None,
    None,
    {"goods_cents": 3, "tax_cents": 1},
    {"shipping_cents": 4},
    {"other_cents": 1},
)
LESS = (None, None, {"goods_cents": -3, "tax_cents": -1}, {"shipping_cents": -4})

TABLE: dict[str, dict[str, tuple[Any, ...]]] = {
    "confirm-order": {},
    "cancel-order": WHY,
    "cancel-items": {
        "cancellation_id": ("x", "y", "z"),
        "lines": (None, *LINES),
        "shipping_cents": (None, None, 1, 2, 7),
        "refund_id": (None, None, *REFUNDS),
        **WHY,
    },
    "add-items": {
        "addition_id": ("n1", "n2"),
        "items": (
            [{"product_id": "d", "quantity": 2, "amount_cents": 15, "tax_cents": 3}],
            [{"product_id": "e", "quantity": 1, "price_cents": 7, "requires_shipping": False}],
        ),
        "shipping_cents": (None, 5),
        "shipping_tax_cents": (None, 1),
        "discount_cents": (None, 4),
    },
    "adjust-order": {
        "adjustment_id": ("d1", "d2", "d3"),
        "amount_cents": (-20, -10, -4, -1, 4, 10, 20),
        "parts": (*LESS, *PARTS),
        "label": ("price",),
        **WHY,
    },
    "revoke-adjustment": {"adjustment_id": ("d1", "d2", "d4"), **WHY},
    "write-off": {"write_off_id": ("w1", "w2"), "amount_cents": SOME_CENTS, **WHY},
    "revoke-write-off": {"write_off_id": ("w1", "w2", "w3"), **WHY},
    "change-customer": {"customer_id": ("ann", "bob"), **WHY},
    "set-attributes": {"attributes": ({"a": "1"}, {"a": None}, {"b": "2"})},
    "place-hold": {"hold_id": ("h1",), "kind": ("fraud",), **WHY},
    "release-hold": {"hold_id": ("h1", "h1", "h2"), **WHY},
    "add-note": {"note_id": ("n1",), "text": ("one", "two")},
    "grant-refund": {
        "refund_id": REFUNDS,
        "amount_cents": SOME_CENTS,
        "credit_cents": (None, None, None, 0, 1, 4),
        "parts": PARTS,
        "lines": (None, None, *ONE_LINE),
        **WHY,
    },
    "revoke-refund": {"refund_id": (*REFUNDS, "r4"), **WHY},
    "accept-refund": {
        "payment_id": PAYMENTS,
        "payout_id": SECOND,
        "credit_cents": (None, None, 0, 3),
        **WHY,
    },
    "retract-fact": {},  # made from a fact: see command_of
    "resolve-anomaly": {"anomaly_id": ("1", "1", "2", "3", "9"), **WHY},
    "authorize-payment": {**AUTHORIZATION, **MONEY, "method": ("card", "gift-card")},
    "adjust-authorization": {**AUTHORIZATION, **MONEY, "adjustment_id": SECOND},
    "capture-payment": {
        "payment_id": PAYMENTS,
        "capture_id": SECOND,
        **MONEY,
        "method": (None, None, "card", "store-credit"),
    },
    "void-payment": {"payment_id": PAYMENTS, "void_id": SECOND, **MONEY},
    "expire-authorization": {**AUTHORIZATION, "report_id": REPORTS},
    "fail-payment": {"payment_id": PAYMENTS, "reason": ("why", "no"), "report_id": REPORTS},
    "refund-payment": {
        "payment_id": PAYMENTS,
        "payout_id": SECOND,
        **MONEY,
        "refund_id": (None, *REFUNDS),
        "method": (None, None, "store-credit"),
    },
    "fail-refund": {
        "refund_id": ("r1",),
        "payment_id": (None, *PAYMENTS),
        "payout_id": (None, *SECOND, *SECOND),
        "report_id": REPORTS,
        **WHY,
    },
    "charge-back-payment": {"payment_id": PAYMENTS, "chargeback_id": SECOND, **MONEY},
    "reverse-chargeback": {
        "payment_id": PAYMENTS,
        "chargeback_id": SECOND,
        "amount_cents": (None, None, None, 3, 10),
        "report_id": REPORTS,
    },
    "record-fee": {
        "fee_id": ("f1", "f2"),
        "payment_id": (None, "pay-1"),
        **MONEY,
        "amount_cents": (-3, 1, 2),
        "kind": ("processing",),
    },
    "plan-shipment": {
        "shipment_id": SHIPMENTS,
        "lines": LINES,
        "location": ("w",),
        "replaces": (None, None, None, True, True, "s1"),
    },
    "cancel-shipment": {"shipment_id": (*SHIPMENTS, "s4"), **WHY},
    "dispatch-shipment": {
        "shipment_id": (*SHIPMENTS, "s4"),
        "carrier": ("post",),
        "tracking": (None, "t"),
    },
    "correct-tracking": {
        "shipment_id": SHIPMENTS,
        "carrier": ("post",),
        "tracking": (None, "t", "u"),
        **WHY,
    },
    "deliver-shipment": OUTCOME,
    "lose-shipment": OUTCOME,
    "return-shipment-to-sender": OUTCOME,
    "request-return": {"return_id": RETURNS, "lines": LINES, **WHY},
    "receive-return": {
        "return_id": RETURNS,
        "receipt_id": SECOND,
        "lines": RECEIVED,
        "report_id": REPORTS,
    },
    "decline-return": {"return_id": RETURNS, **WHY},
    "close-return": {"return_id": RETURNS},
}
ITEMS = (
    {"product_id": "a", "quantity": 2, "price_cents": 10, "tax_cents": 3, "discount_cents": 1},
    {"product_id": "b", "quantity": 3, "amount_cents": 20, "tax_code": "low", "tax_cents": 2},
    {"product_id": "c", "quantity": 1, "price_cents": 9, "requires_shipping": False},
    {"product_id": "e", "quantity": 1, "price_cents": 0},
)
PLACED: dict[str, tuple[Any, ...]] = {
    "shipping_cents": (None, 4, 7),
    "shipping_tax_cents": (None, None, 1),
    "discount_cents": (None, None, 3, 9),
    "tax_cents": (None, None, 5),
    "prices_include_tax": (None, None, True),
}


def clean(command: Mapping[str, Any]) -> Command:
    """None leaves a field out; what is meant for another currency is only said with one."""
    told = Command({name: value for name, value in command.items() if value is not None})
    if told.get("currency") == "USD" and told.get("amount_cents", 0) % 2:
        told["counted_cents"] = told["amount_cents"] + 1
    return told


def drawn(random: Random, name: str, table: dict[str, tuple[Any, ...]]) -> Command:
    return clean({"command": name, **{key: random.choice(table[key]) for key in table}})


def first_command(random: Random) -> Command:
    items = random.sample(ITEMS, k=random.randint(1, 3))
    return drawn(random, "place-order", PLACED) | {
        "order_id": "o",
        "customer_id": "ann",
        "currency": "EUR",
        "items": items,
    }
