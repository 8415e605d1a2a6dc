"""One order read from the log: its events, one of them, and their fold up to a point."""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import suppress

from eventstore.known import KnownEvent, digest, refusal
from eventstore.ledger.history import FoldedOrder, folded_on
from eventstore.port import (
    EventStore,
    Page,
    Position,
    PositionUnknown,
    Recorded,
    Revision,
    StreamDeleted,
    StreamName,
)
from eventstore.record.chain import ChainBroken, is_sealed_with
from eventstore.record.codec import OrderEvent, decode, stream_name


async def events_behind(
    store: EventStore, order_id: str, *, after: int | None, limit: int | None
) -> Sequence[OrderEvent] | None:
    """The order's events behind a revision, at most limit; None for an unknown order."""
    stream = stream_name(order_id)
    found: list[OrderEvent] = []
    behind = None if after is None else Revision(after)
    async for page in store.read_stream(stream, after=behind):
        room = None if limit is None else limit - len(found)
        found += map(decode, page[:room])
        if limit is not None and len(found) >= limit:
            return found
    if found or (after is not None and await _is_known(store, order_id)):
        return found
    return None


async def folded_until(
    store: EventStore,
    order_id: str,
    *,
    start: FoldedOrder | None = None,
    revision: int | None = None,
    as_of: str | None = None,
) -> FoldedOrder | None:
    """The fold of the events up to a revision (included) and before the first recorded later.

    start: what of it is known already; must be no later than what is asked for. Raises EventsLost
    where the log does not have its last event.
    """
    folded = start
    async for page in pages_behind(store, order_id, start):
        for event in map(decode, page):
            if revision is not None and event.revision > revision:
                return folded
            if as_of is not None and event.metadata.recorded_at > as_of:
                return folded
            folded = folded_on(folded, event)
    return folded


async def event_at(store: EventStore, stream: StreamName, revision: int) -> Recorded | None:
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


async def has_place(store: EventStore, at: Position) -> bool:
    """Whether the log can be read on from there: an event that was scavenged has no place."""
    try:
        async for _ in store.read_all(after=at):
            break
    except PositionUnknown:
        return False
    return True


async def missing(store: EventStore, known: Iterable[KnownEvent]) -> list[KnownEvent]:
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


async def pages_behind(
    store: EventStore, order_id: str, folded: FoldedOrder | None
) -> AsyncIterator[Page]:
    """The order's events behind a fold of it; all of them for None.

    The fold's last event is read again with them. Raises EventsLost where the log does not have it.
    """
    stream = stream_name(order_id)
    if folded is None:
        async for page in store.read_stream(stream):
            yield page
        return
    was_seen = False
    after = Revision(folded.revision - 1) if folded.revision else None
    async for page in store.read_stream(stream, after=after):
        behind = page
        if not was_seen:
            was_seen = is_sealed_with(page[0], folded.hash)
            if not was_seen:
                break
            behind = page[1:]
        if behind:
            yield behind
    if not was_seen:
        by, position = "this process", folded.position
        raise refusal([KnownEvent(by, stream, folded.revision, position, digest=folded.hash)])


async def _is_known(store: EventStore, order_id: str) -> bool:
    async for _ in store.read_stream(stream_name(order_id)):
        return True
    return False
