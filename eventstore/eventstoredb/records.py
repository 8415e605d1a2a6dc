"""What people have decided about a log in EventStoreDB: a stream beside the orders' streams.

In the log's own server, so that every process learns of it, wherever it runs. Its name does not
start with `order-`, so no reader of the log sees it.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, TypeVar
from uuid import uuid4

from esdbclient import exceptions as esdb

from eventstore.eventstoredb.appending import Appending
from eventstore.eventstoredb.connection import Connection, Timing
from eventstore.eventstoredb.faults import ERRORS
from eventstore.eventstoredb.wire import collected
from eventstore.port import NO_STREAM, Draft, Revision, StoreUnavailable, StreamName

T = TypeVar("T")


class RecordsStream(Generic[T]):
    """For one event loop."""

    def __init__(
        self,
        url: str,
        stream: StreamName,
        type_: str,
        *,
        tells: str,
        of: Callable[[Mapping[str, Any]], T],
        timing: Timing | None = None,
    ) -> None:
        """tells: what it is for, for an error. of: raises ValueError, TypeError, KeyError."""
        self._connection = Connection(url, stream.partition("-")[2], timing or Timing())
        self._appending = Appending(self._connection)
        self._stream = stream
        self._type = type_
        self._tells = tells
        self._of = of

    async def read(self) -> Sequence[T]:
        """Raises StoreUnavailable."""
        _, records = await self._read()
        return records

    async def add(self, document: Mapping[str, Any]) -> None:
        """Raises StoreError; WrongExpectedRevision where somebody added one meanwhile."""
        last, _ = await self._read()
        draft = Draft(uuid4(), self._type, json.dumps(document).encode(), b"{}")
        await self._appending.append(self._stream, [draft], NO_STREAM if last is None else last)

    async def aclose(self) -> None:
        await self._connection.aclose()

    async def _read(self) -> tuple[Revision | None, Sequence[T]]:
        """The stream's last revision, and what it tells."""
        try:
            async with self._connection.call() as client:
                read = await client.read_stream(
                    self._stream, timeout=self._connection.timing.read_s
                )
                events = await collected(read)
        except esdb.NotFound:
            return None, ()
        except ERRORS as error:
            raise self._connection.unavailable(error) from error
        try:
            records = [self._of(json.loads(event.data)) for event in events]
        except (ValueError, TypeError, KeyError) as error:
            raise StoreUnavailable(
                f"the stream {self._stream} cannot be read ({error}): it tells {self._tells}"
            ) from error
        return (events[-1].revision if events else None), records
