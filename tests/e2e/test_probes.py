"""DAYBOOK_METRICS_PORT of real processes."""

import os
import signal
from pathlib import Path

import httpx
import pytest

from projections.models import MODELS
from tests.api.conftest import order
from tests.e2e.probing import is_well, metrics_at, until_metrics
from tests.e2e.running import daybook, serving
from tests.parts.ports import free_ports
from tests.waiting import HUNG_S, wait_until

pytestmark = pytest.mark.e2e


@pytest.mark.parametrize("store", ["", "memory://"])
def test_a_server_tells_of_itself_and_of_its_workers(store: str, tmp_path: Path) -> None:
    [port] = free_ports(1)
    with serving(tmp_path, METRICS_PORT=str(port), STORE=store) as running:
        assert running.post("/v1/orders", order()).status_code == 201
        running.caught_up()
        wait_until(lambda: is_well(port))
        found = until_metrics(port, lambda found: _applied(found) == [1] * len(MODELS))
        own = httpx.get(f"{running.url}/metrics", timeout=HUNG_S).text
        answer = httpx.get(f"http://127.0.0.1:{port}/v1/orders/o1", timeout=HUNG_S)
    assert found['daybook_commands_total{command="place-order",status="201"}'] == 1
    assert found['daybook_worker_lag_events{projection="order"}'] == 0
    assert found["process_open_fds"] > 0
    assert 'daybook_worker_applied_events_total{projection="audit"} 1.0' in own
    assert answer.status_code == 404


def test_what_is_told_there_names_no_order(tmp_path: Path) -> None:
    """Its host may be public."""
    [port] = free_ports(1)
    with serving(tmp_path, METRICS_PORT=str(port)) as running:
        running.post("/v1/orders", order(order_id="secret-7"))
        running.post("/v1/orders/secret-7/confirm-order", {})
        running.get("/v1/orders/secret-7/events")
        running.caught_up()
        texts = [
            httpx.get(f"http://127.0.0.1:{port}{path}", timeout=HUNG_S).text
            for path in ("/metrics", "/healthz", "/readyz")
        ]
    assert 'route="/v1/orders/{order_id}/{command}"' in texts[0]
    assert "secret-7" not in "".join(texts)


def test_a_server_without_its_worker_says_so_and_answers_all_the_same(tmp_path: Path) -> None:
    [port] = free_ports(1)
    with serving(tmp_path, METRICS_PORT=str(port)) as running:
        wait_until(lambda: is_well(port))
        pid = running.get("/v1/projections")["items"][0]["pid"]
        # It does not answer its parent either.
        os.kill(pid, signal.SIGSTOP)
        try:
            found = metrics_at(port)
            assert "daybook_log_head" in found
            assert not _applied(found)
        finally:
            os.kill(pid, signal.SIGCONT)
        until_metrics(port, lambda found: bool(_applied(found)))


def test_a_port_that_is_taken_is_a_dependency_that_is_not_there(tmp_path: Path) -> None:
    [port] = free_ports(1)
    with serving(tmp_path, METRICS_PORT=str(port)):
        done = daybook("worker", folder=tmp_path, METRICS_PORT=str(port))
    assert done.returncode == 3
    assert b"DAYBOOK_METRICS_PORT" in done.stderr


def _applied(found: dict[str, float]) -> list[float]:
    return [value for name, value in found.items() if "worker_applied_events_total" in name]
