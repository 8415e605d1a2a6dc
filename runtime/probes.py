"""/metrics, /healthz and /readyz of a long-running process, on a port of their own.

The port may be open to other machines, so no answer there names an order.
"""

import asyncio
import contextlib
import json
import logging
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from runtime.http.connections import Connections, is_head_too_large
from runtime.http.refusals import HEAD_TOO_LARGE
from runtime.metrics import CONTENT_TYPE
from runtime.settings import Settings
from runtime.terminal import Exit, ExitError
from runtime.waiting import done_or_set

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

STOP_S: Final = 1.0
CONNECTIONS_MAX: Final = 64
FETCH_S: Final = 1.0
ASK: Final = b"GET /metrics HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"
METHOD_NOT_ALLOWED: Final = 405
JSON: Final = "application/json"
Troubles: TypeAlias = Callable[[], Awaitable[Sequence[str]]]

log = logging.getLogger("daybook.probes")


@dataclass(frozen=True, slots=True)
class Probes:
    """troubles: what is wrong, without anything of an order; empty if all is well.

    not_ready: why it cannot be used yet. metrics: in Prometheus' text format.
    """

    troubles: Troubles
    not_ready: Troubles
    metrics: Callable[[], Awaitable[bytes]]


@contextlib.asynccontextmanager
async def probes_served(
    settings: Settings, probes: Probes, *, fd: int | None = None
) -> AsyncIterator[None]:
    """While the block lasts, where METRICS_PORT is set, or on the socket that fd is.

    Raises ExitError if the port is taken, or the server does not start.
    """
    listener = _listener(settings) if fd is None else socket.socket(fileno=fd)
    if listener is None:
        yield
        return
    # Imported here: without such a port no web server is needed.
    from runtime.http.listening import answer_requests, url_of

    level = logging.INFO if fd is None else logging.DEBUG
    log.log(level, "metrics and health", extra={"url": url_of(listener)})
    stop, listens = asyncio.Event(), asyncio.Event()
    serving = asyncio.create_task(
        answer_requests(
            probes_app(probes),
            listener,
            stop=stop,
            stop_s=STOP_S,
            ready=listens.set,
            connections=Connections(CONNECTIONS_MAX),
        )
    )
    try:
        await done_or_set(serving, listens)
        if serving.done():
            raise ExitError(
                f"metrics and health cannot be served on {url_of(listener)}", Exit.UNAVAILABLE
            ) from serving.exception()
        yield
    finally:
        stop.set()
        await asyncio.wait((serving,))
        listener.close()


async def metrics_of(listener: socket.socket) -> bytes:
    """The /metrics of the process at that address; empty if it does not answer."""
    host, port = listener.getsockname()[:2]
    answer = b""
    with contextlib.suppress(OSError, TimeoutError):
        async with asyncio.timeout(FETCH_S):
            reader, writer = await asyncio.open_connection(host, port)
            try:
                writer.write(ASK)
                answer = await reader.read()
            finally:
                writer.close()
    head, _, body = answer.partition(b"\r\n\r\n")
    return body if head.startswith(b"HTTP/1.1 200 ") else b""


def probes_app(probes: Probes) -> "ASGIApp":
    """The three routes as an ASGI app."""

    async def app(scope: "Scope", receive: "Receive", send: "Send") -> None:
        del receive
        if scope["type"] != "http":
            return
        try:
            status, kind, body = await _answer(probes, scope)
        except Exception:
            log.exception("%s could not be answered", scope["path"])
            status, kind, body = 503, JSON, b'{"title":"could not be answered; it is logged"}'
        headers = [
            (b"content-type", kind.encode()),
            (b"content-length", b"%d" % len(body)),
            (b"x-content-type-options", b"nosniff"),
            *([(b"allow", b"GET, HEAD")] if status == METHOD_NOT_ALLOWED else []),
        ]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        shown = b"" if scope["method"] == "HEAD" else body
        await send({"type": "http.response.body", "body": shown})

    return app


def judged(troubles: Sequence[str]) -> tuple[int, bytes]:
    """Status and body of a health route."""
    document = {"status": "unwell" if troubles else "ok", "troubles": list(troubles)}
    return (503 if troubles else 200), json.dumps(document).encode()


def _listener(settings: Settings) -> socket.socket | None:
    if settings.metrics_port is None:
        return None
    from runtime.http.listening import bound_socket

    host, port = settings.metrics_host, settings.metrics_port
    return bound_socket(host, port, setting="DAYBOOK_METRICS_PORT")


async def _answer(probes: Probes, scope: "Scope") -> tuple[int, str, bytes]:
    method, path, headers = scope["method"], scope["path"], scope["headers"]
    if is_head_too_large(headers):
        return HEAD_TOO_LARGE.status, JSON, b'{"title":"the headers are too large"}'
    if path not in {"/metrics", "/healthz", "/readyz"}:
        return 404, JSON, b'{"title":"/metrics, /healthz and /readyz are here"}'
    if method not in {"GET", "HEAD"}:
        return METHOD_NOT_ALLOWED, JSON, b'{"title":"GET alone"}'
    if path == "/metrics":
        return 200, CONTENT_TYPE, await probes.metrics()
    return _judged(await (probes.troubles if path == "/healthz" else probes.not_ready)())


def _judged(troubles: Sequence[str]) -> tuple[int, str, bytes]:
    status, body = judged(troubles)
    return status, JSON, body
