"""run: the one apply loop. Live workers and replays differ only in what they hand to it."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from typing import Final

from sqlalchemy import select

from eventstore.port import EventReader, Position
from projections.fold import Item
from projections.sources.log import LOG, Batch, LogPage, Source, decode_item
from projections.storage.tables import VIEWS
from projections.worker.repair import (
    applied_of,
    check_hints,
    drop_applied,
    events_after,
    is_last_applied,
    missing_event,
    next_revision,
    rebuild,
    repair,
)
from projections.worker.resume import resume
from projections.worker.writer import Writer

TICK_S = 0.25
DOES_NOT_CONTINUE: Final = "the log's next event does not continue it"


async def run(
    writer: Writer,
    source: Source,
    store: EventReader,
    *,
    stop_at_tail: bool,
    between: Callable[[], Awaitable[bool]],
    tick_s: float = TICK_S,
) -> None:
    """Take a batch, commit it, ask between() whether to continue; and again.

    between: called after each batch, and every tick_s without one; False ends the run. Raises what
    is no single order's fault: AnotherLog, StoreError, the database's errors. What was committed
    stays, and the next run continues from there.
    """
    batches = source.batches(await resume(writer, store), stop_at_tail=stop_at_tail)
    async with aclosing(_ticking(batches, tick_s)) as ticks:
        async for batch in ticks:
            if batch is not None:
                await apply(writer, batch, store)
            if not await between():
                return


async def apply(writer: Writer, batch: Batch | LogPage, store: EventReader) -> None:
    """Commit a batch. Where it does not continue what is applied, read the order from the log."""
    if isinstance(batch, LogPage):
        await _apply_log_page(writer, batch, store)
        return
    items, checkpoints, last = batch.items, batch.checkpoints, batch.last
    holes = await writer.commit(items, checkpoints, last=last, hinted=batch.hinted)
    for order_id, applied in holes.items():
        await catch_up(writer, order_id, store, after=applied, hinted=batch.hinted)
    if holes:
        # A checkpoint is saved together with the event that it is the position of.
        read = await _applied_last(writer, last) if batch.hinted else {LOG: items[-1]}
        await writer.commit((), checkpoints, last=read)


async def _applied_last(writer: Writer, last: Mapping[str, Item]) -> Mapping[str, Item]:
    """Those that are applied. What came over a bus and is no event of the log is never saved."""
    found: dict[str, Item] = {}
    for name, item in last.items():
        applied = await applied_of(writer, item.order_id)
        if applied is not None and applied.revision == item.revision:
            found |= {name: item} if is_last_applied(item.recorded, applied) else {}
    return found


async def _apply_log_page(writer: Writer, swept: LogPage, store: EventReader) -> None:
    if swept.page:
        missing = await drop_applied(writer, store, swept.page)
        # The last one in any case: the checkpoint is its position.
        left = missing if missing and missing[-1] is swept.page[-1] else [*missing, swept.page[-1]]
        items = [decode_item(recorded) for recorded in left]
        await apply(writer, Batch(items, swept.checkpoints), store)
    if swept.through is not None:
        await check_hints(writer, store, through=swept.through)


async def catch_up(
    writer: Writer,
    order_id: str,
    store: EventReader,
    *,
    after: int | None = None,
    unpark: bool = False,
    hinted: bool = False,
) -> int | None:
    """Apply what the log has of one order after its progress; returns its revision then.

    If the log's next event does not continue what is applied, that is not the log's, and the order
    is rebuilt. If the log lacks the next event, the order is parked; except where a bus claimed
    that event (hinted), which then was none. after: the revision after which events are missing,
    unless another writer has applied them meanwhile. unpark: also if the order is parked; if its
    event fails again, it is parked again. Raises StoreError, the database's errors.
    """
    before = await applied_of(writer, order_id)
    at = None if before is None else before.revision
    items = await events_after(store, order_id, at)
    moved = after is not None and at is not None and at > after
    if hinted and not (items or moved):
        await repair(writer, order_id, store)
        return await progress(writer, order_id)
    if not (items or unpark or moved):
        items = [missing_event(order_id, next_revision(at), Position(0))]
    # In one transaction: after a crash no order is left that is parked for nothing.
    holes = await writer.commit(items, {}, unpark=order_id if unpark else None)
    if order_id in holes:
        await rebuild(writer, order_id, store, instead_of=before, why=DOES_NOT_CONTINUE)
    for other in holes.keys() - {order_id}:
        await catch_up(writer, other, store, after=holes[other])
    return await progress(writer, order_id)


async def progress(writer: Writer, order_id: str) -> int | None:
    """The order's last applied revision; None if nothing is applied."""
    rows = await writer.rows(select(VIEWS.c.revision).where(VIEWS.c.order_id == order_id))
    return rows[0]["revision"] if rows else None


async def _ticking(
    batches: AsyncGenerator[Batch | LogPage, None], tick_s: float
) -> AsyncGenerator[Batch | LogPage | None, None]:
    """The batches, and None each time there is none for tick_s."""
    waiting: asyncio.Task[Batch | LogPage] | None = None
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
