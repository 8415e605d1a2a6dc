"""Events looked up by their place: in a stream, in the log, or where somebody has seen them."""

from collections.abc import Iterable
from contextlib import suppress

from eventstore.known import KnownEvent, digest
from eventstore.port import (
    EventReader,
    Position,
    PositionUnknown,
    Recorded,
    Revision,
    StreamDeleted,
    StreamName,
)
from eventstore.record.chain import ChainBroken


async def event_at(store: EventReader, stream: StreamName, revision: int) -> Recorded | None:
    """The event at this place of a stream; None where there is none.

    Raises StreamDeleted where the stream was deleted, or its first events were cut off.
    """
    after = Revision(revision - 1) if revision else None
    async for page in store.read_stream(stream, after=after):
        return page[0] if page[0].revision == revision else None
    # What was cut off to its very end looks like an end, but from its beginning.
    with suppress(ChainBroken):
        async for _ in store.read_stream(stream):
            break
    return None


async def has_place(store: EventReader, at: Position) -> bool:
    """Whether the log can be read on from there: an event that was scavenged has no place."""
    try:
        async for _ in store.read_all(after=at):
            break
    except PositionUnknown:
        return False
    return True


async def missing(store: EventReader, known: Iterable[KnownEvent]) -> list[KnownEvent]:
    """Those of the events that the log does not have, or has others in their places.

    A stream that was deleted or cut off by hand is a wound of that order alone, and no lost end.
    Raises StoreError.
    """
    found: list[KnownEvent] = []
    for event in known:
        try:
            recorded = await event_at(store, StreamName(event.stream), event.revision)
        except StreamDeleted:
            continue
        if recorded is None or digest(recorded.metadata) != event.digest:
            found.append(event)
    return found
