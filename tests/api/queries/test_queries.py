"""Queries: the log's own, the read models', and reading one's writes."""

import asyncio
import json
import re
from typing import Any

import pytest

from api.http.guards import Limits
from api.http.paths import segment
from tests.api.conftest import Api, kind, problem

on_each_kind = pytest.mark.usefixtures("kind")


async def get(api: Api, path: str, **query: Any) -> Any:
    response = await api.client.get(path, params=query)
    assert response.status_code == 200, response.text
    return response.json()


async def a_day(api: Api) -> None:
    """o1 is paid and delivered, o2 is paid twice, o3 is cancelled."""
    for number, order_id in enumerate(("o1", "o2", "o3"), start=1):
        item = {"product_id": "p", "quantity": number, "price_cents": 1000}
        await api.place(order_id, items=[item])
        await api.send("confirm-order", order_id)
    for order_id, amount in (("o1", 1000), ("o2", 5000)):
        await api.send(
            "authorize-payment", order_id, payment_id="p1", amount_cents=amount, method="card"
        )
        await api.send(
            "capture-payment", order_id, payment_id="p1", capture_id="c1", amount_cents=amount
        )
    await api.send(
        "plan-shipment", "o1", shipment_id="s1", location="x", lines=[{"line": 1, "quantity": 1}]
    )
    await api.send("dispatch-shipment", "o1", shipment_id="s1", carrier="DHL", tracking="t")
    await api.send("deliver-shipment", "o1", shipment_id="s1")
    await api.send("cancel-order", "o3", reason="changed her mind")


# From the log --------------------------------------------------------------------------------


async def test_an_order_is_the_fold_of_its_events_at_once(api: Api) -> None:
    await a_day(api)

    order = await get(api, "/v1/orders/o1")

    assert (order["state"], order["fulfilment"], order["payment"]) == (
        "completed",
        "delivered",
        "paid",
    )
    assert (order["total_cents"], order["balance_cents"], order["revision"]) == (1000, 0, 6)
    assert order["lines"][0]["delivered"] == 1
    assert order["shipments"][0]["shipment_id"] == "s1"
    assert order["payments"][0]["captured_cents"] == 1000


async def test_an_order_at_a_revision_is_the_fold_of_the_prefix(api: Api) -> None:
    await a_day(api)

    response = await api.client.get("/v1/orders/o1?revision=1")

    assert response.headers["etag"] == '"1"'
    assert response.json()["payment"] == "none"
    assert response.json()["revision"] == 1


async def test_an_order_as_of_a_time_ends_before_the_first_event_recorded_later(api: Api) -> None:
    await a_day(api)
    events = (await get(api, "/v1/orders/o1/events"))["items"]

    for event in events:
        order = await get(api, "/v1/orders/o1", as_of=event["recorded_at"])
        assert order["revision"] == event["revision"]

    just_before = events[1]["recorded_at"].replace(".000000Z", ".999999Z")
    assert (await get(api, "/v1/orders/o1", as_of=just_before))["revision"] == 1


async def test_an_order_as_it_happened_ends_before_the_first_event_that_happened_later(
    api: Api,
) -> None:
    """Facts arrive late: the order of what happened is not that of the log."""
    await api.place(occurred_at="2026-11-01T09:00:00Z")
    late = {"payment_id": "p1", "amount_cents": 5, "method": "card"}
    await api.send("authorize-payment", occurred_at="2026-11-03T09:00:00Z", **late)
    await api.send("add-note", note_id="n1", text="x", occurred_at="2026-11-02T09:00:00Z")

    at = {
        moment: (await get(api, "/v1/orders/o1", occurred_as_of=moment))["revision"]
        for moment in (
            "2026-11-01T09:00:00Z",
            "2026-11-02T23:00:00Z",
            "2026-11-03T10:00:00+01:00",
            "2026-11-04T00:00:00Z",
        )
    }

    assert list(at.values()) == [0, 0, 2, 2]
    first = await get(api, "/v1/orders/o1", occurred_as_of="2026-11-04T00:00:00Z", revision="1")
    assert first["revision"] == 1


@pytest.mark.parametrize(
    "query",
    [
        "revision=7",
        "revision=9223372036854775807",
        "as_of=2020-01-01T00:00:00Z",
        "occurred_as_of=2020-01-01T00:00:00Z",
    ],
)
async def test_an_order_before_or_beyond_its_events_is_404(api: Api, query: str) -> None:
    await a_day(api)

    response = await api.client.get(f"/v1/orders/o1?{query}")

    assert response.status_code == 404
    assert kind(response) == "no-such-revision"
    assert response.json()["detail"] == "the order is at revision 6"


async def test_an_unknown_order_is_that_at_any_revision(api: Api) -> None:
    response = await api.client.get("/v1/orders/nobody?revision=0")

    assert response.status_code == 404
    assert kind(response) == "unknown-order"


async def test_events_come_in_pages(api: Api) -> None:
    await a_day(api)
    whole = (await get(api, "/v1/orders/o1/events"))["items"]

    first = await get(api, "/v1/orders/o1/events", limit=4)
    second = await get(api, "/v1/orders/o1/events", limit=4, cursor=first["next"])

    assert first["items"] + second["items"] == whole
    assert second["next"] is None
    assert [event["revision"] for event in whole] == list(range(7))


@pytest.mark.parametrize("path", ["", "/events", "/shipments", "/payments", "/postings"])
async def test_an_unknown_order_is_404_wherever_it_is_asked_for(api: Api, path: str) -> None:
    await api.catch_up()

    response = await api.client.get(f"/v1/orders/nobody{path}")

    assert response.status_code == 404
    assert problem(response)["rule"] == "unknown-order"


# From the read models ------------------------------------------------------------------------


@on_each_kind
async def test_orders_are_listed_filtered_sorted_and_paged(api: Api) -> None:
    await a_day(api)
    await api.catch_up()

    page = await get(api, "/v1/orders", sort="-total_cents", limit=2)
    rest = await get(api, "/v1/orders", sort="-total_cents", limit=2, cursor=page["next"])
    cancelled = await get(api, "/v1/orders", state="cancelled")

    assert [order["order_id"] for order in page["items"]] == ["o3", "o2"]
    assert [order["order_id"] for order in rest["items"]] == ["o1"]
    assert rest["next"] is None
    assert [order["order_id"] for order in cancelled["items"]] == ["o3"]


@on_each_kind
async def test_summaries_are_by_currency(api: Api) -> None:
    await a_day(api)
    await api.catch_up()

    orders = (await get(api, "/v1/orders/summary"))["EUR"]
    payments = (await get(api, "/v1/payments/summary"))["EUR"]
    shipments = (await get(api, "/v1/shipments/summary"))["EUR"]

    assert (orders["orders"], orders["orders_cancelled"], orders["total_cents"]) == (3, 1, 6000)
    assert (payments["captured_cents"], payments["overpaid_cents"]) == (6000, 3000)
    assert payments["captured_cents_by_method"] == {"card": 6000}
    assert (shipments["shipments_delivered"], shipments["units_delivered"]) == (1, 1)


@on_each_kind
async def test_the_trial_balance_sums_to_zero(api: Api) -> None:
    await a_day(api)
    await api.catch_up()

    balance = (await get(api, "/v1/payments/trial-balance"))["EUR"]
    postings = await get(api, "/v1/orders/o2/postings")

    assert balance["sum"] == 0
    assert balance["cash"] == 6000
    assert sum(posting["amount_cents"] for posting in postings["items"]) == 0


@on_each_kind
async def test_an_order_has_its_shipments_and_payments(api: Api) -> None:
    await a_day(api)
    await api.catch_up()

    shipments = await get(api, "/v1/orders/o1/shipments")
    payments = await get(api, "/v1/orders/o1/payments")

    assert (shipments["order_id"], shipments["revision"]) == ("o1", 6)
    assert [shipment["shipment_id"] for shipment in shipments["shipments"]] == ["s1"]
    assert [payment["payment_id"] for payment in payments["payments"]] == ["p1"]


@on_each_kind
@pytest.mark.parametrize(
    ("path", "chosen"),
    [
        ("/v1/orders/o2/payments", {}),
        ("/v1/orders/o2/postings", {}),
        ("/v1/orders/o1/shipments", {}),
        ("/v1/payments/p1", {"order_id": "o2"}),
        ("/v1/shipments/s1", {}),
    ],
)
async def test_what_an_order_has_comes_in_pages(
    api: Api, path: str, chosen: dict[str, str]
) -> None:
    await a_day(api)
    await api.catch_up()
    whole = await get(api, path, **chosen)
    lists = [name for name, value in whole.items() if isinstance(value, list)]

    page = await get(api, path, limit=1, **chosen)
    found = {name: page[name] for name in lists}
    while page["next"] is not None:
        page = await get(api, path, limit=1, cursor=page["next"], **chosen)
        found = {name: items + page[name] for name, items in found.items()}

    assert whole["next"] is None
    assert sum(map(len, found.values())) >= 2
    assert found == {name: whole[name] for name in lists}


@on_each_kind
async def test_an_id_that_two_orders_use_has_to_be_chosen(api: Api) -> None:
    await a_day(api)
    await api.catch_up()

    ambiguous = await api.client.get("/v1/payments/p1")
    chosen = await get(api, "/v1/payments/p1", order_id="o2")

    assert ambiguous.status_code == 409
    assert kind(ambiguous) == "ambiguous-id"
    assert problem(ambiguous)["orders"] == ["o1", "o2"]
    assert chosen["order_id"] == "o2"


@on_each_kind
async def test_an_id_that_one_order_uses_is_answered(api: Api) -> None:
    await a_day(api)
    await api.catch_up()

    assert (await get(api, "/v1/shipments/s1"))["order_id"] == "o1"
    assert (await get(api, "/v1/shipments", state="delivered"))["items"][0]["shipment_id"] == "s1"
    assert len((await get(api, "/v1/payments"))["items"]) == 2
    assert (await get(api, "/v1/anomalies"))["items"] == []


@pytest.mark.parametrize(
    ("path", "named"), [("shipments", "no-such-shipment"), ("payments", "no-such-payment")]
)
@on_each_kind
async def test_an_id_that_no_order_uses_is_404(api: Api, path: str, named: str) -> None:
    await api.catch_up()

    response = await api.client.get(f"/v1/{path}/XYZZY")

    assert response.status_code == 404
    assert kind(response) == named
    assert "XYZZY" not in response.text


@on_each_kind
async def test_the_audit_trail_has_who_what_when_and_why(api: Api) -> None:
    await a_day(api)
    await api.catch_up()

    entries = (await get(api, "/v1/audit", order_id="o3", sort="-position"))["items"]

    assert [entry["type"] for entry in entries] == [
        "OrderCancelled",
        "OrderConfirmed",
        "OrderPlaced",
    ]
    assert entries[0]["reason"] == "changed her mind"


# Wrong parameters ----------------------------------------------------------------------------


def parameters(document: dict[str, Any], form: dict[str, str]) -> list[tuple[str, str]]:
    """(path, name) of every documented query parameter of a type and format."""
    found = []
    for path, item in document["paths"].items():
        for described in item.get("get", {}).get("parameters", []):
            shapes = described["schema"].get("anyOf", [described["schema"]])
            if described["in"] == "query" and any(form.items() <= one.items() for one in shapes):
                found.append((path, described["name"]))
    return found


@pytest.mark.parametrize(
    ("form", "values", "least"),
    [
        (
            {"type": "integer"},
            [
                "1.0",
                "1_0",
                "%201",
                "1%20",
                "%2B1",
                "01",
                "1e0",
                "0x1",
                "",
                "true",
                "%D9%A1",
                "null",
            ],
            12,
        ),
        (
            {"format": "date-time"},
            [
                "2026",
                "1700000000",
                "1700000000.5",
                "2026-11-23",
                "2026-11-23T09:00",
                "2026-11-23T09:00:00",
                "2026-11-23%2009:00:00Z",
                "2026-11-23T09:00:00z",
                "2026-11-23T09:00:00+02:00",  # a plus sign that is not escaped is a space
                "2026-11-23T24:00:00Z",
                "%202026-11-23T09:00:00Z",
                "-1",
                "",
                "%D9%A2026-11-23T09:00:00Z",
            ],
            5,
        ),
        ({"type": "boolean"}, ["1", "yes", "TRUE", "True", "on", "t", "%20true", ""], 1),
        ({"type": "string"}, ["%00", "%0B", "%C2%85", "", "x" * 1001], 15),
    ],
)
async def test_each_value_has_one_form_in_every_query(
    api: Api, form: dict[str, str], values: list[str], least: int
) -> None:
    await api.place()
    await api.catch_up()
    document = (await api.client.get("/openapi.json")).json()

    found = parameters(document, form)

    assert len(found) >= least
    for path, name in found:
        for value in values:
            where = re.sub(r"\{\w+\}", "o1", path)
            response = await api.client.get(f"{where}?{name}={value}")
            assert response.status_code == 422, (path, name, value)


@pytest.mark.parametrize(
    "path", ["orders/X", "orders/X/events", "orders/X/payments", "payments/X", "shipments/X"]
)
async def test_a_path_with_what_is_no_id_is_malformed(api: Api, path: str) -> None:
    await api.catch_up()

    for name in ("%00", "a%0A", "a%20", "%C2%A0a", "a" * 201, "%E2%80%A8", "%C3", "%", "%4", "%zz"):
        response = await api.client.get(f"/v1/{path}".replace("X", name))
        assert response.status_code == 422
        assert kind(response) == "malformed"


@pytest.mark.parametrize("time", ["2026-11-23T09:00:00Z", "2026-11-23T11:00:00.123456789%2B02:00"])
async def test_a_time_of_rfc_3339_is_read_in_every_query(api: Api, time: str) -> None:
    await api.place()
    await api.catch_up()

    for path in ("/v1/orders?placed_after", "/v1/audit?recorded_before", "/v1/orders/o1?as_of"):
        assert (await api.client.get(f"{path}={time}")).status_code in {200, 404}


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=501",
        "limit=x",
        "limit=1&limit=2",
        "stat=placed",
        "state=shipped",
        "sort=shoe-size",
        "placed_after=yesterday",
        "on_hold=perhaps",
    ],
)
async def test_parameters_that_make_no_sense_are_malformed(api: Api, query: str) -> None:
    await api.catch_up()

    response = await api.client.get(f"/v1/orders?{query}")

    assert response.status_code == 422
    assert kind(response) == "malformed"


@pytest.mark.parametrize("cursor", ["XYZZY", "", "%00", "e30", "x" * 999, "W10"])
async def test_a_forged_cursor_is_malformed(api: Api, cursor: str) -> None:
    await api.catch_up()

    response = await api.client.get(f"/v1/orders?cursor={cursor}")

    assert response.status_code == 422
    assert kind(response) == "bad-cursor"
    assert "XYZZY" not in response.text


async def test_a_cursor_of_another_list_is_malformed(api: Api) -> None:
    await a_day(api)
    await api.catch_up()
    page = await get(api, "/v1/orders", limit=1)

    response = await api.client.get("/v1/payments", params={"cursor": page["next"]})

    assert kind(response) == "bad-cursor"


@pytest.mark.parametrize(
    "query",
    [
        "revision=-1",
        "revision=1.5",
        f"revision={'9' * 30}",
        f"revision={'9' * 5000}",
        "as_of=now",
        "occurred_as_of=now",
        "as_of=2026-11-23T09:00:00",
        "as_of=0001-01-01T00:00:00%2B23:59",
        "revison=1",
    ],
)
async def test_an_invalid_revision_or_time_of_an_order_is_malformed(api: Api, query: str) -> None:
    await api.place()

    response = await api.client.get(f"/v1/orders/o1?{query}")

    assert response.status_code == 422
    assert kind(response) == "malformed"


# Reading one's writes ------------------------------------------------------------------------


class TestAPatientServer:
    @pytest.fixture
    def limits(self) -> Limits:
        return Limits(wait_s=30)

    @on_each_kind
    async def test_min_revision_waits_for_the_read_model(self, api: Api) -> None:
        await api.place()
        await api.catch_up()
        await api.send("confirm-order")

        asking = asyncio.create_task(api.client.get("/v1/orders/o1/shipments?min_revision=1"))
        await asyncio.sleep(0.02)
        assert not asking.done()
        await api.catch_up()

        assert (await asking).json()["revision"] == 1


@pytest.mark.parametrize("model", ["shipments", "payments", "postings"])
async def test_a_read_model_that_keeps_lagging_is_503(api: Api, model: str) -> None:
    await api.place()
    await api.catch_up()
    await api.send("confirm-order")

    response = await api.client.get(f"/v1/orders/o1/{model}?min_revision=1")

    assert response.status_code == 503
    assert kind(response) == "read-model-behind"
    assert response.headers["retry-after"] == "1"


@on_each_kind
async def test_an_order_that_the_read_model_does_not_have_yet_is_read_model_behind_and_not_unknown(
    api: Api,
) -> None:
    await api.catch_up()
    await api.place()

    response = await api.client.get("/v1/orders/o1/payments")

    assert response.status_code == 503
    assert kind(response) == "read-model-behind"


@on_each_kind
async def test_the_audit_trail_of_an_order_waits_too(api: Api) -> None:
    await api.place()
    await api.catch_up()
    await api.send("confirm-order")

    behind = await api.client.get("/v1/audit?order_id=o1&min_revision=1")
    there = await get(api, "/v1/audit", order_id="o1", min_revision=0)
    unclear = await api.client.get("/v1/audit?min_revision=0")

    assert behind.status_code == 503
    assert len(there["items"]) == 1
    assert unclear.status_code == 422


@on_each_kind
async def test_a_read_model_that_is_not_built_is_503(api: Api) -> None:
    response = await api.client.get("/v1/orders")

    assert response.status_code == 503
    assert kind(response) == "read-model-unavailable"
    assert "retry-after" in response.headers


async def test_the_log_answers_without_any_read_model(api: Api) -> None:
    await api.place()

    assert (await get(api, "/v1/orders/o1"))["state"] == "placed"
    export = await api.client.get("/v1/audit/export")
    assert json.loads(export.text.splitlines()[-1])["count"] == 1


# The shortcut to an order ---------------------------------------------------------------------


async def test_an_order_is_answered_alike_with_and_without_its_revision(api: Api) -> None:
    """Without a query it is answered without FastAPI's layers."""
    for order_id in ("o1", "A/7 é%", "summary.", "stream"):
        await api.place(order_id)
        path = f"/v1/orders/{segment(order_id)}"
        for method in ("GET", "HEAD"):
            short = await api.client.request(method, path)
            whole = await api.client.request(method, path, params={"revision": 0})
            assert short.status_code == whole.status_code == 200
            assert short.content == whole.content
            assert sorted(short.headers.multi_items()) == sorted(whole.headers.multi_items())


@pytest.mark.parametrize("order_id", ["none", "%20", "%00", "x" * 300, "%E2%80%8B", "a%2Fb"])
async def test_what_is_no_order_is_refused_alike_with_and_without_a_query(
    api: Api, order_id: str
) -> None:
    short = await api.client.get(f"/v1/orders/{order_id}")
    whole = await api.client.get(f"/v1/orders/{order_id}?occurred_as_of=2026-11-23T09:00:00Z")

    assert (short.status_code, short.json()) == (whole.status_code, whole.json())
