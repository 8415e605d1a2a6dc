"""What a process reports: metrics always, traces if they are switched on."""

from dataclasses import dataclass, field

from runtime.metrics import Metrics
from runtime.tracing import Tracing


@dataclass(frozen=True, slots=True)
class Telemetry:
    """tracing: None if the setting TRACES is `off`."""

    metrics: Metrics = field(default_factory=Metrics)
    tracing: Tracing | None = None
