"""Calls to one node, over an HTTP/2 connection that is made when it is needed."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote

import grpc
import grpc.aio
from esdbclient import exceptions as esdb
from esdbclient.protos.Grpc.streams_pb2 import ReadReq

from eventstore.eventstoredb import requests
from eventstore.eventstoredb.faults import (
    CLOSED_AFTER_HANDSHAKE,
    distinguish_client_cancellation,
    error_of_call,
    is_denied,
)
from eventstore.eventstoredb.http2 import Http2Connection, Keepalive, connect
from eventstore.eventstoredb.http2_answer import Answer, Http2Error
from eventstore.eventstoredb.wire import Frames, Told, framed, told
from eventstore.port import Recorded

BATCH_APPEND: Final = "/event_store.client.streams.Streams/BatchAppend"
READ: Final = "/event_store.client.streams.Streams/Read"
PING_S: Final = 1.0
CONTENT: Final = "application/grpc"
OF_HTTP: Final = {
    "400": grpc.StatusCode.INTERNAL,
    "401": grpc.StatusCode.UNAUTHENTICATED,
    "403": grpc.StatusCode.PERMISSION_DENIED,
    "404": grpc.StatusCode.UNIMPLEMENTED,
    "429": grpc.StatusCode.UNAVAILABLE,
    "502": grpc.StatusCode.UNAVAILABLE,
    "503": grpc.StatusCode.UNAVAILABLE,
    "504": grpc.StatusCode.UNAVAILABLE,
}
"""The status of a call that was answered without gRPC's own, as gRPC's clients take it."""
CODES: Final = {str(code.value[0]): code for code in grpc.StatusCode}


class Silent(TimeoutError):
    """The server answers pings, but not this call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """Where and how to connect. headers: sent with every call. connect_s: until it answers."""

    host: str
    port: int
    tls: ssl.SSLContext | None
    headers: tuple[tuple[str, str], ...]
    keepalive: Keepalive
    connect_s: float


class ReadCalls:
    """Calls on one connection: after a cut, none of them continues on another one."""

    def __init__(
        self,
        connection: Http2Connection,
        headers: tuple[tuple[str, str], ...],
        denied: Callable[[ReadReq], Exception],
    ) -> None:
        self._connection = connection
        self._denied = denied
        self._headers = (
            ("content-type", CONTENT),
            ("te", "trailers"),
            ("grpc-accept-encoding", "identity"),
            ("user-agent", "daybook"),
            *headers,
        )

    @property
    def is_usable(self) -> bool:
        return self._connection.is_usable

    @asynccontextmanager
    async def call(self, request: ReadReq, *, quiet_s: float) -> AsyncIterator["ReadCall"]:
        """A call under way; stopped at the server when it is left.

        Raises ServiceUnavailable; TimeoutError if it cannot be made within quiet_s, as after 90
        others. Within the block, what `denied` makes of a request that the user has no right to.
        """
        body = framed(request.SerializeToString())
        try:
            async with asyncio.timeout(quiet_s):
                answer = await self._connection.post(READ, self._headers, body)
        except Http2Error as error:
            raise esdb.ServiceUnavailable(str(error)) from None
        try:
            yield ReadCall(self._connection, answer, quiet_s)
        except (esdb.AccessDeniedError, esdb.GrpcError) as error:
            if is_denied(error):
                raise self._denied(request) from error
            raise
        finally:
            answer.close()

    async def append_call(self) -> "AppendCall":
        """A BatchAppend call. Raises ServiceUnavailable."""
        try:
            answer = await self._connection.open(BATCH_APPEND, self._headers)
        except Http2Error as error:
            raise esdb.ServiceUnavailable(str(error)) from None
        return AppendCall(self._connection, answer)

    async def events(self, stream: str, *, within_s: float, **options: Any) -> list[Recorded]:
        """Implements Lookup of last_seen."""
        request = requests.stream(stream, **options)
        found: list[Recorded] = []
        async with asyncio.timeout(within_s), self.call(request, quiet_s=within_s) as call:
            while told := await call.take():
                found += told.events
        return found

    def close(self) -> None:
        self._connection.close()


class AppendCall:
    """A BatchAppend call that stays open. Close it."""

    def __init__(self, connection: Http2Connection, answer: Answer) -> None:
        self._connection = connection
        self._answer = answer
        self._frames = Frames()

    async def write(self, message: bytes) -> None:
        """One request. Raises ServiceUnavailable if the call has ended: take() tells why."""
        try:
            await self._connection.send(self._answer, framed(message))
        except Http2Error as error:
            raise esdb.ServiceUnavailable(str(error)) from None

    async def take(self) -> list[bytes]:
        """The answers that have arrived, waiting for some.

        Raises an error of esdbclient once the call has ended, and what Frames raises.
        """
        while True:
            try:
                chunk = await self._answer.chunk()
            except Http2Error as error:
                raise esdb.ServiceUnavailable(str(error)) from None
            if not chunk or not self._answer.headers.get("content-type", "").startswith(CONTENT):
                _check_ending(self._answer)
                raise esdb.ServiceUnavailable("the server has ended the call")
            if messages := self._frames.take(chunk):
                return messages

    async def check_alive(self) -> None:
        """Give the connection up if the server does not even answer a ping."""
        if not await self._connection.is_alive(within_s=PING_S):
            self._connection.abort("ping timeout")

    def close(self) -> None:
        self._answer.close()


class ReadCall:
    """What the server tells in answer to one request."""

    def __init__(self, connection: Http2Connection, answer: Answer, quiet_s: float) -> None:
        self._connection = connection
        self._answer = answer
        self._quiet_s = quiet_s
        self._frames = Frames()

    async def take(self) -> Told | None:
        """All that has arrived, waiting for some; None once the server has said that it ends.

        Silent if nothing arrives for quiet_s: it can be called again. TimeoutError if the server
        does not even answer a ping. Raises esdbclient's
        errors; StoreUnavailable as Frames and told do.
        """
        while chunk := await self._chunk():
            messages = self._frames.take(chunk)
            if messages:
                return told(messages)
        _check_ending(self._answer)
        if not self._frames.is_between:
            raise esdb.ServiceUnavailable("the answer ended within a message")
        return None

    async def _chunk(self) -> bytes:
        try:
            async with asyncio.timeout(self._quiet_s):
                chunk = await self._answer.chunk()
        except TimeoutError:
            if await self._connection.is_alive(within_s=PING_S):
                raise Silent from None
            self._connection.abort("ping timeout")
            raise
        except Http2Error as error:
            raise esdb.ServiceUnavailable(str(error)) from None
        if chunk and not self._answer.headers.get("content-type", "").startswith(CONTENT):
            _check_ending(self._answer)
        return chunk


class Reads:
    """The connection to a node, made once for all who wait for it, and made anew after a cut."""

    def __init__(
        self,
        node: Node,
        verify: Callable[[ReadCalls], Awaitable[None]],
        denied: Callable[[ReadReq], Exception],
    ) -> None:
        """verify: called with each new connection before it is used for anything else. denied: the
        error where the user may not read what is asked for.
        """
        self._node = node
        self._verify = verify
        self._denied = denied
        self._calls: ReadCalls | None = None
        self._connecting: asyncio.Task[ReadCalls] | None = None
        self._is_closed = False

    @property
    def is_usable(self) -> bool:
        """Whether calls() returns at once."""
        return self._calls is not None and self._calls.is_usable

    async def calls(self) -> ReadCalls:
        """Raises ServiceUnavailable, TimeoutError, and what verify raises."""
        if self._is_closed:
            raise esdb.CancelledByClient("the connection was closed on this side")
        if self._calls is not None and self._calls.is_usable:
            return self._calls
        if self._connecting is None or self._connecting.done():
            self._connecting = asyncio.ensure_future(self._connect())
            self._connecting.add_done_callback(_consume_exception)
        with distinguish_client_cancellation():
            return await asyncio.shield(self._connecting)

    async def aclose(self) -> None:
        self._is_closed = True
        if self._connecting is not None:
            self._connecting.cancel()
            await asyncio.wait({self._connecting})
        if self._calls is not None:
            self._calls.close()

    async def _connect(self) -> ReadCalls:
        connection = await connect_to(self._node)
        calls = ReadCalls(connection, self._node.headers, self._denied)
        try:
            await self._verify(calls)
        except BaseException:
            calls.close()
            raise
        self._calls = calls
        return calls


async def connect_to(node: Node) -> Http2Connection:
    """Raises ServiceUnavailable, also for certificates; TimeoutError."""
    try:
        async with asyncio.timeout(node.connect_s):
            return await connect(node.host, node.port, tls=node.tls, keepalive=node.keepalive)
    except TimeoutError:
        raise
    except ssl.SSLError as error:
        raise esdb.ServiceUnavailable(f"TLS handshake failed: {error}") from error
    except Http2Error as error:
        how = "failed to connect" if node.tls is None else CLOSED_AFTER_HANDSHAKE
        raise esdb.ServiceUnavailable(f"{how}: {error}") from error
    except OSError as error:
        raise esdb.ServiceUnavailable(f"failed to connect: {error}") from error


def _check_ending(answer: Answer) -> None:
    """Raises esdbclient's error for how the call ended, unless it is well."""
    status = answer.headers.get(":status")
    said = answer.trailers or answer.headers
    if "grpc-status" in said:
        code = CODES.get(said["grpc-status"], grpc.StatusCode.UNKNOWN)
        details = unquote(said.get("grpc-message", ""))
    elif status != "200":
        code = OF_HTTP.get(status or "", grpc.StatusCode.UNKNOWN)
        details = f"Received http2 header with status: {status}"
    else:
        content = answer.headers.get("content-type", "nothing")
        raise esdb.ServiceUnavailable(f"the answer ended without a status (it is {content})")
    if code is not grpc.StatusCode.OK:
        raise error_of_call(_call_error(code, details, said))


def _call_error(
    code: grpc.StatusCode, details: str, trailers: Mapping[str, str]
) -> grpc.aio.AioRpcError:
    """As gRPC's client would raise it."""
    return grpc.aio.AioRpcError(
        code, grpc.aio.Metadata(), grpc.aio.Metadata(*trailers.items()), details=details
    )


def _consume_exception(task: asyncio.Task[ReadCalls]) -> None:
    """Nobody may be waiting for it any more."""
    if not task.cancelled():
        task.exception()
