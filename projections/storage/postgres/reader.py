"""Queries of a generation that is a PostgreSQL schema, over a pool of connections."""

from sqlalchemy import URL, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from projections.storage.errors import NotLive
from projections.storage.postgres.engines import connected, description, dispose, reading
from projections.storage.reader import Query, T

_LIVE = text("SELECT live FROM daybook.pointer")


class PooledReader:
    """See projections.storage.reader.Reader."""

    def __init__(self, url: URL, number: int) -> None:
        self._number = number
        self._description = description(url, number)
        self._engine = reading(url, number)

    async def ask(self, query: Query[T], *, long: bool = False) -> T:
        """long: makes no difference, the server answers each query on its own."""
        del long
        async with connected(self._engine) as conn:
            if not await self._finds_itself_live(conn):
                raise NotLive(f"{self._description} is not live any more: ask again")
            return await conn.run_sync(query)

    async def is_live(self) -> bool:
        return True

    async def aclose(self) -> None:
        await dispose(self._engine)

    async def _finds_itself_live(self, conn: AsyncConnection) -> bool:
        """In the query's own transaction, so that it sees the state of that moment. False as well
        for a connection from before the server was restarted.
        """
        try:
            live: int | None = (await conn.execute(_LIVE)).scalar_one_or_none()
        except OSError:
            return False
        except DBAPIError as error:
            if error.connection_invalidated:
                return False
            raise
        return live == self._number
