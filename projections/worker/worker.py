"""A worker keeps one read model up to date for ever: it runs, pauses on errors, and reports."""

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from datetime import datetime
from math import inf
from pathlib import Path
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from eventstore.port import EventReader
from projections.monitor.stall import STALLED_AFTER_S, Stall
from projections.projection import Projection
from projections.sources.log import LOG, Source
from projections.storage.errors import BeingBuilt, Held, ReadModelError, Unreachable, is_full
from projections.storage.generations import Generations, ensure_built
from projections.storage.heartbeats import WEDGED_AFTER, ReportedState, WorkerState, parked_words
from projections.storage.open import open_generations
from projections.worker.parked import Retries, answer_requests
from projections.worker.runner import run
from projections.worker.writer import Committed, Watch, Writer, open_writer
from runtime.disk import FULL
from runtime.waiting import Backoff, sleep_or_stop

REPORT_S = 1.0
PAUSE_MIN_S = 0.5
PAUSE_MAX_S = 1.0
"""The longest pause: what comes back is noticed within it."""
POINTER_S = 0.1
"""How often the pointer is read: from a server that costs as much as half a commit."""

_log = logging.getLogger("daybook.worker")


async def _nothing() -> None:
    """Nothing is checked before the start."""


class Worker:
    """The loop of one read model.

    When the environment fails, it reports why, tries again after pauses of PAUSE_MIN_S doubling up
    to PAUSE_MAX_S, and continues where it was. When the pointer moves, it continues on the new
    generation. Several workers in one process share a source and fail one by one. If a generation
    can have one writer only, a second worker of the model is a standby: it does not overwrite the
    reports of the first one, and takes over when that one is gone.
    """

    def __init__(
        self,
        projection: Projection[Any],
        url: str,
        *,
        source: Source,
        store: EventReader,
        folder: Path,
        clock: Callable[[], datetime],
        pause_min_s: float = PAUSE_MIN_S,
        watch: Watch = lambda _: None,
        check_log: Callable[[], Awaitable[None]] = _nothing,
        falling_back: Callable[[], str] = lambda: "",
        stalled_after_s: float = STALLED_AFTER_S,
    ) -> None:
        """folder: for heartbeats that are kept in files. clock: aware times, for the heartbeat.

        check_log: awaited after a start and after each pause; raises if nothing may be applied.
        watch: called after each commit. falling_back: why the source brings nothing but what a
        sweep of the log finds; returns "" while it brings more. stalled_after_s: time behind the
        log without progress until it reports that it is stalled.
        """
        self._projection = projection
        self._watch = watch
        self._check_log = check_log
        self._generations = open_generations(url)
        self._source = source
        self._store = store
        self._heartbeats = self._generations.heartbeats(folder)
        self._clock = clock
        self._stall = Stall(projection, url, store, clock, after_s=stalled_after_s)
        self._retries = Retries()
        self._falling_back = falling_back
        self._backoff = Backoff(pause_min_s, PAUSE_MAX_S)
        self._reported: tuple[ReportedState, str, int | None] | None = None
        self._reported_at = 0.0
        self._pointer_read_s = -inf
        self._generation: int | None = None
        self._position: int | None = None
        self._parked = 0
        self._holding = False
        self._reason = ""
        self._is_standby = False

    @property
    def generation(self) -> int | None:
        """The generation that it writes; None before it has opened one."""
        return self._generation

    @property
    def stalled(self) -> bool:
        """Whether it is behind the log and nothing was applied for long."""
        return self._stall.found

    def trouble(self) -> str | None:
        """What is wrong with it, in a word or two; None if nothing is, or it is a standby."""
        if self._reported is None:
            return "starting"
        if asyncio.get_running_loop().time() - self._reported_at > WEDGED_AFTER.total_seconds():
            return "wedged"
        if self._is_standby:
            return None
        state, reason, _ = self._reported
        if reason.startswith(FULL):
            return FULL
        return state if state != "running" else parked_words(self._parked) or None

    async def run(self, stop: asyncio.Event) -> None:
        """Work until stop is set. Raises nothing but CancelledError."""
        async with aclosing(self._generations), aclosing(self._stall):
            try:
                while not stop.is_set():
                    try:
                        await self._follow(self._generations, stop)
                    except Exception as error:  # noqa: BLE001 (reported as the reason; other models continue)
                        await self._pause(error, stop)
            finally:
                await self._report("stopped", "")

    async def _follow(self, found: Generations, stop: asyncio.Event) -> None:
        """Run on the live generation while it is the live one."""
        await self._check_log()
        await ensure_built(self._projection, found)
        number = await found.live()
        async with (
            open_writer(self._projection, found, number, watch=self._committed) as writer,
            self._stall_watched(writer),
        ):

            async def between() -> bool:
                await self._report_progress(writer)
                self._backoff.reset()
                self._reason = ""
                await answer_requests(writer, found, self._store)
                await self._retries.retry_some(writer, self._store)
                return not stop.is_set() and await self._is_live(found, number)

            self._holding = True
            try:
                await self._report_progress(writer)
                await run(writer, self._source, self._store, stop_at_tail=False, between=between)
            finally:
                self._holding = False

    @asynccontextmanager
    async def _stall_watched(self, writer: Writer) -> AsyncIterator[None]:
        """While the block lasts, check whether the model makes progress."""
        watching = asyncio.create_task(self._stall.watch(lambda: writer.checkpoints))
        try:
            yield
        finally:
            watching.cancel()
            await asyncio.wait({watching})

    def _committed(self, committed: Committed) -> None:
        if committed.applied:
            self._stall.moved()
        self._watch(committed)

    async def _is_live(self, found: Generations, number: int) -> bool:
        """Whether the generation is live, as of POINTER_S ago at most."""
        now_s = asyncio.get_running_loop().time()
        if now_s - self._pointer_read_s < POINTER_S:
            return True
        self._pointer_read_s = now_s
        return (await found.pointer()).live == number

    async def _report_progress(self, writer: Writer) -> None:
        self._generation = writer.number
        self._position = writer.checkpoints.get(LOG)
        self._parked = len(writer.parked)
        sweeping = self._falling_back()
        if self._stall.found:
            await self._report("stalled", self._stall.reason)
        elif sweeping:
            await self._report("sweeping", sweeping)
        else:
            await self._report("running", "")

    async def _pause(self, error: Exception, stop: asyncio.Event) -> None:
        reason, full = f"{type(error).__name__}: {error}", is_full(error)
        if full:
            reason = f"{FULL}: make room for the read model, then it continues on its own"
        self._is_standby = isinstance(error, Held)
        if reason != self._reason:
            self._reason = reason
            expected = full or isinstance(error, Held | BeingBuilt | Unreachable)
            _log.warning(
                "%s pauses: %s",
                self._projection.name,
                reason if full else error,
                exc_info=None if expected else error,
            )
        left_s = self._backoff.pause_s()
        while left_s > 0 and not stop.is_set():
            await self._report("paused", reason)
            slice_s = min(left_s, REPORT_S)
            await sleep_or_stop(stop, slice_s)
            left_s -= slice_s

    async def _report(self, state: ReportedState, reason: str) -> None:
        """At once if something changed, else once in REPORT_S."""
        now_s = asyncio.get_running_loop().time()
        report = (state, reason, self._generation)
        changed = report != self._reported
        if not changed and now_s - self._reported_at < REPORT_S:
            return
        self._reported, self._reported_at = report, now_s
        heartbeat = WorkerState(
            name=self._projection.name,
            pid=os.getpid(),
            state=state,
            reason=reason,
            generation=self._generation,
            position=self._position,
            heartbeat=self._clock().isoformat(),
        )
        try:
            await self._heartbeats.write(heartbeat, holding=self._holding)
        except Unreachable:
            # That is why it pauses, which is logged.
            pass
        except (OSError, ReadModelError, SQLAlchemyError):
            # A full disk must not stop what still works; `status` checks the disk as well.
            if changed:
                _log.warning("%s cannot report its state", self._projection.name, exc_info=True)
