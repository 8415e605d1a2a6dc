"""What REST answers, GraphQL answers: the same documents under its own names."""

from typing import Any

import pytest
from graphql import get_named_type

from api.graphql.schema import schema
from tests.api.answers import tell
from tests.api.conftest import Api
from tests.api.graphql.conftest import GraphQL
from tests.api.graphql.everything import everything, renamed

LISTS = ("orders", "shipments", "payments", "anomalies", "audit")
ONES = {
    "order": ('order(orderId: "1001")', "/v1/orders/1001"),
    "payment": ('payment(paymentId: "p1")', "/v1/payments/p1"),
    "shipment": ('shipment(shipmentId: "s1")', "/v1/shipments/s1"),
}
OF_ORDER = {"money": "payments", "goods": "shipments"}


@pytest.fixture
async def story(api: Api) -> Api:
    """An order with a payment, a refund that nobody granted, a shipment, and every read model."""
    await tell(api)
    return api


def _root(name: str) -> Any:
    query = schema().query_type
    assert query is not None
    return get_named_type(query.fields[name].type)


async def test_each_list_has_the_items_of_the_rest_list(story: Api, graphql: GraphQL) -> None:
    for name in LISTS:
        found = await graphql.data(f"{{ {name} {{ {everything(_root(name))} }} }}")

        rest = (await story.client.get(f"/v1/{name}")).json()
        assert found[name]["items"] != []
        assert found[name] == renamed(rest)


async def test_one_thing_is_the_document_of_its_rest_route(story: Api, graphql: GraphQL) -> None:
    for name, (field, path) in ONES.items():
        found = await graphql.data(f"{{ {field} {{ {everything(_root(name))} }} }}")

        rest = (await story.client.get(path)).json()
        if name == "order":
            accounts = rest["accounts"].items()
            rest["accounts"] = [{"account": it, "amount_cents": cents} for it, cents in accounts]
        assert found[name] == renamed(rest)


async def test_an_orders_money_and_goods_are_those_of_rest(story: Api, graphql: GraphQL) -> None:
    for name, path in OF_ORDER.items():
        selection = everything(get_named_type(_root("order").fields[name].type))
        found = await graphql.data(f'{{ order(orderId: "1001") {{ {name} {{ {selection} }} }} }}')

        rest = (await story.client.get(f"/v1/orders/1001/{path}")).json()
        assert found["order"][name] == renamed(rest)


async def test_the_lists_of_an_order_are_those_of_rest(story: Api, graphql: GraphQL) -> None:
    row = _root("orders").fields["items"].type
    names = ("payments", "shipments", "anomalyList", "postings", "audit", "eventList")
    listed = get_named_type(row).fields
    selections = " ".join(
        f"{name}(limit: 20) {{ {everything(get_named_type(listed[name].type))} }}" for name in names
    )
    found = await graphql.data(f"{{ orders(limit: 1) {{ items {{ {selections} }} }} }}")

    [order] = found["orders"]["items"]
    rest = {
        "payments": "/v1/payments",
        "shipments": "/v1/shipments",
        "anomalyList": "/v1/anomalies",
        "postings": "/v1/orders/1001/postings",
        "audit": "/v1/audit",
        "eventList": "/v1/orders/1001/events",
    }
    for name in names:
        items = (await story.client.get(rest[name])).json()["items"]
        assert order[name] == {"items": renamed(items), "next": None}, name


async def test_a_payment_has_the_postings_of_its_own_facts(story: Api, graphql: GraphQL) -> None:
    await story.send("capture-payment", "1001", payment_id="p2", capture_id="c9", amount_cents=7)
    await story.catch_up()

    found = await graphql.data(
        "{ payments { items { paymentId postings { items { revision account amountCents } } } } }"
    )

    postings = {it["paymentId"]: it["postings"]["items"] for it in found["payments"]["items"]}
    assert [(it["account"], it["amountCents"]) for it in postings["p2"]] == [
        ("receivable", -7),
        ("cash", 7),
    ]
    assert {it["revision"] for it in postings["p1"]} == {3, 8, 9}


async def test_nested_pages_go_on_where_the_one_before_ended(story: Api, graphql: GraphQL) -> None:
    whole = await graphql.data(
        '{ order(orderId: "1001") { postings(limit: 100) { items { revision n } } } }'
    )
    query = (
        'query ($cursor: String) { order(orderId: "1001") {'
        " postings(limit: 5, cursor: $cursor) { items { revision n } next } } }"
    )
    found, cursor = [], None
    for _ in range(10):
        page = (await graphql.data(query, cursor=cursor))["order"]["postings"]
        found += page["items"]
        cursor = page["next"]
        if cursor is None:
            break

    assert found == whole["order"]["postings"]["items"]
    assert len(found) == 12


async def test_a_cursor_of_another_order_is_refused(story: Api, graphql: GraphQL) -> None:
    await story.place("1002")
    await story.catch_up()
    query = (
        "query ($id: ID!, $cursor: String) { order(orderId: $id) {"
        " postings(limit: 1, cursor: $cursor) { next } } }"
    )
    page = (await graphql.data(query, id="1001"))["order"]["postings"]

    assert await graphql.code(query, id="1002", cursor=page["next"]) == "bad-cursor"


@pytest.mark.parametrize("group_by", [None, "day"])
async def test_totals_are_those_of_rest(story: Api, graphql: GraphQL, group_by: str | None) -> None:
    for name in ("orders", "shipments", "payments"):
        await check_totals(story, graphql, name, group_by)


async def check_totals(story: Api, graphql: GraphQL, name: str, group_by: str | None) -> None:
    field = f"{name}Summary"
    found = await graphql.data(
        f"query ($period: PeriodInput) {{ {field}(period: $period)"
        f" {{ {everything(_root(field))} }} }}",
        period={"groupBy": group_by, "tz": "Europe/Berlin"},
    )

    asked = {"tz": "Europe/Berlin"} | ({"group_by": group_by} if group_by else {})
    rest = (await story.client.get(f"/v1/{name}/summary", params=asked)).json()
    periods = rest.get("periods", [{"period": None, "from": None, "to": None, "totals": rest}])
    for period in periods:
        [(currency, figures)] = period["totals"].items()
        methods = figures.pop("captured_cents_by_method", None)
        total = {"currency": currency, **figures}
        if methods is not None:
            total["captured_cents_by_method"] = [
                {"method": method, "captured_cents": cents} for method, cents in methods.items()
            ]
        period["totals"] = [total]
    assert found[field] == renamed(periods)


async def test_the_trial_balance_is_that_of_rest_and_adds_up_to_zero(
    story: Api, graphql: GraphQL
) -> None:
    query = (
        "query ($id: ID, $period: PeriodInput) { trialBalance(orderId: $id, period: $period) {"
        " totals { currency sumCents accounts {"
        " account openingCents movementsCents closingCents } } } }"
    )
    rest = (await story.client.get("/v1/payments/trial-balance")).json()["EUR"]
    del rest["sum"]

    for asked in ({}, {"id": "1001"}, {"period": {"from": "2026-01-01"}}):
        [period] = (await graphql.data(query, **asked))["trialBalance"]
        [total] = period["totals"]
        closing = {it["account"]: it["closingCents"] for it in total["accounts"]}
        assert (total["currency"], total["sumCents"], closing) == ("EUR", 0, rest)


async def test_an_order_is_read_at_a_revision_and_as_of_a_moment(
    story: Api, graphql: GraphQL
) -> None:
    query = (
        "query ($id: ID!, $revision: Long, $asOf: DateTime) {"
        " order(orderId: $id, revision: $revision, asOf: $asOf) { revision state } }"
    )

    assert (await graphql.data(query, id="1001", revision=0))["order"] == {
        "revision": 0,
        "state": "placed",
    }
    early = (await story.client.get("/v1/orders/1001?revision=1")).json()["recorded_at"]
    assert (await graphql.data(query, id="1001", asOf=early))["order"]["revision"] == 1
    assert await graphql.code(query, id="1001", revision=99) == "no-such-revision"
    assert await graphql.code(query, id="nobody") == "unknown-order"


WRONG = [
    ("orders(filter: {state: nothing}) { next }", None),
    ("orders(limit: 0) { next }", "/v1/orders?limit=0"),
    ('orders(cursor: "x") { next }', "/v1/orders?cursor=x"),
    ('orders(filter: {customerId: ""}) { next }', "/v1/orders?customer_id="),
    ('orders(filter: {placedAfter: "now"}) { next }', "/v1/orders?placed_after=now"),
    ('payment(paymentId: "none") { state }', "/v1/payments/none"),
    ('ordersSummary(period: {tz: "Mars"}) { from }', "/v1/orders/summary?tz=Mars"),
    (
        'trialBalance(orderId: "1001", period: {from: "2026-01-01"}) { from }',
        "/v1/payments/trial-balance?order_id=1001&from=2026-01-01",
    ),
]


async def test_what_is_wrong_is_the_problem_that_rest_answers(story: Api, graphql: GraphQL) -> None:
    for field, path in WRONG:
        [error] = await graphql.errors(f"{{ {field} }}")

        if path is None:
            assert error["extensions"]["code"] == "malformed"
        else:
            assert error["extensions"]["problem"] == (await story.client.get(path)).json()


async def test_the_state_of_the_read_models_is_that_of_rest(story: Api, graphql: GraphQL) -> None:
    found = await graphql.data(f"{{ projections {{ {everything(_root('projections'))} }} }}")

    assert (
        found["projections"] == renamed((await story.client.get("/v1/projections")).json())["items"]
    )
