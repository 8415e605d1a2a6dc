"""How the read models are, for a server that is asked again and again: within bounded time, even
while the log or a database does not answer.
"""

import asyncio
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final, TypeAlias

from eventstore.port import EventReader, StoreError
from projections.monitor.lag import LagOfModel
from projections.monitor.status import ModelStatus, model_status, with_exact_lag
from projections.storage.database import ReadDatabase
from runtime.look import Look

LOOK_S: Final = 0.7
"""For the log's head, and again for the read models, which are read side by side."""

RECENT_S: Final = 1.0
PATIENCE_S: Final = 0.01
"""How long a look is waited for if the last one ended less than RECENT_S ago. A look crosses to
several threads: beside 20 bulk streams it takes 0.15 s, while whoever asks for /healthz waits.
"""

STALE_S: Final = 5.0
"""On a busy machine a look takes longer, which is no outage: the last one is believed so long."""

_Key: TypeAlias = tuple[str, bool]
"""A read model, and whether the events after its checkpoint are compared with what is applied."""
_LOG: Final[_Key] = ("log", False)


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
        self._names = [database.name for database in databases]
        self._exact = exact
        self._folder = folder
        self._clock = clock
        self._dense = dense
        self._within_s = within_s
        self._recent_s = recent_s
        self._stale_s = stale_s
        self._seen_s: dict[_Key, float] = {}
        self._head: int | None = None
        self._store = store
        self._head_look = Look(self._look_at_head, within_s)
        self._looks: dict[_Key, Look[ModelStatus]] = {}
        for database in databases:
            lag = LagOfModel(database, store, dense=dense)
            for key, look in (
                ((database.name, False), partial(self._look, database)),
                ((database.name, True), partial(self._look, database, lag)),
            ):
                self._looks[key] = Look(look, within_s)
        self._last: dict[_Key, ModelStatus] = {}
        self.log_trouble: str | None = None
        """Why the log could not be read the last time; None if it could."""

    async def now(self, *, lag: bool = True) -> list[ModelStatus]:
        """All of them, in their order. What does not answer is unreachable, or None.

        lag: whether `behind` and `lag` are needed. Without, they are upper bounds where a bus
        brings events, and the log is read no further than for its head.
        """
        try:
            self._head = await self._head_look.now(self._patience_s(_LOG))
            self._seen_s[_LOG] = time.monotonic()
            self.log_trouble = None
        except StoreError as error:
            self.log_trouble = f"cannot be read ({error})"
        except TimeoutError as error:
            if self.log_trouble is None and self._age_s(_LOG) >= self._stale_s:
                self.log_trouble = f"cannot be read ({error})"
        walks = lag and not self._exact
        return await asyncio.gather(*(self._model((name, walks)) for name in self._names))

    def close(self) -> None:
        self._head_look.close()
        for look in self._looks.values():
            look.close()

    async def _look_at_head(self) -> int | None:
        """Nobody may be waiting any more when it fails: the reason is kept all the same."""
        try:
            return await self._store.head()
        except StoreError as error:
            self.log_trouble = f"cannot be read ({error})"
            raise

    async def _model(self, key: _Key) -> ModelStatus:
        try:
            model = await self._looks[key].now(self._patience_s(key))
            self._last[key] = model
            self._seen_s[key] = time.monotonic()
        except TimeoutError:
            model = self._unanswered(key)
        if self.log_trouble is None:
            return model
        return replace(model, head=None, behind=None, lag=None)

    def _unanswered(self, key: _Key) -> ModelStatus:
        """Its state now is not known; its last one is better than nothing."""
        if self._age_s(key) < self._stale_s:
            return self._last[key]
        reason = f"its database does not answer within {self._within_s:g} s"
        unseen = ModelStatus(name=key[0], state="unreachable", reason="")
        last = self._last.get(key, unseen)
        return replace(last, state="unreachable", reason=reason, behind=None, lag=None)

    def _patience_s(self, key: _Key) -> float:
        return PATIENCE_S if self._age_s(key) < self._recent_s else self._within_s

    def _age_s(self, key: _Key) -> float:
        return time.monotonic() - self._seen_s.get(key, -math.inf)

    async def _look(self, database: ReadDatabase, lag: LagOfModel | None = None) -> ModelStatus:
        now = self._clock()
        model = await model_status(database, self._head, self._folder, now, dense=self._dense)
        if lag is None or self.log_trouble is not None:
            return model
        return await with_exact_lag(model, lag, now)
