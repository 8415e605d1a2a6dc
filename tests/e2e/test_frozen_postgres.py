"""PostgreSQL that is frozen, not stopped: its connections stand, and nothing is answered."""

import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest

from projections.monitor.observed import LOOK_S
from tests.e2e.running import PROGRAM, Running, environment, serving, until
from tests.parts.postgres import Postgres

STOP_S_MAX = 10.0

pytestmark = pytest.mark.e2e


def test_a_worker_and_a_server_stop_in_time_though_their_database_is_frozen(
    tmp_path: Path, stoppable_postgres: Postgres
) -> None:
    settings = {"ORDER_DB": stoppable_postgres.database("orders")}
    with (
        serving(tmp_path, "--no-workers", **settings) as running,
        _working(tmp_path, **settings) as worker,
    ):
        _order(running, "o-1")
        until(lambda: _is_up_to_date(running))
        stoppable_postgres.pause()
        _order(running, "o-2")
        time.sleep(1)
        worker_s = _stopped(worker)
        asking = threading.Thread(target=_asked, args=(running,))
        asking.start()
        time.sleep(0.5)
        server_s = _stopped(running.child)
        asking.join()
        stoppable_postgres.resume()
    print(f"serve: {server_s:.1f} s, worker: {worker_s:.1f} s")  # noqa: T201 - the figures
    assert max(server_s, worker_s) < STOP_S_MAX
    with serving(tmp_path, "--no-workers", **settings) as running, _working(tmp_path, **settings):
        until(lambda: _is_up_to_date(running))
        assert running.get("/v1/orders/summary")["EUR"]["orders"] == 2


def test_operational_routes_say_what_they_know_though_a_database_is_frozen(
    tmp_path: Path, stoppable_postgres: Postgres
) -> None:
    settings = {"ORDER_DB": stoppable_postgres.database("orders")}
    with serving(tmp_path, **settings) as running:
        _order(running, "o-1")
        running.caught_up()
        stoppable_postgres.pause()
        try:
            with httpx.Client(base_url=running.url, timeout=20) as http:
                until(lambda: http.get("/healthz").status_code == 503)
                models = {it["name"]: it for it in http.get("/v1/projections").json()["items"]}
                metrics = http.get("/metrics")
                ready = http.get("/readyz")
                listed = http.get("/v1/orders")
                _order(running, "o-2")
        finally:
            stoppable_postgres.resume()
        until(lambda: running.health().status_code == 200)

    assert models["order"]["state"] == "unreachable"
    assert models["order"]["reason"] == f"its database does not answer within {LOOK_S:g} s"
    assert models["order"]["position"] is not None
    assert models["audit"]["state"] == "running"
    assert 'daybook_projection_healthy{projection="order"} 0.0' in metrics.text
    assert 'daybook_projection_healthy{projection="audit"} 1.0' in metrics.text
    assert "daybook_worker_applied_events_total{" in metrics.text
    assert ready.json()["status"] in {"ok", "unwell"}
    assert listed.json()["type"] == "/problems#read-model-unavailable"


@contextmanager
def _working(folder: Path, **settings: str) -> Iterator[subprocess.Popen[bytes]]:
    worker = subprocess.Popen(
        [*PROGRAM, "worker", "order"],
        env=environment(folder, **settings),
        stdout=subprocess.DEVNULL,
    )
    try:
        yield worker
    finally:
        worker.kill()
        worker.wait()


def _order(running: Running, order_id: str) -> None:
    body = {"order_id": order_id, "customer_id": "c", "currency": "EUR"}
    item = {"product_id": "tea", "quantity": 1, "price_cents": 1}
    answer = httpx.post(f"{running.url}/v1/orders", json=body | {"items": [item]})
    assert answer.status_code == 201, answer.text


def _asked(running: Running) -> None:
    """A query that gets no answer, however it ends."""
    with suppress(httpx.HTTPError):
        httpx.get(f"{running.url}/v1/orders", timeout=60)


def _is_up_to_date(running: Running) -> bool:
    [order] = [it for it in running.get("/v1/projections")["items"] if it["name"] == "order"]
    return (order["state"], order["lag"]) == ("running", 0)


def _stopped(process: subprocess.Popen[bytes] | subprocess.Popen[str]) -> float:
    began_s = time.monotonic()
    process.send_signal(signal.SIGTERM)
    process.wait(60)
    return time.monotonic() - began_s
