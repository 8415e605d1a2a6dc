"""run: the one apply loop. Live workers and replays differ only in what they hand to it.

resume: where a read model continues in the log. A position is meaningful in one log only, and the
log may be another one than last time: migrated, mirrored, restored from a backup. There a
checkpoint could leave events out. So the event that the checkpoint is the position of is saved with
it, and looked up before the checkpoint is used.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from typing import Any, Final

from sqlalchemy import select

from eventstore.known import digest
from eventstore.lookup import event_at, has_place
from eventstore.port import (
    EventReader,
    Position,
    Recorded,
    StreamDeleted,
    StreamName,
)
from projections.fold import Item
from projections.projection import Projection, Row
from projections.sources.log import LOG, Batch, LogPage, Source, decode_item
from projections.storage.errors import ReadModelError
from projections.storage.tables import LAST_READ, VIEWS
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


_log = logging.getLogger("daybook.worker")


class AnotherLog(ReadModelError):
    """The read model was built from another log and cannot continue with this one."""


async def resume(writer: Writer, store: EventReader) -> Mapping[str, int]:
    """The checkpoints in this log, which are saved if they differ from before.

    The log's is left out if its event is not known: the log is then read from its begin, and what
    is applied is skipped. Raises AnotherLog, EventsLost, StoreError, the database's errors.
    """
    await store.check()
    rows = {row["source"]: row for row in await writer.rows(select(LAST_READ))}
    # Of each partition of a bus as well: its events are applied before the log's checkpoint moves.
    events = {source: await _find(writer.projection, store, row) for source, row in rows.items()}
    at = writer.checkpoints.get(LOG)
    if at is None or LOG not in rows or rows[LOG]["position"] != at:
        return _without_log(writer.checkpoints)
    found = events[LOG]
    if found is None:
        is_place = await has_place(store, Position(at))
        return writer.checkpoints if is_place else _without_log(writer.checkpoints)
    if found.position != at:
        _log.warning("%s continues in another log", writer.projection.name)
        # The event is applied already: only the checkpoint of this log is saved.
        await writer.commit([decode_item(found)], {LOG: found.position})
    return writer.checkpoints


def _without_log(checkpoints: Mapping[str, int]) -> Mapping[str, int]:
    return {name: at for name, at in checkpoints.items() if name != LOG}


async def _find(projection: Projection[Any], store: EventReader, last: Row) -> Recorded | None:
    """None if its stream was deleted or truncated by hand, which is damage to one order only."""
    name, stream, revision = projection.name, last["stream"], last["revision"]
    try:
        found = await event_at(store, StreamName(stream), revision)
    except StreamDeleted as error:
        _log.warning("the event that %s read last cannot be looked up: %s", name, error)
        return None
    if found is None or digest(found.metadata) != last["digest"]:
        raise AnotherLog(
            f"{name} has read {stream} up to revision {revision} in another log, and this one does"
            f" not have that event: if this is a mirror that is behind, wait; if DAYBOOK_STORE is"
            f" wrong, correct it; else see what `daybook check` finds, and run"
            f" `daybook replay {name}`"
        )
    if found.position != last["position"] and _contains_positions(projection):
        raise AnotherLog(
            f"{name} contains positions of another log (a migration gives every event a new one):"
            f" run `daybook replay {name}`"
        )
    return found


def _contains_positions(projection: Projection[Any]) -> bool:
    return any("position" in table.columns for table in projection.tables.tables.values())
