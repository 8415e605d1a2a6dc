"""The discarded events of a log in EventStoreDB."""

from collections.abc import Sequence
from typing import Final

from eventstore.discards import Discarded
from eventstore.eventstoredb.connection import Timing
from eventstore.eventstoredb.records import RecordsStream
from eventstore.port import StreamName

STREAM: Final = StreamName("daybook-discards")
DISCARDED: Final = "EventDiscarded"


class StreamDiscards:
    """For one event loop."""

    def __init__(self, url: str, *, timing: Timing | None = None) -> None:
        tells, of = "which events were discarded", Discarded.of
        self._stream = RecordsStream(url, STREAM, DISCARDED, tells=tells, of=of, timing=timing)

    async def all(self) -> Sequence[Discarded]:
        """Raises StoreUnavailable."""
        return await self._stream.read()

    async def add(self, discarded: Discarded) -> None:
        """Raises StoreError; WrongExpectedRevision where somebody added one meanwhile."""
        await self._stream.add(discarded.document())

    async def aclose(self) -> None:
        await self._stream.aclose()
