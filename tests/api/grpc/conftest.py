"""gRPC's server over the API's services, on a free port, and grpcio's own client of it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import grpc
import pytest
from google.protobuf.message import Message
from google.rpc.status_pb2 import Status

from api.grpc.server import answered, bound
from api.proto.daybook.v1 import ledger_pb2 as ledger
from api.proto.order import order_service_pb2 as order
from api.rpc.call import Method
from api.rpc.services import methods_of
from api.services import Services
from tests.api.conftest import Api
from tests.waiting import HUNG_S


@dataclass
class Grpc:
    """A client. methods: by name, with the service's for those that two have."""

    api: Api
    channel: "grpc.aio.Channel"
    address: str
    methods: dict[str, Method]
    stop: asyncio.Event

    async def call(self, path: str, request: Message, **metadata: str) -> Any:
        """path: such as order.OrderService/GetOrder. metadata: `_` stands for `-`."""
        return await self.unary(path)(request, timeout=HUNG_S, metadata=pairs(metadata))

    def unary(self, path: str) -> Any:
        return self.channel.unary_unary(f"/{path}", *self._codecs(path))

    def stream(self, path: str, request: Message, **metadata: str) -> Any:
        make = self.channel.unary_stream(f"/{path}", *self._codecs(path))
        return make(request, timeout=HUNG_S, metadata=pairs(metadata))

    def both(self, path: str, requests: Any, **metadata: str) -> Any:
        make = self.channel.stream_stream(f"/{path}", *self._codecs(path))
        return make(requests, timeout=HUNG_S, metadata=pairs(metadata))

    async def create(self, **fields: Any) -> Any:
        return await self.call("order.OrderService/CreateOrder", order_of(**fields))

    def _codecs(self, path: str) -> tuple[Any, Any]:
        method = self.methods[f"/{path}"]
        return method.request.SerializeToString, method.response.FromString


def pairs(metadata: dict[str, str]) -> list[tuple[str, str]]:
    return [(name.replace("_", "-"), value) for name, value in metadata.items()]


def order_of(**fields: Any) -> order.CreateOrderRequest:
    item = order.OrderItem(product_id="teapot", quantity=2, price_cents=1000)
    given: dict[str, Any] = {"customer_id": "ada", "items": [item], "currency": "EUR"}
    return order.CreateOrderRequest(**(given | fields))


def place(order_id: str = "o1", **fields: Any) -> ledger.Command:
    item = ledger.OrderedItem(product_id="teapot", quantity=2, price_cents=1000)
    given: dict[str, Any] = {"customer_id": "ada", "items": [item], "currency": "EUR"}
    return ledger.Command(order_id=order_id, place_order=ledger.PlaceOrder(**(given | fields)))


def details(error: "grpc.aio.AioRpcError") -> dict[str, Message]:
    """The details of an error's status, by the name of their type."""
    [packed] = [
        value for name, value in error.trailing_metadata() if name == "grpc-status-details-bin"
    ]
    status = Status.FromString(packed)
    assert status.code == error.code().value[0]
    assert status.message == error.details()
    found = {}
    for detail in status.details:
        kind = _DETAILS[detail.TypeName()]
        found[detail.TypeName().rpartition(".")[2]] = kind.FromString(detail.value)
    return found


def _details() -> dict[str, type[Message]]:
    from google.rpc import error_details_pb2

    kinds = (error_details_pb2.ErrorInfo, error_details_pb2.BadRequest, error_details_pb2.RetryInfo)
    return {kind.DESCRIPTOR.full_name: kind for kind in kinds}


_DETAILS = _details()


@pytest.fixture
async def rpc(api: Api) -> AsyncIterator[Grpc]:
    async with grpc_of(api, api.services) as rpc:
        yield rpc


@asynccontextmanager
async def grpc_of(api: Api, services: Services) -> AsyncIterator[Grpc]:
    methods = methods_of(services)
    stop = asyncio.Event()
    made = bound(methods, "127.0.0.1", 0)
    names = sorted({method.service for method in methods})
    async with (
        answered(made, services, names, stop=stop, stop_s=HUNG_S),
        grpc.aio.insecure_channel(made.address) as channel,
    ):
        by_path = {method.path: method for method in methods}
        yield Grpc(api, channel, made.address, by_path, stop)
