"""What the documentation shows: one believable body per command, and an answer per query.

Tests hold the bodies to be valid, and the answers to be what is answered (`make reference`).
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

_LINES = [{"line": 1, "quantity": 1}]

BODIES: Final[Mapping[str, Mapping[str, Any]]] = {
    "place-order": {
        "order_id": "1001",
        "customer_id": "ada",
        "currency": "EUR",
        "items": [
            {"product_id": "teapot", "quantity": 1, "price_cents": 2450},
            {"product_id": "cup", "quantity": 4, "price_cents": 650},
        ],
        "shipping_cents": 490,
        "channel": "web",
    },
    "confirm-order": {},
    "cancel-order": {"reason": "the customer changed her mind"},
    "cancel-items": {"cancellation_id": "x1", "lines": _LINES, "reason": "out of stock"},
    "place-hold": {"hold_id": "h1", "kind": "fraud", "reason": "address and card differ"},
    "release-hold": {"hold_id": "h1", "reason": "checked by telephone"},
    "add-note": {"note_id": "n1", "text": "ring twice"},
    "authorize-payment": {"payment_id": "p1", "amount_cents": 5540, "method": "card"},
    "capture-payment": {"payment_id": "p1", "capture_id": "c1", "amount_cents": 5540},
    "void-payment": {"payment_id": "p1", "void_id": "v1", "amount_cents": 650},
    "expire-authorization": {"payment_id": "p1"},
    "fail-payment": {"payment_id": "p1", "reason": "insufficient funds"},
    "grant-refund": {"refund_id": "r1", "amount_cents": 650, "reason": "one cup broken"},
    "revoke-refund": {"refund_id": "r1", "reason": "a new cup was sent instead"},
    "refund-payment": {
        "payment_id": "p1",
        "payout_id": "o1",
        "amount_cents": 650,
        "refund_id": "r1",
    },
    "fail-refund": {
        "refund_id": "r1",
        "payment_id": "p1",
        "payout_id": "o1",
        "reason": "the card was closed",
    },
    "charge-back-payment": {"payment_id": "p1", "chargeback_id": "b1", "amount_cents": 5540},
    "reverse-chargeback": {"payment_id": "p1", "chargeback_id": "b1"},
    "plan-shipment": {"shipment_id": "s1", "lines": _LINES, "location": "Leipzig"},
    "cancel-shipment": {"shipment_id": "s1", "reason": "wrong warehouse"},
    "dispatch-shipment": {"shipment_id": "s1", "carrier": "DHL", "tracking": "JJD0099"},
    "deliver-shipment": {"shipment_id": "s1", "occurred_at": "2026-11-23T09:30:00Z"},
    "lose-shipment": {"shipment_id": "s1"},
    "return-shipment-to-sender": {"shipment_id": "s1", "report_id": "dhl-7781"},
    "request-return": {"return_id": "t1", "lines": _LINES, "reason": "too small"},
    "receive-return": {
        "return_id": "t1",
        "receipt_id": "g1",
        "lines": [{"line": 1, "quantity": 1, "condition": "as new"}],
    },
    "decline-return": {"return_id": "t1", "reason": "after the 30 days"},
    "close-return": {"return_id": "t1"},
}


def body_of(command: str) -> Mapping[str, Any]:
    """The body of a command, by its name. Raises LookupError if it has none yet."""
    body = BODIES.get(command)
    if body is None:
        raise LookupError(f"{command}: no example in api/docs/examples.py; add one to BODIES")
    return body


def answers() -> Mapping[str, Any]:
    """What the queries answer, by path."""
    found: Mapping[str, Any] = json.loads(
        (Path(__file__).parent / "answers.json").read_text(encoding="utf-8")
    )
    return found
