"""PostgreSQL that is frozen, not stopped: its connections stay open, and nothing is answered."""

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
from runtime.settings import MODEL_NAMES
from tests.e2e.running import PROGRAM, Running, environment, serving
from tests.parts.postgres import Postgres
from tests.waiting import HUNG_S, wait_until

SEEN = dict.fromkeys(MODEL_NAMES, "running") | {"order": "unreachable"}

pytestmark = pytest.mark.e2e


def test_a_worker_and_a_server_stop_though_their_database_is_frozen(
    tmp_path: Path, stoppable_postgres: Postgres
) -> None:
    settings = {"ORDER_DB": stoppable_postgres.database("orders"), "STOP_S": "4"}
    with (
        serving(tmp_path, "--no-workers", **settings) as running,
        _working(tmp_path, **settings) as worker,
    ):
        _order(running, "o-1")
        wait_until(lambda: _is_up_to_date(running))
        stoppable_postgres.pause()
        _order(running, "o-2")
        time.sleep(1)
        _stop(worker)
        asking = threading.Thread(target=_asked, args=(running,))
        asking.start()
        time.sleep(0.5)
        _stop(running.child)
        asking.join()
        stoppable_postgres.resume()
    with serving(tmp_path, "--no-workers", **settings) as running, _working(tmp_path, **settings):
        wait_until(lambda: _is_up_to_date(running))
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
            with httpx.Client(base_url=running.url, timeout=HUNG_S) as http:
                wait_until(lambda: _states(http) == SEEN)
                models = {it["name"]: it for it in http.get("/v1/projections").json()["items"]}
                health = http.get("/healthz")
                metrics = http.get("/metrics")
                ready = http.get("/readyz")
                listed = http.get("/v1/orders")
                _order(running, "o-2")
        finally:
            stoppable_postgres.resume()
        wait_until(lambda: running.health().status_code == 200)

    assert health.status_code == 503
    assert models["order"]["reason"] == f"its database does not answer within {LOOK_S:g} s"
    assert models["order"]["position"] is not None
    assert 'daybook_projection_healthy{projection="order"} 0.0' in metrics.text
    assert 'daybook_projection_healthy{projection="audit"} 1.0' in metrics.text
    assert "daybook_worker_applied_events_total{" in metrics.text
    assert ready.json()["status"] in {"ok", "unwell"}
    assert listed.json()["type"] == "/problems#read-model-unavailable"


def _states(http: httpx.Client) -> dict[str, str]:
    return {it["name"]: it["state"] for it in http.get("/v1/projections").json()["items"]}


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
    answer = running.post("/v1/orders", body | {"items": [item]})
    assert answer.status_code == 201, answer.text


def _asked(running: Running) -> None:
    """A query that gets no answer, however it ends."""
    with suppress(httpx.HTTPError):
        httpx.get(f"{running.url}/v1/orders", timeout=HUNG_S)


def _is_up_to_date(running: Running) -> bool:
    [order] = [it for it in running.get("/v1/projections")["items"] if it["name"] == "order"]
    return (order["state"], order["lag"]) == ("running", 0)


def _stop(process: subprocess.Popen[bytes] | subprocess.Popen[str]) -> None:
    """By itself: nobody wakes its database up meanwhile."""
    process.send_signal(signal.SIGTERM)
    process.wait(HUNG_S)
