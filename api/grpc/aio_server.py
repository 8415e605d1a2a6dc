"""The server of grpcio, where what the other one (api.grpc.server) needs is not installed."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from api.grpc.aio_calls import Calls
from api.grpc.health import HEALTH_S, serving
from api.http.guards import Limits
from api.rpc.call import Method
from api.rpc.watch import Watch
from api.services import Services
from runtime.http.connections import HEAD_BYTES_MAX
from runtime.terminal import Exit, ExitError

log = logging.getLogger("daybook.grpc")

STREAMS_MAX: Final = 1000
"""Calls of one connection at the same time; the others wait in the client."""
CALLS_MAX: Final = 5000
"""Of all connections; one more is RESOURCE_EXHAUSTED."""
KEEPALIVE_MS: Final = 60_000
KEEPALIVE_WITHIN_MS: Final = 20_000
PINGS_MIN_MS: Final = 10_000
"""A client that sends pings more often is closed."""
IDENTITY_ONLY: Final = 1
"""Of the set of compressions: only that which is none. A small message that is compressed may be a
very large one, and gRPC looks at the size before it expands it.
"""

_Status: Final = health_pb2.HealthCheckResponse


def options(limits: Limits) -> list[tuple[str, Any]]:
    return [
        ("grpc.max_receive_message_length", limits.body_max_bytes),
        ("grpc.max_send_message_length", -1),
        ("grpc.max_metadata_size", HEAD_BYTES_MAX),
        ("grpc.absolute_max_metadata_size", HEAD_BYTES_MAX),
        ("grpc.max_concurrent_streams", STREAMS_MAX),
        ("grpc.compression_enabled_algorithms_bitset", IDENTITY_ONLY),
        ("grpc.keepalive_time_ms", KEEPALIVE_MS),
        ("grpc.keepalive_timeout_ms", KEEPALIVE_WITHIN_MS),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.http2.min_ping_interval_without_data_ms", PINGS_MIN_MS),
        ("grpc.http2.min_recv_ping_interval_without_data_ms", PINGS_MIN_MS),
        ("grpc.so_reuseport", 0),  # two servers on one port would share its calls at random
    ]


@dataclass(frozen=True, slots=True)
class Bound:
    """A server that has its port. address: host:port."""

    server: "grpc.aio.Server"
    address: str


def bound(services: Services, methods: Iterable[Method], host: str, port: int) -> Bound:
    """The server, not started yet. Raises ExitError if the port is taken."""
    server = grpc.aio.server(options=options(services.limits), maximum_concurrent_rpcs=CALLS_MAX)
    calls = Calls(Watch(services.telemetry), services.limits)
    server.add_generic_rpc_handlers(tuple(calls.handlers(methods)))
    shown = f"[{host}]" if ":" in host else host
    try:
        taken = server.add_insecure_port(f"{shown}:{port}")
    except RuntimeError:
        raise ExitError(
            f"gRPC cannot listen on {shown}:{port}; stop what runs there, or set DAYBOOK_GRPC_PORT"
            " to another port (0: a free one)",
            Exit.UNAVAILABLE,
        ) from None
    return Bound(server, f"{shown}:{taken}")


@contextlib.asynccontextmanager
async def answered(
    made: Bound,
    services: Services,
    names: Sequence[str],
    *,
    stop: asyncio.Event,
    stop_s: float,
) -> AsyncIterator[None]:
    """Answer calls until the block ends; from when stop is set on, those under way have stop_s.

    names: of the services.
    """
    checks = health.aio.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(checks, made.server)
    shown = (*names, health.SERVICE_NAME, reflection.SERVICE_NAME)
    reflection.enable_server_reflection(shown, made.server)
    await tell_health(checks, services, names)
    keeping = asyncio.create_task(_keep_health(checks, services, names))
    await made.server.start()
    draining = asyncio.create_task(_drain(made.server, checks, stop, stop_s))
    try:
        yield
    finally:
        stop.set()
        await draining
        keeping.cancel()
        await asyncio.wait((keeping,))


async def _drain(
    server: "grpc.aio.Server", checks: Any, stop: asyncio.Event, stop_s: float
) -> None:
    await stop.wait()
    await checks.enter_graceful_shutdown()
    await server.stop(stop_s)


async def _keep_health(checks: Any, services: Services, names: Sequence[str]) -> None:
    while True:
        await asyncio.sleep(HEALTH_S)
        await tell_health(checks, services, names)


async def tell_health(checks: Any, services: Services, names: Sequence[str]) -> None:
    for name, serves in (await serving(services, names)).items():
        await checks.set(name, _Status.SERVING if serves else _Status.NOT_SERVING)
