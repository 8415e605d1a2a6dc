"""The workers of a process, for its operators: metrics, spans, health."""

import asyncio
import logging
import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import datetime
from typing import Any, Final, Protocol

from sqlalchemy.exc import DBAPIError

from eventstore.port import EventReader, StoreError
from eventstore.record.codec import OrderEvent
from projections.fold import Item
from projections.monitor.lag import Lag, LagOfModel
from projections.projection import Projection
from projections.sources.log import Source
from projections.storage.database import ReadDatabase
from projections.storage.errors import ReadModelError
from runtime.look import Look
from runtime.metrics import WorkerMetrics
from runtime.probes import Probes
from runtime.tracing import Tracing

FRESH_S: Final = 1.0
"""Metrics are measured at most this often."""
LOOK_S: Final = 0.7
"""For measuring a lag. `serve`, which asks for the metrics of its workers, waits a second."""

log = logging.getLogger("daybook.worker")


class WatchedWorker(Protocol):
    """What is asked of a projections.worker.worker.Worker."""

    @property
    def generation(self) -> int | None: ...
    @property
    def stalled(self) -> bool: ...
    def trouble(self) -> str | None: ...


class Commit(Protocol):
    """What is asked of a projections.worker.writer.Committed."""

    @property
    def applied(self) -> Sequence[Item]: ...
    @property
    def generation(self) -> int: ...
    @property
    def began_ns(self) -> int: ...
    @property
    def ended_ns(self) -> int: ...
    @property
    def repaired(self) -> int: ...


class WorkerMonitor:
    """Gives each worker its watch, and answers for all of them. aclose() at the end."""

    def __init__(
        self,
        metrics: WorkerMetrics,
        tracing: Tracing | None,
        *,
        store: EventReader,
        dense: bool,
        clock: Callable[[], datetime],
        fresh_s: float = FRESH_S,
    ) -> None:
        """dense: the store uses every position. fresh_s: how long metrics are believed."""
        self._metrics = metrics
        self._tracing = tracing
        self._store = store
        self._dense = dense
        self._clock = clock
        self._fresh_s = fresh_s
        self._models: dict[str, _Model] = {}
        self._measuring = asyncio.Lock()
        self._measured_s = -math.inf

    def watch(self, name: str) -> Callable[[Commit], None]:
        """For the worker of that read model."""
        applied = self._metrics.applied.labels(name)
        repaired = self._metrics.repaired.labels(name)
        seconds = self._metrics.batch_seconds.labels(name)
        tracing = self._tracing

        def observe(commit: Commit) -> None:
            if commit.repaired:
                repaired.inc(commit.repaired)
                return
            applied.inc(len(commit.applied))
            seconds.observe((commit.ended_ns - commit.began_ns) / 1e9)
            if tracing is not None:
                _trace(tracing, name, commit)

        return observe

    def add(
        self, projection: Projection[Any], url: str, worker: WatchedWorker, source: Source
    ) -> None:
        """Answer for a worker as well. url: of its read database."""
        name, database = projection.name, ReadDatabase(projection, url)
        lag = LagOfModel(database, self._store, dense=self._dense)
        look = Look(lambda: lag.measure(self._clock()), LOOK_S)
        counted = projection.open_anomalies
        anomalies = None if counted is None else Look(lambda: database.ask(counted), LOOK_S)
        self._models[name] = _Model(worker, source, database, look, anomalies)

    async def aclose(self) -> None:
        async with AsyncExitStack() as stack:
            for model in self._models.values():
                stack.push_async_callback(model.database.aclose)
                stack.callback(model.look.close)
                if model.anomalies is not None:
                    stack.callback(model.anomalies.close)

    @property
    def probes(self) -> Probes:
        return Probes(self.troubles, self.not_ready, self.text)

    async def troubles(self) -> Sequence[str]:
        """What is wrong with each worker that does not work."""
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
        """In Prometheus' text format, measured at most fresh_s ago."""
        async with self._measuring:
            now_s = asyncio.get_running_loop().time()
            if now_s - self._measured_s >= self._fresh_s:
                await asyncio.gather(*map(self._gauge, self._models, self._models.values()))
                self._measured_s = now_s
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
        if model.anomalies is not None:
            await self._anomalies(name, model.anomalies, model.kinds)

    async def _anomalies(self, name: str, look: Look[Mapping[str, int]], kinds: set[str]) -> None:
        found: Mapping[str, float]
        try:
            found = await look.now()
        except (ReadModelError, DBAPIError, OSError) as error:
            log.debug("the open anomalies in %s are not known: %s", name, error)
            found = dict.fromkeys(kinds, math.nan)
        kinds.update(found)
        for kind in kinds:
            self._metrics.open_anomalies.labels(kind).set(found.get(kind, 0))


class _Model:
    """currencies: those that ever had a lag; it is reported as 0 when there is none any more.

    kinds: likewise those of which an anomaly was open.
    """

    def __init__(
        self,
        worker: WatchedWorker,
        source: Source,
        database: ReadDatabase,
        look: Look[Lag],
        anomalies: Look[Mapping[str, int]] | None,
    ) -> None:
        self.worker = worker
        self.database = database
        self.look = look
        self.anomalies = anomalies
        self.currencies: set[str] = set()
        self.kinds: set[str] = set()
        self._source = source
        self._counted: Counter[str] = Counter()

    def rejected(self) -> Mapping[str, int]:
        """Records left out since the last call, by reason."""
        skipped: Counter[str] = Counter(getattr(self._source, "skipped", ()))
        new = skipped - self._counted
        self._counted = skipped
        return new


def _set(metrics: WorkerMetrics, name: str, lag: Lag, currencies: set[str]) -> None:
    metrics.lag_events.labels(name).set(lag.events)
    metrics.lag_seconds.labels(name).set(lag.seconds)
    metrics.lag_orders.labels(name).set(lag.orders)
    metrics.parked.labels(name).set(lag.parked)
    currencies |= {currency for currency, cents in lag.money.items() if cents}
    for currency in currencies:
        metrics.lag_money.labels(name, currency).set(lag.money[currency])


def _trace(tracing: Tracing, name: str, commit: Commit) -> None:
    """A span for each applied event, in the event's own trace: from the begin of its batch to the
    commit.
    """
    for item in commit.applied:
        tracing.past(
            f"apply {name}",
            _traceparent(item),
            kind="consumer",
            began_ns=commit.began_ns,
            ended_ns=commit.ended_ns,
            attributes={
                "daybook.projection": name,
                "daybook.generation": commit.generation,
                "daybook.order_id": item.order_id,
                "daybook.revision": item.revision,
                "daybook.event": item.type,
                "daybook.batch": len(commit.applied),
            },
        )


def _traceparent(item: Item) -> str | None:
    return item.metadata.traceparent if isinstance(item, OrderEvent) else None
