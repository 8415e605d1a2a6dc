"""A mirror: a copy of the log near its readers, kept up to date until it is stopped.

A replay from a server is limited by reading; a mirror is read as fast as a file.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Final, TypeAlias

from eventstore.lookup import event_at
from eventstore.port import (
    EventReader,
    EventStore,
    OutcomeUnknown,
    Recorded,
    StorageFull,
    StoreUnavailable,
)
from eventstore.transfer.migrate import (
    START,
    LogsDiffer,
    Place,
    Report,
    content,
    copy,
    difference,
    read_whole,
)
from eventstore.verified import ChainVerifier
from runtime.waiting import Backoff, run_until, sleep_or_stop

PAUSE_MIN_S: Final = 0.5
PAUSE_MAX_S: Final = 30.0
PASSING: Final = (StoreUnavailable, StorageFull, OutcomeUnknown)
"""Errors that may pass."""

Opened: TypeAlias = Callable[[], AbstractAsyncContextManager[tuple[EventReader, EventStore]]]
"""Opens the source and the target, and closes them."""

_log = logging.getLogger("daybook.mirror")


async def keep_mirror(
    opened: Opened,
    *,
    report: Report,
    stop: asyncio.Event,
    pause_min_s: float = PAUSE_MIN_S,
) -> None:
    """Follow the source into the target until stop is set.

    After an error that may pass, both are opened again after a pause;
    but an error before any progress is raised. Raises LogsDiffer, ChainBroken, StoreError.
    """
    has_worked = False
    backoff = Backoff(pause_min_s, PAUSE_MAX_S)

    def working(place: Place) -> None:
        nonlocal has_worked
        has_worked = True
        backoff.reset()
        report(place)

    while not stop.is_set():
        try:
            async with opened() as (source, target):
                await run_until(stop, _mirror(source, target, report=working))
        except PASSING as error:
            if not has_worked:
                raise
            pause_s = backoff.pause_s()
            _log.warning("the mirror waits %g s: %s", pause_s, error)
            await sleep_or_stop(stop, pause_s)


async def resume_mirror(source: EventReader, target: EventStore, chains: ChainVerifier) -> Place:
    """Where a mirror continues, without reading the whole source again.

    The mirror's own chains are verified, and its last event has to be in the source too; only
    `migrate` compares all events. Raises LogsDiffer, ChainBroken, StoreError.
    """
    last: Recorded | None = None
    events = 0
    async for page in read_whole(target, None):
        await chains.verify(page)
        last, events = page[-1], events + len(page)
    if last is None:
        return START
    original = await event_at(source, last.stream, last.revision)
    if original is None or content(original) != content(last):
        raise LogsDiffer(difference(original, last))
    return Place(original.position, last.position, events)


async def _mirror(source: EventReader, target: EventStore, *, report: Report) -> None:
    await source.head()  # follow() would wait for a source that cannot be reached
    chains = ChainVerifier(source)
    place = await resume_mirror(source, target, chains)
    pages = source.follow(after=place.source)
    await copy(pages, target, place, chains, report=report)
