"""What is counted, traced and logged of calls, whatever carried them."""

import logging
from contextlib import AbstractContextManager
from typing import Any, Final

from prometheus_client import Counter, Histogram

from api.rpc.call import Call
from api.rpc.errors import Code
from runtime.telemetry import Telemetry
from runtime.tracing import Tracing

log = logging.getLogger("daybook.rpc")

FAULTS: Final = frozenset({Code.INTERNAL, Code.UNKNOWN, Code.DATA_LOSS})
"""Codes that tell of a fault of the server; they are logged as warnings."""


class Watch:
    """Of one server. tracing: None if traces are off."""

    def __init__(self, telemetry: Telemetry) -> None:
        self.tracing: Tracing | None = telemetry.tracing
        self._metrics = telemetry.metrics
        self._counters: dict[tuple[str, str, Code], tuple[Counter, Histogram]] = {}

    def span(self, path: str, call: Call) -> AbstractContextManager[Any]:
        """Around a call; its commands are that span's children, not the caller's. Only with
        tracing.
        """
        assert self.tracing is not None
        parent = call.metadata.get(b"traceparent", b"").decode("latin-1")
        call.metadata = {
            name: value for name, value in call.metadata.items() if name != b"traceparent"
        }
        about = {"rpc.system": "grpc", "rpc.method": path}
        return self.tracing.span(path, parent, kind="server", attributes=about)

    def ended(self, door: str, path: str, code: Code, seconds: float) -> None:
        """Counts a call. A line for it is logged: at DEBUG where all was well, as most are."""
        counters = self._counters.get((door, path, code))
        if counters is None:
            calls = self._metrics.calls.labels(door, path, code.name)
            counters = (calls, self._metrics.call_seconds.labels(door, path))
            self._counters[door, path, code] = counters
        counters[0].inc()
        counters[1].observe(seconds)
        level = logging.DEBUG
        if code is not Code.OK:
            level = logging.WARNING if code in FAULTS else logging.INFO
        if log.isEnabledFor(level):
            about = {"method": path, "code": code.name, "ms": round(1000 * seconds, 3)}
            log.log(level, "call", extra={"door": door, **about})
