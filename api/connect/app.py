"""Connect and gRPC-Web on the API's own HTTP port, so that a browser needs nothing in between.

Behind the guards, as every request: no page of another origin gets here. A call has one message,
and one answer or a stream of them: what sends a stream needs HTTP/2, and is gRPC's alone.
"""

import asyncio
import re
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import Any, Final

from connectrpc.method import IdempotencyLevel, MethodInfo
from connectrpc.request import RequestContext
from connectrpc.server import ConnectASGIApplication, Endpoint
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from api.commands.headers import refuse_query
from api.connect.codecs import BinaryCodec, JsonCodec
from api.connect.errors import as_connect, connect_error
from api.http.asgi import ClientGone, send_problem, too_large
from api.http.guards import Limits
from api.http.problems import Rejected, malformed, of_error
from api.rpc.call import Call, Method, metadata_of
from api.rpc.errors import Code, failure_of
from api.rpc.watch import Watch

ENVELOPE_BYTES: Final = 5
"""What is before a message in a stream."""
GRPC_WEB: Final = "application/grpc-web"
_GRPC: Final = re.compile(rb"application/grpc(?!-web)", re.IGNORECASE)
"""gRPC itself, which HTTP/1.1 cannot carry."""


class ConnectDoor:
    """An ASGI app for the paths in `routes`."""

    def __init__(self, methods: Sequence[Method], watch: Watch, limits: Limits) -> None:
        self._watch = watch
        self._limits = limits
        known = [method for method in methods if method.both is None]
        self._app = _Application({method.path: self._endpoint(method) for method in known}, limits)
        self.routes = {method.path: Route(method.path, self) for method in known}
        self.streams = frozenset(method.path for method in known if method.stream is not None)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            _check(scope)
        except Rejected as error:
            await send_problem(send, of_error(error))
            return
        is_stream = scope["path"] in self.streams
        body = _Body(receive, self._limits)
        answer = _Answer(send, self._limits.write_s if is_stream else None)
        await self._app(scope, body.receive, answer.send)

    def _endpoint(self, method: Method) -> Any:
        about: MethodInfo[Any, Any] = MethodInfo(
            name=method.name,
            service_name=method.service,
            input=method.request,
            output=method.response,
            # Every call is a POST: a GET could be made by a link.
            idempotency_level=IdempotencyLevel.UNKNOWN,
        )
        if method.unary is not None:
            return Endpoint.unary(about, self._unary(method))
        return Endpoint.server_stream(about, self._stream(method))

    def _unary(self, method: Method) -> Any:
        handle, path = method.unary, method.path
        assert handle is not None

        async def answer(request: Any, context: RequestContext[Any, Any]) -> Any:
            began_s, code, door = time.perf_counter(), Code.OK, _door(context)
            try:
                async with _within(context):
                    return await handle(request, _call(context, door))
            except asyncio.CancelledError:
                code = Code.CANCELLED
                raise
            except Exception as error:  # noqa: BLE001 (every call gets an answer)
                failure = failure_of(error)
                code = failure.code
                raise as_connect(failure) from None
            finally:
                self._watch.ended(door, path, code, time.perf_counter() - began_s)

        return answer

    def _stream(self, method: Method) -> Any:
        handle, path = method.stream, method.path
        assert handle is not None

        async def answers(
            request: Any, context: RequestContext[Any, Any]
        ) -> AsyncGenerator[Any, None]:
            began_s, code, door = time.perf_counter(), Code.OK, _door(context)
            try:
                async with aclosing(handle(request, _call(context, door))) as messages:
                    async for message in messages:
                        if message is not None:
                            yield message
            except (asyncio.CancelledError, GeneratorExit):
                code = Code.CANCELLED
                raise
            except Exception as error:  # noqa: BLE001 (every call gets an answer)
                failure = failure_of(error)
                code = failure.code
                raise as_connect(failure) from None
            finally:
                self._watch.ended(door, path, code, time.perf_counter() - began_s)

        return answers


class _Application(ConnectASGIApplication[None]):
    def __init__(self, endpoints: Mapping[str, Any], limits: Limits) -> None:
        super().__init__(
            service=None,
            endpoints=lambda _: endpoints,
            read_max_bytes=limits.body_max_bytes,
            compressions=(),  # a small message that is compressed may be a very large one
            codecs=(BinaryCodec(), JsonCodec()),
        )

    @property
    def path(self) -> str:
        return "/"


class _Body:
    """What is received of a request, within its limits: one message, in time."""

    def __init__(self, receive: Receive, limits: Limits) -> None:
        self._receive = receive
        self._limits = limits
        self._size = 0
        self._whole = False

    async def receive(self) -> Message:
        """Raises ConnectError."""
        if self._whole:
            return await self._receive()  # a disconnect
        try:
            async with asyncio.timeout(self._limits.read_s):
                message = await self._receive()
        except TimeoutError as error:
            raise connect_error(error) from None
        self._size += len(message.get("body", b""))
        self._whole = not message.get("more_body", False)
        if self._size > self._limits.body_max_bytes + ENVELOPE_BYTES:
            raise connect_error(too_large(self._limits.body_max_bytes))
        return message


class _Answer:
    """What is sent of an answer. within_s: how long the client may leave some of it unread."""

    def __init__(self, send: Send, within_s: float | None) -> None:
        self._send = send
        self._within_s = within_s
        self._is_given_up = False
        self._start: Message | None = None

    async def send(self, message: Message) -> None:
        """The head goes with the first of the body, with its length if that is all. Raises
        TimeoutError where the client does not read.
        """
        if message["type"] == "http.response.start":
            kept = [header for header in message["headers"] if header[0] != b"content-encoding"]
            self._start = {**message, "headers": [*kept, *_ADDED]}
            return
        if self._start is not None:
            start, self._start = self._start, None
            if not message.get("more_body"):
                start["headers"].append((b"content-length", b"%d" % len(message["body"])))
            await self._sent(start)
        await self._sent(message)

    async def _sent(self, message: Message) -> None:
        if self._is_given_up:
            raise ClientGone
        try:
            async with asyncio.timeout(self._within_s):
                await self._send(message)
        except TimeoutError:
            self._is_given_up = True
            raise


_ADDED: Final = ((b"x-content-type-options", b"nosniff"), (b"cache-control", b"no-store"))


def _check(scope: Scope) -> None:
    """Raises Rejected for what the library below would ignore, or take for a fault of its own."""
    refuse_query(scope)
    for name, value in scope["headers"]:
        try:
            value.decode()
        except UnicodeDecodeError:
            raise malformed(name.decode("latin-1").title(), "must be UTF-8") from None
        if name == b"content-type" and _GRPC.match(value):
            raise Rejected(
                "unsupported-media-type",
                "gRPC is answered on its own port; here application/json, application/proto,"
                " application/connect+json, application/connect+proto or application/grpc-web",
            )


def _door(context: RequestContext[Any, Any]) -> str:
    content_type = context.request_headers().get("content-type", "")
    return "grpc-web" if content_type.startswith(GRPC_WEB) else "connect"


def _call(context: RequestContext[Any, Any], door: str) -> Call:
    return Call(metadata_of(context.request_headers().allitems()), door)


def _within(context: RequestContext[Any, Any]) -> Any:
    """The client's own deadline. Raises TimeoutError for one that is past."""
    left_ms = context.timeout_ms()
    if left_ms is not None and left_ms <= 0:
        raise TimeoutError
    return asyncio.timeout(None if left_ms is None else left_ms / 1000)
