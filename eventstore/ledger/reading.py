"""One order read from the log: its events, and their fold up to a point."""

from collections.abc import AsyncGenerator, Sequence

from eventstore.known import KnownEvent, refusal
from eventstore.ledger.history import FoldedOrder, folded_on
from eventstore.port import EventReader, Page, Revision
from eventstore.record.chain import is_sealed_with
from eventstore.record.codec import OrderEvent, decode, stream_name


async def events_after(
    store: EventReader, order_id: str, *, after: int | None, limit: int | None
) -> Sequence[OrderEvent] | None:
    """The order's events after a revision, at most limit; None for an unknown order."""
    stream = stream_name(order_id)
    found: list[OrderEvent] = []
    start = None if after is None else Revision(after)
    async for page in store.read_stream(stream, after=start):
        room = None if limit is None else limit - len(found)
        found += map(decode, page[:room])
        if limit is not None and len(found) >= limit:
            return found
    if found or (after is not None and await _is_known(store, order_id)):
        return found
    return None


async def folded_until(
    store: EventReader,
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
    async for page in pages_after(store, order_id, start):
        for event in map(decode, page):
            if revision is not None and event.revision > revision:
                return folded
            if as_of is not None and event.metadata.recorded_at > as_of:
                return folded
            folded = folded_on(folded, event)
    return folded


async def pages_after(
    store: EventReader, order_id: str, folded: FoldedOrder | None
) -> AsyncGenerator[Page, None]:
    """The order's events after a fold of it; all of them for None.

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
        rest = page
        if not was_seen:
            was_seen = is_sealed_with(page[0], folded.hash)
            if not was_seen:
                break
            rest = page[1:]
        if rest:
            yield rest
    if not was_seen:
        by, position = "this process", folded.position
        raise refusal([KnownEvent(by, stream, folded.revision, position, digest=folded.hash)])


async def _is_known(store: EventReader, order_id: str) -> bool:
    async for _ in store.read_stream(stream_name(order_id)):
        return True
    return False
