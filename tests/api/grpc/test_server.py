"""What a server says of itself: reflection, health, metrics, its log; and how it stops."""

import asyncio
import logging
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from api.grpc import health
from api.grpc.server import Server
from api.http.problems import KINDS, Rejected
from api.proto.order import order_service_pb2 as pb
from api.rpc.call import Call, Method
from api.rpc.errors import Code, table
from api.rpc.watch import Watch
from domain.rules import RULES
from runtime.telemetry import Telemetry
from tests.api.grpc.conftest import Grpc, order_of
from tests.waiting import HUNG_S

SERVICES = {
    "order.OrderService",
    "daybook.v1.LedgerService",
    "grpc.health.v1.Health",
    "grpc.reflection.v1alpha.ServerReflection",
}
SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


async def reflected(rpc: Grpc, **asked: str) -> Any:
    stub: Any = reflection_pb2_grpc.ServerReflectionStub(rpc.channel)
    request = reflection_pb2.ServerReflectionRequest(**asked)
    [answer] = [answer async for answer in stub.ServerReflectionInfo(iter([request]))]
    return answer


def asked(rpc: Grpc, service: str) -> Any:
    stub: Any = health_pb2_grpc.HealthStub(rpc.channel)
    return stub.Check(health_pb2.HealthCheckRequest(service=service))


async def checked(rpc: Grpc, service: str) -> Any:
    return (await asked(rpc, service)).status


async def test_its_services_are_listed(rpc: Grpc) -> None:
    """What `grpcurl list` asks for."""
    answer = await reflected(rpc, list_services="")
    assert {each.name for each in answer.list_services_response.service} == SERVICES


async def test_its_files_are_given(rpc: Grpc) -> None:
    """What `grpcurl describe` asks for."""
    answer = await reflected(rpc, file_containing_symbol="order.OrderService")
    assert pb.DESCRIPTOR.serialized_pb in answer.file_descriptor_response.file_descriptor_proto


async def test_each_service_serves(rpc: Grpc) -> None:
    for service in ("", "order.OrderService", "daybook.v1.LedgerService"):
        assert await checked(rpc, service) == SERVING
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await checked(rpc, "nobody.Service")
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND


async def test_a_read_model_that_cannot_be_read_is_told_by_the_service_that_needs_it(
    rpc: Grpc, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def not_ready(_services: Any) -> list[str]:
        return ["payment: it is not built"]

    monkeypatch.setattr(health, "not_ready", not_ready)
    names = ["order.OrderService", "daybook.v1.LedgerService"]
    told = await health.serving(rpc.api.services, names)
    assert told == {"": False, "order.OrderService": True, "daybook.v1.LedgerService": False}


async def test_a_change_of_health_is_told_to_who_watches() -> None:
    told = health.Health()
    told.tell({"": True})
    watching = told.watch(health_pb2.HealthCheckRequest(), Call({}, "grpc"))
    assert (await anext(watching)).status == SERVING  # type: ignore[union-attr]
    told.stop()
    assert (await anext(watching)).status == NOT_SERVING  # type: ignore[union-attr]
    with pytest.raises(Rejected, match="stopping"):
        await anext(watching)
    told.tell({"": True})
    assert (await told.check(health_pb2.HealthCheckRequest(), Call({}, "grpc"))).status == (  # type: ignore[attr-defined]
        NOT_SERVING
    )


async def test_calls_are_counted_by_their_code(rpc: Grpc) -> None:
    await rpc.create()
    with pytest.raises(grpc.aio.AioRpcError):
        await rpc.create(customer_id="")
    text = rpc.api.services.telemetry.metrics.text().decode()
    labels = 'door="grpc",method="/order.OrderService/CreateOrder"'
    assert f'daybook_rpc_calls_total{{code="OK",{labels}}} 1.0' in text
    assert f'daybook_rpc_calls_total{{code="INVALID_ARGUMENT",{labels}}} 1.0' in text
    assert f"daybook_rpc_call_seconds_count{{{labels}}} 2.0" in text


async def test_a_call_is_logged_with_its_method_time_and_code(
    rpc: Grpc, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "daybook.rpc")
    await rpc.create()
    with pytest.raises(grpc.aio.AioRpcError):
        await rpc.create(customer_id="")
    lines = [
        (one.levelname, vars(one)["code"]) for one in caplog.records if one.name == "daybook.rpc"
    ]
    assert lines == [("DEBUG", "OK"), ("INFO", "INVALID_ARGUMENT")]
    assert vars(caplog.records[-1])["method"] == "/order.OrderService/CreateOrder"
    assert vars(caplog.records[-1])["ms"] >= 0


async def test_a_fault_of_the_server_is_answered_with_its_incident_alone(
    rpc: Grpc, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr(rpc.api.services.ledger, "order", broken)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await rpc.call("order.OrderService/GetOrder", pb.GetOrderRequest(order_id="o1"))
    assert caught.value.code() is grpc.StatusCode.INTERNAL
    assert "secret" not in (caught.value.details() or "")


async def test_there_is_a_place_for_who_calls(rpc: Grpc) -> None:
    """Nobody is asked yet; where somebody is, a call without an identity goes no further."""

    async def nobody(_head: Any) -> str | None:
        raise Rejected("foreign-origin", "who are you?")

    async def get(request: Any, call: Call) -> Any:
        raise AssertionError("it was called")

    method = Method("order.OrderService", "GetOrder", pb.GetOrderRequest, pb.OrderResponse, get)
    asking = Server([method], Watch(Telemetry()), rpc.api.services.limits, nobody)
    loop = asyncio.get_running_loop()
    async with await loop.create_server(asking.connection, "127.0.0.1", 0) as listening:
        port = listening.sockets[0].getsockname()[1]
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            call = channel.unary_unary("/order.OrderService/GetOrder")(b"")
            assert await call.code() is grpc.StatusCode.PERMISSION_DENIED
        await asking.drain(0)


async def test_a_server_that_stops_ends_its_calls_and_takes_no_more(
    rpc: Grpc, monkeypatch: pytest.MonkeyPatch
) -> None:
    store: Any = rpc.api.services.store
    began, go_on, append = asyncio.Event(), asyncio.Event(), store.append

    async def slow(*arguments: Any, **named: Any) -> Any:
        began.set()
        await go_on.wait()
        return await append(*arguments, **named)

    monkeypatch.setattr(store, "append", slow)
    create = rpc.unary("order.OrderService/CreateOrder")
    under_way = asyncio.ensure_future(create(order_of(order_id="o1")))
    await began.wait()
    rpc.stop.set()
    async with asyncio.timeout(HUNG_S):
        while await asked(rpc, "").code() is not grpc.StatusCode.UNAVAILABLE:
            pass
    go_on.set()
    assert (await under_way).order_id == "o1"


def test_every_kind_of_problem_and_every_rule_has_a_code() -> None:
    listed = {kind: code for kind, _, code in table()}
    assert listed.keys() == KINDS.keys() | RULES.keys()
    assert Code.UNKNOWN not in {code for kind, code in listed.items() if kind != "outcome-unknown"}
    assert listed["overloaded"] is Code.RESOURCE_EXHAUSTED
