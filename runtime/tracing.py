"""Traces (OpenTelemetry), where the setting TRACES asks for them; imported by nobody else.

An event's metadata names the span that wrote it (`traceparent`), and every later span of that event
is that span's child: so a trace goes from the request to the rows, whatever carried the event.
"""

import asyncio
import sys
import threading
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractContextManager, asynccontextmanager
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from runtime.terminal import Exit, ExitError

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SpanExporter
    from opentelemetry.trace import Span

Kind: TypeAlias = Literal["internal", "server", "producer", "consumer"]
Attributes: TypeAlias = Mapping[str, str | int]

CLOSE_S: Final = 2.0
"""For the last spans: a collector that does not answer does not delay a stop."""


@asynccontextmanager
async def tracing_of(traces: str, role: str) -> "AsyncIterator[Tracing | None]":
    """Tracing while the block lasts; None where it is off.

    traces: the setting. role: names the service, unless OTEL_SERVICE_NAME does. Raises ExitError
    where the exporter is not installed.
    """
    tracing = None if traces == "off" else _started(traces, role)
    try:
        yield tracing
    finally:
        if tracing is not None:
            await asyncio.to_thread(tracing.close)


class Tracing:
    """The spans of a process. close() at its end."""

    def __init__(self, provider: "TracerProvider") -> None:
        from opentelemetry.trace import SpanKind
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        self._provider = provider
        self._tracer = provider.get_tracer("daybook")
        self._extract = TraceContextTextMapPropagator().extract
        self._kinds = {kind.name.lower(): kind for kind in SpanKind}

    def span(
        self, name: str, parent: str | None, *, kind: Kind = "internal", attributes: Attributes
    ) -> "AbstractContextManager[Span]":
        """A span around a block, and the current one in it.

        parent: a traceparent; one that is none begins a new trace. None: the current span.
        """
        return self._tracer.start_as_current_span(
            name,
            context=self._context(parent),
            kind=self._kinds[kind],
            attributes=attributes,
            record_exception=False,
            set_status_on_exception=False,
        )

    def past(
        self,
        name: str,
        parent: str | None,
        *,
        kind: Kind,
        began_ns: int,
        ended_ns: int,
        attributes: Attributes,
    ) -> None:
        """A span of past work; nothing if it belongs to no trace, or to an unrecorded one."""
        if parent is None or not is_sampled(parent):
            return
        self._tracer.start_span(
            name,
            context=self._context(parent),
            kind=self._kinds[kind],
            attributes=attributes,
            start_time=began_ns,
        ).end(ended_ns)

    def close(self) -> None:
        """Send what is left, in bounded time."""
        closing = threading.Thread(target=self._provider.shutdown, daemon=True)
        closing.start()
        closing.join(CLOSE_S)

    def _context(self, parent: str | None) -> "Context | None":
        return None if parent is None else self._extract({"traceparent": parent})


def traceparent(span: "Span") -> str:
    """The span's id in W3C Trace Context, which its children get as their parent."""
    context = span.get_span_context()
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"


def failed(span: "Span") -> None:
    """Mark the span: it ended in an error of the server."""
    from opentelemetry.trace import Status, StatusCode

    span.set_status(Status(StatusCode.ERROR))


def is_sampled(parent: str) -> bool:
    """Whether the spans of a trace are recorded: the last bit of its traceparent."""
    return parent[-1:] in "13579bdf"


def _started(traces: str, role: str) -> "Tracing":
    exporter = _to_stderr() if traces == "stderr" else _to_collector()
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(resource=_resource(role), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return Tracing(provider)


def _resource(role: str) -> "Resource":
    from opentelemetry.sdk.resources import SERVICE_NAME, Resource

    found = Resource.create()
    if not str(found.attributes[SERVICE_NAME]).startswith("unknown_service"):
        return found
    return found.merge(Resource({SERVICE_NAME: f"daybook-{role}"}))


def _to_stderr() -> "SpanExporter":
    from opentelemetry.sdk.trace.export import ConsoleSpanExporter

    return ConsoleSpanExporter(
        out=sys.stderr, formatter=lambda span: span.to_json(indent=None) + "\n"
    )


def _to_collector() -> "SpanExporter":
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    except ImportError as error:
        raise ExitError(
            f"DAYBOOK_TRACES=otlp needs the exporter ({error}): pip install 'daybook[otlp]'",
            Exit.UNAVAILABLE,
        ) from None
    return OTLPSpanExporter()
