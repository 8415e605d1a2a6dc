"""The port to the log: what Daybook needs of an event store, and the types for it.

Semantics are EventStoreDB's for exact expected revisions (design section 6); every adapter passes
the tests in tests/contracts. A store keeps bytes; eventstore.record.codec decodes them.
"""

from collections.abc import AsyncGenerator, Sequence
from enum import Enum
from typing import Final, Literal, NewType, Protocol, TypeAlias
from uuid import UUID

from domain.frozen import dataclass

StreamName = NewType("StreamName", str)
Revision = NewType("Revision", int)
"""Place of an event in its stream, from 0."""
Position = NewType("Position", int)
"""Place of an event in the whole log. Only grows; there may be gaps."""


class NoStream(Enum):
    NO_STREAM = "no stream"


NO_STREAM: Final = NoStream.NO_STREAM
Expected: TypeAlias = Revision | Literal[NoStream.NO_STREAM]


@dataclass(frozen=True, slots=True)
class Draft:
    """An event as it will be stored; not yet in the log. data and metadata are JSON objects."""

    event_id: UUID
    type: str
    data: bytes
    metadata: bytes


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event in the log, byte for byte as it was appended."""

    stream: StreamName
    revision: Revision
    position: Position
    event_id: UUID
    type: str
    data: bytes
    metadata: bytes


Page: TypeAlias = Sequence[Recorded]
"""Events in the order of the stream or log, never empty; read in one short transaction."""

PAGE_MAX = 500
"""Events in a page, at most."""


RIGHTS_MISSING = "rights are missing"
"""How `trouble` begins where the store's user may not do what is needed."""


class EventReader(Protocol):
    """A log that can be read. Close a generator that is left before its end (aclosing)."""

    def read_stream(
        self, stream: StreamName, *, after: Revision | None = None
    ) -> AsyncGenerator[Page, None]:
        """The stream's events in order, after a revision; none if there is no stream."""
        ...

    def read_all(self, *, after: Position | None = None) -> AsyncGenerator[Page, None]:
        """The log's events in position order, after a position; ends at the tail."""
        ...

    def follow(self, *, after: Position | None = None) -> AsyncGenerator[Page, None]:
        """As read_all, but waits for more at the tail; never ends on its own."""
        ...

    async def head(self) -> Position | None:
        """Position of the log's last event; None for an empty log."""
        ...

    async def check(self) -> None:
        """Raises EventsLost if the log no longer has events that this process has seen in it.

        Costs nothing until something happens that may have replaced the log. Raises
        StoreUnavailable.
        """
        ...

    async def aclose(self) -> None:
        """Close connections, threads and files. Further calls are an error."""
        ...


class EventStore(EventReader, Protocol):
    """A log that can be read and appended to."""

    @property
    def trouble(self) -> str | None:
        """Why appends or reads are refused now, for people; None if no reason is known."""
        ...

    async def append(
        self, stream: StreamName, drafts: Sequence[Draft], *, expected: Expected
    ) -> Position:
        """Append all drafts or none; they are durable when it returns. Position of the last one.

        The same ids again at the same place succeed, write nothing and return the original
        position. Raises WrongExpectedRevision, StreamDeleted, OutcomeUnknown,
        AppendTooLarge, StorageFull, StoreUnavailable; ValueError for no drafts.
        """
        ...


class StoreError(Exception):
    """An error of a store."""


class WrongExpectedRevision(StoreError):
    """Another writer appended first. current: the stream's last revision; None: no stream."""

    def __init__(self, stream: StreamName, expected: Expected, current: Revision | None) -> None:
        super().__init__(f"{stream}: expected {_words(expected)}, is {_words(current)}")
        self.stream = stream
        self.expected = expected
        self.current = current


class StreamDeleted(StoreError):
    """The stream was deleted in the log by hand: it would not start at revision 0 again."""


class OutcomeUnknown(StoreError):
    """The append may or may not be in the log: send it again with the same command_id."""


class AppendTooLarge(StoreError):
    """More bytes than the store takes in one append; nothing was stored."""


class PositionUnknown(StoreError):
    """No event of this log has this position: it was taken from another log."""


class StorageFull(StoreError):
    """No room: nothing was stored; appends succeed again once there is room."""


class StoreUnavailable(StoreError):
    """The log cannot be reached, or has stopped for good; nothing was acknowledged."""


class StoreMisconfigured(StoreUnavailable):
    """The settings do not fit the server, or name files that cannot be used: correct them."""


class EventsLost(StoreUnavailable):
    """The log lacks events that it had: nothing is written until a person has decided."""


def _words(revision: Expected | None) -> str:
    return "no stream" if revision is None or revision is NO_STREAM else f"revision {revision}"
