"""run: the one apply loop. Live workers and replays differ only in what they hand to it."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from typing import Final

from sqlalchemy import select

from eventstore.port import EventReader, Position
from projections.fold import Item
from projections.sources.log import LOG, Batch, Source, Swept, decode_item
from projections.storage.tables import VIEWS
from projections.worker.of_order import events_after, missing_event, next_revision
from projections.worker.repair import applied_of, is_last_applied, rebuild, repair
from projections.worker.resume import resume
from projections.worker.sifting import hold_the_rest, sifted
from projections.worker.writer import Writer

TICK_S = 0.25
ANOTHER_THERE: Final = "the log's next event does not continue it"


async def run(
    writer: Writer,
    source: Source,
    store: EventReader,
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


async def apply(writer: Writer, batch: Batch | Swept, store: EventReader) -> None:
    """Commit a batch, with what the store has to add to it where it does not continue what is
    applied.
    """
    if isinstance(batch, Swept):
        await _apply_swept(writer, batch, store)
        return
    items, checkpoints, last = batch.items, batch.checkpoints, batch.last
    holes = await writer.commit(items, checkpoints, last=last, hinted=batch.hinted)
    for order_id, applied in holes.items():
        await catch_up(writer, order_id, store, behind=applied, hinted=batch.hinted)
    if holes:
        # The checkpoint says which event it is of.
        read = await _applied_last(writer, last) if batch.hinted else {LOG: items[-1]}
        await writer.commit((), checkpoints, last=read)


async def _applied_last(writer: Writer, last: Mapping[str, Item]) -> Mapping[str, Item]:
    """Those that are applied: what came over a bus and is no event of the log is never kept."""
    found: dict[str, Item] = {}
    for name, item in last.items():
        applied = await applied_of(writer, item.order_id)
        if applied is not None and applied.revision == item.revision:
            found |= {name: item} if is_last_applied(item.recorded, applied) else {}
    return found


async def _apply_swept(writer: Writer, swept: Swept, store: EventReader) -> None:
    if swept.page:
        missing = await sifted(writer, store, swept.page)
        # The last one in any case: the checkpoint is of it.
        left = missing if missing and missing[-1] is swept.page[-1] else [*missing, swept.page[-1]]
        items = [decode_item(recorded) for recorded in left]
        await apply(writer, Batch(items, swept.checkpoints), store)
    if swept.through is not None:
        await hold_the_rest(writer, store, through=swept.through)


async def catch_up(
    writer: Writer,
    order_id: str,
    store: EventReader,
    *,
    behind: int | None = None,
    unpark: bool = False,
    hinted: bool = False,
) -> int | None:
    """Apply what the log has of one order after its progress; its revision then.

    What the log has there and does not continue what is applied shows that this is not the log's:
    the order is built anew. Where the log lacks the next event, the order is parked, or, if that
    event came over a bus (hinted), it was none. behind: the progress after which something is
    missing, unless another writer has applied it. unpark: even if it is parked; where its event
    fails again, it is parked again.
    """
    before = await applied_of(writer, order_id)
    at = None if before is None else before.revision
    items = await events_after(store, order_id, at)
    moved = behind is not None and at is not None and at > behind
    if hinted and not (items or moved):
        await repair(writer, order_id, store)
        return await progress(writer, order_id)
    if not (items or unpark or moved):
        items = [missing_event(order_id, next_revision(at), Position(0))]
    # In one transaction, so that a crash never leaves an order behind that waits for nothing.
    holes = await writer.commit(items, {}, unpark=order_id if unpark else None)
    if order_id in holes:
        await rebuild(writer, order_id, store, instead_of=before, why=ANOTHER_THERE)
    for other in holes.keys() - {order_id}:
        await catch_up(writer, other, store, behind=holes[other])
    return await progress(writer, order_id)


async def progress(writer: Writer, order_id: str) -> int | None:
    """The order's last applied revision; None for none."""
    rows = await writer.rows(select(VIEWS.c.revision).where(VIEWS.c.order_id == order_id))
    return rows[0]["revision"] if rows else None


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
