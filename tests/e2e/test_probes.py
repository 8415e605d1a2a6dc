"""DAYBOOK_METRICS_PORT of real processes."""

import os
import signal
from pathlib import Path

import httpx
import pytest

from projections.models import MODELS
from tests.api.conftest import order
from tests.e2e.probing import free_ports, is_well, metrics_at
from tests.e2e.running import daybook, serving, until

pytestmark = pytest.mark.e2e


@pytest.mark.parametrize("store", ["", "memory://"])
def test_a_server_tells_of_itself_and_of_its_workers(store: str, tmp_path: Path) -> None:
    [port] = free_ports(1)
    with serving(tmp_path, METRICS_PORT=str(port), STORE=store) as running:
        until(lambda: is_well(port))
        assert httpx.post(f"{running.url}/v1/orders", json=order()).status_code == 201
        running.caught_up()
        until(lambda: _applied(port) == [1] * len(MODELS))
        found = metrics_at(port)
        own = httpx.get(f"{running.url}/metrics").text
        answer = httpx.get(f"http://127.0.0.1:{port}/v1/orders/o1")
    assert found['daybook_commands_total{command="place-order",status="201"}'] == 1
    assert found['daybook_worker_lag_events{projection="order"}'] == 0
    assert found["process_open_fds"] > 0
    assert 'daybook_worker_applied_events_total{projection="audit"} 1.0' in own
    assert answer.status_code == 404


def test_what_is_told_there_names_no_order(tmp_path: Path) -> None:
    """Its host may be public."""
    [port] = free_ports(1)
    with serving(tmp_path, METRICS_PORT=str(port)) as running:
        httpx.post(f"{running.url}/v1/orders", json=order(order_id="secret-7"))
        httpx.post(f"{running.url}/v1/orders/secret-7/confirm-order", json={})
        httpx.get(f"{running.url}/v1/orders/secret-7/events")
        running.caught_up()
        texts = [
            httpx.get(f"http://127.0.0.1:{port}{path}").text
            for path in ("/metrics", "/healthz", "/readyz")
        ]
    assert 'route="/v1/orders/{order_id}/{command}"' in texts[0]
    assert "secret-7" not in "".join(texts)


def test_a_server_without_its_worker_says_so_and_answers_all_the_same(tmp_path: Path) -> None:
    [port] = free_ports(1)
    with serving(tmp_path, METRICS_PORT=str(port)) as running:
        until(lambda: is_well(port))
        pid = running.get("/v1/projections")["items"][0]["pid"]
        # It does not answer its parent either.
        os.kill(pid, signal.SIGSTOP)
        try:
            assert "daybook_log_head" in metrics_at(port)
            assert not _applied(port)
        finally:
            os.kill(pid, signal.SIGCONT)
        until(lambda: bool(_applied(port)))


def test_a_port_that_is_taken_is_a_dependency_that_is_not_there(tmp_path: Path) -> None:
    [port] = free_ports(1)
    with serving(tmp_path, METRICS_PORT=str(port)):
        done = daybook("worker", folder=tmp_path, METRICS_PORT=str(port))
    assert done.returncode == 3
    assert b"DAYBOOK_METRICS_PORT" in done.stderr


def _applied(port: int) -> list[float]:
    found = metrics_at(port)
    return [value for name, value in found.items() if "worker_applied_events_total" in name]
