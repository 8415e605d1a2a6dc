"""Whether a read model is stalled: events are unapplied, and no worker has applied any for long."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy.exc import SQLAlchemyError

from eventstore.port import EventReader, StoreError
from projections.monitor.lag import LagOfModel
from projections.projection import Projection
from projections.sources.log import LOG
from projections.storage.database import ReadDatabase
from projections.storage.errors import ReadModelError

STALLED_AFTER_S: Final = 10.0
CHECKS: Final = 10
"""Checks in that time. A late one counts as two at most: a process that did not run for a while (a
busy machine, a sleeping laptop) had no chance to apply anything."""

_log = logging.getLogger("daybook.worker")


class Stall:
    """Of one worker. Progress is whatever it, or another instance of it, applies."""

    def __init__(
        self,
        projection: Projection[Any],
        url: str,
        store: EventReader,
        clock: Callable[[], datetime],
        *,
        after_s: float = STALLED_AFTER_S,
    ) -> None:
        """url: of the read database. after_s: time without progress until it is stalled."""
        self.found = False
        self._name = projection.name
        self._database = ReadDatabase(projection, url)
        self._store = store
        self._lag = LagOfModel(self._database, store, dense=False)
        self._clock = clock
        self._after_s = after_s
        self._step_s = after_s / CHECKS
        self._idle_s = 0.0
        self._checked_s = 0.0
        self._checkpoint: int | None = None
        self._waiting: frozenset[int] = frozenset()

    @property
    def reason(self) -> str:
        return f"is behind the log and has applied nothing for {self._after_s:g} s"

    def moved(self) -> None:
        """This worker has applied something."""
        if self.found:
            _log.info("%s applies events again", self._name)
        self.found, self._idle_s, self._waiting = False, 0.0, frozenset()

    async def watch(self, checkpoints: Callable[[], Mapping[str, int]]) -> None:
        """Check until cancelled. checkpoints: returns the worker's current ones."""
        self._checked_s = asyncio.get_running_loop().time()
        while True:
            await asyncio.sleep(self._step_s)
            try:
                await self._check(checkpoints().get(LOG))
            except (StoreError, ReadModelError, SQLAlchemyError, OSError) as error:
                _log.debug("whether %s is stalled is not known: %s", self._name, error)

    async def aclose(self) -> None:
        await self._database.aclose()

    async def _check(self, checkpoint: int | None) -> None:
        now_s = asyncio.get_running_loop().time()
        self._idle_s += min(now_s - self._checked_s, 2 * self._step_s)
        self._checked_s = now_s
        if checkpoint != self._checkpoint:
            # Events that are read again and skipped are progress as well.
            self._checkpoint = checkpoint
            self.moved()
        if self._idle_s < 2 * self._step_s:
            return
        idle_s, waiting = self._idle_s, await self._unapplied(checkpoint)
        if self._idle_s < idle_s:
            return  # the worker has moved meanwhile
        if not waiting or self._waiting - waiting:
            self.moved()
        self._waiting = waiting
        if self._idle_s >= self._after_s and not self.found:
            self.found = True
            _log.warning("%s %s", self._name, self.reason)

    async def _unapplied(self, checkpoint: int | None) -> frozenset[int]:
        """Positions of the oldest events that are not applied."""
        head = await self._store.head()
        if head is None or (checkpoint is not None and checkpoint >= head):
            return frozenset()
        return (await self._lag.measure(self._clock())).waiting
