"""One command through several doors: what one refuses or remembers, all do."""

import asyncio
import json
from typing import Any

import httpx
import pytest

from api.http.guards import Limits
from api.proto.daybook.v1 import ledger_pb2 as ledger
from api.proto.order import order_service_pb2 as pb
from api.rpc.call import Call
from api.rpc.services import methods_of
from tests.api.conftest import Api, kind, order
from tests.waiting import HUNG_S

CREATE = "/order.OrderService/CreateOrder"
EXECUTE = "/daybook.v1.LedgerService/Execute"
GRAPHQL = "/v1/graphql"
CONTENT = {
    "customerId": "ada",
    "currency": "EUR",
    "items": [{"productId": "teapot", "quantity": 2, "priceCents": 1000}],
}
PLACE = """mutation ($input: PlaceOrderInput!, $key: String, $at: [Long!]) {
  placeOrder(input: $input, idempotencyKey: $key, ifMatch: $at) { orderId }
}"""


async def by_rest(api: Api, key: str) -> httpx.Response:
    headers = {"Idempotency-Key": key}
    return await api.client.post("/v1/orders", json=order(order_id=None), headers=headers)


async def by_bulk(api: Api, key: str) -> httpx.Response:
    line = {"command": "place-order", "command_id": key, **order(order_id=None)}
    headers = {"Content-Type": "application/x-ndjson"}
    return await api.client.post("/v1/commands", content=json.dumps(line), headers=headers)


async def by_create_order(api: Api, key: str) -> httpx.Response:
    return await api.client.post(CREATE, json=CONTENT | {"idempotencyKey": key})


async def by_execute(api: Api, key: str) -> httpx.Response:
    command = {"commandId": key, "placeOrder": CONTENT}
    return await api.client.post(EXECUTE, json={"command": command})


async def by_graphql(api: Api, key: str, at: list[int] | None = None) -> httpx.Response:
    variables = {"input": CONTENT, "key": key, "at": at}
    return await api.client.post(GRAPHQL, json={"query": PLACE, "variables": variables})


DOORS = (by_rest, by_bulk, by_create_order, by_execute, by_graphql)


def order_ids(document: Any) -> list[str]:
    """Of an answer, wherever they are in it."""
    if not isinstance(document, dict):
        return []
    own = [document[name] for name in ("order_id", "orderId") if name in document]
    return own + [found for member in document.values() for found in order_ids(member)]


async def test_the_same_key_through_every_door_places_one_order(api: Api) -> None:
    answers = [(await door(api, "k1")).json() for door in DOORS]
    assert len({order_id for answer in answers for order_id in order_ids(answer)}) == 1
    assert all(map(order_ids, answers))
    assert await api.stored() == 1


@pytest.mark.parametrize("key", ["k" * 201, "a\nb", "a\0b"])
async def test_a_key_that_one_door_refuses_is_refused_by_all(api: Api, key: str) -> None:
    for door in (by_bulk, by_create_order, by_execute, by_graphql):
        assert "malformed" in (await door(api, key)).text, door
    assert await api.stored() == 0


async def test_preconditions_of_http_hold_for_connect(api: Api) -> None:
    await api.place("o1")
    note = {"command": {"orderId": "o1", "addNote": {"noteId": "n1", "text": "ring twice"}}}
    stale = await api.client.post(EXECUTE, json=note, headers={"If-Match": '"7"'})
    placed = await api.client.post(
        CREATE, json=CONTENT | {"orderId": "o1"}, headers={"If-None-Match": "*"}
    )
    assert {stale.json()["code"], placed.json()["code"]} == {"aborted"}
    for wrong in (
        await api.client.post(EXECUTE, json=note, headers={"If-Match": "what"}),
        await api.client.post(
            EXECUTE, json=note | {"expectedRevision": 0}, headers={"If-Match": '"0"'}
        ),
    ):
        assert wrong.json()["code"] == "invalid_argument"
    assert await api.stored() == 1
    right = await api.client.post(EXECUTE, json=note, headers={"If-Match": '"0"'})
    assert right.json()["revision"] == "1"


async def test_what_is_no_revision_is_malformed(api: Api) -> None:
    below = {"command": {"placeOrder": CONTENT}, "expectedRevision": -1}
    assert (await api.client.post(EXECUTE, json=below)).json()["code"] == "invalid_argument"
    for at in ([], [-1]):
        [error] = (await by_graphql(api, "k", at)).json()["errors"]
        assert error["extensions"]["code"] == "malformed"
    assert await api.stored() == 0


async def test_a_deadline_that_passes_during_an_append_ends_the_wait_and_not_the_append(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    store: Any = api.services.store
    go_on, append, appending = asyncio.Event(), store.append, []

    async def slow(*arguments: Any, **named: Any) -> Any:
        async def later() -> Any:
            await go_on.wait()
            return await append(*arguments, **named)

        appending.append(asyncio.ensure_future(later()))
        return await asyncio.shield(appending[-1])

    monkeypatch.setattr(store, "append", slow)
    soon = {"Connect-Timeout-Ms": "1000"}
    late = await api.client.post(CREATE, json=CONTENT | {"idempotencyKey": "k1"}, headers=soon)
    assert late.json()["code"] == "deadline_exceeded"
    assert await api.stored() == 0
    go_on.set()
    await asyncio.wait(appending)
    again = await by_execute(api, "k1")
    assert again.json()["replayed"] is True
    assert await api.stored() == 1


async def test_what_the_address_asks_for_is_not_ignored(api: Api) -> None:
    answer = await api.client.post(f"{CREATE}?dry_run=true", json=CONTENT)
    assert kind(answer) == "malformed"
    assert await api.stored() == 0


async def test_a_list_is_no_message(api: Api) -> None:
    answer = await api.client.post("/daybook.v1.LedgerService/ListOrders", json=[])
    assert answer.json()["code"] == "invalid_argument"


class TestALogThatDoesNotAnswer:
    @pytest.fixture
    def limits(self) -> Limits:
        return Limits(request_s=0.1)

    @pytest.mark.parametrize(
        "request_", [pb.GetOrderRequest(order_id="o1"), ledger.GetOrderRequest(order_id="o1")]
    )
    async def test_a_call_without_a_deadline_ends(
        self, api: Api, monkeypatch: pytest.MonkeyPatch, request_: Any
    ) -> None:
        async def never(*_: Any, **__: Any) -> None:
            await asyncio.Event().wait()

        monkeypatch.setattr(api.services.ledger, "order", never)
        [get] = [each for each in methods_of(api.services) if each.request is type(request_)][:1]
        assert get.unary is not None
        call = asyncio.ensure_future(get.unary(request_, Call({}, "grpc")))
        assert (await asyncio.wait({call}, timeout=HUNG_S))[0], "it still waits"
        assert isinstance(call.exception(), TimeoutError)
