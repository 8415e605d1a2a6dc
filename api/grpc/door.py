"""gRPC as a part of a server: where it is wanted, and what it needs is installed."""

import asyncio
import contextlib
import logging
import os
from collections.abc import AsyncIterator
from importlib.util import find_spec
from typing import Any, Final

from api.services import Services
from runtime.settings import Settings
from runtime.terminal import Exit, ExitError

log = logging.getLogger("daybook.grpc")

PORT: Final = 50051
"""Where services look for gRPC by default."""
QUIET: Final = {"GRPC_VERBOSITY": "NONE", "GRPC_ENABLE_FORK_SUPPORT": "0"}
"""For gRPC's C library, before it is loaded: it writes lines of its own on standard error, and what
it does at a fork is not needed, as the workers are other programs.
"""
STOP_SHARE: Final = 0.7
"""Of the time to stop; the rest is for the log."""


@contextlib.asynccontextmanager
async def grpc_answered(
    settings: Settings, services: Services, *, stop: asyncio.Event, alone: bool = False
) -> AsyncIterator[str | None]:
    """Answer gRPC while the block lasts; yields its address, None where it is not answered.

    From when stop is set on, calls under way have their time to end. alone: the process does
    nothing else. Raises ExitError for what was asked for and cannot be: where the port is `auto`,
    and the process does something else, gRPC is left out, with a line in the log.
    """
    is_asked = alone or settings.grpc_port != "auto"
    if not alone and (settings.grpc_port == "off" or not (is_asked or _installed())):
        yield None
        return
    async with contextlib.AsyncExitStack() as open_:
        try:
            address: str | None = await _begun(open_, settings, services, stop)
        except ExitError as error:
            if is_asked:
                raise
            log.warning("no gRPC: %s", error)
            address = None
        yield address


def _server() -> Any:
    """Raises ImportError."""
    from api.grpc import server

    return server.answered, server.bound


def _installed() -> bool:
    return all(map(find_spec, ("grpc", "grpc_health", "grpc_reflection", "grpc_status", "hpack")))


async def _begun(
    open_: contextlib.AsyncExitStack, settings: Settings, services: Services, stop: asyncio.Event
) -> str:
    """Raises ExitError."""
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    try:
        from api.rpc.services import methods_of

        answered, bound = _server()
    except ImportError as error:
        raise ExitError(
            f"gRPC needs an extra ({error}): pip install 'daybook[grpc]', or set"
            " DAYBOOK_GRPC_PORT=off",
            Exit.UNAVAILABLE,
        ) from None
    methods = methods_of(services)
    port = settings.grpc_port if isinstance(settings.grpc_port, int) else PORT
    made: Any = bound(methods, settings.host, port)
    names = list(dict.fromkeys(method.service for method in methods))
    stop_s = STOP_SHARE * settings.stop_s
    await open_.enter_async_context(answered(made, services, names, stop=stop, stop_s=stop_s))
    log.info("gRPC is answered", extra={"address": made.address})
    address: str = made.address
    return address
