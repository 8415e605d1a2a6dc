"""Routes that FastAPI documents and plain ASGI answers; bytes in and out of ASGI for them."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

from fastapi import Response
from fastapi.routing import APIRoute
from pydantic_core import to_json
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.problems import MEDIA_TYPE, Problem, Rejected
from runtime.http.connections import ENDS_WITH_CLIENT

JSON_TYPE: Final = b"application/json"
NDJSON_TYPE: Final = b"application/x-ndjson"
Header = tuple[bytes, bytes]


class AsgiRoute(APIRoute):
    """documented: a function whose signature and the rest FastAPI documents; it is never called.

    answered_by: gets every request. With FastAPI's own handlers the framework costs more than the
    durable commit (docs/benchmarks.md).
    """

    def __init__(
        self, path: str, documented: Callable[..., Any], answered_by: ASGIApp, **about: Any
    ) -> None:
        super().__init__(path, documented, **about)
        self.app = answered_by


class ClientGone(Exception):
    """The client closed the connection: nobody reads an answer."""


async def read_body(receive: Receive, bytes_max: int) -> bytes:
    """The whole body. Raises Rejected (body-too-large) as soon as it is larger; ClientGone."""
    message = await receive()
    body: bytes = _chunk(message)
    if message.get("more_body"):
        chunks = [body]
        size = len(body)
        while message.get("more_body") and size <= bytes_max:
            message = await receive()
            chunks.append(_chunk(message))
            size += len(chunks[-1])
        body = b"".join(chunks)
    if len(body) > bytes_max:
        raise too_large(bytes_max)
    return body


async def read_chunks(receive: Receive, within_s: float) -> AsyncIterator[bytes]:
    """The body in chunks, as they arrive. Raises ClientGone where it is cut off, TimeoutError where
    the next chunk does not arrive within that time.
    """
    more = True
    while more:
        async with asyncio.timeout(within_s):
            message = await receive()
        yield _chunk(message)
        more = message.get("more_body", False)


async def disconnected(receive: Receive) -> None:
    """Returns when the client has closed the connection; what it sends until then is dropped."""
    while (await receive())["type"] != "http.disconnect":
        pass


@asynccontextmanager
async def until_gone(scope: Scope, receive: Receive) -> AsyncIterator[None]:
    """Ends the block, an endless stream, when the client closes its side of the connection.

    Raises ClientGone then.
    """
    scope.get("state", {})[ENDS_WITH_CLIENT] = True
    loop = asyncio.get_running_loop()
    gone = asyncio.create_task(disconnected(receive))
    limit, ended = asyncio.timeout(None), False

    def end(_: object) -> None:
        if not ended:
            limit.reschedule(loop.time())

    try:
        async with limit:
            gone.add_done_callback(end)
            try:
                yield
            finally:
                ended = True
    except TimeoutError:
        if limit.expired():
            raise ClientGone from None
        raise
    finally:
        gone.cancel()


def too_large(bytes_max: int) -> Rejected:
    return Rejected("body-too-large", f"the body may have {bytes_max} bytes")


async def send_whole(
    send: Send, status: int, body: bytes, media_type: bytes, headers: tuple[Header, ...] = ()
) -> None:
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [
                (b"content-type", media_type),
                (b"content-length", b"%d" % len(body)),
                (b"x-content-type-options", b"nosniff"),
                *headers,
            ],
        }
    )
    await send({"type": "http.response.body", "body": body})


async def send_problem(send: Send, problem: Problem) -> None:
    await send_whole(send, problem.status, problem.body, MEDIA_TYPE, problem.headers)


async def start_stream(send: Send, media_type: bytes, headers: tuple[Header, ...] = ()) -> None:
    await send(
        {
            "type": "http.response.start",
            "status": 200,
            "headers": [
                (b"content-type", media_type),
                (b"x-content-type-options", b"nosniff"),
                (b"cache-control", b"no-store"),
                *headers,
            ],
        }
    )


def answer(document: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Response:
    """A JSON response, serialized without FastAPI: the answers of read models are plain values."""
    all_headers = {
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
        **(headers or {}),
    }
    return Response(to_json(document), media_type="application/json", headers=all_headers)


def _chunk(message: Message) -> bytes:
    if message["type"] == "http.disconnect":
        raise ClientGone
    chunk: bytes = message.get("body", b"")
    return chunk
