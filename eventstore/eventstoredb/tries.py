"""How long one read is tried again while the server is away."""

import asyncio

from eventstore.eventstoredb.connection import Client, Connection


class Tries:
    """Of one read. The time that is allowed runs from the last progress."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._backoff = connection.timing.backoff()
        self._progressed_s = asyncio.get_running_loop().time()

    def progressed(self) -> None:
        self._progressed_s = asyncio.get_running_loop().time()
        self._backoff.reset()

    async def failed(self, error: Exception, client: Client | None = None) -> None:
        """Pause before another try. Raises StoreUnavailable if it has taken too long."""
        if client is not None:
            await self._connection.discard(client)
        pause_s = self._backoff.pause_s()
        until_s = self._progressed_s + self._connection.timing.patience_s
        if asyncio.get_running_loop().time() + pause_s > until_s:
            raise self._connection.unavailable(error) from error
        await asyncio.sleep(pause_s)
