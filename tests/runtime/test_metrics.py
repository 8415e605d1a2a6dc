"""Metrics."""

from runtime.metrics import Metrics


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
