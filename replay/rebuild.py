"""Rebuild a read model: the next generation is filled from the log, then the pointer is switched.

The live generation continues to serve, and is not changed if the rebuild fails. The generation that
was live is kept until the next rebuild; older ones, and unfinished ones, are deleted.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from eventstore.port import EventReader, StreamDeleted
from eventstore.record.chain import ChainBroken
from eventstore.verified import ALTERED_MAX, LogAltered, VerifiedLog
from projections.projection import Projection, Row
from projections.sources.log import LOG, SharedLog, Source, decode_unverified, decoded_from
from projections.storage.errors import ReadModelError
from projections.storage.generations import Generations, check_model
from projections.storage.open import open_generations
from projections.storage.reader import plain_rows
from projections.storage.tables import DISCARDS, PARKED
from projections.worker.repair import MissingEvents
from projections.worker.runner import run
from projections.worker.writer import Writer, open_writer
from replay.parallel.parts import Parts, Target

ALTERATIONS = tuple(kind.__name__ for kind in (ChainBroken, MissingEvents, StreamDeleted))
"""The errors of parked orders that an altered log causes."""
PARKED_SHOWN = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt:
    """A read model that was rebuilt. generation: live now; previous: the one before. position: of
    the log, up to which it is built.

    parked: how many orders have an event that cannot be applied; parked_orders: the first of them,
    with that event and why.
    """

    name: str
    generation: int
    previous: int | None
    position: int | None
    parked: int
    parked_orders: Sequence[Row] = ()


async def rebuild(
    projection: Projection[Any],
    url: str,
    store: EventReader,
    *,
    source: Source | None = None,
    parts: Parts | None = None,
    recorded: Sequence[Row] = (),
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Rebuilt:
    """Build the next generation up to the log's head and make it live.

    source: the log, if several rebuilds share it; by default it is read and verified for this one.
    parts: processes that fold most of it first. recorded: discards that are recorded with the log,
    as rows; those of the live generation apply as well. progress: called with (done, total) in
    positions of the log. Orders whose events cannot be applied are parked, all others are built.

    Raises BeingBuilt (another rebuild is running), ReadModelError, LogAltered (the events of more
    than ALTERED_MAX orders are altered or missing), StoreError, the database's errors; the live
    generation is then as it was.
    """
    async with aclosing(open_generations(url)) as found, found.building():
        previous = (await found.pointer()).live
        if previous is not None:
            await check_model(found, projection.name, previous)
        await found.delete_unused()
        number = await found.claim()
        try:
            await found.create(projection, number, indexed=False)
            async with open_writer(projection, found, number, bulk=True) as writer:
                rows = await _discards(found, previous, recorded)
                if parts is None:
                    await writer.discard(rows)
                else:
                    numbers = [await found.claim() for _ in range(parts.count)]
                    target = Target(projection.name, url, numbers, rows)
                    await _take_parts(writer, found, parts, target, progress)
                async with _log(store, source) as log:
                    await fill(writer, log, store, progress)
                parked = await _parked(writer)
                await writer.finish()
            await found.switch(number)
        finally:
            await found.delete_unused()
    return Rebuilt(
        name=projection.name,
        generation=number,
        previous=previous,
        position=writer.checkpoints.get(LOG),
        parked=len(parked),
        parked_orders=parked[:PARKED_SHOWN],
    )


async def _parked(writer: Writer) -> Sequence[Row]:
    """The parked orders, in the order of the log. Raises LogAltered."""
    rows = await writer.rows(select(PARKED).order_by(PARKED.c.position))
    altered = [row for row in rows if row["error"].split(":")[0] in ALTERATIONS]
    if len(altered) > ALTERED_MAX:
        raise LogAltered(
            f"the events of more than {ALTERED_MAX} orders are altered or missing, the first is"
            f" {altered[0]['order_id']} ({altered[0]['error']}): restore the log from a backup"
        )
    return rows


async def _take_parts(
    writer: Writer,
    found: Generations,
    parts: Parts,
    target: Target,
    progress: Callable[[int, int], None],
) -> None:
    """Have the processes fill generations, and copy their rows into the writer's."""
    for number in target.numbers:
        await found.create(writer.projection, number, indexed=False)
    ends = await parts.fill(target, lambda at: progress(at, parts.until))
    by_end = sorted(zip(ends, target.numbers, strict=True))
    await writer.absorb([number for _, number in by_end])
    progress(parts.until, parts.until)


async def fill(
    writer: Writer, source: Source, store: EventReader, progress: Callable[[int, int], None]
) -> None:
    """Apply the log from the writer's checkpoint to its head as it is now."""
    total = await store.head() or 0

    async def between() -> bool:
        progress(min(writer.checkpoints.get(LOG, 0), total), total)
        return True

    await run(writer, source, store, stop_at_tail=True, between=between)


def log_source(store: EventReader, *, verify: bool) -> SharedLog:
    """The log as the source of rebuilds. verify: check its hash chains."""
    if not verify:
        return SharedLog(store, decode=decode_unverified)
    log = VerifiedLog(store)
    return SharedLog(log, decode=decoded_from(log))


@asynccontextmanager
async def _log(store: EventReader, source: Source | None) -> AsyncIterator[Source]:
    if source is not None:
        yield source
        return
    log = log_source(store, verify=True)
    try:
        yield log
    finally:
        await log.aclose()


async def _discards(
    found: Generations, number: int | None, recorded: Sequence[Row]
) -> Sequence[Row]:
    """The discards of that generation and those recorded with the log, which are not
    lost with it.
    """
    if number is None:
        return recorded
    reader = found.reader(number)
    try:
        rows = await reader.ask(lambda conn: plain_rows(conn.execute(select(DISCARDS))))
    except DBAPIError as error:
        raise ReadModelError(
            f"what was discarded in {found.description(number)} cannot be read ({error.orig}):"
            f" bring it back, or {found.reset_hint()} to replay without it"
        ) from error
    finally:
        await reader.aclose()
    known = {(row["order_id"], row["revision"]) for row in rows}
    return rows + [row for row in recorded if (row["order_id"], row["revision"]) not in known]
