"""The worker keeps one read model up to date, for ever: run, and what to do when run cannot."""

import asyncio
import logging
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from eventstore.port import EventStore
from projections.database import ensure_built
from projections.generations import Held
from projections.parked import answer_requests
from projections.projection import Projection
from projections.runner import run
from projections.source import LOG, Source
from projections.status import Told, WorkerState, works_elsewhere, write_state
from projections.writer import Writer, open_writer

BEAT_S = 1.0
PAUSE_MIN_S = 0.5
PAUSE_MAX_S = 30.0

_log = logging.getLogger("daybook.worker")


class Worker:
    """One read model's loop. A failing environment, or events of a newer Daybook, make it pause.

    It says why, tries again after pauses of PAUSE_MIN_S doubling up to PAUSE_MAX_S, and goes on
    where it was. It moves over to another generation when the pointer does. Several of them in one
    process share a source and fail one by one. A second worker of the same model stands by: it says
    nothing over the one that works, and takes over when that one is gone.
    """

    def __init__(
        self,
        projection: Projection[Any],
        url: str,
        *,
        source: Source,
        store: EventStore,
        folder: Path,
        clock: Callable[[], datetime],
        pause_min_s: float = PAUSE_MIN_S,
    ) -> None:
        """folder: where the state is written; clock: aware times for the heartbeat."""
        self._projection = projection
        self._url = url
        self._source = source
        self._store = store
        self._folder = folder
        self._clock = clock
        self._pause_min_s = pause_min_s
        self._pause_s = pause_min_s
        self._told: tuple[Told, str, int | None] | None = None
        self._beaten_at = 0.0
        self._generation: int | None = None
        self._position: int | None = None
        self._holding = False

    async def run(self, stop: asyncio.Event) -> None:
        """Work until stop is set. Raises nothing but CancelledError."""
        try:
            while not stop.is_set():
                try:
                    await self._follow(stop)
                except Held as error:
                    _log.warning("%s pauses: %s", self._projection.name, error)
                    await self._pause(f"{type(error).__name__}: {error}", stop)
                except Exception as error:  # noqa: BLE001 (shown as the reason; others go on)
                    _log.warning("%s pauses", self._projection.name, exc_info=error)
                    await self._pause(f"{type(error).__name__}: {error}", stop)
        finally:
            self._tell("stopped", "")

    async def _follow(self, stop: asyncio.Event) -> None:
        """Run on the live generation for as long as it is the live one."""
        found = ensure_built(self._projection, self._url)
        number = found.live()
        async with open_writer(self._projection, found, number) as writer:

            async def between() -> bool:
                self._note(writer)
                self._pause_s = self._pause_min_s
                await answer_requests(writer, found, self._store)
                return not stop.is_set() and found.pointer().live == number

            self._holding = True
            try:
                self._note(writer)
                await run(writer, self._source, self._store, stop_at_tail=False, between=between)
            finally:
                self._holding = False

    def _note(self, writer: Writer) -> None:
        self._generation = writer.number
        self._position = writer.checkpoints.get(LOG)
        self._tell("running", "")

    async def _pause(self, reason: str, stop: asyncio.Event) -> None:
        left_s, self._pause_s = self._pause_s, min(2 * self._pause_s, PAUSE_MAX_S)
        while left_s > 0 and not stop.is_set():
            self._tell("paused", reason)
            slice_s = min(left_s, BEAT_S)
            try:
                await asyncio.wait_for(stop.wait(), slice_s)
            except TimeoutError:
                left_s -= slice_s

    def _tell(self, state: Told, reason: str) -> None:
        """At once where something changed, else once in BEAT_S."""
        now_s = asyncio.get_running_loop().time()
        telling = (state, reason, self._generation)
        if telling == self._told and now_s - self._beaten_at < BEAT_S:
            return
        self._told, self._beaten_at = telling, now_s
        try:
            if not self._holding and works_elsewhere(
                self._folder, self._projection.name, self._clock()
            ):
                return
            write_state(
                self._folder,
                WorkerState(
                    name=self._projection.name,
                    pid=os.getpid(),
                    state=state,
                    reason=reason,
                    generation=self._generation,
                    position=self._position,
                    heartbeat=self._clock().isoformat(),
                ),
            )
        except OSError:
            # A full disk must not stop what still works; the heartbeat's age will tell.
            _log.warning("%s cannot write its state", self._projection.name, exc_info=True)
