"""Connections to a read model's PostgreSQL database.

A generation is a schema, and a connection belongs to one: its search path is that schema alone.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from sqlalchemy import URL
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from projections.storage.generations import schema
from projections.storage.postgres.errors import reaching

CONNECT_S = 5.0
CLOSE_S = 1.0
ANSWER_S = 30.0
"""No live statement takes as long: a server that silently stopped is noticed by it."""
POOL_WAIT_S = 5.0

# Daybook's queries are short: compiling them costs more than it saves.
_ALL = {"jit": "off", "timezone": "UTC", "client_encoding": "UTF8"}
_READ = {"default_transaction_read_only": "on", "default_transaction_isolation": "repeatable read"}
# A crash may lose the last commits, but rows, progress and checkpoints are lost together: the
# events are applied again. A worker that is stopped in the middle of a batch, but not dead, blocks
# the others for a limited time. A batch knows the keys of its rows, but a plan made while a new
# generation is empty would scan whole tables until the server first analyses them.
_WRITE = {
    "synchronous_commit": "off",
    "idle_in_transaction_session_timeout": "10s",
    "enable_seqscan": "off",
}
_BULK = {"synchronous_commit": "off", "maintenance_work_mem": "128MB"}


def place_of(url: URL) -> str:
    """The database in words, without user and password."""
    return f"database {url.database} on {url.host or url.query.get('host', 'this machine')}"


def description(url: URL, number: int) -> str:
    """A generation in words."""
    return f"schema {schema(number)} of {place_of(url)}"


def reading(url: URL, number: int) -> AsyncEngine:
    """Read-only; one connection sees one state."""
    settings = {"search_path": schema(number), "application_name": "daybook reader", **_READ}
    return create_async_engine(
        url,
        pool_size=5,
        max_overflow=5,
        pool_timeout=POOL_WAIT_S,
        connect_args=_arguments(settings, ANSWER_S),
    )


def writing(url: URL, number: int, *, bulk: bool = False) -> AsyncEngine:
    """One connection. bulk: for a generation that is not live yet."""
    settings = {"search_path": schema(number), "application_name": "daybook writer"}
    settings |= _BULK if bulk else _WRITE
    arguments = _arguments(settings, None if bulk else ANSWER_S)
    return create_async_engine(url, poolclass=NullPool, connect_args=arguments)


def control(url: URL) -> AsyncEngine:
    """For the pointer and the heartbeats: each statement commits on its own."""
    settings = {"search_path": "daybook", "application_name": "daybook"}
    return create_async_engine(
        url,
        isolation_level="AUTOCOMMIT",
        pool_size=1,
        max_overflow=3,
        pool_timeout=POOL_WAIT_S,
        pool_pre_ping=True,
        connect_args=_arguments(settings, ANSWER_S),
    )


@asynccontextmanager
async def connected(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """Raises Unreachable."""
    conn = engine.connect()
    with reaching(place_of(engine.url)):
        await conn.start()
    try:
        yield conn
    finally:
        try:
            await conn.close()
        except (SQLAlchemyError, OSError):
            # It is broken: whoever used it has had the error already.
            await conn.invalidate()
            await conn.close()


async def dispose(engine: AsyncEngine) -> None:
    """Close the pool, but wait at most CLOSE_S: a frozen server never answers."""
    with suppress(TimeoutError):
        async with asyncio.timeout(CLOSE_S):
            await engine.dispose()


def _arguments(settings: dict[str, str], answer_s: float | None) -> dict[str, object]:
    return {
        "timeout": CONNECT_S,
        "command_timeout": answer_s,
        "server_settings": {**_ALL, **settings},
    }
