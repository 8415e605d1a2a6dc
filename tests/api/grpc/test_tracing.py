"""A call's span is the caller's child, and its commands' spans are the call's."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from api.proto.daybook.v1 import ledger_pb2 as ledger
from runtime.telemetry import Telemetry
from tests.api.conftest import Api
from tests.api.grpc.conftest import Grpc, grpc_of, order_of, place
from tests.spans import CALLER, TRACE, TRACEPARENT, Kept, id_of, parent_of, trace_of

CREATE = "/order.OrderService/CreateOrder"
STREAM = "/daybook.v1.LedgerService/ExecuteStream"


@pytest.fixture
def kept() -> Kept:
    return Kept()


@pytest.fixture
async def rpc(api: Api, kept: Kept) -> AsyncIterator[Grpc]:
    services = replace(api.services, telemetry=Telemetry(tracing=kept.tracing))
    async with grpc_of(api, services) as rpc:
        yield rpc


async def test_a_trace_goes_from_the_caller_through_the_call_into_the_events(
    rpc: Grpc, kept: Kept
) -> None:
    await rpc.call(CREATE[1:], order_of(order_id="o1"), traceparent=TRACEPARENT)
    call, append = kept.named(CREATE), kept.named("append place-order")
    assert (trace_of(call), parent_of(call)) == (TRACE, CALLER)
    assert parent_of(append) == id_of(call)
    event = (await rpc.api.client.get("/v1/orders/o1/events")).json()["items"][0]
    assert event["traceparent"] == f"00-{TRACE}-{id_of(append)}-01"


async def test_the_commands_of_a_stream_are_children_of_its_call(rpc: Grpc, kept: Kept) -> None:
    sent = [ledger.ExecuteStreamRequest(commands=[place("o1"), place("o2")])]
    assert [one async for one in rpc.both(STREAM[1:], sent, traceparent=TRACEPARENT)]
    call = kept.named(STREAM)
    assert parent_of(call) == CALLER
    appends = [span for span in kept.all if span.name == "append place-order"]
    assert [parent_of(span) for span in appends] == [id_of(call)] * 2
