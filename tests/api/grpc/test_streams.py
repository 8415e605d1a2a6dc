"""The live streams of gRPC: nothing missed, nothing twice, wherever they are cut."""

import asyncio
import contextlib
import json
from typing import Any

import grpc
import pytest

from api.http.guards import Limits
from api.proto.daybook.v1 import ledger_pb2 as ledger
from api.proto.order import order_service_pb2 as order
from tests.api.grpc.conftest import Grpc, details
from tests.waiting import HUNG_S, until

FOLLOW = "order.OrderService/StreamOrderUpdates"
SUBSCRIBE = "daybook.v1.LedgerService/Subscribe"


@pytest.fixture
def limits() -> Limits:
    return Limits(wait_s=0.2, beat_s=0.05, streams_max=20)


def follow(rpc: Grpc, order_id: str = "o1", after: int | None = None) -> Any:
    asked = order.GetOrderRequest(order_id=order_id, after_position=after)
    return rpc.stream(FOLLOW, asked)


def subscribe(rpc: Grpc, **wanted: Any) -> Any:
    return rpc.stream(SUBSCRIBE, ledger.SubscribeRequest(**wanted))


async def events(stream: Any, count: int) -> list[Any]:
    """The next events of Subscribe, its signs of progress left out."""
    found: list[Any] = []
    async with asyncio.timeout(HUNG_S):
        while len(found) < count:
            answer = await stream.read()
            if answer.HasField("event"):
                found.append(answer.event)
    return found


async def caught_up(stream: Any) -> int:
    """The position at which it has caught up with the log."""
    async with asyncio.timeout(HUNG_S):
        while True:
            answer = await stream.read()
            if answer.progress.caught_up:
                return int(answer.progress.position)


async def code_of(stream: Any) -> grpc.StatusCode:
    """How it ends; what comes until then is not looked at."""
    async with asyncio.timeout(HUNG_S):
        with contextlib.suppress(grpc.aio.AioRpcError):
            while await stream.read() is not grpc.aio.EOF:
                pass
        code: grpc.StatusCode = await stream.code()
        return code


async def test_an_order_is_followed_from_its_begin(rpc: Grpc) -> None:
    created = await rpc.create(order_id="o1")
    stream = follow(rpc)
    first = await stream.read()
    assert first == order.OrderEvent(
        order_id="o1",
        event_type="OrderPlaced",
        timestamp=created.created_at,
        revision=0,
        position=created.position,
    )
    await rpc.api.place("o2")
    await rpc.api.send("confirm-order")
    assert (await stream.read()).event_type == "OrderConfirmed"
    stream.cancel()


async def test_it_continues_after_a_position(rpc: Grpc) -> None:
    created = await rpc.create(order_id="o1")
    await rpc.api.send("confirm-order")
    assert (await follow(rpc, after=created.position).read()).event_type == "OrderConfirmed"


async def test_all_events_come_in_the_order_of_the_log(rpc: Grpc) -> None:
    stream = subscribe(rpc, after_position=0)
    for number in range(5):
        await rpc.api.place(f"o{number}")
        await rpc.api.send("confirm-order", f"o{number}")
    found = await events(stream, 10)
    assert [event.order_id for event in found] == [f"o{n}" for n in range(5) for _ in range(2)]
    over_http = (await rpc.api.client.get("/v1/orders/o0/events")).json()["items"]
    assert [json.loads(event.json) for event in found[:2]] == over_http


async def test_without_a_position_it_begins_now(rpc: Grpc) -> None:
    await rpc.api.place("before")
    stream = subscribe(rpc)
    await caught_up(stream)
    await rpc.api.place("after")
    assert [event.order_id for event in await events(stream, 1)] == ["after"]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"types": ["OrderConfirmed"]}, [("o1", "OrderConfirmed"), ("o2", "OrderConfirmed")]),
        ({"order_id": "o2"}, [("o2", "OrderPlaced"), ("o2", "OrderConfirmed")]),
        ({"customer_id": "grace"}, [("o2", "OrderPlaced"), ("o2", "OrderConfirmed")]),
    ],
)
async def test_only_what_is_wanted_comes(rpc: Grpc, wanted: Any, found: Any) -> None:
    for order_id, customer_id in (("o1", "ada"), ("o2", "grace")):
        await rpc.api.place(order_id, customer_id=customer_id)
        await rpc.api.send("confirm-order", order_id)
    stream = subscribe(rpc, after_position=0, **wanted)
    came = [(event.order_id, event.type) for event in await events(stream, 2)]
    assert came == found
    assert await caught_up(stream) >= 4


async def test_a_stream_without_events_says_how_far_it_is(rpc: Grpc) -> None:
    await rpc.api.place("o1")
    stream = subscribe(rpc, order_id="nobody", after_position=0)
    at = await caught_up(stream)
    again = await stream.read()
    assert again.progress.position >= at


async def test_wherever_it_is_cut_nothing_is_missed_and_nothing_comes_twice(rpc: Grpc) -> None:
    position, seen = 0, []
    for number in range(12):
        await rpc.api.place(f"o{number}")
        stream = subscribe(rpc, after_position=position)
        for _ in range(number % 3):
            answer = await stream.read()
            if answer.HasField("event"):
                seen.append(answer.event.position)
                position = answer.event.position
            else:
                position = answer.progress.position
        stream.cancel()
    rest = subscribe(rpc, after_position=position)
    seen += [event.position for event in await events(rest, 12 - len(seen))]
    log = [event.position async for page in rpc.api.services.store.read_all() for event in page]
    assert seen == log


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [
        ({"after_position": 10**9}, "unknown-position"),
        ({"after_position": -1}, "malformed"),
        ({"types": ["OrderPlacedd"]}, "malformed"),
        ({"order_id": " "}, "malformed"),
    ],
)
async def test_a_stream_that_cannot_be_is_refused(rpc: Grpc, wanted: Any, reason: str) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        async for _ in subscribe(rpc, **wanted):
            pass
    assert details(caught.value)["ErrorInfo"].reason == reason


async def test_an_unknown_order_is_not_followed(rpc: Grpc) -> None:
    assert await code_of(follow(rpc, "nobody")) is grpc.StatusCode.NOT_FOUND
    assert await code_of(follow(rpc, "")) is grpc.StatusCode.INVALID_ARGUMENT


async def test_many_streams_are_served_and_one_more_than_that_is_refused(rpc: Grpc) -> None:
    streams = [subscribe(rpc) for _ in range(20)]
    for stream in streams:
        await caught_up(stream)
    assert await code_of(subscribe(rpc)) is grpc.StatusCode.RESOURCE_EXHAUSTED
    await rpc.api.place("o1")
    for stream in streams:
        assert [event.order_id for event in await events(stream, 1)] == ["o1"]
        stream.cancel()


async def test_a_stream_that_is_given_up_leaves_its_place(rpc: Grpc) -> None:
    stream = subscribe(rpc)
    await caught_up(stream)
    stream.cancel()
    await until(lambda: not len(rpc.api.services.live))


async def test_a_server_that_stops_ends_its_streams_to_be_continued(rpc: Grpc) -> None:
    stream = subscribe(rpc)
    await caught_up(stream)
    await rpc.api.services.live.aclose()
    assert await code_of(stream) is grpc.StatusCode.UNAVAILABLE
