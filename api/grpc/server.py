"""gRPC's server, on HTTP/2 of our own: docs/decisions/0050 has why."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from api.grpc.connection import Connection
from api.grpc.health import HEALTH, HEALTH_S, REFLECTION, Health, reflection, serving
from api.grpc.http2 import FIRST_WINDOW, WINDOW_MAX, Head
from api.grpc.stream import PREFIX_BYTES, Around, CallStream, Identify, compressed, refused
from api.http.guards import Limits
from api.http.problems import Rejected
from api.rpc.call import Method
from api.rpc.errors import failure_of
from api.rpc.watch import Watch
from api.services import Services
from runtime.http.connections import connections_max
from runtime.http.listening import BACKLOG, bound_socket

CALLS_MAX: Final = 5000
"""Of all connections; one more is RESOURCE_EXHAUSTED."""
CONNECTIONS_MAX: Final = 1000
"""Or a quarter of those of HTTP, if the limit of open files allows no more."""
CONNECTION_WINDOW: Final = 8 * 1_048_576
"""What a client may have sent of all its requests and the server has not taken up yet."""


class Server:
    """Answers the calls of all connections."""

    def __init__(
        self,
        methods: Iterable[Method],
        watch: Watch,
        limits: Limits,
        identify: Identify | None = None,
        most: int | None = None,
    ) -> None:
        """most: connections at a time."""
        self._methods = {method.path: method for method in methods}
        self._tasks: set[asyncio.Task[None]] = set()
        self._around = Around(watch, limits, self._tasks, identify)
        self._limits = limits
        self._connections: set[Connection] = set()
        self._most = min(CONNECTIONS_MAX, connections_max() // 4) if most is None else most

    def connection(self) -> Connection:
        # A whole message fits, so that one that is taken up when it is whole cannot get stuck.
        window = min(max(self._limits.body_max_bytes + PREFIX_BYTES, FIRST_WINDOW), WINDOW_MAX)
        return Connection(
            self._begin,
            window=window,
            connection_window=min(max(CONNECTION_WINDOW, 2 * window), WINDOW_MAX),
            write_s=self._limits.write_s,
            opened=self._opened,
            closed=self._connections.discard,
        )

    async def drain(self, stop_s: float) -> None:
        """No new calls; those under way have so long to end."""
        for connection in list(self._connections):
            connection.drain()
        if self._tasks:
            await asyncio.wait(set(self._tasks), timeout=stop_s)
        for task in list(self._tasks):
            task.cancel()
        if self._tasks:
            await asyncio.wait(set(self._tasks), timeout=1.0)
        for connection in list(self._connections):
            connection.close()

    def _opened(self, connection: Connection) -> bool:
        """Where there is no room, the one that has been idle the longest is closed for it."""
        if len(self._connections) >= self._most:
            idle = [one for one in self._connections if not one.streams]
            if not idle:
                return False
            oldest = min(idle, key=lambda one: one.heard_s)
            self._connections.discard(oldest)
            oldest.drain()
        self._connections.add(connection)
        return True

    def _begin(
        self,
        connection: Connection,
        id_: int,
        head: Head,
        ends: bool,  # noqa: FBT001 (as called)
    ) -> CallStream | None:
        method = self._methods.get(head.path)
        wrong = self._wrong(head, method)
        if wrong is not None or method is None:
            refused(connection, id_, failure_of(wrong or TimeoutError()), ends=ends)
            return None
        return CallStream(connection, id_, head, method, self._around)

    def _wrong(self, head: Head, method: Method | None) -> Exception | None:
        """Why a call does not begin."""
        if method is None:
            return Rejected("unknown-route", "no service has this method")
        if head.wrong is not None:
            return head.wrong
        if head.is_compressed:
            return compressed()
        if head.timeout_s is not None and head.timeout_s <= 0:
            return TimeoutError()
        if len(self._tasks) >= CALLS_MAX:
            return Rejected("overloaded", f"{CALLS_MAX} calls are in progress")
        return None


@dataclass(frozen=True, slots=True)
class Bound:
    """A server that has its port. address: host:port."""

    listener: socket.socket
    methods: Sequence[Method]
    address: str


def bound(methods: Sequence[Method], host: str, port: int) -> Bound:
    """Not started yet. Raises ExitError if the port is taken."""
    listener = bound_socket(host, port, setting="DAYBOOK_GRPC_PORT")
    shown, taken = listener.getsockname()[:2]
    return Bound(listener, methods, f"[{shown}]:{taken}" if ":" in shown else f"{shown}:{taken}")


@contextlib.asynccontextmanager
async def answered(
    made: Bound, services: Services, names: Sequence[str], *, stop: asyncio.Event, stop_s: float
) -> AsyncIterator[None]:
    """Answer calls until the block ends; from when stop is set on, those under way have stop_s.

    names: of the services.
    """
    health = Health()
    health.tell(await serving(services, names))
    methods = [*made.methods, *health.methods(), reflection((*names, HEALTH, REFLECTION))]
    server = Server(methods, Watch(services.telemetry), services.limits)
    loop = asyncio.get_running_loop()
    listening = await loop.create_server(server.connection, sock=made.listener, backlog=BACKLOG)
    keeping = asyncio.create_task(_keep_health(health, services, names))
    draining = asyncio.create_task(_drain(server, listening, health, stop, stop_s))
    try:
        yield
    finally:
        stop.set()
        await draining
        keeping.cancel()
        await asyncio.wait((keeping,))


async def _drain(
    server: Server,
    listening: asyncio.Server,
    health: Health,
    stop: asyncio.Event,
    stop_s: float,
) -> None:
    await stop.wait()
    listening.close()
    health.stop()
    await server.drain(stop_s)


async def _keep_health(health: Health, services: Services, names: Sequence[str]) -> None:
    while True:
        await asyncio.sleep(HEALTH_S)
        health.tell(await serving(services, names))
