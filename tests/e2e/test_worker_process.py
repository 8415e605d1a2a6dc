"""The worker process beside the API: ended, started again, never left behind."""

import asyncio
import json
import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.load import Load
from tests.e2e.running import PROGRAM, Running, daybook, environment, serving
from tests.waiting import HUNG_S, wait_until

pytestmark = pytest.mark.e2e


def _models(running: Running) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = running.get("/v1/projections")["items"]
    return found


def _worker_pids(running: Running) -> set[int]:
    return {model["pid"] for model in _models(running)}


def _head(running: Running) -> int:
    return int(_models(running)[0]["head"])


def _orders(running: Running) -> dict[str, int]:
    found: dict[str, int] = running.get("/v1/orders/summary")["EUR"]
    return found


def _worker_pid(running: Running) -> int:
    [pid] = _worker_pids(running)
    return pid


def _healthy(running: Running) -> bool:
    return running.health().status_code == 200


def _gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    # A zombie is gone as well: nobody has asked yet how it ended.
    return Path(f"/proc/{pid}/stat").read_text().split(") ")[1].startswith("Z")


def test_a_killed_worker_process_is_started_again(tmp_path: Path) -> None:
    with serving(tmp_path) as running:
        wait_until(lambda: _healthy(running))
        first = _worker_pid(running)
        assert first != running.child.pid
        os.kill(first, signal.SIGKILL)
        wait_until(lambda: first not in _worker_pids(running) and _healthy(running))
        metrics = httpx.get(f"{running.url}/metrics", timeout=HUNG_S).text
        assert "daybook_worker_restarts_total 1.0" in metrics


def test_a_killed_worker_process_is_seen(tmp_path: Path) -> None:
    """One that nobody starts again: then it stays dead."""
    with serving(tmp_path, "--no-workers") as running:
        with subprocess.Popen([*PROGRAM, "worker"], env=environment(tmp_path)) as worker:
            wait_until(lambda: _worker_pids(running) == {worker.pid})
            worker.kill()
        wait_until(lambda: all(model["state"] == "dead" for model in _models(running)))


def test_a_frozen_worker_process_is_unwell_until_it_goes_on(tmp_path: Path) -> None:
    with serving(tmp_path) as running:
        wait_until(lambda: _healthy(running))
        worker = _worker_pid(running)
        os.kill(worker, signal.SIGSTOP)
        try:
            wait_until(lambda: "wedged" in running.health().text)
        finally:
            os.kill(worker, signal.SIGCONT)
        wait_until(lambda: _healthy(running))
        assert _worker_pid(running) == worker


async def test_workers_killed_under_load_miss_no_event_and_count_none_twice(
    tmp_path: Path,
) -> None:
    with serving(tmp_path) as running:
        await asyncio.to_thread(wait_until, lambda: _healthy(running))
        load = Load(running.url, "w")
        loading = asyncio.create_task(load.run())
        killed: set[int] = set()
        for _ in range(3):
            await asyncio.sleep(0.5)
            await asyncio.to_thread(_kill_worker, running, killed)
        loading.cancel()
        await asyncio.gather(loading, return_exceptions=True)
        # What was under way is still taken.
        await asyncio.to_thread(wait_until, lambda: _orders(running)["orders"] == _head(running))
        orders, head = _orders(running), _head(running)
    assert len(load.acknowledged) <= orders["orders"] == head
    assert orders["total_cents"] == 990 * head
    rebuilt = daybook("replay", "order", folder=tmp_path)
    assert rebuilt.returncode == 0
    with serving(tmp_path, "--no-workers") as running:
        assert running.get("/v1/orders/summary")["EUR"] == orders


def test_the_worker_ends_with_a_server_that_was_killed(tmp_path: Path) -> None:
    with serving(tmp_path) as running:
        wait_until(lambda: _healthy(running))
        worker = _worker_pid(running)
        running.child.kill()
        running.child.wait()
        wait_until(lambda: _gone(worker))
    with serving(tmp_path) as again:
        wait_until(lambda: _healthy(again))
        assert _worker_pid(again) != worker


def test_a_stopped_server_leaves_no_worker(tmp_path: Path) -> None:
    with serving(tmp_path) as running:
        wait_until(lambda: _healthy(running))
        worker = _worker_pid(running)
    assert _gone(worker)
    assert running.err.read_text() == ""


def test_workers_of_their_own_keep_up_with_a_server_that_runs_none(tmp_path: Path) -> None:
    with serving(tmp_path, "--no-workers") as running:
        body = {"order_id": "o-1", "customer_id": "c", "currency": "EUR"}
        item = {"product_id": "tea", "quantity": 1, "price_cents": 1}
        running.post("/v1/orders", body | {"items": [item]})
        assert _healthy(running)
        rebuilt = daybook("replay", "--all", folder=tmp_path)
        assert rebuilt.returncode == 0
        assert running.get("/v1/orders/summary")["EUR"]["orders"] == 1


def test_a_worker_says_as_json_what_it_keeps_and_nothing_else_on_standard_output(
    tmp_path: Path,
) -> None:
    with serving(tmp_path, "--no-workers"):
        worker = subprocess.Popen(
            [*PROGRAM, "worker", "order", "audit", "--json"],
            env=environment(tmp_path),
            stdout=subprocess.PIPE,
            text=True,
        )
        with worker:
            assert worker.stdout is not None
            line = json.loads(worker.stdout.readline())
            worker.send_signal(signal.SIGTERM)
            rest = worker.stdout.read()
    assert (line["models"], line["pid"]) == (["order", "audit"], worker.pid)
    assert line["store"].startswith("sqlite:///")
    assert (rest, worker.returncode) == ("", 0)


def _kill_worker(running: Running, killed: set[int]) -> None:
    """The one that was started after those that were killed before."""
    wait_until(
        lambda: (
            _healthy(running)
            and len(_worker_pids(running)) == 1
            and _worker_pids(running).isdisjoint(killed)
        )
    )
    pid = _worker_pid(running)
    killed.add(pid)
    os.kill(pid, signal.SIGKILL)
