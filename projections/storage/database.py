"""Reading the live generation of a read model."""

import logging
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy.exc import DatabaseError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from projections.projection import Projection
from projections.storage.errors import Damaged, Unreachable
from projections.storage.generations import check_model, dispose
from projections.storage.open import open_generations
from projections.storage.reader import Question, T, Threads

DAMAGES = (ValueError, TypeError, LookupError, ArithmeticError)
"""What rows that are not as they were written raise, which no query raises for its own sake."""
TRIES = 3
"""Of a reader, to get a connection of what is live now."""

_OF_THE_MOMENT = {
    *(sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR),
    *(sqlite3.SQLITE_FULL, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_PERM),
    *(sqlite3.SQLITE_READONLY, sqlite3.SQLITE_AUTH),
}

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Pool:
    """Connections to one generation, and how many are out."""

    number: int
    engine: AsyncEngine
    threads: Threads | None
    users: int = 0

    async def aclose(self) -> None:
        if self.threads is not None:
            await self.threads.aclose()
        await dispose(self.engine)


class ReadDatabase:
    """The live generation of one read model, for reading; one per model and process.

    Whatever the pointer says when a connection is asked for is what it reads, to its end.
    """

    def __init__(self, projection: Projection[Any], url: str) -> None:
        self.name = projection.name
        self.generations = open_generations(url)
        self._pool: _Pool | None = None
        self._damage = (0, "")

    @property
    def damage(self) -> str:
        """What was found to be damaged in the live generation; "" for nothing."""
        number, words = self._damage
        return words if self._pool is not None and self._pool.number == number else ""

    async def ask(self, question: Question[T], *, long: bool = False) -> T:
        """The answer of the live generation, which sees one state.

        long: it may read many rows. Raises NotBuilt, Unreachable, Damaged.
        """
        pool = await self._live()
        if pool.threads is None:
            async with self.connect() as conn:
                return await conn.run_sync(question)
        async with self._using(pool):
            with self._noticing(pool.number):
                return await pool.threads.ask(question, long=long)

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[AsyncConnection]:
        """A read-only connection; all it is asked sees one state.

        Raises NotBuilt, Unreachable, Damaged.
        """
        number = (await self._live()).number
        async with AsyncExitStack() as out:
            with self._noticing(number):
                yield await self._taken(out)

    @contextmanager
    def _noticing(self, number: int) -> Iterator[None]:
        """What damaged pages lead to is one kind of error, and is remembered."""
        try:
            yield
        except (*DAMAGES, DatabaseError) as error:
            if isinstance(error, DatabaseError) and not _is_damage(error):
                raise
            found = error.orig if isinstance(error, DatabaseError) else error
            damage = (number, f"{type(found).__name__}: {found}"[:200])
            if damage != self._damage:
                _log.exception("%s, generation %d, cannot be read", self.name, number)
            self._damage = damage
            raise Damaged(
                f"the read model {self.name} is damaged: run `daybook replay {self.name}`"
                f" ({damage[1]})"
            ) from error

    async def aclose(self) -> None:
        """Let go of the connections; those that are out close when they come back."""
        if self._pool is not None:
            await self._leave(self._pool)
        await self.generations.aclose()

    async def _taken(self, out: AsyncExitStack) -> AsyncConnection:
        for _ in range(TRIES):
            pool = await self._live()
            conn = await out.enter_async_context(self._connected(pool))
            if await self.generations.confirm(conn, pool.number):
                return conn
            # It is of a generation that was live, or from before the database was restarted.
            await out.aclose()
            await self._leave(pool)
        raise Unreachable(f"the database of {self.name} closes every connection")

    @asynccontextmanager
    async def _connected(self, pool: _Pool) -> AsyncIterator[AsyncConnection]:
        async with self._using(pool), self.generations.connected(pool.engine) as conn:
            yield conn

    @asynccontextmanager
    async def _using(self, pool: _Pool) -> AsyncIterator[None]:
        pool.users += 1
        try:
            yield
        finally:
            pool.users -= 1
            if pool is not self._pool and not pool.users:
                await pool.aclose()

    async def _live(self) -> _Pool:
        if self._pool is not None and self.generations.asked_late:
            return self._pool
        number = await self.generations.live()
        if self._pool is not None and self._pool.number == number:
            return self._pool
        await check_model(self.generations, self.name, number)
        engine, threads = self.generations.reading(number), self.generations.threads(number)
        old, self._pool = self._pool, _Pool(number, engine, threads)
        pool = self._pool
        if old is not None and not old.users:
            await old.aclose()
        return pool

    async def _leave(self, pool: _Pool) -> None:
        if pool is self._pool:
            self._pool = None
            if not pool.users:
                await pool.aclose()


def _is_damage(error: DatabaseError) -> bool:
    """Anything else is the moment's: a lock, a disk, a server that is away."""
    if isinstance(error.orig, sqlite3.Error):
        return getattr(error.orig, "sqlite_errorcode", 0) & 0xFF not in _OF_THE_MOMENT
    return str(getattr(error.orig, "sqlstate", "")).startswith("XX")
