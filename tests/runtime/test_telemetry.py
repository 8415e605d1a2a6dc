"""Metrics and traces."""

from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from runtime.telemetry import Metrics, no_spans, spans_of, start_telemetry

TRACE = "0af7651916cd43dd8448eb211c80319c"


def test_what_is_counted_is_in_the_text() -> None:
    metrics = Metrics()
    metrics.requests.labels("/v1/orders", "201").inc()
    metrics.request_seconds.labels("/v1/orders").observe(0.003)
    metrics.lag.labels("order").set(7)
    lines = metrics.text().decode().splitlines()
    assert 'daybook_http_requests_total{route="/v1/orders",status="201"} 1.0' in lines
    assert 'daybook_http_request_seconds_bucket{le="0.005",route="/v1/orders"} 1.0' in lines
    assert 'daybook_http_request_seconds_bucket{le="0.0025",route="/v1/orders"} 0.0' in lines
    assert 'daybook_projection_lag{projection="order"} 7.0' in lines


def test_two_processes_worth_of_metrics_do_not_mix() -> None:
    first, second = Metrics(), Metrics()
    first.restarts.inc()
    assert "daybook_worker_restarts_total 1.0" in first.text().decode()
    assert "daybook_worker_restarts_total 0.0" in second.text().decode()


def test_traces_are_off_unless_asked_for() -> None:
    assert start_telemetry("off").spans is no_spans
    with no_spans("append", None, {}):
        pass


def test_a_span_continues_the_callers_trace() -> None:
    exporter = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    spans = spans_of(provider.get_tracer("test"))
    with spans("append", f"00-{TRACE}-b7ad6b7169203331-01", {"order_id": "o-1"}):
        pass
    with spans("append", None, {}):
        pass
    continued, fresh = exporter.get_finished_spans()
    assert f"{continued.context.trace_id:032x}" == TRACE
    assert continued.attributes == {"order_id": "o-1"}
    assert f"{fresh.context.trace_id:032x}" != TRACE
