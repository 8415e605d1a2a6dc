"""The accepted losses of a log in EventStoreDB."""

from collections.abc import Sequence
from typing import Final

from eventstore.eventstoredb.connection import Timing
from eventstore.eventstoredb.records import RecordsStream
from eventstore.losses import AcceptedLoss
from eventstore.port import StreamName

STREAM: Final = StreamName("daybook-losses")
ACCEPTED: Final = "LossAccepted"


class StreamLosses:
    """For one event loop."""

    def __init__(self, url: str, *, timing: Timing | None = None) -> None:
        tells, of = "which losses were accepted", AcceptedLoss.of
        self._stream = RecordsStream(url, STREAM, ACCEPTED, tells=tells, of=of, timing=timing)

    async def accepted(self) -> Sequence[AcceptedLoss]:
        """Raises StoreUnavailable."""
        return await self._stream.read()

    async def accept(self, loss: AcceptedLoss) -> None:
        """Raises StoreError; WrongExpectedRevision where somebody accepted one meanwhile."""
        await self._stream.add(loss.document())

    async def aclose(self) -> None:
        await self._stream.aclose()
