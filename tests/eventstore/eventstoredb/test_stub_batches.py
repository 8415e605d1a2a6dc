"""One long BatchAppend call to the stub is answered as the real server answered (its section 10).

With bare messages, as no client offers such a call.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import grpc.aio
import pytest
from esdbclient.protos.Grpc import shared_pb2, streams_pb2, streams_pb2_grpc
from google.protobuf.duration_pb2 import Duration

from tests.esdb_stub.asked import fresh
from tests.esdb_stub.refusals import NO_STREAM
from tests.esdb_stub.server import HOST, Stub
from tests.waiting import HUNG_S

MANY = 500


class Call:
    """The call, and the answers by the numbers of their requests."""

    def __init__(self, call: Any) -> None:
        self.call = call

    async def ask(self, number: int, stream: str, **more: Any) -> None:
        await self.call.write(request(number, stream, **more))

    async def answer(self) -> tuple[int, Any]:
        async with asyncio.timeout(HUNG_S):
            answer = await self.call.read()
        return UUID(answer.correlation_id.string).int, answer

    async def error(self, number: int, stream: str, **more: Any) -> tuple[str, int]:
        """The type of the details, and the code. The call is open for others afterwards."""
        await self.ask(number, stream, **more)
        answered, answer = await self.answer()
        assert answered == number
        await self.ask(number + 1_000, fresh())
        assert (await self.answer())[1].HasField("success")
        return answer.error.details.type_url.rpartition(".")[2], answer.error.code


def request(
    number: int,
    stream: str,
    *,
    expected: int = NO_STREAM,
    events: int = 1,
    size: int = 10,
    kind: str = "Asked",
    final: bool = True,
    within_s: int | None = None,
) -> streams_pb2.BatchAppendReq:
    options = streams_pb2.BatchAppendReq.Options(
        stream_identifier=shared_pb2.StreamIdentifier(stream_name=stream.encode())
    )
    if within_s is not None:
        options.deadline.CopyFrom(Duration(seconds=within_s))
    if expected == NO_STREAM:
        options.no_stream.SetInParent()
    else:
        options.stream_position = expected
    proposed = [
        streams_pb2.BatchAppendReq.ProposedMessage(
            id=shared_pb2.UUID(string=str(uuid4())),
            metadata={"type": kind, "content-type": "application/json"},
            data=b"x" * size,
        )
        for _ in range(events)
    ]
    return streams_pb2.BatchAppendReq(
        correlation_id=shared_pb2.UUID(string=str(UUID(int=number))),
        options=options,
        proposed_messages=proposed,
        is_final=final,
    )


@pytest.fixture
async def call(server: Stub) -> AsyncIterator[Call]:
    async with grpc.aio.insecure_channel(f"{HOST}:{server.port}") as channel:
        streams = streams_pb2_grpc.StreamsStub(channel)  # type: ignore[no-untyped-call]
        opened = streams.BatchAppend(metadata=(("requires-leader", "true"),))
        yield Call(opened)
        opened.cancel()


async def test_requests_are_stored_in_the_order_in_which_they_were_written(
    server: Stub, call: Call
) -> None:
    stream = fresh()
    for number in range(MANY):
        await call.ask(number, stream, expected=number - 1)

    answers = dict([await call.answer() for _ in range(MANY)])

    assert [answers[number].success.current_revision for number in range(MANY)] == [*range(MANY)]
    assert len(server.log.every(stream)) == MANY


async def test_a_repeat_has_the_revision_and_position_of_the_original(call: Call) -> None:
    stream = fresh()
    first = request(1, stream)
    await call.call.write(first)
    _, original = await call.answer()
    await call.ask(2, stream, expected=0)
    await call.answer()

    await call.call.write(first)

    assert (await call.answer())[1].success == original.success
    assert original.success.current_revision == 0


async def test_errors_are_typed_and_leave_the_call_open(server: Stub, call: Call) -> None:
    stream, gone = fresh(), fresh()
    await call.ask(1, stream, events=2)
    await call.ask(2, gone)
    await call.answer()
    await call.answer()
    server.log.tombstone(gone, 0)

    assert await call.error(10, stream) == ("WrongExpectedVersion", 6)
    assert await call.error(11, fresh(), expected=3) == ("WrongExpectedVersion", 6)
    assert await call.error(12, gone) == ("StreamDeleted", 5)
    assert await call.error(13, fresh(), size=1_048_577) == ("MaximumAppendSizeExceeded", 3)
    assert await call.error(14, "") == ("BadRequest", 3)
    assert await call.error(15, fresh(), kind="") == ("BadRequest", 3)
    assert await call.error(16, fresh(), within_s=0) == ("Timeout", 4)


async def test_what_is_wrong_names_the_streams_last_revision(call: Call) -> None:
    stream = fresh()
    await call.ask(1, stream, events=2)
    await call.answer()
    wrong = shared_pb2.WrongExpectedVersion()

    await call.ask(2, stream)
    assert (await call.answer())[1].error.details.Unpack(wrong)
    assert wrong.current_stream_revision == 1

    await call.ask(3, fresh(), expected=0)
    assert (await call.answer())[1].error.details.Unpack(wrong)
    assert wrong.HasField("current_no_stream")


async def test_a_deleted_stream_goes_on_after_its_last_event(server: Stub, call: Call) -> None:
    stream = fresh()
    await call.ask(1, stream)
    await call.answer()
    server.log.delete(stream, 0)

    await call.ask(2, stream)

    assert (await call.answer())[1].success.current_revision == 1


async def test_no_events_are_a_success_that_stores_nothing(server: Stub, call: Call) -> None:
    stream = fresh()
    await call.ask(1, stream, events=0)

    assert (await call.answer())[1].success.HasField("no_stream")
    assert not server.log.every(stream)


async def test_a_request_that_is_not_final_is_not_answered(server: Stub, call: Call) -> None:
    stream = fresh()
    await call.ask(1, stream, final=False)
    await call.ask(2, fresh())

    assert (await call.answer())[0] == 2
    assert not server.log.every(stream)


async def test_a_message_above_the_limit_ends_the_call(call: Call) -> None:
    await call.ask(1, fresh(), size=17_000_000)

    with pytest.raises(grpc.aio.AioRpcError) as ended:
        await call.answer()
    assert ended.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


async def test_a_node_that_loses_the_lead_leaves_the_call_open_and_is_not_ready(
    server: Stub, call: Call
) -> None:
    await call.ask(1, fresh())
    await call.answer()
    server.door.leader = (HOST, 1)
    await call.ask(2, fresh())
    _, answer = await call.answer()
    assert (answer.error.code, answer.error.message) == (0, "Server Is Not Ready")
    assert answer.error.details.Is(shared_pb2.Empty.DESCRIPTOR)

    server.door.leader = None
    await call.ask(3, fresh())
    assert (await call.answer())[1].HasField("success")


async def test_a_call_to_a_follower_ends_with_the_leaders_address(server: Stub, call: Call) -> None:
    server.door.leader = (HOST, 1)

    with pytest.raises(grpc.aio.AioRpcError) as ended:
        await call.answer()

    assert ended.value.code() is grpc.StatusCode.NOT_FOUND
    assert ended.value.trailing_metadata()["leader-endpoint-port"] == "1"
