"""Appends to EventStoreDB. One of unknown outcome is sent again, unchanged, until it is known.

That is safe because the expected revision is always exact: the server then recognises the same ids
at the same place, even after restarts. The revision is never read again before sending again.
"""

import asyncio
import re
from collections.abc import Sequence
from typing import Final

from esdbclient import NewEvent, StreamState
from esdbclient import exceptions as esdb

from eventstore.eventstoredb.connection import Client, Connection
from eventstore.eventstoredb.faults import ERRORS, is_too_large, was_not_sent
from eventstore.port import (
    NO_STREAM,
    AppendTooLarge,
    Draft,
    Expected,
    OutcomeUnknown,
    Position,
    Revision,
    StoreError,
    StoreUnavailable,
    StreamDeleted,
    StreamName,
    WrongExpectedRevision,
)

LATE_S: Final = 0.5
"""How long the client may exceed its deadline."""
_CURRENT: Final = re.compile(r"last event is (\d+) not")


class StreamAppender:
    """The appending half of an EventStore, on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._timing = connection.timing

    async def append(
        self, stream: StreamName, drafts: Sequence[Draft], expected: Expected
    ) -> Position:
        """As the port's."""
        # A list: an iterator would be empty when sent again, and an append of nothing succeeds.
        events = [
            NewEvent(id=draft.event_id, type=draft.type, data=draft.data, metadata=draft.metadata)
            for draft in drafts
        ]
        loop = asyncio.get_running_loop()
        started_s, backoff = loop.time(), self._timing.backoff()
        is_in_doubt = False
        while True:
            client: Client | None = None
            try:
                async with self._connection.call() as client:
                    return await self._once(client, stream, events, expected)
            except ERRORS as error:
                refusal = _refusal(error, stream, expected)
                if isinstance(refusal, WrongExpectedRevision):
                    # Another event has that place, so none of ours is stored or ever will be.
                    raise refusal from error
                is_in_doubt = is_in_doubt or (refusal is None and not was_not_sent(error))
                limit_s = self._timing.settle_s if is_in_doubt else self._timing.patience_s
                pause_s = backoff.pause_s()
                if refusal or loop.time() + pause_s > started_s + limit_s:
                    raise self._ending(stream, error, refusal, in_doubt=is_in_doubt) from error
                if client is not None:
                    await self._connection.discard(client)
            await asyncio.sleep(pause_s)

    async def _once(
        self, client: Client, stream: StreamName, events: Sequence[NewEvent], expected: Expected
    ) -> Position:
        timeout_s = self._connection.append_s
        async with asyncio.timeout(timeout_s + LATE_S):
            position = await client.append_once(
                stream,
                events,
                expected=StreamState.NO_STREAM if expected is NO_STREAM else expected,
                within_s=timeout_s,
            )
        if position == 0:
            # So the server reports events that were stored and have been truncated since.
            raise StreamDeleted(f"{stream}: its events were deleted in the log by hand")
        return Position(position)

    def _ending(
        self, stream: StreamName, error: Exception, refusal: StoreError | None, *, in_doubt: bool
    ) -> StoreError:
        why = self._connection.advice(error)
        if in_doubt:
            return OutcomeUnknown(f"{stream}: it is not known whether it is stored ({why})")
        return refusal or StoreUnavailable(why)


def _refusal(error: Exception, stream: StreamName, expected: Expected) -> StoreError | None:
    """The error if the server refused for good; None: another try may succeed."""
    if isinstance(error, esdb.WrongCurrentVersion):
        return WrongExpectedRevision(stream, expected, _current(error))
    if isinstance(error, esdb.StreamIsDeleted):
        return StreamDeleted(f"{stream}: the stream was deleted in the log by hand")
    if is_too_large(error):
        return AppendTooLarge(f"{stream}: more bytes than the server takes in one append ({error})")
    if isinstance(error, esdb.BadRequestError):
        return StoreUnavailable(f"{stream}: the server rejects the append as malformed ({error})")
    return None


def _current(error: esdb.WrongCurrentVersion) -> Revision | None:
    """The error has no fields: its text contains the last revision, if there is one."""
    found = _CURRENT.search(str(error))
    return Revision(int(found[1])) if found else None
