"""The remote calls of the services Streams, Gossip and ServerFeatures, on the log."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from typing import Any, NamedTuple, Protocol

import grpc  # type: ignore[import-untyped]
from esdbclient.protos.Grpc import gossip_pb2, shared_pb2, streams_pb2

from tests.esdb_stub import messages, refusals
from tests.esdb_stub.batches import Altered, Batches
from tests.esdb_stub.calls import Context, Door, answering
from tests.esdb_stub.faults import Call, Faults
from tests.esdb_stub.log import Done, Log
from tests.esdb_stub.reading import answers, asked
from tests.esdb_stub.subscribing import Extras, Tail, subscription


class Member(NamedTuple):
    """A node as gossip tells of it."""

    state: gossip_pb2.MemberInfo.VNodeState.ValueType
    host: str
    port: int


class Node(Protocol):
    """What the services work on."""

    log: Log
    tail: Tail
    hooks: Faults
    door: Door
    extras: Extras
    altered: Altered
    counted: Counter[str]
    starts: int
    version: str | None

    def members(self) -> Sequence[Member]: ...


class Streams:
    """Every method is one remote call."""

    def __init__(self, node: Node) -> None:
        self._node = node

    async def BatchAppend(  # noqa: N802
        self, requests: AsyncIterator[streams_pb2.BatchAppendReq], context: Context
    ) -> None:
        self._node.counted["BatchAppend"] += 1
        async with answering(context):
            self._node.door.check(context)
            # grpcio reports a handler that is cancelled as a broken one.
            with suppress(asyncio.CancelledError):
                await Batches(self._node, context, counted=self._count_batch).serve(requests)

    async def Append(  # noqa: N802
        self, requests: AsyncIterator[streams_pb2.AppendReq], context: Context
    ) -> streams_pb2.AppendResp | None:
        self._node.counted["Append"] += 1
        async with answering(context):
            self._node.door.check(context)
            received = [request async for request in requests]
            options = received[0].options
            try:
                done = await self._append(
                    messages.stream_of(options),
                    [request.proposed_message for request in received[1:]],
                    messages.expected_of(options, "expected_stream_revision"),
                )
            except refusals.WrongVersion as refusal:
                return messages.append_refused(refusal)
            return messages.append_success(done)
        return None

    async def Delete(  # noqa: N802
        self, request: streams_pb2.DeleteReq, context: Context
    ) -> streams_pb2.DeleteResp | None:
        async with answering(context):
            self._node.door.check(context)
            done = await self._delete(request.options, self._node.log.delete)
            position = streams_pb2.DeleteResp.Position(
                commit_position=done.position, prepare_position=done.position
            )
            return streams_pb2.DeleteResp(position=position)
        return None

    async def Tombstone(  # noqa: N802
        self, request: streams_pb2.TombstoneReq, context: Context
    ) -> streams_pb2.TombstoneResp | None:
        async with answering(context):
            self._node.door.check(context)
            done = await self._delete(request.options, self._node.log.tombstone)
            position = streams_pb2.TombstoneResp.Position(
                commit_position=done.position, prepare_position=done.position
            )
            return streams_pb2.TombstoneResp(position=position)
        return None

    async def Read(  # noqa: N802
        self, request: streams_pb2.ReadReq, context: Context
    ) -> AsyncIterator[streams_pb2.ReadResp]:
        log, hooks = self._node.log, self._node.hooks
        self._node.counted["Read"] += 1
        async with answering(context):
            self._node.door.check(context)
            ask = asked(request)
            if ask.limit is None:
                following = subscription(log, self._node.tail, ask, self._node.extras)
                await hooks.carry_out("subscribe", ask.stream, lambda: None)
                yield await anext(following)
                async for message in following:
                    await hooks.pass_event(ask.stream)
                    yield message
            else:
                for message in await hooks.carry_out("read", ask.stream, lambda: answers(log, ask)):
                    await hooks.pass_event(ask.stream)
                    yield message

    def _count_batch(self) -> None:
        self._node.counted["BatchAppend message"] += 1

    async def _append(self, stream: str, proposed: Sequence[Any], expected: int) -> Done:
        drafts = messages.proposed_of(proposed)
        log = self._node.log
        return await self._write("append", stream, lambda: log.append(stream, drafts, expected))

    async def _delete(self, options: Any, delete: Callable[[str, int], Done]) -> Done:
        stream = messages.stream_of(options)
        expected = messages.expected_of(options, "expected_stream_revision")
        return await self._write("delete", stream, lambda: delete(stream, expected))

    async def _write(self, call: Call, stream: str, write: Callable[[], Done]) -> Done:
        def write_and_wake() -> Done:
            done = write()
            self._node.tail.wake()
            return done

        return await self._node.hooks.carry_out(call, stream, write_and_wake)


class Gossip:
    """Who is in the cluster."""

    def __init__(self, node: Node) -> None:
        self._node = node

    async def Read(  # noqa: N802
        self, request: shared_pb2.Empty, context: Context
    ) -> gossip_pb2.ClusterInfo | None:
        async with answering(context):
            return await self._node.hooks.carry_out("gossip", "", self._told)
        return None

    def _told(self) -> gossip_pb2.ClusterInfo:
        return gossip_pb2.ClusterInfo(
            members=[
                gossip_pb2.MemberInfo(
                    state=member.state,
                    is_alive=True,
                    http_end_point=gossip_pb2.EndPoint(address=member.host, port=member.port),
                )
                for member in self._node.members()
            ]
        )


def features(node: Node) -> Any:
    """The service ServerFeatures, of which esdbclient has no classes: its one call, in bytes."""

    async def supported_methods(_request: bytes, context: Context) -> bytes | None:
        async with answering(context):
            node.door.check(context)
            if node.version is None:
                raise refusals.NeverAsked("no such service")
            return _lengths(1, _lengths(1, b"append")) + _lengths(2, node.version.encode())
        return None

    handler = grpc.unary_unary_rpc_method_handler(supported_methods)
    name = "event_store.client.server_features.ServerFeatures"
    return grpc.method_handlers_generic_handler(name, {"GetSupportedMethods": handler})


def _lengths(field: int, content: bytes) -> bytes:
    """A field of a message; short ones only."""
    return bytes([field << 3 | 2, len(content)]) + content
