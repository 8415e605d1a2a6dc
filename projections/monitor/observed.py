"""How the read models are, for whoever asks a running server: in bounded time, whatever is away."""

import asyncio
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final

from eventstore.port import EventReader, StoreError
from projections.monitor.status import ModelStatus, looked_at, model_status
from projections.storage.database import ReadDatabase
from projections.worker.lag import LagOfModel
from runtime.look import Look

LOOK_S: Final = 0.7
"""For the log's head, and again for the read models, which are looked at side by side."""

RECENT_S: Final = 1.0
PATIENCE_S: Final = 0.01
"""How long a look is waited for where the last one ended less than RECENT_S ago. A look crosses to
several threads: beside 20 bulk streams it takes 0.15 s, while whoever asks for /healthz waits.
"""

STALE_S: Final = 5.0
"""On a busy machine a look takes longer, which is no outage: what was seen is believed so long."""


class ObservedModels:
    """dense, exact: see monitor.status.status. close() before the databases are closed."""

    def __init__(
        self,
        databases: Sequence[ReadDatabase],
        store: EventReader,
        folder: Path,
        clock: Callable[[], datetime],
        *,
        dense: bool,
        exact: bool,
        within_s: float = LOOK_S,
        recent_s: float = RECENT_S,
        stale_s: float = STALE_S,
    ) -> None:
        self._store = store
        self._folder = folder
        self._clock = clock
        self._dense = dense
        self._exact = exact
        self._within_s = within_s
        self._recent_s = recent_s
        self._stale_s = stale_s
        self._seen_s: dict[str, float] = {}
        self._head: int | None = None
        self._head_look = Look(store.head, within_s)
        self._lags = {db.name: LagOfModel(db, store, dense=dense) for db in databases}
        self._looks = {db.name: Look(partial(self._look, db), within_s) for db in databases}
        self._last: dict[str, ModelStatus] = {}
        self.log_trouble: str | None = None
        """Why the log could not be read when it was last looked at; None where it could."""

    async def now(self) -> list[ModelStatus]:
        """All of them, in their order. What does not answer is unreachable, or None."""
        try:
            self._head = await self._head_look.now(self._patience_s("log"))
            self._seen_s["log"] = time.monotonic()
            self.log_trouble = None
        except StoreError as error:
            self.log_trouble = f"cannot be read ({error})"
        except TimeoutError as error:
            if self._age_s("log") >= self._stale_s:
                self.log_trouble = f"cannot be read ({error})"
        return await asyncio.gather(*map(self._model, self._looks))

    def close(self) -> None:
        self._head_look.close()
        for look in self._looks.values():
            look.close()

    async def _model(self, name: str) -> ModelStatus:
        try:
            model = await self._looks[name].now(self._patience_s(name))
            self._last[name] = model
            self._seen_s[name] = time.monotonic()
        except TimeoutError:
            model = self._unanswered(name)
        if self.log_trouble is None:
            return model
        return replace(model, head=None, behind=None, lag=None)

    def _unanswered(self, name: str) -> ModelStatus:
        """Where it is by now nobody can tell; where it was is better than nothing."""
        if self._age_s(name) < self._stale_s:
            return self._last[name]
        reason = f"its database does not answer within {self._within_s:g} s"
        last = self._last.get(name) or _never_seen(name)
        return replace(last, state="unreachable", reason=reason, behind=None, lag=None)

    def _patience_s(self, name: str) -> float:
        return PATIENCE_S if self._age_s(name) < self._recent_s else self._within_s

    def _age_s(self, name: str) -> float:
        return time.monotonic() - self._seen_s.get(name, -math.inf)

    async def _look(self, database: ReadDatabase) -> ModelStatus:
        now = self._clock()
        model = await model_status(database, self._head, self._folder, now, dense=self._dense)
        if self._exact or self.log_trouble is not None:
            return model
        return await looked_at(model, self._lags[database.name], now)


def _never_seen(name: str) -> ModelStatus:
    return ModelStatus(
        name=name,
        state="unreachable",
        reason="",
        generation=None,
        position=None,
        head=None,
        behind=None,
        lag=None,
        parked=None,
        repaired=None,
        pid=None,
        heartbeat_age_s=None,
    )
