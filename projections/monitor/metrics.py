"""What the workers of a process tell of themselves: metrics, spans, health."""

import asyncio
import logging
import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import datetime
from typing import Final

from sqlalchemy.exc import DBAPIError

from eventstore.port import EventReader, StoreError
from eventstore.record.codec import OrderEvent
from projections.fold import Item
from projections.models import MODELS
from projections.sources.log import Source
from projections.storage.database import ReadDatabase
from projections.storage.errors import ReadModelError
from projections.worker.lag import Lag, LagOfModel
from projections.worker.worker import Worker
from projections.worker.writer import Committed, Watch
from runtime.look import Look
from runtime.metrics import WorkerMetrics
from runtime.probes import Probes
from runtime.tracing import Tracing

FRESH_S: Final = 1.0
"""Nobody learns more by asking more often."""
LOOK_S: Final = 0.7
"""For what a model lacks. `serve`, which asks for the metrics of its workers, waits a second."""

log = logging.getLogger("daybook.worker")


class Watching:
    """Hands each worker its watch, and answers for all of them. aclose() at the end."""

    def __init__(
        self,
        metrics: WorkerMetrics,
        tracing: Tracing | None,
        *,
        store: EventReader,
        dense: bool,
        clock: Callable[[], datetime],
    ) -> None:
        """dense: the store gives every position."""
        self._metrics = metrics
        self._tracing = tracing
        self._store = store
        self._dense = dense
        self._clock = clock
        self._models: dict[str, _Model] = {}
        self._looking = asyncio.Lock()
        self._looked_s = -math.inf

    def watch(self, name: str) -> Watch:
        """For the worker of that read model."""
        applied = self._metrics.applied.labels(name)
        repaired = self._metrics.repaired.labels(name)
        seconds = self._metrics.batch_seconds.labels(name)
        tracing = self._tracing

        def told(committed: Committed) -> None:
            if committed.repaired:
                repaired.inc(committed.repaired)
                return
            applied.inc(len(committed.applied))
            seconds.observe((committed.ended_ns - committed.began_ns) / 1e9)
            if tracing is not None:
                _trace(tracing, name, committed)

        return told

    def add(self, name: str, url: str, worker: Worker, source: Source) -> None:
        """url: of its read database."""
        database = ReadDatabase(MODELS[name], url)
        lag = LagOfModel(database, self._store, dense=self._dense)
        look = Look(lambda: lag.look(self._clock()), LOOK_S)
        self._models[name] = _Model(worker, source, database, look)

    async def aclose(self) -> None:
        async with AsyncExitStack() as stack:
            for model in self._models.values():
                stack.push_async_callback(model.database.aclose)
                stack.callback(model.look.close)

    @property
    def probes(self) -> Probes:
        return Probes(self.troubles, self.not_ready, self.text)

    async def troubles(self) -> Sequence[str]:
        """Of the workers that do not work."""
        found = {name: model.worker.trouble() for name, model in self._models.items()}
        return [f"{name}: {trouble}" for name, trouble in found.items() if trouble is not None]

    async def not_ready(self) -> Sequence[str]:
        """Read models whose worker has not opened them yet."""
        return [
            f"{name}: not opened"
            for name, model in self._models.items()
            if model.worker.generation is None
        ]

    async def text(self) -> bytes:
        """The metrics, looked at anew, at most every FRESH_S."""
        async with self._looking:
            now_s = asyncio.get_running_loop().time()
            if now_s - self._looked_s >= FRESH_S:
                await asyncio.gather(*map(self._gauge, self._models, self._models.values()))
                self._looked_s = now_s
        return self._metrics.text()

    async def _gauge(self, name: str, model: "_Model") -> None:
        metrics = self._metrics
        metrics.stalled.labels(name).set(model.worker.stalled)
        if model.worker.generation is not None:
            metrics.generation.labels(name).set(model.worker.generation)
        for reason, count in model.rejected().items():
            metrics.rejected.labels(name, reason).inc(count)
        try:
            lag = await model.look.now()
        except (ReadModelError, StoreError, DBAPIError, OSError) as error:
            log.debug("the lag of %s is not known: %s", name, error)
            for gauge in (metrics.lag_events, metrics.lag_seconds, metrics.lag_orders):
                gauge.labels(name).set(math.nan)
            return
        _set(metrics, name, lag, model.currencies)


class _Model:
    """currencies: of which a lag has been told, which is 0 when there is none any more."""

    def __init__(
        self, worker: Worker, source: Source, database: ReadDatabase, look: Look[Lag]
    ) -> None:
        self.worker = worker
        self.database = database
        self.look = look
        self.currencies: set[str] = set()
        self._source = source
        self._told: Counter[str] = Counter()

    def rejected(self) -> Mapping[str, int]:
        """Records left out since this was asked last, by why."""
        skipped: Counter[str] = Counter(getattr(self._source, "skipped", ()))
        new = skipped - self._told
        self._told = skipped
        return new


def _set(metrics: WorkerMetrics, name: str, lag: Lag, currencies: set[str]) -> None:
    metrics.lag_events.labels(name).set(lag.events)
    metrics.lag_seconds.labels(name).set(lag.seconds)
    metrics.lag_orders.labels(name).set(lag.orders)
    metrics.parked.labels(name).set(lag.parked)
    currencies |= {currency for currency, cents in lag.money.items() if cents}
    for currency in currencies:
        metrics.lag_money.labels(name, currency).set(lag.money[currency])


def _trace(tracing: Tracing, name: str, committed: Committed) -> None:
    """A span for each event that was applied, in the event's own trace: from the batch's begin to
    its commit.
    """
    for item in committed.applied:
        tracing.past(
            f"apply {name}",
            _traceparent(item),
            kind="consumer",
            began_ns=committed.began_ns,
            ended_ns=committed.ended_ns,
            attributes={
                "daybook.projection": name,
                "daybook.generation": committed.generation,
                "daybook.order_id": item.order_id,
                "daybook.revision": item.revision,
                "daybook.event": item.type,
                "daybook.batch": len(committed.applied),
            },
        )


def _traceparent(item: Item) -> str | None:
    return item.metadata.traceparent if isinstance(item, OrderEvent) else None
