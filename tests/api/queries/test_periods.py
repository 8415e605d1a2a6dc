"""Summaries, the trial balance, anomalies and the export of a period."""

import json
from itertools import pairwise
from typing import Any

import pytest

from tests.api.conftest import Api, problem

on_each_kind = pytest.mark.usefixtures("kind")
ITEMS = [{"product_id": "p", "quantity": 1, "price_cents": 1000}]
MARCH = "2024-03-31T23:30:00Z"
"""In Berlin it is April."""


async def get(api: Api, path: str, **query: Any) -> Any:
    response = await api.client.get(path, params=query)
    assert response.status_code == 200, response.text
    return response.json()


async def three_months(api: Api) -> None:
    """o1: placed in February, captured in March, refunded in April. o2: placed at March's end."""
    await api.place("o1", items=ITEMS, occurred_at="2024-02-10T12:00:00Z")
    await api.send("confirm-order", "o1", occurred_at="2024-02-10T12:05:00Z")
    fact: dict[str, Any] = {"payment_id": "p1", "amount_cents": 1000}
    at = "2024-03-01T08:00:00Z"
    await api.send("authorize-payment", "o1", **fact, method="card", occurred_at=at)
    await api.send("capture-payment", "o1", **fact, capture_id="c1", occurred_at=at)
    await api.send(
        "refund-payment",
        "o1",
        payment_id="p1",
        payout_id="x",
        refund_id="r",
        amount_cents=300,
        occurred_at="2024-04-02T08:00:00Z",
    )
    await api.place("o2", items=ITEMS, occurred_at=MARCH)
    await api.catch_up()


@on_each_kind
async def test_the_months_of_a_summary_add_up_to_all_of_it(api: Api) -> None:
    await three_months(api)
    whole = (await get(api, "/v1/payments/summary"))["EUR"]

    answer = await get(api, "/v1/payments/summary", group_by="month")

    months = {each["period"]: each["totals"].get("EUR", {}) for each in answer["periods"]}
    assert list(months)[:3] == ["2024-02", "2024-03", "2024-04"]
    assert months["2024-03"]["captured_cents"] == 1000
    assert months["2024-03"]["captured_cents_by_method"] == {"card": 1000}
    assert (months["2024-03"]["refunded_cents"], months["2024-04"]["refunded_cents"]) == (0, 300)
    assert months["2024-02"]["underpaid_cents_of_captured_orders"] == 300
    for name in whole.keys() - {"captured_cents_by_method"}:
        assert sum(month.get(name, 0) for month in months.values()) == whole[name]


@on_each_kind
async def test_a_day_is_that_of_the_zone(api: Api) -> None:
    await three_months(api)
    asked = {"from": "2024-03-31", "to": "2024-04-02", "group_by": "day"}

    utc = await get(api, "/v1/orders/summary", **asked)
    berlin = await get(api, "/v1/orders/summary", **asked, tz="Europe/Berlin")

    def orders(answer: Any) -> list[tuple[str, int]]:
        return [
            (each["period"], each["totals"].get("EUR", {}).get("orders", 0))
            for each in answer["periods"]
        ]

    assert orders(utc) == [("2024-03-31", 1), ("2024-04-01", 0)]
    assert orders(berlin) == [("2024-03-31", 0), ("2024-04-01", 1)]
    assert berlin["periods"][0]["from"] == "2024-03-31T00:00:00+01:00"
    assert berlin["periods"][0]["to"] == "2024-04-01T00:00:00+02:00"


@on_each_kind
async def test_a_period_has_the_names_of_the_whole(api: Api) -> None:
    await three_months(api)

    for name in ("orders", "shipments", "payments"):
        whole = await get(api, f"/v1/{name}/summary")
        part = await get(api, f"/v1/{name}/summary", **{"from": "2024-02-01", "to": "2024-04-01"})
        none = await get(api, f"/v1/{name}/summary", to="2024-02-01")

        assert part["EUR"].keys() == whole["EUR"].keys()
        assert none == {}


@on_each_kind
async def test_a_trial_balance_opens_as_the_month_before_closed(api: Api) -> None:
    await three_months(api)
    whole = (await get(api, "/v1/payments/trial-balance"))["EUR"]

    march = await get(
        api, "/v1/payments/trial-balance", **{"from": "2024-03-01", "to": "2024-04-01"}
    )
    months = (await get(api, "/v1/payments/trial-balance", group_by="month"))["periods"]

    assert march["EUR"]["cash"] == {"opening": 0, "movements": 1000, "closing": 1000}
    assert march["EUR"]["receivable"] == {"opening": 1000, "movements": 0, "closing": 1000}
    assert set(march["EUR"]["sum"].values()) == {0}
    assert months[1]["totals"] == march
    for before, after in pairwise(months):
        for account, row in before["totals"].get("EUR", {}).items():
            assert after["totals"]["EUR"][account]["opening"] == row["closing"]
    last = months[-1]["totals"]["EUR"]
    assert {account: row["closing"] for account, row in last.items()} == whole


@on_each_kind
async def test_by_recorded_all_of_it_is_of_today(api: Api) -> None:
    await three_months(api)
    today = api.clock().date().isoformat()

    occurred = await get(api, "/v1/orders/summary", **{"from": today})
    recorded = await get(api, "/v1/orders/summary", **{"from": today}, by="recorded")

    assert occurred == {}
    assert recorded == await get(api, "/v1/orders/summary")


@on_each_kind
async def test_anomalies_by_time(api: Api) -> None:
    await three_months(api)

    async def found(**query: Any) -> int:
        return len((await get(api, "/v1/anomalies", **query))["items"])

    assert await found() == 1
    assert await found(**{"from": "2024-04-02T08:00:00Z"}, to="2024-04-02T08:00:01Z") == 1
    assert await found(**{"from": "2024-04-02T08:00:01Z"}) == 0
    assert await found(**{"from": "2024-04-02T08:00:01Z"}, by="recorded") == 1
    assert await found(to="2024-04-02", sort="occurred_at") == 0


async def test_the_export_of_a_period(api: Api) -> None:
    await three_months(api)

    async def exported(**query: str) -> list[str]:
        response = await api.client.get("/v1/audit/export", params=query)
        assert response.status_code == 200, response.text
        *events, end = map(json.loads, response.text.splitlines())
        assert end["count"] == len(events)
        return [event["type"] for event in events]

    assert len(await exported()) == 7
    march = await exported(**{"from": "2024-03-01", "to": "2024-04-01"})
    assert march == ["PaymentAuthorized", "PaymentCaptured", "OrderPlaced"]
    assert await exported(to="2024-04-01", by="recorded") == []
    assert (await exported(**{"from": "2024-04-01"}, tz="Europe/Berlin"))[-1] == "OrderPlaced"


TOTALS = (
    "/v1/orders/summary",
    "/v1/payments/summary",
    "/v1/shipments/summary",
    "/v1/payments/trial-balance",
)
LIMITS = (*TOTALS, "/v1/anomalies", "/v1/audit/export")


@pytest.mark.parametrize(
    ("paths", "query", "field"),
    [
        (LIMITS, "tz=Mars/Olympus", "tz"),
        (LIMITS, "tz=", "tz"),
        (LIMITS, "tz=localtime", "tz"),
        (LIMITS, "tz=Factory", "tz"),
        (LIMITS, "from=2024-02-30", "from"),
        (LIMITS, "to=tomorrow", "to"),
        (LIMITS, "from=2024-03-02&to=2024-03-01", "from"),
        (LIMITS, "by=chance", "by"),
        (TOTALS, "group_by=week", "group_by"),
        (TOTALS, "from=2024-03-01T00:01:00Z", "from"),
        (TOTALS, "from=1800-01-01&tz=Europe/Paris", "from"),
        (TOTALS, "group_by=day&from=2001-01-01&to=2024-01-01", "group_by"),
        (("/v1/payments/trial-balance",), "order_id=o1&from=2024-03-01", "order_id"),
    ],
)
async def test_what_is_no_period_is_malformed(
    api: Api, paths: tuple[str, ...], query: str, field: str
) -> None:
    await api.place("o1")
    await api.catch_up()
    for path in paths:
        response = await api.client.get(f"{path}?{query}")

        assert response.status_code == 422, (path, response.text)
        assert field in json.dumps(problem(response)["errors"])
