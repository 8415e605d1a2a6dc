"""The server of grpcio, for where hpack is not installed: the same answers."""

import asyncio
from collections.abc import AsyncIterator

import grpc
import pytest

from api.grpc.aio_server import answered, bound, options
from api.http.guards import Limits
from api.proto.daybook.v1 import ledger_pb2 as ledger
from api.proto.order import order_service_pb2 as pb
from api.rpc.services import methods_of
from tests.api.conftest import Api
from tests.api.grpc.conftest import Grpc, details, place
from tests.api.grpc.test_server import SERVICES, SERVING, checked, reflected
from tests.waiting import HUNG_S


@pytest.fixture
async def rpc(api: Api) -> AsyncIterator[Grpc]:
    methods, stop = methods_of(api.services), asyncio.Event()
    made = bound(api.services, methods, "127.0.0.1", 0)
    names = list(dict.fromkeys(method.service for method in methods))
    async with (
        answered(made, api.services, names, stop=stop, stop_s=HUNG_S),
        grpc.aio.insecure_channel(made.address) as channel,
    ):
        by_path = {method.path: method for method in methods}
        yield Grpc(api, channel, made.address, by_path, stop)


async def test_it_answers_calls_streams_and_errors(rpc: Grpc) -> None:
    created = await rpc.create(order_id="o1")
    assert (created.order_id, created.total_cents) == ("o1", 2000)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await rpc.call("order.OrderService/GetOrder", pb.GetOrderRequest(order_id="nobody"))
    assert details(caught.value)["ErrorInfo"].reason == "unknown-order"
    sent = [ledger.ExecuteStreamRequest(commands=[place("o2"), ledger.Command()])]
    results = rpc.both("daybook.v1.LedgerService/ExecuteStream", sent)
    [answer] = [answer async for answer in results]
    assert [one.WhichOneof("result") for one in answer.results] == ["done", "problem"]
    stream = rpc.stream("order.OrderService/StreamOrderUpdates", pb.GetOrderRequest(order_id="o1"))
    assert (await stream.read()).event_type == "OrderPlaced"
    stream.cancel()


async def test_it_tells_its_services_and_their_health(rpc: Grpc) -> None:
    answer = await reflected(rpc, list_services="")
    assert {each.name for each in answer.list_services_response.service} == SERVICES
    assert await checked(rpc, "order.OrderService") == SERVING


async def test_wrong_requests_get_their_code(rpc: Grpc) -> None:
    call = rpc.channel.unary_unary("/order.OrderService/CreateOrder")
    assert await call(b"\xff").code() is grpc.StatusCode.INVALID_ARGUMENT
    bomb = bytes(2**20)
    compressed = call(bomb, compression=grpc.Compression.Gzip)
    assert await compressed.code() is grpc.StatusCode.UNIMPLEMENTED


def test_it_has_its_limits() -> None:
    set_ = dict(options(Limits()))
    assert set_["grpc.max_receive_message_length"] == Limits().body_max_bytes
    assert set_["grpc.max_concurrent_streams"] == 1000
    assert set_["grpc.so_reuseport"] == 0
