"""Appending exactly these drafts. The result is known, or an OutcomeUnknown."""

from collections.abc import Sequence
from typing import Final

from eventstore.port import (
    NO_STREAM,
    Draft,
    EventStore,
    Expected,
    OutcomeUnknown,
    Position,
    StoreError,
    StreamName,
    WrongExpectedRevision,
)

BEFORE_ALL: Final = Position(-1)


class VerifiedAppender:
    """Appends of one process, each verified to be this process's own.

    A store reports success for event ids that are stored already, whatever their content. With a
    sole writer the position shows it: an event of another append has a position that the log had
    reached before. Otherwise each append is read back.

    resends_max: how often at most an append of unknown outcome is sent again.
    """

    def __init__(self, store: EventStore, *, sole_writer: bool, resends_max: int) -> None:
        self._store = store
        self._resends_max = resends_max
        self._reads_back = not sole_writer
        # Streams whose last append ended without a known result; the next one is read back.
        self._abandoned: set[StreamName] = set()
        self._highest_position: Position | None = None

    async def detects_duplicates(self, stream: StreamName) -> bool:
        """True if an append of ids that are stored already is refused without reading first."""
        if stream in self._abandoned:
            return False
        if self._highest_position is None and not self._reads_back:
            head = await self._store.head()
            self._raise_highest(BEFORE_ALL if head is None else head)
        return True

    async def append(
        self, stream: StreamName, drafts: Sequence[Draft], expected: Expected
    ) -> Position:
        """Position of the last draft.

        Raises WrongExpectedRevision, also if other events with these ids are stored there;
        OutcomeUnknown after the last resend; StoreError.
        """
        highest_before = self._highest_position
        try:
            position = await self._append_or_resend(stream, drafts, expected)
        except WrongExpectedRevision:
            raise
        except BaseException:
            # An append that failed or was cancelled may be in the log all the same.
            self._abandoned.add(stream)
            raise
        if self._reads_back or stream in self._abandoned:
            is_ours = await self._is_stored(stream, drafts[0], expected)
            self._abandoned.discard(stream)
        else:
            is_ours = highest_before is None or position > highest_before
            self._raise_highest(position)
        if not is_ours:
            raise WrongExpectedRevision(stream, expected, None)
        return position

    def _raise_highest(self, position: Position) -> None:
        if self._highest_position is None or position > self._highest_position:
            self._highest_position = position

    async def _append_or_resend(
        self, stream: StreamName, drafts: Sequence[Draft], expected: Expected
    ) -> Position:
        """If the outcome is unknown, the same drafts are sent again."""
        unknown: OutcomeUnknown | None = None
        for _ in range(1 + self._resends_max):
            try:
                return await self._store.append(stream, drafts, expected=expected)
            except OutcomeUnknown as error:
                unknown = error
            except WrongExpectedRevision:
                # Another event has that place, so none of ours is stored or ever will be.
                raise
            except StoreError as error:
                if unknown is None:
                    raise
                unknown = OutcomeUnknown(str(error))
                break
        # A request that is still under way may arrive later, and then looks like a later append
        # of the same ids.
        self._reads_back = True
        raise unknown or OutcomeUnknown(stream)

    async def _is_stored(self, stream: StreamName, draft: Draft, expected: Expected) -> bool:
        after = None if expected is NO_STREAM else expected
        try:
            async for page in self._store.read_stream(stream, after=after):
                # The metadata has the hash of all the rest.
                return page[0].metadata == draft.metadata
        except StoreError as error:
            raise OutcomeUnknown(str(error)) from error
        return False
