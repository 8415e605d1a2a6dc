"""One BatchAppend call that stays open: many requests under way, each answered on its own.

As a real server (section 10 of its recorded answers): requests are carried out in the order in
which they were written to the call, and answered in any order; an error of one request does not end
the call, but a message above the limit, a lost connection and wrong credentials do.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, Final, Protocol, TypeAlias

from esdbclient.protos.Grpc import streams_pb2

from tests.esdb_stub import messages, refusals
from tests.esdb_stub.calls import Context, Door
from tests.esdb_stub.faults import Faults
from tests.esdb_stub.log import Done, Log
from tests.esdb_stub.subscribing import Tail

MESSAGE_BYTES_MAX: Final = 16 * 1024 * 1024

Altered: TypeAlias = Callable[[streams_pb2.BatchAppendResp], Sequence[streams_pb2.BatchAppendResp]]
"""The answers sent instead of one: none, in another order, doubled, with another id."""


class Node(Protocol):
    log: Log
    tail: Tail
    hooks: Faults
    door: Door
    altered: Altered
    starts: int


class Batches:
    """The requests of one call. An answer is written as soon as its request is carried out."""

    def __init__(self, node: Node, context: Context, *, counted: Callable[[], object]) -> None:
        """counted: called once for each message."""
        self._node = node
        self._context = context
        self._counted = counted
        self._for_leader = Door.asks_for_leader(context)
        self._parts: dict[str, list[streams_pb2.BatchAppendReq]] = {}
        self._writing = asyncio.Lock()
        self._is_over = False
        self._started = node.starts
        self._answering: set[asyncio.Task[None]] = set()
        self._ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def serve(self, requests: AsyncIterator[streams_pb2.BatchAppendReq]) -> None:
        """Until the client has no more requests, or one of them ends the call: raises Refusal."""
        taking = asyncio.ensure_future(self._take(requests))
        try:
            await asyncio.wait({taking, self._ended}, return_when=asyncio.FIRST_COMPLETED)
            if self._ended.done():
                self._ended.result()
            taking.result()
            await asyncio.gather(*self._answering)
        finally:
            for task in (taking, *self._answering):
                task.cancel()
            self._ended.cancel()

    async def _take(self, requests: AsyncIterator[streams_pb2.BatchAppendReq]) -> None:
        async for request in requests:
            self._counted()
            if request.ByteSize() > MESSAGE_BYTES_MAX:
                raise refusals.MessageTooLarge
            correlation = request.correlation_id.SerializeToString()
            parts = self._parts.setdefault(correlation, [])
            parts.append(request)
            if not request.is_final:
                continue
            del self._parts[correlation]
            if self._node.hooks.is_quiet:
                await self._answer(parts)
            else:
                task = asyncio.ensure_future(self._answer(parts))
                self._answering.add(task)
                task.add_done_callback(self._answered)

    def _answered(self, task: asyncio.Task[None]) -> None:
        self._answering.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None and not self._ended.done():
            self._ended.set_exception(error)

    async def _answer(self, parts: Sequence[streams_pb2.BatchAppendReq]) -> None:
        if self._is_over:
            return
        try:
            carried_out = await self._carried_out(parts)
        except refusals.Refusal:
            # What was written to the call after this request is not carried out.
            self._is_over = True
            raise
        for answer in self._node.altered(carried_out):
            async with self._writing:
                await self._context.write(answer)

    async def _carried_out(
        self, parts: Sequence[streams_pb2.BatchAppendReq]
    ) -> streams_pb2.BatchAppendResp:
        options, correlation_id = parts[0].options, parts[0].correlation_id
        try:
            if self._for_leader and self._node.door.leader is not None:
                raise refusals.NotReady
            if messages.has_no_time(options):
                raise refusals.TimedOut
            done = await self._append(
                messages.stream_of(options),
                [one for part in parts for one in part.proposed_messages],
                messages.expected_of(options, "expected_stream_position"),
            )
        except refusals.Refusal as refusal:
            return messages.batch_error(correlation_id, refusal)
        return messages.batch_success(correlation_id, done)

    async def _append(self, stream: str, proposed: Sequence[Any], expected: int) -> Done:
        drafts = messages.proposed_of(proposed)

        def write_and_wake() -> Done:
            if self._is_over or self._node.starts != self._started:
                raise refusals.Unavailable
            done = self._node.log.append(stream, drafts, expected)
            self._node.tail.wake()
            return done

        return await self._node.hooks.carry_out("append", stream, write_and_wake)
