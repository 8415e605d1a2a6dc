"""Appending exactly these drafts: what became of them is known, or said to be unknown."""

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


class Appending:
    """Appends of one process.

    A store answers success to ids that stand there already, whatever their content. For a sole
    writer the answer tells them apart: a repeat has a position that the log had reached before.
    Otherwise each append is read back.

    resends_max: how often at most an append of unknown outcome is sent again.
    """

    def __init__(self, store: EventStore, *, sole_writer: bool, resends_max: int) -> None:
        self._store = store
        self._resends_max = resends_max
        self._reads_back = not sole_writer
        # Streams whose last append had no end that is known here: the next one finds out about it.
        self._abandoned: set[StreamName] = set()
        self._reached: Position | None = None

    async def tells_repeats(self, stream: StreamName) -> bool:
        """True if an append of ids that stand there already is refused, without reading ahead."""
        if stream in self._abandoned:
            return False
        if self._reached is None and not self._reads_back:
            head = await self._store.head()
            self._reach(BEFORE_ALL if head is None else head)
        return True

    async def append(
        self, stream: StreamName, drafts: Sequence[Draft], expected: Expected
    ) -> Position:
        """Position of the last one. Raises WrongExpectedRevision also if others' of the same ids
        stand there; OutcomeUnknown after the last attempt; StoreError.
        """
        reached = self._reached
        try:
            position = await self._append_or_resend(stream, drafts, expected)
        except WrongExpectedRevision:
            raise
        except BaseException:
            # A failed or cancelled append may stand in the log all the same.
            self._abandoned.add(stream)
            raise
        if self._reads_back or stream in self._abandoned:
            ours = await self._stands(stream, drafts[0], expected)
            self._abandoned.discard(stream)
        else:
            ours = reached is None or position > reached
            self._reach(position)
        if not ours:
            raise WrongExpectedRevision(stream, expected, None)
        return position

    def _reach(self, position: Position) -> None:
        if self._reached is None or position > self._reached:
            self._reached = position

    async def _append_or_resend(
        self, stream: StreamName, drafts: Sequence[Draft], expected: Expected
    ) -> Position:
        """Where the outcome is unknown, the same is sent again."""
        unknown: OutcomeUnknown | None = None
        for _ in range(1 + self._resends_max):
            try:
                return await self._store.append(stream, drafts, expected=expected)
            except OutcomeUnknown as error:
                unknown = error
            except WrongExpectedRevision:
                # Another event stands there, so none of ours does, nor ever will.
                raise
            except StoreError as error:
                if unknown is None:
                    raise
                unknown = OutcomeUnknown(str(error))
                break
        # What is still under way may yet arrive, and then look like a later append of the same ids.
        self._reads_back = True
        raise unknown or OutcomeUnknown(stream)

    async def _stands(self, stream: StreamName, draft: Draft, expected: Expected) -> bool:
        after = None if expected is NO_STREAM else expected
        try:
            async for page in self._store.read_stream(stream, after=after):
                # The hash in it covers all the rest.
                return page[0].metadata == draft.metadata
        except StoreError as error:
            raise OutcomeUnknown(str(error)) from error
        return False
