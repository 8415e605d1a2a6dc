"""A field named twice in one object is refused, wherever it is; what has colons is not."""

import json
from typing import Any

import pytest

from api.commands.headers import Sender
from api.commands.parse import from_line
from api.http.problems import Rejected
from eventstore.ledger.submission import Submission
from tests.api.conftest import START

PLAIN = {"product_id": "tea", "quantity": 2, "price_cents": 5}
RICH = {**PLAIN, "tax_cents": 1, "name": "Green tea", "requires_shipping": True}
AMOUNT = {"product_id": "tea", "quantity": 1, "amount_cents": 5}
LINE = {"line": 1, "quantity": 1}
PLACE = {"command": "place-order", "customer_id": "ada", "currency": "EUR"}
REFUND = {"command": "grant-refund", "refund_id": "r1", "amount_cents": 5, "reason": "broken"}
RECEIVE = {"command": "receive-return", "return_id": "t1", "receipt_id": "g1"}
LINES: dict[str, dict[str, Any]] = {
    "plain item": {**PLACE, "items": [PLAIN, PLAIN]},
    "item with more fields": {**PLACE, "items": [PLAIN, RICH]},
    "item with an amount": {**PLACE, "items": [AMOUNT]},
    "attributes": {**PLACE, "items": [PLAIN], "attributes": {"a": "b:c", "d": "e"}},
    "parts": {**REFUND, "parts": {"goods_cents": 4, "tax_cents": 1}, "credit_cents": 5},
    "lines": {**REFUND, "lines": [LINE, {"line": 2, "quantity": 1}]},
    "lines with a condition": {**RECEIVE, "lines": [{**LINE, "condition": "new"}]},
    "time": {**PLACE, "items": [PLAIN], "occurred_at": "2026-11-20T10:00:00+01:00"},
    "colons in a text": {**REFUND, "reason": "::::"},
}


def parsed(text: str) -> Submission:
    return from_line(text.encode(), sender=Sender(channel="bulk"), now=START)


def names_of(line: dict[str, Any]) -> set[str]:
    parts = [
        part for value in line.values() for part in (value if type(value) is list else [value])
    ]
    return set(line).union(*[part for part in parts if type(part) is dict])


@pytest.mark.parametrize("line", LINES.values(), ids=LINES.keys())
def test_each_name_that_is_repeated_is_found(line: dict[str, Any]) -> None:
    text = json.dumps({"order_id": "o1", **line})
    parsed(text)

    for name in names_of(line) - {"command"}:
        first = f'"{name}": '
        for place in range(text.count(first)):
            *before, rest = text.split(first, place + 1)
            value, _ = json.JSONDecoder().raw_decode(rest)
            repeated = first.join([*before, f"{json.dumps(value)}, {first}{rest}"])
            with pytest.raises(Rejected, match="a field is named twice in one object"):
                parsed(repeated)
