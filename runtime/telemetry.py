"""What a process tells of itself: metrics always, traces where they are switched on."""

from dataclasses import dataclass, field

from runtime.metrics import Metrics
from runtime.tracing import Tracing


@dataclass(frozen=True, slots=True)
class Telemetry:
    """tracing: None unless the setting TRACES says otherwise."""

    metrics: Metrics = field(default_factory=Metrics)
    tracing: Tracing | None = None
