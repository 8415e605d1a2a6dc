"""Reading the live generation of a read model."""

import logging
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy.exc import DatabaseError

from projections.projection import Projection
from projections.storage.errors import Damaged, NotLive, Unreachable
from projections.storage.generations import check_model
from projections.storage.open import open_generations
from projections.storage.reader import Query, Reader, T

DAMAGES = (ValueError, TypeError, LookupError, ArithmeticError)
"""What damaged rows raise, and no query raises for another reason."""
TRIES = 3
"""To find a reader of the generation that is live now."""

_TEMPORARY = {
    *(sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR),
    *(sqlite3.SQLITE_FULL, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_PERM),
    *(sqlite3.SQLITE_READONLY, sqlite3.SQLITE_AUTH),
}

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Opened:
    """The reader of one generation, and how many queries it is answering."""

    number: int
    reader: Reader
    queries: int = 0


class ReadDatabase:
    """Answers queries from the live generation of one read model; one per model and process."""

    def __init__(self, projection: Projection[Any], url: str) -> None:
        self.name = projection.name
        self.generations = open_generations(url)
        self._opened: _Opened | None = None
        self._damage = (0, "")

    @property
    def damage(self) -> str:
        """What was found to be damaged in the live generation; "" for nothing."""
        number, words = self._damage
        return words if self._opened is not None and self._opened.number == number else ""

    async def ask(self, query: Query[T], *, long: bool = False) -> T:
        """The answer of the generation that is live now, which sees one state.

        long: it may read many rows. Raises NotBuilt, Unreachable, Damaged, the database's errors.
        """
        for _ in range(TRIES):
            opened = await self._live()
            try:
                async with self._used(opened):
                    with self._damage_noticed(opened.number):
                        return await opened.reader.ask(query, long=long)
            except NotLive:
                await self._leave(opened)
        raise Unreachable(f"the database of {self.name} closes every connection")

    async def aclose(self) -> None:
        """Close the connections; those of queries that are being answered close after them."""
        if self._opened is not None:
            await self._leave(self._opened)
        await self.generations.aclose()

    @contextmanager
    def _damage_noticed(self, number: int) -> Iterator[None]:
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

    @asynccontextmanager
    async def _used(self, opened: _Opened) -> AsyncIterator[None]:
        opened.queries += 1
        try:
            yield
        finally:
            opened.queries -= 1
            if opened is not self._opened and not opened.queries:
                await opened.reader.aclose()

    async def _live(self) -> _Opened:
        if self._opened is not None and await self._opened.reader.is_live():
            return self._opened
        number = await self.generations.live()
        await check_model(self.generations, self.name, number)
        if self._opened is not None and self._opened.number == number:
            return self._opened  # by another query, meanwhile
        before = self._opened
        self._opened = opened = _Opened(number, self.generations.reader(number))
        if before is not None and not before.queries:
            await before.reader.aclose()
        return opened

    async def _leave(self, opened: _Opened) -> None:
        if opened is self._opened:
            self._opened = None
            if not opened.queries:
                await opened.reader.aclose()


def _is_damage(error: DatabaseError) -> bool:
    """Anything else is temporary: a lock, a disk, a server that is away."""
    if isinstance(error.orig, sqlite3.Error):
        return getattr(error.orig, "sqlite_errorcode", 0) & 0xFF not in _TEMPORARY
    return str(getattr(error.orig, "sqlstate", "")).startswith("XX")
