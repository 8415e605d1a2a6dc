"""order.OrderService, with grpcio's own client."""

from typing import Any

import grpc
import pytest

from api.proto.order import order_service_pb2 as pb
from eventstore.port import StoreUnavailable
from tests.api.grpc.conftest import Grpc, details, order_of

CREATE = "order.OrderService/CreateOrder"
GET = "order.OrderService/GetOrder"


async def test_an_order_is_created_and_got(rpc: Grpc) -> None:
    created = await rpc.create(order_id="o1")
    assert created == pb.OrderResponse(
        order_id="o1",
        status="placed",
        total_cents=2000,
        created_at=created.created_at,
        currency="EUR",
        revision=0,
        position=created.position,
    )
    assert created.position > 0
    assert created.created_at.endswith("Z")
    assert await rpc.call(GET, pb.GetOrderRequest(order_id="o1")) == created


async def test_it_is_the_order_that_http_has(rpc: Grpc) -> None:
    created = await rpc.create()
    over_http = (await rpc.api.client.get(f"/v1/orders/{created.order_id}")).json()
    assert over_http["total_cents"] == created.total_cents
    assert over_http["state"] == created.status
    assert over_http["recorded_at"] == created.created_at
    assert over_http["channel"] == "grpc"


async def test_without_a_currency_it_is_that_of_the_settings(rpc: Grpc) -> None:
    assert (await rpc.create(currency="")).currency == rpc.api.services.currency


async def test_the_same_key_places_one_order(rpc: Grpc) -> None:
    first = await rpc.create(idempotency_key="k1")
    await rpc.api.send("confirm-order", first.order_id)
    assert await rpc.create(idempotency_key="k1") == first
    by_metadata = await rpc.call(CREATE, order_of(), idempotency_key="k1")
    assert by_metadata == first
    assert await rpc.api.stored() == 2


async def test_the_same_key_for_another_order_is_refused(rpc: Grpc) -> None:
    await rpc.create(idempotency_key="k1")
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await rpc.create(idempotency_key="k1", customer_id="grace")
    assert caught.value.code() is grpc.StatusCode.ALREADY_EXISTS
    assert details(caught.value)["ErrorInfo"].reason == "command-id-reused"


async def test_two_keys_for_one_order_are_refused(rpc: Grpc) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await rpc.call(CREATE, order_of(idempotency_key="a"), idempotency_key="b")
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_a_later_state_is_told_with_when_it_was_created(rpc: Grpc) -> None:
    created = await rpc.create(order_id="o1")
    await rpc.api.send("confirm-order")
    got = await rpc.call(GET, pb.GetOrderRequest(order_id="o1"))
    assert (got.status, got.revision) == ("confirmed", 1)
    assert got.created_at == created.created_at


async def test_an_unknown_order_is_not_found(rpc: Grpc) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await rpc.call(GET, pb.GetOrderRequest(order_id="nobody"))
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND
    info = details(caught.value)["ErrorInfo"]
    assert (info.reason, info.domain) == ("unknown-order", "daybook")


WRONG = {
    "no customer": ({"customer_id": ""}, "customer_id"),
    "no items": ({"items": []}, "items"),
    "no product": ({"items": [pb.OrderItem(quantity=1)]}, "items.0.product_id"),
    "no quantity": ({"items": [pb.OrderItem(product_id="a")]}, "items.0.quantity"),
    "a price beyond the domain": (
        {"items": [pb.OrderItem(product_id="a", quantity=1, price_cents=2**63 - 1)]},
        "items.0.price_cents",
    ),
    "a price below zero": (
        {"items": [pb.OrderItem(product_id="a", quantity=1, price_cents=-1)]},
        "items.0.price_cents",
    ),
    "no currency of this world": ({"currency": "XXQ"}, "currency"),
    "an id that is none": ({"order_id": " "}, "order_id"),
}


async def test_what_is_wrong_is_named_and_nothing_is_stored(rpc: Grpc) -> None:
    for case, (fields, field) in WRONG.items():
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await rpc.create(**fields)
        assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT, case
        found = details(caught.value)
        assert found["ErrorInfo"].reason == "malformed", case
        assert [one.field for one in found["BadRequest"].field_violations] == [field], case
        assert await rpc.api.stored() == 0, case


async def test_an_item_may_cost_nothing(rpc: Grpc) -> None:
    free = await rpc.create(items=[pb.OrderItem(product_id="leaflet", quantity=1)])
    assert free.total_cents == 0


async def test_an_id_that_is_none_is_refused(rpc: Grpc) -> None:
    for order_id in ("", " o1", "a\nb"):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await rpc.call(GET, pb.GetOrderRequest(order_id=order_id))
        assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
        assert details(caught.value)["BadRequest"].field_violations[0].field == "order_id"


async def test_an_order_that_was_placed_and_cannot_be_read_back_is_of_unknown_outcome(
    rpc: Grpc, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A code that says that nothing was done would have it placed a second time."""

    async def unreadable(*_: Any) -> Any:
        raise StoreUnavailable("gone")

    ledger = rpc.api.services.ledger
    monkeypatch.setattr(type(ledger), "just_placed", lambda *_: None)
    monkeypatch.setattr(type(ledger), "order_after", unreadable)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await rpc.create(order_id="o1", idempotency_key="k")

    assert caught.value.code() is grpc.StatusCode.UNKNOWN
    assert await rpc.api.stored() == 1
