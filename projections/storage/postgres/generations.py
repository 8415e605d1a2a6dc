"""The generations of a read model as schemas of a PostgreSQL database.

Beside the schemas `g1`, `g2`, ... the schema `daybook` contains the pointer, the read model of each
generation, and the heartbeats of the workers. Several workers may write one generation: they share
an advisory lock, which ends with their connections.
"""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.schema import CreateTable

from projections.projection import Projection
from projections.storage.errors import BeingBuilt, NotBuilt, ReadModelError
from projections.storage.generations import Pointer, schema
from projections.storage.postgres import engines
from projections.storage.postgres.engines import description, dispose, place_of
from projections.storage.postgres.errors import LOCK_TIMEOUT, UNDEFINED, state_of
from projections.storage.postgres.heartbeats import HeartbeatTable
from projections.storage.postgres.reader import PooledReader
from projections.storage.postgres.session import PostgresSession
from projections.storage.tables import COMMON, add_indexes

LOCKS = 0x44614279
"""The first key of our advisory locks; the second is a generation's number, or 0 for building."""

DROP_WAIT_S = 2
"""How long to wait for readers; what cannot be dropped then is dropped the next time."""

_TABLES = (
    "CREATE SCHEMA IF NOT EXISTS daybook",
    """CREATE TABLE IF NOT EXISTS daybook.pointer (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    live integer, previous integer, last integer NOT NULL DEFAULT 0)""",
    """CREATE TABLE IF NOT EXISTS daybook.generation (
    number integer PRIMARY KEY, model text NOT NULL, version integer NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS daybook.worker (
    host text, pid integer, name text NOT NULL, state text NOT NULL, reason text NOT NULL,
    generation integer, position bigint, heartbeat timestamptz NOT NULL,
    PRIMARY KEY (host, pid))""",
    "INSERT INTO daybook.pointer DEFAULT VALUES ON CONFLICT DO NOTHING",
)
_POINTER = text("SELECT live, previous, last FROM daybook.pointer")
_NUMBERS = text("""
SELECT substring(nspname FROM 2)::integer AS number
FROM pg_namespace WHERE nspname ~ '^g[1-9][0-9]{0,8}$' ORDER BY number
""")
_CLAIM = text("UPDATE daybook.pointer SET last = 1 + greatest(last, :highest) RETURNING last")
_SWITCH = text(
    "UPDATE daybook.pointer SET previous = live, live = :number WHERE live IS DISTINCT FROM :number"
)
_MADE_FOR = text("SELECT model, version FROM daybook.generation WHERE number = :number")
_MAKE = text("INSERT INTO daybook.generation VALUES (:number, :model, :version)")
_HOLD = text("SELECT pg_try_advisory_lock_shared(:key, :number)")
_BUILD = text("SELECT pg_try_advisory_lock(:key, 0)")
_TAKE = text("SELECT pg_try_advisory_xact_lock(:key, :number)")


class PostgresGenerations:
    """See projections.storage.generations.Generations."""

    requests = None

    def __init__(self, url: URL) -> None:
        self._url = url
        self._control = engines.control(url)

    def description(self, number: int) -> str:
        return description(self._url, number)

    def reset_hint(self) -> str:
        return f"set live to NULL in the table daybook.pointer of {place_of(self._url)}"

    async def pointer(self) -> Pointer:
        try:
            async with self._asking() as conn:
                row = (await conn.execute(_POINTER)).one_or_none()
        except DBAPIError as error:
            if state_of(error) not in UNDEFINED:
                raise
            row = None
        return Pointer() if row is None else Pointer(row.live, row.previous, row.last)

    async def live(self) -> int:
        number = (await self.pointer()).live
        if number is None:
            raise NotBuilt(
                f"the read model in {place_of(self._url)} is not built: start its worker or"
                " replay it"
            )
        return number

    async def claim(self) -> int:
        highest = max(await self.numbers(), default=0)
        async with self._asking() as conn:
            number: int = (await conn.execute(_CLAIM, {"highest": highest})).scalar_one()
        return number

    async def switch(self, number: int) -> None:
        async with self._asking() as conn:
            await conn.execute(_SWITCH, {"number": number})

    async def model(self, number: int) -> str | None:
        try:
            async with self._asking() as conn:
                row = (await conn.execute(_MADE_FOR, {"number": number})).one_or_none()
        except DBAPIError as error:
            if state_of(error) not in UNDEFINED:
                raise
            row = None
        return None if row is None else str(row.model)

    async def numbers(self) -> list[int]:
        async with self._asking() as conn:
            return list((await conn.execute(_NUMBERS)).scalars())

    async def delete_unused(self) -> list[int]:
        pointer = await self.pointer()
        old = [it for it in await self.numbers() if it not in (pointer.live, pointer.previous)]
        return [number for number in old if await self._dropped(number)]

    @asynccontextmanager
    async def building(self) -> AsyncIterator[None]:
        engine = engines.control(self._url)
        try:
            async with engines.connected(engine) as conn:
                if not (await conn.execute(_BUILD, {"key": LOCKS})).scalar_one():
                    raise BeingBuilt(
                        f"the next generation in {place_of(self._url)} is being built by another"
                        " process: try again when it is done"
                    )
                for statement in _TABLES:
                    await conn.execute(text(statement))
                yield
        finally:
            # The lock ends with the connection.
            await engine.dispose()

    async def create(
        self, projection: Projection[Any], number: int, *, indexed: bool = True
    ) -> None:
        engine = engines.writing(self._url, number)
        made = {"number": number, "model": projection.name, "version": projection.version}
        try:
            async with engines.connected(engine) as conn:
                await conn.execute(text(f"CREATE SCHEMA {schema(number)}"))
                for tables in (COMMON, projection.tables):
                    for empty in tables.sorted_tables:
                        await conn.execute(CreateTable(empty))
                if indexed:
                    await conn.run_sync(add_indexes, projection)
                await conn.execute(_MAKE, made)
                await conn.commit()
        finally:
            await engine.dispose()

    @asynccontextmanager
    async def session(
        self, projection: Projection[Any], number: int, *, bulk: bool = False
    ) -> AsyncIterator[PostgresSession]:
        engine = engines.writing(self._url, number, bulk=bulk)
        try:
            async with engines.connected(engine) as conn:
                version = await self._held(conn, projection, number)
                yield PostgresSession(conn, self.description(number), version)
        finally:
            await engine.dispose()

    def reader(self, number: int, *, beside: int | None = None) -> PooledReader:
        del beside  # it is in the same database
        return PooledReader(self._url, number)

    def heartbeats(self, folder: Path) -> HeartbeatTable:
        del folder
        return HeartbeatTable(self._asking)

    async def aclose(self) -> None:
        await dispose(self._control)

    def _asking(self) -> AbstractAsyncContextManager[AsyncConnection]:
        return engines.connected(self._control)

    async def _held(self, conn: AsyncConnection, projection: Projection[Any], number: int) -> int:
        """Keep the generation from being dropped. Returns the version of its tables."""
        held = (await conn.execute(_HOLD, {"key": LOCKS, "number": number})).scalar_one()
        found = (await conn.execute(_MADE_FOR, {"number": number})).one_or_none()
        await conn.commit()
        if not held or found is None:
            raise ReadModelError(
                f"{self.description(number)} is gone: run `daybook replay {projection.name}`"
            )
        if found.model != projection.name:
            raise ReadModelError(
                f"{place_of(self._url)} holds the read model {found.model}, not {projection.name}:"
                " each has a database of its own"
            )
        version: int = found.version
        return version

    async def _dropped(self, number: int) -> bool:
        engine = engines.writing(self._url, number)
        try:
            async with engines.connected(engine) as conn:
                taken = await conn.execute(_TAKE, {"key": LOCKS, "number": number})
                if not taken.scalar_one():
                    return False
                await conn.execute(text(f"SET LOCAL lock_timeout = '{DROP_WAIT_S}s'"))
                await conn.execute(text(f"DROP SCHEMA {schema(number)} CASCADE"))
                gone = text("DELETE FROM daybook.generation WHERE number = :number")
                await conn.execute(gone, {"number": number})
                await conn.commit()
        except DBAPIError as error:
            if state_of(error) != LOCK_TIMEOUT:
                raise
            return False
        else:
            return True
        finally:
            await engine.dispose()
