"""Answering HTTP on our own socket until an event is set, by uvicorn."""

import asyncio
import contextlib
import socket
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.auto import AutoHTTPProtocol

from runtime.http.connection import LimitedConnection
from runtime.http.connections import HEAD_BYTES_MAX, Connections
from runtime.http.upgrades import UpgradesIgnored
from runtime.terminal import Exit, ExitError
from runtime.waiting import done_or_set

BACKLOG = 2048
KEEP_ALIVE_S = 30


class HttpConnection(LimitedConnection, UpgradesIgnored, AutoHTTPProtocol):  # type: ignore[misc, valid-type]
    """uvicorn's HTTP protocol, by the fastest parser installed."""


class Server(uvicorn.Server):
    """uvicorn that reports when it is ready, and handles no signals: it would raise them again."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def bound_socket(host: str, port: int, *, setting: str = "DAYBOOK_PORT") -> socket.socket:
    """A socket to listen on. Raises ExitError if the port is taken or not allowed.

    Until it listens, other sockets may still be bound to its port: see take().
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise _taken(host, port, setting, error) from None
    return listener


def take(listener: socket.socket, *, setting: str = "DAYBOOK_PORT") -> None:
    """Let it listen: no other socket can be bound to its port from now on. Clients that connect
    wait until they are answered. Raises ExitError if another one listens already.
    """
    host, port = listener.getsockname()[:2]
    try:
        listener.listen(BACKLOG)
    except OSError as error:
        raise _taken(host, port, setting, error) from None


def _taken(host: str, port: int, setting: str, error: OSError) -> ExitError:
    return ExitError(
        f"cannot listen on {host}:{port} ({error.strerror}); "
        f"stop what runs there, or set {setting} to another port (0: a free one)",
        Exit.UNAVAILABLE,
    )


def url_of(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


async def answer_requests(
    app: ASGIApp,
    listener: socket.socket,
    *,
    stop: asyncio.Event,
    stop_s: float,
    ready: Callable[[], None],
    connections: Connections | None = None,
    protocol: type[Any] = HttpConnection,
) -> None:
    """Until stop is set; requests under way then have stop_s to end.

    protocol: a LimitedConnection.
    """
    connections = Connections() if connections is None else connections
    server = Server(
        uvicorn.Config(
            app,
            http=partial(protocol, connections=connections),  # type: ignore[arg-type, misc]
            h11_max_incomplete_event_size=HEAD_BYTES_MAX,
            access_log=False,
            log_config=None,
            lifespan="off",
            backlog=BACKLOG,
            timeout_keep_alive=KEEP_ALIVE_S,
            # The rest of the time is for the log and the worker process.
            timeout_graceful_shutdown=max(1, int(0.7 * stop_s)),
            server_header=False,
            ws="none",
            proxy_headers=False,
        ),
        ready,
    )
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        await done_or_set(serving, stop)
    finally:
        server.should_exit = True
        await serving
