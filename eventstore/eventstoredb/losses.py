"""The accepted losses of a log in EventStoreDB: a stream beside the orders' streams.

In the log's own server, so that every process learns of them, wherever it runs. Its name does not
start with `order-`, so no reader of the log sees it.
"""

import json
from collections.abc import Sequence
from typing import Final
from uuid import uuid4

from esdbclient import exceptions as esdb

from eventstore.eventstoredb.answers import collected
from eventstore.eventstoredb.appending import Appending
from eventstore.eventstoredb.connection import Connection, Timing
from eventstore.eventstoredb.faults import ERRORS
from eventstore.losses import AcceptedLoss
from eventstore.port import (
    NO_STREAM,
    Draft,
    Revision,
    StoreUnavailable,
    StreamName,
)

STREAM: Final = StreamName("daybook-losses")
ACCEPTED: Final = "LossAccepted"


class StreamLosses:
    """For one event loop."""

    def __init__(self, url: str, *, timing: Timing | None = None) -> None:
        self._connection = Connection(url, "losses", timing or Timing())
        self._appending = Appending(self._connection)

    async def accepted(self) -> Sequence[AcceptedLoss]:
        """Raises StoreUnavailable."""
        _, losses = await self._read()
        return losses

    async def accept(self, loss: AcceptedLoss) -> None:
        """Raises StoreError; WrongExpectedRevision where somebody accepted one meanwhile."""
        last, _ = await self._read()
        draft = Draft(uuid4(), ACCEPTED, json.dumps(loss.document()).encode(), b"{}")
        await self._appending.append(STREAM, [draft], NO_STREAM if last is None else last)

    async def aclose(self) -> None:
        await self._connection.aclose()

    async def _read(self) -> tuple[Revision | None, Sequence[AcceptedLoss]]:
        """The stream's last revision, and what it tells."""
        try:
            async with self._connection.call() as client:
                read = await client.read_stream(STREAM, timeout=self._connection.timing.read_s)
                events = await collected(read)
        except esdb.NotFound:
            return None, ()
        except ERRORS as error:
            raise self._connection.unavailable(error) from error
        try:
            losses = [AcceptedLoss.of(json.loads(event.data)) for event in events]
        except (ValueError, TypeError, KeyError) as error:
            raise StoreUnavailable(
                f"the stream {STREAM} cannot be read ({error}): it tells which losses were accepted"
            ) from error
        return (events[-1].revision if events else None), losses
