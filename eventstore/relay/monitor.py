"""Health, metrics and spans of a relay."""

import asyncio
import logging
import math
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Final

import orjson

from eventstore.lag import Lag, lag_after
from eventstore.port import EventReader, Recorded, StoreError
from eventstore.record.codec import order_id_of
from eventstore.relay.bus import BEFORE_FIRST, Bus, Publisher
from eventstore.relay.relay import RelayState
from runtime.look import Look
from runtime.metrics import RelayMetrics
from runtime.probes import Probes
from runtime.tracing import Tracing

WEDGED_S: Final = 30.0
"""A leader is wedged if, between two health checks this far apart, events were waiting and it
published none.
"""

LOOK_S: Final = 1.0
"""Time limit for reading the log's head and lag; without them a scrape is answered all the same."""

log = logging.getLogger("daybook.relay")


class RelayMonitor:
    """The probes of one relay."""

    def __init__(
        self,
        metrics: RelayMetrics,
        state: RelayState,
        store: EventReader,
        *,
        dense: bool,
        clock: Callable[[], datetime],
    ) -> None:
        """dense: the store's positions have no gaps."""
        self._metrics = metrics
        self._state = state
        self._store = store
        self._dense = dense
        self._clock = clock
        self._lag_look = Look(self._read_lag, LOOK_S)
        self._head_look = Look(store.head, LOOK_S)
        self._published = self._rebuilds = 0
        self._through = BEFORE_FIRST
        self._moved_s = 0.0

    @property
    def probes(self) -> Probes:
        return Probes(self.troubles, self.not_ready, self.text)

    async def troubles(self) -> Sequence[str]:
        """What is wrong; empty while it leads and makes progress, or is a standby."""
        state = self._state
        if state.role == "standby":
            return []
        if state.role != "leader":
            return [f"relay: {state.role}"]
        if await self._is_wedged():
            return ["relay: makes no progress"]
        return ["relay: cannot publish"] if state.reason else []

    async def not_ready(self) -> Sequence[str]:
        """Why it is not ready; empty once it has been the leader or a standby."""
        return ["relay: starting"] if self._state.role == "starting" else []

    async def text(self) -> bytes:
        """The metrics, in Prometheus' text format."""
        metrics, state = self._metrics, self._state
        leads = state.role == "leader"
        metrics.leading.set(leads)
        metrics.epoch.set(state.epoch)
        metrics.in_flight_bytes.set(state.in_flight_bytes)
        metrics.refused.set(state.refused)
        published, rebuilds = state.published, state.rebuilds
        metrics.published.inc(published - self._published)
        metrics.rebuilds.inc(rebuilds - self._rebuilds)
        self._published, self._rebuilds = published, rebuilds
        events, seconds = await self._lag() if leads else (math.nan, math.nan)
        metrics.lag_events.set(events)
        metrics.lag_seconds.set(seconds)
        return metrics.text()

    async def _read_lag(self) -> Lag:
        through = self._state.published_through
        after = None if through == BEFORE_FIRST else through
        return await lag_after(self._store, after, self._clock(), dense=self._dense)

    async def _lag(self) -> tuple[float, float]:
        try:
            return await self._lag_look.now()
        except (StoreError, TimeoutError) as error:
            log.debug("the relay's lag is unknown: %s", error)
            return math.nan, math.nan

    async def _is_wedged(self) -> bool:
        now_s = asyncio.get_running_loop().time()
        through, head = self._state.published_through, None
        with suppress(StoreError, TimeoutError):  # then it is unknown whether events wait
            head = await self._head_look.now()
        if through != self._through or head is None or head <= through or not self._moved_s:
            self._through, self._moved_s = through, now_s
        return now_s - self._moved_s > WEDGED_S


class TracedBus:
    """A bus whose publishers record a span for each event, in the event's own trace."""

    def __init__(self, bus: Bus, tracing: Tracing, topic: str) -> None:
        self._bus = bus
        self._tracing = tracing
        self._topic = topic

    async def open(self, secret: bytes) -> Publisher:
        return _Traced(await self._bus.open(secret), self._tracing, self._topic)


class _Traced:
    def __init__(self, publisher: Publisher, tracing: Tracing, topic: str) -> None:
        self.ends = publisher.ends
        self.partition_of = publisher.partition_of
        self.aclose = publisher.aclose
        self._publisher = publisher
        self._tracing = tracing
        self._topic = topic

    async def publish(
        self, partition: int, events: Sequence[Recorded], *, epoch: int, published_through: int
    ) -> None:
        """The span lasts from the call to the acknowledgement."""
        began_ns = time.time_ns()
        await self._publisher.publish(
            partition, events, epoch=epoch, published_through=published_through
        )
        ended_ns = time.time_ns()
        for event in events:
            self._tracing.past(
                f"publish {self._topic}",
                _traceparent(event),
                kind="producer",
                began_ns=began_ns,
                ended_ns=ended_ns,
                attributes={
                    "messaging.system": "kafka",
                    "messaging.operation.name": "publish",
                    "messaging.destination.name": self._topic,
                    "messaging.destination.partition.id": str(partition),
                    "messaging.batch.message_count": len(events),
                    "daybook.order_id": order_id_of(event.stream),
                    "daybook.revision": event.revision,
                    "daybook.event": event.type,
                    "daybook.epoch": epoch,
                },
            )


def _traceparent(event: Recorded) -> str | None:
    with suppress(ValueError, AttributeError):
        parent = orjson.loads(event.metadata).get("traceparent")
        return parent if isinstance(parent, str) else None
    return None
