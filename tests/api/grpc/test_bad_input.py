"""gRPC's own ways to be wrong: a clear code, nothing stored, and the server serves the others."""

import asyncio
import gzip
import socket
from typing import Any

import grpc
import pytest

from api.http.guards import Limits
from api.proto.daybook.v1 import ledger_pb2 as pb
from tests.api.grpc.conftest import Grpc, details, order_of, place
from tests.waiting import HUNG_S

CREATE = "/order.OrderService/CreateOrder"
EXECUTE = "/daybook.v1.LedgerService/Execute"
UNKNOWN_FIELD = b"\xf8\x7f\x01"
"""Field 2047, a number."""


@pytest.fixture
def limits() -> Limits:
    return Limits(wait_s=0.2, body_max_bytes=20_000)


async def still_serves(rpc: Grpc, stored: int = 0) -> None:
    assert await rpc.api.stored() == stored
    assert (await rpc.create(order_id="after")).order_id == "after"


async def code_of(call: Any) -> grpc.StatusCode:
    code: grpc.StatusCode = await call.code()
    return code


async def raw(rpc: Grpc, path: str, data: bytes, **how: Any) -> Any:
    return rpc.channel.unary_unary(path)(data, **how)


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xff",
        order_of().SerializeToString() + UNKNOWN_FIELD,
        order_of().SerializeToString()[:-3],
        b"\x0a\x02\xff\xfe",  # a text that is not UTF-8
    ],
    ids=["no message", "an unknown field", "cut off", "no UTF-8"],
)
async def test_bytes_that_are_no_request_are_refused(rpc: Grpc, data: bytes) -> None:
    call = await raw(rpc, CREATE, data)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert details(caught.value)["ErrorInfo"].reason == "malformed"
    await still_serves(rpc)


async def test_an_unknown_field_deep_in_a_command_is_refused(rpc: Grpc) -> None:
    inner = pb.OrderedItem(product_id="a", quantity=1, price_cents=1).SerializeToString()
    item = pb.OrderedItem.FromString(inner + UNKNOWN_FIELD)
    call = await raw(
        rpc, EXECUTE, pb.ExecuteRequest(command=place(items=[item])).SerializeToString()
    )
    assert await code_of(call) is grpc.StatusCode.INVALID_ARGUMENT
    await still_serves(rpc)


async def test_a_message_that_is_too_large_is_refused(rpc: Grpc) -> None:
    call = rpc.unary(CREATE.removeprefix("/"))(order_of(customer_id="x" * 30_000))
    assert await code_of(call) is grpc.StatusCode.RESOURCE_EXHAUSTED
    await still_serves(rpc)


async def test_a_small_message_that_expands_to_a_large_one_is_not_expanded(rpc: Grpc) -> None:
    bomb = b"\x0a" + b"\x80\x80\x80\x20" + bytes(64 * 2**20)
    assert len(gzip.compress(bomb)) < 100_000
    call = await raw(rpc, CREATE, bomb, compression=grpc.Compression.Gzip)
    assert await code_of(call) is grpc.StatusCode.UNIMPLEMENTED
    await still_serves(rpc)


async def test_a_deadline_that_is_past_stores_nothing(rpc: Grpc) -> None:
    call = rpc.unary(CREATE.removeprefix("/"))(order_of(), timeout=-1)
    assert await code_of(call) is grpc.StatusCode.DEADLINE_EXCEEDED
    await still_serves(rpc)


@pytest.mark.parametrize("by_deadline", [True, False])
async def test_a_call_that_ends_while_an_append_is_under_way_leaves_it_alone(
    rpc: Grpc, monkeypatch: pytest.MonkeyPatch, *, by_deadline: bool
) -> None:
    store: Any = rpc.api.services.store
    began, go_on, append = asyncio.Event(), asyncio.Event(), store.append

    async def slow(*arguments: Any, **named: Any) -> Any:
        appending = asyncio.ensure_future(append(*arguments, **named))
        began.set()
        await go_on.wait()
        return await appending

    monkeypatch.setattr(store, "append", slow)
    create = rpc.unary(CREATE.removeprefix("/"))
    request = order_of(order_id="o1", idempotency_key="k")
    call = create(request, timeout=1.0 if by_deadline else HUNG_S)
    await began.wait()
    if by_deadline:
        assert await code_of(call) is grpc.StatusCode.DEADLINE_EXCEEDED
    else:
        call.cancel()
        assert await code_of(call) is grpc.StatusCode.CANCELLED
    go_on.set()
    again = await rpc.create(order_id="o1", idempotency_key="k")
    assert (again.order_id, again.revision) == ("o1", 0)
    assert await rpc.api.stored() == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("daybook-actor", "a" * 2000),
        ("daybook-actor", ""),
        ("idempotency-key", "k" * 201),
        ("daybook-correlation-id", ""),
    ],
)
async def test_metadata_that_cannot_be_stored_is_refused(rpc: Grpc, name: str, value: str) -> None:
    call = rpc.unary(CREATE.removeprefix("/"))(order_of(), metadata=[(name, value)])
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    [violation] = details(caught.value)["BadRequest"].field_violations
    assert violation.field.lower() == name
    await still_serves(rpc)


async def test_metadata_that_is_sent_twice_is_refused(rpc: Grpc) -> None:
    twice = [("daybook-actor", "ada"), ("daybook-actor", "grace")]
    call = rpc.unary(CREATE.removeprefix("/"))(order_of(), metadata=twice)
    assert await code_of(call) is grpc.StatusCode.INVALID_ARGUMENT
    await still_serves(rpc)


async def test_a_traceparent_that_is_none_is_dropped_and_metadata_of_others_is_not_read(
    rpc: Grpc,
) -> None:
    sent = [("traceparent", "nonsense"), ("x-of-a-proxy", "1"), ("x-of-a-proxy", "2")]
    await rpc.unary(CREATE.removeprefix("/"))(order_of(order_id="o1"), metadata=sent)
    events = (await rpc.api.client.get("/v1/orders/o1/events")).json()["items"]
    assert events[0]["traceparent"] is None


async def test_metadata_that_is_too_large_is_refused(rpc: Grpc) -> None:
    sent = [(f"x-{number}", "v" * 8000) for number in range(20)]
    call = rpc.unary(CREATE.removeprefix("/"))(order_of(), metadata=sent)
    assert await code_of(call) is grpc.StatusCode.RESOURCE_EXHAUSTED
    await still_serves(rpc)


async def test_a_method_that_there_is_not_is_unimplemented(rpc: Grpc) -> None:
    for path in ("/order.OrderService/DropOrder", "/nobody.Service/Get"):
        assert await code_of(await raw(rpc, path, b"")) is grpc.StatusCode.UNIMPLEMENTED
    await still_serves(rpc)


async def test_a_stream_that_is_cut_in_the_middle_keeps_what_was_answered(rpc: Grpc) -> None:
    requests: asyncio.Queue[pb.ExecuteStreamRequest] = asyncio.Queue()

    async def sent() -> Any:
        while True:
            yield await requests.get()

    call = rpc.both("daybook.v1.LedgerService/ExecuteStream", sent())
    await requests.put(pb.ExecuteStreamRequest(commands=[place("o1")]))
    assert (await call.read()).results[0].done.order_id == "o1"
    call.cancel()
    await still_serves(rpc, stored=1)


async def test_noise_on_the_port_disturbs_nobody(rpc: Grpc) -> None:
    host, _, port = rpc.address.rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" + bytes(1000))
    await writer.drain()
    await reader.read(1000)
    writer.close()
    half = socket.create_connection((host, int(port)))
    half.sendall(b"PRI * HTTP/2.0\r\n\r\nSM")
    await still_serves(rpc)
    half.close()


async def test_many_calls_that_are_given_up_at_once_disturb_nobody(rpc: Grpc) -> None:
    create = rpc.unary(CREATE.removeprefix("/"))
    calls = [create(order_of(order_id=f"o{number}")) for number in range(300)]
    for call in calls:
        call.cancel()
    assert {await code_of(call) for call in calls} == {grpc.StatusCode.CANCELLED}
    assert (await rpc.create(order_id="after")).order_id == "after"
