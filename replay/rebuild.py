"""Rebuild a read model: the next generation is filled from the log, then the pointer is switched.

The live generation serves on meanwhile, and stays untouched however this ends. The generation that
was live is kept until the next rebuild; what is older, or was left behind half-way, is deleted.
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
from replay.parts import Parts, Wanted

WOUNDS = tuple(kind.__name__ for kind in (ChainBroken, MissingEvents, StreamDeleted))
"""What a log that was altered shows in the errors of parked orders."""
PARKED_SHOWN = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt:
    """generation: live now. position: the log's, up to which it is built; the worker goes on.

    parked: how many orders could not be built to their end; parked_orders: the first of them, with
    the event that each waits for and why.
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

    source: the log, where it is shared with other rebuilds; else its hash chains are verified.
    parts: processes that fold most of it before. recorded: discards that the log's own record has,
    as rows; those of the live generation hold as well. progress: told (done, total) in positions of
    the log. Orders whose events cannot be applied are parked, all others are built. Raises
    BeingBuilt (another rebuild is at work), ReadModelError, LogAltered (the events of more than
    ALTERED_MAX orders are altered or missing), StoreError, the database's errors; the live
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
                    wanted = Wanted(projection.name, url, numbers, rows)
                    await _take_parts(writer, found, parts, wanted, progress)
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
    """In the order of the log. Raises LogAltered."""
    rows = await writer.rows(select(PARKED).order_by(PARKED.c.position))
    wounds = [row for row in rows if row["error"].split(":")[0] in WOUNDS]
    if len(wounds) > ALTERED_MAX:
        raise LogAltered(
            f"the events of more than {ALTERED_MAX} orders are altered or missing, the first is"
            f" {wounds[0]['order_id']} ({wounds[0]['error']}): restore the log from a backup"
        )
    return rows


async def _take_parts(
    writer: Writer,
    found: Generations,
    parts: Parts,
    wanted: Wanted,
    progress: Callable[[int, int], None],
) -> None:
    """What the processes make of the log becomes the beginning of the generation."""
    for number in wanted.numbers:
        await found.create(writer.projection, number, indexed=False)
    ends = await parts.fill(wanted, lambda at: progress(at, parts.until))
    by_end = sorted(zip(ends, wanted.numbers, strict=True))
    await writer.absorb([number for _, number in by_end])
    progress(parts.until, parts.until)


async def fill(
    writer: Writer, source: Source, store: EventReader, progress: Callable[[int, int], None]
) -> None:
    """From the writer's checkpoint to the log's head as it is now."""
    total = await store.head() or 0

    async def between() -> bool:
        progress(min(writer.checkpoints.get(LOG, 0), total), total)
        return True

    await run(writer, source, store, stop_at_tail=True, between=between)


def log_source(store: EventReader, *, verify: bool) -> SharedLog:
    """The log as the source of rebuilds. verify: it is held against its hash chains."""
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
    """What was discarded in a generation is honoured in the next one, as is what the log says.

    So a discard is not lost with the read model.
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
