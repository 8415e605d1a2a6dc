"""What surrounds every call of gRPC, in one layer: metadata, identity, trace, deadline, errors,
metrics, log line. A chain of interceptors would cost each call a coroutine for each of them.

Bytes come in and go out, so that what is no message, or has unknown fields, is answered as any
other wrong request is.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import aclosing
from typing import Any, Final, TypeAlias

import grpc
from google.protobuf.message import Message

from api.http.guards import Limits
from api.http.problems import Rejected
from api.rpc.call import Call, Method, Stream, Unary, metadata_of
from api.rpc.content import parsed
from api.rpc.errors import Code, Failure, failure_of
from api.rpc.watch import Watch

DETAILS: Final = "grpc-status-details-bin"
CODES: Final = {code.value[0]: code for code in grpc.StatusCode}
CHANNEL: Final = "grpc"

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"
Identify: TypeAlias = Callable[[Context], Awaitable[str | None]]
"""Who calls. Raises Rejected."""
_Work: TypeAlias = Callable[[Any, Call, Context], Awaitable[bytes | None]]


class Calls:
    """Makes gRPC's handlers of methods.

    identify: asked before each call. None: nobody is, as there is no authentication yet.
    """

    def __init__(self, watch: Watch, limits: Limits, identify: Identify | None = None) -> None:
        self._watch = watch
        self._limits = limits
        self._identify = identify

    def handlers(self, methods: Iterable[Method]) -> list[Any]:
        by_service: dict[str, dict[str, Any]] = {}
        for method in methods:
            by_service.setdefault(method.service, {})[method.name] = self._handler(method)
        return [
            grpc.method_handlers_generic_handler(service, handlers)
            for service, handlers in by_service.items()
        ]

    def _handler(self, method: Method) -> Any:
        path = method.path
        if method.unary is not None:
            work = self._one_answer(method.request, method.unary)
            return grpc.unary_unary_rpc_method_handler(self._surrounded(path, work))
        if method.stream is not None:
            work = self._many_answers(method.request, method.stream)
            return grpc.unary_stream_rpc_method_handler(self._surrounded(path, work))
        work = self._both_ways(method)
        return grpc.stream_stream_rpc_method_handler(self._surrounded(path, work))

    def _surrounded(self, path: str, work: _Work) -> Any:
        watch, identify, now_s = self._watch, self._identify, time.perf_counter

        async def answer(given: Any, context: Context) -> bytes | None:
            began_s, code = now_s(), Code.OK
            try:
                _refuse_late(context)
                call = Call(metadata_of(context.invocation_metadata() or ()), CHANNEL)
                if identify is not None:
                    call.identity = await identify(context)
                if watch.tracing is None:
                    return await work(given, call, context)
                with watch.span(path, call):
                    return await work(given, call, context)
            except asyncio.CancelledError:
                code = Code.CANCELLED
                raise
            except Exception as error:  # noqa: BLE001 (every call gets an answer)
                failure = failure_of(error)
                code = failure.code
                await _abort(context, failure)
                return None
            finally:
                watch.ended(CHANNEL, path, code, now_s() - began_s)

        return answer

    def _one_answer(self, kind: type[Message], handle: Unary) -> _Work:
        async def work(data: bytes, call: Call, context: Context) -> bytes:
            del context
            return (await handle(parsed(kind, data), call)).SerializeToString()

        return work

    def _many_answers(self, kind: type[Message], handle: Stream) -> _Work:
        async def work(data: bytes, call: Call, context: Context) -> None:
            await self._write(handle(parsed(kind, data), call), context)

        return work

    def _both_ways(self, method: Method) -> _Work:
        kind, handle = method.request, method.both
        assert handle is not None

        async def work(sent: AsyncIterator[bytes], call: Call, context: Context) -> None:
            await self._write(handle(self._read(kind, sent), call), context)

        return work

    async def _write(self, messages: Any, context: Context) -> None:
        """A client that does not read is given up: it holds up nobody else."""
        async with aclosing(messages):
            async for message in messages:
                async with asyncio.timeout(self._limits.write_s):
                    if message is None:
                        await context.send_initial_metadata(())
                    else:
                        await context.write(message.SerializeToString())

    async def _read(
        self, kind: type[Message], sent: AsyncIterator[bytes]
    ) -> AsyncIterator[Message | Rejected]:
        """What is no message is answered, and the next one read. Raises TimeoutError."""
        received = aiter(sent)
        while True:
            try:
                async with asyncio.timeout(self._limits.read_s):
                    data = await anext(received)
            except StopAsyncIteration:
                return
            try:
                yield parsed(kind, data)
            except Rejected as error:
                yield error


def _refuse_late(context: Context) -> None:
    """Raises TimeoutError where the caller has given up already."""
    left_s: float | None = context.time_remaining()
    if left_s is not None and left_s <= 0:
        raise TimeoutError


async def _abort(context: Context, failure: Failure) -> None:
    """Answers the failure; raises what ends the call."""
    details = failure.status().SerializeToString()
    await context.abort(CODES[failure.code], failure.message, ((DETAILS, details),))
