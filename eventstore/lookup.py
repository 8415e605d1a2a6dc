"""Looking events up: by stream and revision, by position, or as known events."""

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
    """The event at this revision of a stream; None if there is none.

    Raises StreamDeleted if the stream was deleted or truncated by hand.
    """
    after = Revision(revision - 1) if revision else None
    async for page in store.read_stream(stream, after=after):
        return page[0] if page[0].revision == revision else None
    # A stream truncated to its end looks empty after a revision, but raises from the start.
    with suppress(ChainBroken):
        async for _ in store.read_stream(stream):
            break
    return None


async def has_place(store: EventReader, at: Position) -> bool:
    """Whether the log can be read after this position; a scavenged event no longer has one."""
    try:
        async for _ in store.read_all(after=at):
            break
    except PositionUnknown:
        return False
    return True


async def missing(store: EventReader, known: Iterable[KnownEvent]) -> list[KnownEvent]:
    """Those of the events that the log does not have, or has others in their place.

    A stream that was deleted or truncated by hand is damage to that order alone, no lost end of the
    log: its events are not among them. Raises StoreError.
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
