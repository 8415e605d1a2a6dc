"""Spans that a test can check: kept in memory."""

from collections.abc import Callable, Sequence

from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanContext

from runtime.tracing import Tracing

TRACE = "0af7651916cd43dd8448eb211c80319c"
CALLER = "b7ad6b7169203331"
TRACEPARENT = f"00-{TRACE}-{CALLER}-01"


class Kept:
    """tracing: whose spans these are."""

    def __init__(self) -> None:
        self._exporter = InMemorySpanExporter()
        provider = TracerProvider(shutdown_on_exit=False)
        provider.add_span_processor(SimpleSpanProcessor(self._exporter))
        self.tracing = Tracing(provider)

    @property
    def all(self) -> Sequence[ReadableSpan]:
        return self._exporter.get_finished_spans()

    def named(self, name: str) -> ReadableSpan:
        """The one span of that name."""
        [span] = [span for span in self.all if span.name == name]
        return span

    def where(self, holds: Callable[[ReadableSpan], bool]) -> list[str]:
        return [span.name for span in self.all if holds(span)]


def trace_of(span: ReadableSpan) -> str:
    return f"{_context(span).trace_id:032x}"


def id_of(span: ReadableSpan) -> str:
    return f"{_context(span).span_id:016x}"


def parent_of(span: ReadableSpan) -> str | None:
    return None if span.parent is None else f"{span.parent.span_id:016x}"


def _context(span: ReadableSpan) -> SpanContext:
    assert span.context is not None
    return span.context
