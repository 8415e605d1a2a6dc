"""What is counted and measured: one class for each kind of process, all names in this file.

prometheus-client and not OpenTelemetry's meter, as some of it is on the path of every request:
docs/decisions/0018-traces-by-opentelemetry-metrics-by-prometheus.md has the figures.
docs/reference.md lists the metrics, printed from here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client import generate_latest as as_text

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
BUCKETS_S: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


@dataclass(frozen=True, slots=True)
class Described:
    """A metric in words. name: as scraped; of a histogram without its suffixes."""

    name: str
    kind: str
    labels: Sequence[str]
    sentence: str


def new_registry(*, process: bool = True) -> CollectorRegistry:
    """The metrics of a process. process: with its memory, CPU time and open files."""
    registry = CollectorRegistry()
    if process:
        ProcessCollector(registry=registry)
    return registry


class _Metrics:
    """The metrics in one registry. On a hot path keep the result of `.labels(...)`."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self.registry = new_registry() if registry is None else registry
        self.described: list[Described] = []

    def text(self) -> bytes:
        """Everything in the registry, in Prometheus' text format (CONTENT_TYPE)."""
        return as_text(self.registry)

    def _counter(self, name: str, sentence: str, *labels: str) -> Counter:
        self._describe(f"{name}_total", "counter", labels, sentence)
        return Counter(f"daybook_{name}", sentence, labels, registry=self.registry)

    def _gauge(self, name: str, sentence: str, *labels: str) -> Gauge:
        self._describe(name, "gauge", labels, sentence)
        return Gauge(f"daybook_{name}", sentence, labels, registry=self.registry)

    def _histogram(self, name: str, sentence: str, *labels: str) -> Histogram:
        self._describe(name, "histogram", labels, sentence)
        return Histogram(
            f"daybook_{name}", sentence, labels, buckets=BUCKETS_S, registry=self.registry
        )

    def _describe(self, name: str, kind: str, labels: Sequence[str], sentence: str) -> None:
        self.described.append(Described(f"daybook_{name}", kind, labels, sentence))


class Metrics(_Metrics):
    """Of `serve`."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        super().__init__(registry)
        self.requests = self._counter("http_requests", "Answers by status.", "route", "status")
        self.request_seconds = self._histogram(
            "http_request_seconds",
            "Time from the request's first byte to the answer's last.",
            "route",
        )
        self.connections_refused = self._counter(
            "http_connections_refused",
            "Connections closed for want of room: idle ones for new ones, or new ones.",
        )
        self.calls = self._counter(
            "rpc_calls", "Calls of gRPC, Connect and gRPC-Web by code.", "door", "method", "code"
        )
        self.call_seconds = self._histogram(
            "rpc_call_seconds", "Time of a call, from its metadata to its end.", "door", "method"
        )
        self.commands = self._counter("commands", "Commands by their answer.", "command", "status")
        self.refusals = self._counter("refusals", "Refused commands by rule.", "rule")
        self.conflicts = self._counter(
            "transact_conflicts", "Appends that somebody else's append to the order came before."
        )
        self.head = self._gauge("log_head", "Position of the log's last event.")
        self.log_healthy = self._gauge(
            "log_healthy", "1 while the log can be read and takes commands."
        )
        self.behind = self._gauge(
            "projection_behind", "1 while events wait; NaN: not known.", "projection"
        )
        self.lag = self._gauge(
            "projection_lag",
            "Events not yet applied; NaN: not known, or some of a log that does not count them.",
            "projection",
        )
        self.parked = self._gauge("projection_parked_orders", "Orders parked.", "projection")
        self.healthy = self._gauge("projection_healthy", "1 while it runs.", "projection")
        self.live_streams = self._gauge(
            "live_streams", "Clients that follow the log, through any door."
        )
        self.restarts = self._counter("worker_restarts", "Worker processes started again.")


class RelayMetrics(_Metrics):
    """Of `relay`."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        super().__init__(registry)
        self.leading = self._gauge("relay_leading", "1 while it holds the lease.")
        self.epoch = self._gauge("relay_epoch", "Number of its lease; 0: it has had none.")
        self.published = self._counter("relay_published", "Events that Kafka has acknowledged.")
        self.lag_seconds = self._gauge(
            "relay_lag_seconds",
            "Age of the oldest event that Kafka has not acknowledged; NaN where it does not lead.",
        )
        self.lag_events = self._gauge(
            "relay_lag_events",
            "Events that Kafka has not acknowledged (of a log that does not count them: at least"
            " so many); NaN where it does not lead.",
        )
        self.in_flight_bytes = self._gauge(
            "relay_inflight_bytes", "Bytes of events read and not yet acknowledged."
        )
        self.rebuilds = self._counter("relay_rebuilds", "Producers thrown away after a failure.")
        self.refused = self._gauge(
            "relay_refused_events", "Events too large for Kafka; workers take them from the log."
        )


class WorkerMetrics(_Metrics):
    """Of `worker`, and of `serve` for the workers that it runs."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        super().__init__(registry)
        self.applied = self._counter("worker_applied_events", "Events applied.", "projection")
        self.batch_seconds = self._histogram(
            "worker_batch_seconds", "Time to fold and commit a batch.", "projection"
        )
        self.lag_seconds = self._gauge(
            "worker_lag_seconds", "Age of the oldest event that waits.", "projection"
        )
        self.lag_events = self._gauge(
            "worker_lag_events",
            "Events that wait (of a log that does not count them: at least so many).",
            "projection",
        )
        self.lag_orders = self._gauge(
            "worker_lag_orders",
            "Orders that have events waiting, among the oldest 2,000 events looked at.",
            "projection",
        )
        self.lag_money = self._gauge(
            "worker_lag_money_cents",
            "Totals placed and amounts captured, refunded and charged back in those events, in"
            " minor units.",
            "projection",
            "currency",
        )
        self.parked = self._gauge("worker_parked_orders", "Orders parked.", "projection")
        self.open_anomalies = self._gauge(
            "open_anomalies", "Anomalies that are open; NaN: not known.", "kind"
        )
        self.stalled = self._gauge(
            "worker_stalled",
            "1 while the read model is behind the log and has applied nothing for 10 s.",
            "projection",
        )
        self.generation = self._gauge(
            "worker_generation", "Number of the generation that it writes.", "projection"
        )
        self.repaired = self._counter(
            "worker_repaired_orders",
            "Orders that were not as the log has them and were built anew from it.",
            "projection",
        )
        self.rejected = self._counter(
            "worker_rejected_records",
            "Records of the topic that were left out: the log decides.",
            "projection",
            "reason",
        )


KINDS: Final[Mapping[str, type[_Metrics]]] = {
    "serve": Metrics,
    "relay": RelayMetrics,
    "worker": WorkerMetrics,
}
"""By the command whose process it is."""
