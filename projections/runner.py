"""run: the one apply loop. Live workers and replays differ only in what they hand to it."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from uuid import UUID

from sqlalchemy import select

from eventstore.codec import stream_name
from eventstore.port import EventStore, Position, Recorded, Revision, StreamDeleted
from projections.database import VIEWS
from projections.fold import Item, Undecoded
from projections.generations import ReadModelError
from projections.resuming import resume
from projections.source import Batch, Source, Swept, decode_item
from projections.sweep import sifted
from projections.writer import Writer

TICK_S = 0.25


class MissingEvents(ReadModelError):
    """The log does not have the next event of an order, though it has, or had, later ones."""


async def run(
    writer: Writer,
    source: Source,
    store: EventStore,
    *,
    stop_at_tail: bool,
    between: Callable[[], Awaitable[bool]],
    tick_s: float = TICK_S,
) -> None:
    """Take a batch, commit it, ask between() whether to go on; next.

    between: called after each batch, and every tick_s where there is none; False ends the run.
    Raises what it meets that is no single order's fault: AnotherLog, StoreError, the database's
    errors. What was committed stays; a next run goes on from there.
    """
    batches = source.batches(await resume(writer, store), stop_at_tail=stop_at_tail)
    async with aclosing(_ticking(batches, tick_s)) as ticks:
        async for batch in ticks:
            if batch is not None:
                await apply(writer, batch, store)
            if not await between():
                return


async def apply(writer: Writer, batch: Batch | Swept, store: EventStore) -> None:
    """Commit a batch, with what the store has to add to it where it does not follow on."""
    if isinstance(batch, Swept):
        batch = await sifted(writer, batch)
    items, checkpoints, last = batch.items, batch.checkpoints, batch.last
    holes = await writer.commit(items, checkpoints, last=last)
    for order_id, applied in holes.items():
        await catch_up(writer, order_id, store, behind=applied)
    if holes:
        # The last event once more, which is skipped: the checkpoint says which one it is of.
        await writer.commit(items[-1:], checkpoints, last=last)


async def catch_up(
    writer: Writer,
    order_id: str,
    store: EventStore,
    *,
    behind: int | None = None,
    unpark: bool = False,
) -> int | None:
    """Apply what the log has of one order after its progress; its revision then.

    Where the log lacks the next event, the order is parked. behind: the progress after which
    something is missing, unless another writer has applied it. unpark: even if it is parked; where
    its event fails again, it is parked again.
    """
    before = await progress(writer, order_id)
    items = await _after(store, order_id, before)
    moved = behind is not None and before is not None and before > behind
    if not (items or unpark or moved):
        items = [_missing(order_id, _next(before), Position(0))]
    # In one transaction, so that a crash never leaves an order behind that waits for nothing.
    await writer.commit(items, {}, unpark=order_id if unpark else None)
    return await progress(writer, order_id)


async def progress(writer: Writer, order_id: str) -> int | None:
    """The order's last applied revision; None for none."""
    rows = await writer.rows(select(VIEWS.c.revision).where(VIEWS.c.order_id == order_id))
    return rows[0]["revision"] if rows else None


async def _after(store: EventStore, order_id: str, revision: int | None) -> Sequence[Item]:
    """The order's events after a revision, and in front of a hole what says so."""
    after = None if revision is None else Revision(revision)
    due, found = _next(revision), list[Item]()
    try:
        async for page in store.read_stream(stream_name(order_id), after=after):
            for recorded in page:
                if recorded.revision > due:
                    return [*found, _missing(order_id, due, recorded.position)]
                found.append(decode_item(recorded))
                due += 1
    except StreamDeleted as error:
        found.append(_missing(order_id, due, Position(0), error))
    return found


def _missing(
    order_id: str, revision: int, position: Position, error: Exception | None = None
) -> Item:
    """In place of an event that the log does not have. position: of the order's next event."""
    stream, place = stream_name(order_id), Revision(revision)
    return Undecoded(
        order_id=order_id,
        revision=place,
        position=position,
        type="",
        recorded=Recorded(stream, place, position, UUID(int=0), "", b"", b""),
        error=error
        or MissingEvents(
            f"the log does not have {order_id} from revision {revision} on: run `daybook check`"
        ),
    )


def _next(revision: int | None) -> int:
    return 0 if revision is None else revision + 1


async def _ticking(
    batches: AsyncGenerator[Batch | Swept, None], tick_s: float
) -> AsyncGenerator[Batch | Swept | None, None]:
    """The batches, and None each time there is none for tick_s."""
    waiting: asyncio.Task[Batch | Swept] | None = None
    try:
        while True:
            if waiting is None:
                waiting = asyncio.create_task(anext(batches))
            await asyncio.wait({waiting}, timeout=tick_s)
            if not waiting.done():
                yield None
                continue
            done, waiting = waiting, None
            try:
                batch = done.result()
            except StopAsyncIteration:
                return
            yield batch
    finally:
        if waiting is not None:
            waiting.cancel()
            await asyncio.wait({waiting})
        await batches.aclose()
