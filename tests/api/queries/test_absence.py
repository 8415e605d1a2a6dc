"""What is not known has one spelling for each field, whichever query is asked."""

import json
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from typing import Any
from urllib.parse import quote

import pytest

from tests.api.conftest import Api
from tests.domain.field_cases import CASES

ABSENT = (None, "", "unknown")
MORE = (
    {"command": "place-order", "customer_id": "c", "currency": "EUR", "items": [
        {"product_id": "a", "quantity": 2, "price_cents": 100}]},
    {"command": "record-fee", "fee_id": "f1", "amount_cents": 3, "kind": "monthly"},
    {"command": "record-fee", "fee_id": "f2", "amount_cents": 3, "kind": "card", "payment_id": "p"},
    {"command": "capture-payment", "payment_id": "p", "capture_id": "c", "amount_cents": 200},
    {"command": "fail-payment", "payment_id": "p2", "reason": "declined"},
    {"command": "fail-refund", "refund_id": "r", "reason": "closed"},
    {"command": "refund-payment", "payment_id": "p", "payout_id": "o", "amount_cents": 5},
    {"command": "deliver-shipment", "shipment_id": "s0"},
    {"command": "confirm-order"},
    {"command": "plan-shipment", "shipment_id": "s1", "lines": [{"line": 1, "quantity": 1}],
     "location": "x"},
    {"command": "dispatch-shipment", "shipment_id": "s1", "carrier": "dhl"},
    {"command": "write-off", "write_off_id": "w", "amount_cents": 1, "reason": "x"},
)  # fmt: skip
STORIES = {case["id"]: case["commands"] for case in CASES} | {"more": MORE}
LISTS = ("orders", "payments", "shipments", "anomalies", "audit")
OF_ORDER = ("", "/events", "/payments", "/shipments", "/postings")


@pytest.fixture
async def told(api: Api) -> Api:
    lines = [
        {**line, "order_id": name, "actor": "ada"}
        for name, story in STORIES.items()
        for line in story
    ]
    body = "".join(json.dumps(line) + "\n" for line in lines)
    answer = await api.client.post(
        "/v1/commands", content=body, headers={"content-type": "application/x-ndjson"}
    )
    assert answer.status_code == 200
    await api.catch_up()
    return api


async def documents(api: Api) -> AsyncIterator[tuple[str, Any]]:
    for name in LISTS:
        cursor = ""
        while cursor is not None:
            state = "&state=all" if name == "anomalies" else ""
            more = f"&cursor={quote(cursor)}" if cursor else ""
            answer = (await api.client.get(f"/v1/{name}?limit=100{state}{more}")).json()
            cursor = answer["next"]
            yield f"/v1/{name}", answer["items"]
    for order_id in STORIES:
        for rest in OF_ORDER:
            path = f"/v1/orders/{quote(order_id, safe='')}{rest}"
            answer = (await api.client.get(f"{path}?limit=100" if rest else path)).json()
            yield f"/v1/orders/{{order_id}}{rest}", answer


def absences(document: Any, path: str) -> Iterator[tuple[str, str, str]]:
    """Field, spelling and where, for each field that is not known."""
    if isinstance(document, dict):
        for name, value in document.items():
            if value is None or value in ABSENT:
                yield name, json.dumps(value), f"{path}.{name}"
            if name != "data":  # of an event: as it is stored
                yield from absences(value, f"{path}.{name}")
    elif isinstance(document, list):
        for each in document:
            yield from absences(each, f"{path}[]")


async def test_what_is_not_known_has_one_spelling_for_each_field(told: Api) -> None:
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    async for path, document in documents(told):
        for name, spelling, where in absences(document, path):
            found[name][spelling].add(where)

    several = {
        name: {spelling: sorted(where) for spelling, where in spellings.items()}
        for name, spellings in found.items()
        if len(spellings) > 1
    }
    # The method that one report named, if it named one; a payment whose reports named none has the
    # method "unknown", so that totals by method name it too.
    methods = several.pop("method")
    assert several == {}
    assert {where.rpartition(".")[0].rpartition(".")[2] for where in methods["null"]} == {
        "reports[]",
        "steps[]",
    }
    assert methods['"unknown"'] == [
        "/v1/orders/{order_id}.payments[].method",
        "/v1/orders/{order_id}/payments.payments[].method",
        "/v1/payments[].method",
    ]
    ids = {name: spellings for name, spellings in found.items() if f"_{name}".endswith("_id")}
    assert {"payment_id", "id", "refund_id", "report_id"} <= ids.keys()
    assert {spelling for spellings in ids.values() for spelling in spellings} == {"null"}
