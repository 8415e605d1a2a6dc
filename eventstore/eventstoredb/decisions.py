"""Decisions of people about a log in EventStoreDB: a stream of the same server.

Every process reads them there, wherever it runs. The stream's name does not start with `order-`,
so no reader of the log sees it.
"""

import json
from collections.abc import Sequence
from typing import Generic
from uuid import uuid4

from esdbclient import exceptions as esdb

from eventstore.decisions import D, Kind
from eventstore.eventstoredb.appender import StreamAppender
from eventstore.eventstoredb.connection import Connection, Timing
from eventstore.eventstoredb.pages import PageReader
from eventstore.port import NO_STREAM, Draft, Revision, StoreUnavailable, StreamName


class StreamDecisions(Generic[D]):
    """The stream daybook-<kind>. Implements Decisions, for one event loop."""

    def __init__(self, url: str, kind: Kind[D], *, timing: Timing | None = None) -> None:
        self._connection = Connection(url, kind.name, timing or Timing())
        self._appender = StreamAppender(self._connection)
        self._pages = PageReader(self._connection)
        self._stream = StreamName(f"daybook-{kind.name}")
        self._kind = kind

    async def all(self) -> Sequence[D]:
        _, decisions = await self._read()
        return decisions

    async def add(self, decision: D) -> None:
        last, _ = await self._read()
        data = json.dumps(decision.document()).encode()
        draft = Draft(uuid4(), self._kind.event_type, data, b"{}")
        await self._appender.append(self._stream, [draft], NO_STREAM if last is None else last)

    async def aclose(self) -> None:
        await self._appender.aclose()
        await self._connection.aclose()

    async def _read(self) -> tuple[Revision | None, Sequence[D]]:
        """The stream's last revision, and the decisions in it. Raises StoreUnavailable."""
        try:
            events = await self._pages.all_of(self._stream)
        except esdb.NotFound:
            return None, ()
        try:
            decisions = [self._kind.parse(json.loads(event.data)) for event in events]
        except (ValueError, TypeError, KeyError) as error:
            raise StoreUnavailable(
                f"the stream {self._stream} cannot be read ({error}): it contains"
                f" {self._kind.content}"
            ) from error
        return (events[-1].revision if events else None), decisions
