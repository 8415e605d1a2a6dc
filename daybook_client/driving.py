"""Performs the steps of conversations with httpx: blocking, and the same in asyncio."""

import asyncio
import time
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Generator,
    Iterable,
    Iterator,
)
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx

from daybook_client.wire import (
    Close,
    Conversation,
    Give,
    Head,
    Lost,
    Open,
    Pause,
    Read,
    Request,
    Step,
    Take,
)

T = TypeVar("T")
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
_MISUSED = (httpx.LocalProtocolError, httpx.UnsupportedProtocol)
_NO_LINES: tuple[Any, ...] = ()


def server_of(url: str) -> str:
    """The URL that paths are added to. Raises ValueError where it names no server."""
    try:
        parts = urlsplit(url)
        named = parts.scheme in {"http", "https"} and bool(parts.hostname)
        _ = parts.port
    except ValueError:
        named = False
    if not named:
        raise ValueError("the URL must be http://HOST:PORT or https://HOST:PORT")
    if urlsplit(url).query or urlsplit(url).fragment:
        raise ValueError("the URL must not have a query")
    return url.rstrip("/")


def _built(http: httpx.Client | httpx.AsyncClient, server: str, request: Request) -> httpx.Request:
    # Not compressed: a small answer could otherwise be of any size.
    headers = {"Accept-Encoding": b"identity", **request.headers}
    try:
        return http.build_request(
            request.method,
            server + request.path,
            content=request.content or None,
            headers=[(name.encode(), value) for name, value in headers.items()],
            timeout=request.timeout_s,
        )
    except httpx.InvalidURL:
        raise ValueError("the request cannot be sent: its URL is too long") from None


def _head(response: httpx.Response) -> Head:
    return Head(response.status_code, dict(response.headers))


def _is_coded(response: httpx.Response) -> bool:
    """Compressed, though that was not asked for: it is not decoded, and so is no answer."""
    coding: str = response.headers.get("content-encoding", "identity")
    return coding.lower() != "identity"


def _lost(error: httpx.TransportError) -> Lost:
    """Raises ValueError for what cannot be sent; the text may have what it was to have had."""
    if isinstance(error, _MISUSED):
        kind = type(error).__name__
        raise ValueError(f"the request cannot be sent ({kind})") from None  # noqa: TRY004
    kind = type(error).__name__
    return Lost(f"{kind}: {error}" if str(error) else kind, not isinstance(error, _NOT_SENT))


class _Connection:
    """The answer of one conversation, blocking."""

    def __init__(self, http: httpx.Client, server: str, lines: Iterator[Any]) -> None:
        self._http = http
        self._server = server
        self._lines = lines
        self._response: httpx.Response | None = None
        self._chunks: Iterator[bytes] = iter(())

    def perform(self, step: Step) -> Any:
        match step:
            case Open(request):
                return self._open(request)
            case Read():
                return self._read()
            case Close():
                return self.close()
            case Pause(seconds):
                return time.sleep(seconds)
            case Take():
                return next(self._lines, None)
            case Give():
                raise TypeError("this conversation has one answer")

    def _open(self, request: Request) -> Head | Lost:
        self.close()
        try:
            built = _built(self._http, self._server, request)
            self._response = self._http.send(built, stream=True, follow_redirects=False)
        except httpx.TransportError as error:
            return _lost(error)
        response = self._response
        self._chunks = response.iter_raw() if _is_coded(response) else response.iter_bytes()
        return _head(self._response)

    def _read(self) -> bytes | Lost:
        try:
            return next(self._chunks, b"")
        except httpx.TransportError as error:
            return _lost(error)

    def close(self) -> None:
        response, self._response = self._response, None
        if response is not None:
            response.close()


def call(http: httpx.Client, server: str, conversation: Conversation[T]) -> T:
    """Perform a conversation that has one answer."""
    connection = _Connection(http, server, iter(_NO_LINES))
    outcome: Any = None
    try:
        while True:
            outcome = connection.perform(conversation.send(outcome))
    except StopIteration as done:
        answer: T = done.value
        return answer
    finally:
        conversation.close()
        connection.close()


def iterate(
    http: httpx.Client,
    server: str,
    conversation: Conversation[None],
    lines: Iterable[Any] = _NO_LINES,
) -> Generator[Any, None, None]:
    """What a conversation gives, one by one."""
    connection = _Connection(http, server, iter(lines))
    outcome: Any = None
    try:
        while True:
            try:
                step = conversation.send(outcome)
            except StopIteration:
                return
            if isinstance(step, Give):
                outcome = yield step.value
            else:
                outcome = connection.perform(step)
    finally:
        conversation.close()
        connection.close()


class _AsyncConnection:
    """The answer of one conversation, in asyncio."""

    def __init__(self, http: httpx.AsyncClient, server: str, lines: AsyncIterator[Any]) -> None:
        self._http = http
        self._server = server
        self._lines = lines
        self._response: httpx.Response | None = None
        self._chunks: AsyncIterator[bytes] = _each(())

    async def perform(self, step: Step) -> Any:
        match step:
            case Open(request):
                return await self._open(request)
            case Read():
                return await self._read()
            case Close():
                return await self.close()
            case Pause(seconds):
                return await asyncio.sleep(seconds)
            case Take():
                return await anext(self._lines, None)
            case Give():
                raise TypeError("this conversation has one answer")

    async def _open(self, request: Request) -> Head | Lost:
        await self.close()
        try:
            built = _built(self._http, self._server, request)
            self._response = await self._http.send(built, stream=True, follow_redirects=False)
        except httpx.TransportError as error:
            return _lost(error)
        response = self._response
        self._chunks = response.aiter_raw() if _is_coded(response) else response.aiter_bytes()
        return _head(self._response)

    async def _read(self) -> bytes | Lost:
        try:
            return await anext(self._chunks, b"")
        except httpx.TransportError as error:
            return _lost(error)

    async def close(self) -> None:
        response, self._response = self._response, None
        if response is not None:
            await response.aclose()


async def acall(http: httpx.AsyncClient, server: str, conversation: Conversation[T]) -> T:
    """As call(), in asyncio."""
    connection = _AsyncConnection(http, server, _each(_NO_LINES))
    outcome: Any = None
    try:
        while True:
            outcome = await connection.perform(conversation.send(outcome))
    except StopIteration as done:
        answer: T = done.value
        return answer
    finally:
        conversation.close()
        await connection.close()


async def aiterate(
    http: httpx.AsyncClient,
    server: str,
    conversation: Conversation[None],
    lines: Iterable[Any] | AsyncIterable[Any] = _NO_LINES,
) -> AsyncGenerator[Any, None]:
    """As iterate(), in asyncio."""
    connection = _AsyncConnection(http, server, _each(lines))
    outcome: Any = None
    try:
        while True:
            try:
                step = conversation.send(outcome)
            except StopIteration:
                return
            if isinstance(step, Give):
                yield step.value
                outcome = None
            else:
                outcome = await connection.perform(step)
    finally:
        conversation.close()
        await connection.close()


async def _each(lines: Iterable[Any] | AsyncIterable[Any]) -> AsyncIterator[Any]:
    if isinstance(lines, AsyncIterable):
        async for line in lines:
            yield line
    else:
        for line in lines:
            yield line
