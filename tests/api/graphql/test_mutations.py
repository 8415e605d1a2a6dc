"""Commands as mutations: the same parser, the same handler, the same problems as REST."""

import asyncio
import json
from typing import Any

import pytest
from graphql import GraphQLInputObjectType, GraphQLNonNull, get_nullable_type

from api.commands.registry import REGISTRY
from api.docs.examples import BODIES
from api.graphql.names import camel
from api.graphql.schema import schema
from api.http.guards import Limits
from domain.values import CENTS_MAX, ITEMS_MAX
from eventstore.ledger.ledger import Ledger
from tests.api.conftest import Api
from tests.api.graphql.conftest import PATH, GraphQL
from tests.api.graphql.everything import renamed
from tests.api.graphql.test_http import client_of

PLACE = """mutation ($input: PlaceOrderInput!, $key: String) {
  placeOrder(input: $input, idempotencyKey: $key) { status orderId revision replayed }
}"""
ITEM = {"productId": "teapot", "quantity": 2, "priceCents": 1000}


def order(**fields: Any) -> dict[str, Any]:
    body = {"orderId": "o1", "customerId": "ada", "currency": "EUR", "items": [ITEM]}
    return {name: value for name, value in (body | fields).items() if value is not None}


def mutation(name: str, *, dry_run: bool = False) -> str:
    """A mutation of any command, with its variables."""
    field = _fields()[camel(name)]
    input_ = field.args["input"].type
    variables = {"input": str(input_)} | ({"orderId": "ID!"} if "orderId" in field.args else {})
    declared = ", ".join(f"${name}: {type_}" for name, type_ in variables.items())
    given = ", ".join(f"{name}: ${name}" for name in variables)
    return (
        f"mutation ({declared}) {{ {camel(name)}({given}, dryRun: {str(dry_run).lower()})"
        " { revision dryRun events { type } } }"
    )


def _fields() -> Any:
    type_ = schema().mutation_type
    assert type_ is not None
    return type_.fields


def test_there_is_a_mutation_for_each_command_with_its_fields() -> None:
    assert set(_fields()) == {camel(name) for name in REGISTRY}
    for name, known in REGISTRY.items():
        given = get_nullable_type(_fields()[camel(name)].args["input"].type)
        assert isinstance(given, GraphQLInputObjectType)
        taken = {field.out_name or called: field for called, field in given.fields.items()}
        assert set(taken) == set(known.body.model_fields) - (
            {"order_id"} if "{order_id}" in known.path else set()
        )
        for field, type_ in taken.items():
            required = known.body.model_fields[field].is_required()
            assert isinstance(type_.type, GraphQLNonNull) == required, (name, field)


async def test_every_commands_example_is_answered_as_by_rest(api: Api, graphql: GraphQL) -> None:
    await api.place("1001")
    await api.send("confirm-order", "1001")
    before = await api.stored()
    headers = {"Daybook-Actor": "ada"}
    taken = 0
    for name, known in REGISTRY.items():
        body = json.loads(json.dumps(BODIES[name]))
        path = f"{known.path.replace('{order_id}', '1001')}?dry_run=true"
        rest = (await api.client.post(path, json=body, headers=headers)).json()
        variables = {"input": _camel(body), "orderId": "1001"}

        answer = (await graphql.post(mutation(name, dry_run=True), variables, **headers)).json()

        if "errors" in answer:
            assert answer["errors"][0]["extensions"]["problem"] == rest
            continue
        taken += 1
        events = [{"type": event["type"]} for event in rest["events"]]
        expected = {"revision": rest["revision"], "dryRun": True, "events": events}
        assert answer["data"] == {camel(name): expected}
    assert taken > len(REGISTRY) / 2
    assert await api.stored() == before


def _camel(body: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = renamed(body)
    if "fact" in found:
        found["fact"] = found["fact"].replace("-", "_")
    return found


async def test_a_command_is_stored_and_a_retry_answered_as_the_first_time(
    api: Api, graphql: GraphQL
) -> None:
    first = (await graphql.data(PLACE, input=order(), key="k1"))["placeOrder"]
    again = (await graphql.data(PLACE, input=order(), key="k1"))["placeOrder"]

    assert first == {"status": 201, "orderId": "o1", "revision": 0, "replayed": False}
    assert again == {"status": 201, "orderId": "o1", "revision": 0, "replayed": True}
    rest = await api.client.get("/v1/orders/o1/events")
    [event] = rest.json()["items"]
    assert (event["command_id"], event["channel"]) == ("k1", "graphql")
    assert await graphql.code(PLACE, input=order(currency="USD"), key="k1") == "command-id-reused"


async def test_an_order_id_that_is_left_out_follows_from_the_key_as_for_rest(
    api: Api, graphql: GraphQL
) -> None:
    found = await graphql.data(PLACE, input=order(orderId=None), key="cart-7")

    body = {"customer_id": "ada", "currency": "EUR", "channel": "graphql"}
    items = [{"product_id": "teapot", "quantity": 2, "price_cents": 1000}]
    rest = await api.client.post(
        "/v1/orders", json={**body, "items": items}, headers={"Idempotency-Key": "cart-7"}
    )
    assert rest.json()["order_id"] == found["placeOrder"]["orderId"]
    assert rest.json()["replayed"] is True


async def test_a_refusal_is_the_problem_of_rest_and_leaves_the_others(
    api: Api, graphql: GraphQL
) -> None:
    query = """mutation ($input: PlaceOrderInput!) {
      placeOrder(input: $input) { orderId }
      nobody: cancelOrder(orderId: "nobody", input: {reason: "x"}) { revision }
      confirmOrder(orderId: "o1") { revision order { state } }
    }"""
    answer = (await graphql.post(query, {"input": order()})).json()

    assert answer["data"] == {
        "placeOrder": {"orderId": "o1"},
        "nobody": None,
        "confirmOrder": {"revision": 1, "order": {"state": "confirmed"}},
    }
    [error] = answer["errors"]
    assert error["path"] == ["nobody"]
    rest = await api.client.post("/v1/orders/nobody/cancel-order", json={"reason": "x"})
    assert error["extensions"] == {"code": "unknown-order", "problem": rest.json()}
    assert error["extensions"]["problem"]["rule"] == "unknown-order"


async def test_a_stale_revision_is_refused_with_the_events_since(
    api: Api, graphql: GraphQL
) -> None:
    await api.place()
    await api.send("confirm-order")
    query = """mutation ($at: [Long!]) {
      addNote(orderId: "o1", ifMatch: $at, input: {noteId: "n", text: "x"}) { revision }
    }"""

    [error] = await graphql.errors(query, at=0)
    rest = await api.client.post(
        "/v1/orders/o1/add-note", json={"note_id": "n", "text": "x"}, headers={"If-Match": '"0"'}
    )
    assert error["extensions"]["problem"] == rest.json()
    assert [it["type"] for it in error["extensions"]["problem"]["events"]] == ["OrderConfirmed"]
    assert (await graphql.data(query, at=[0, 1]))["addNote"] == {"revision": 2}


MALFORMED: list[tuple[dict[str, Any], str]] = [
    ({"currency": "XXX"}, "currency"),
    ({"items": []}, "items"),
    ({"customerId": ""}, "customer_id"),
    ({"customerId": " a"}, "customer_id"),
    ({"items": [ITEM | {"quantity": 0}]}, "items.0.quantity"),
    ({"items": [ITEM | {"quantity": 2**31}]}, "items.0.quantity"),
    ({"items": [ITEM | {"priceCents": CENTS_MAX + 1}]}, "items.0.price_cents"),
    ({"items": [ITEM | {"priceCents": -1}]}, "items.0.price_cents"),
    ({"items": [ITEM | {"amountCents": 1}]}, "items.0"),
    ({"attributes": {"a": 1}}, "attributes"),
    ({"attributes": [1]}, "attributes"),
    ({"occurredAt": "yesterday"}, "occurred_at"),
    ({"orderId": "summary"}, "order_id"),
]


async def test_what_is_malformed_is_what_rest_says(api: Api, graphql: GraphQL) -> None:
    for fields, field in MALFORMED:
        [error] = await graphql.errors(PLACE, input=order(**fields))

        problem = error["extensions"]["problem"]
        assert (problem["status"], problem["errors"][0]["field"]) == (422, field), fields
        assert error["path"] == ["placeOrder"]
    assert await api.stored() == 0


OF_ANOTHER_TYPE: list[dict[str, Any]] = [
    {"items": [ITEM | {"priceCents": 1.0}]},
    {"items": [ITEM | {"priceCents": "1000"}]},
    {"items": [ITEM | {"priceCents": True}]},
    {"items": [ITEM | {"priceCents": 2**63}]},
    {"items": [ITEM | {"quantity": 2.0}]},
    {"items": None, "customerId": None},
    {"nonsense": 1},
    {"customerId": ["ada"]},
    {"occurredAt": 1764000000},
]


async def test_variables_of_a_wrong_type_are_refused_before_anything_is_done(
    api: Api, graphql: GraphQL
) -> None:
    for fields in OF_ANOTHER_TYPE:
        answer = (await graphql.post(PLACE, {"input": order(**fields)})).json()

        assert "data" not in answer, fields
        assert {it["extensions"]["code"] for it in answer["errors"]} == {"malformed"}, fields
    assert await api.stored() == 0


@pytest.mark.parametrize("cents", [CENTS_MAX, 2**31, 1])
async def test_money_is_taken_and_answered_up_to_its_limit(
    api: Api, graphql: GraphQL, cents: int
) -> None:
    item = {"productId": "crown", "quantity": 1, "priceCents": cents}
    await graphql.data(PLACE, input=order(items=[item]))
    literal = await graphql.data(
        f'mutation {{ adjustOrder(orderId: "o1", input: {{adjustmentId: "j", amountCents: -{cents},'
        ' label: "goodwill", reason: "x"}) { order { dueCents totalCents } } }'
    )

    assert literal["adjustOrder"]["order"] == {"dueCents": 0, "totalCents": cents}


async def test_who_sends_is_said_by_the_headers_of_rest(api: Api, graphql: GraphQL) -> None:
    await graphql.post(
        PLACE, {"input": order()}, Daybook_Actor="ada", Daybook_Correlation_Id="basket-1"
    )

    [event] = (await api.client.get("/v1/orders/o1/events")).json()["items"]
    assert (event["actor"], event["correlation_id"]) == ("ada", "basket-1")


async def test_a_command_that_demands_an_actor_is_refused_without_one(
    api: Api, graphql: GraphQL
) -> None:
    await api.place("1001")
    variables = {"orderId": "1001", "input": _camel(dict(BODIES["retract-fact"]))}

    [error] = await graphql.errors(mutation("retract-fact"), **variables)

    assert error["extensions"]["problem"]["errors"][0]["field"] == "actor"


async def test_a_key_that_is_none_is_refused(api: Api, graphql: GraphQL) -> None:
    for key in ("", "k" * 201, "a\nb"):
        [error] = await graphql.errors(PLACE, input=order(), key=key)

        assert error["extensions"]["problem"]["errors"][0]["field"] == "idempotencyKey"
    assert await api.stored() == 0


async def test_a_command_that_takes_too_long_says_how_to_send_it_again(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(_ledger: Ledger, _submission: Any) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(Ledger, "submit", never)
    query = {"query": PLACE, "variables": {"input": order(), "key": "k1"}}
    async with client_of(api, limits=Limits(request_s=0.1)) as client:
        answer = await client.post(PATH, json=query)

    assert answer.json()["data"] == {"placeOrder": None}
    [error] = answer.json()["errors"]
    problem = error["extensions"]["problem"]
    assert error["extensions"]["code"] == "timed-out"
    assert (problem["order_id"], problem["command_id"]) == ("o1", "k1")


async def test_an_order_of_the_most_items_is_taken(api: Api, graphql: GraphQL) -> None:
    items = [{**ITEM, "productId": f"p{n}", "name": "x", "unit": "kg"} for n in range(ITEMS_MAX)]

    found = await graphql.data(PLACE, input=order(items=items))

    assert found["placeOrder"]["status"] == 201
    one_more = [*items, ITEM]
    [error] = await graphql.errors(PLACE, input=order(orderId="o2", items=one_more))
    rest_items = [{"product_id": "p", "quantity": 1, "price_cents": 1}] * len(one_more)
    rest = await api.place("o2", items=rest_items)
    assert error["extensions"]["problem"] == rest.json()
