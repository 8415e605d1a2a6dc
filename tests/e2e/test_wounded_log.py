"""A server on a log in which one order is damaged: that order is refused, all others work."""

import sqlite3
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from tests.e2e.running import Running, daybook, serving
from tests.waiting import HUNG_S, wait_until

pytestmark = pytest.mark.e2e

WOUNDS = {
    "undecodable": ("data = x'7b7d'", 409, "Undecodable"),
    "altered": ("data = CAST(replace(CAST(data AS TEXT), 'fine', 'mine') AS BLOB)", 409, "Chain"),
    "unknown type": ("type = 'OrderTeleported'", 503, "UpgradeNeeded"),
}


def place(running: Running, order_id: str) -> None:
    body = {"order_id": order_id, "customer_id": "c", "currency": "EUR"}
    item = {"product_id": "tea", "quantity": 1, "price_cents": 1}
    answer = running.post("/v1/orders", body | {"items": [item]})
    assert answer.status_code == 201, answer.text


def note(running: Running, order_id: str, text: str = "fine") -> httpx.Response:
    body = {"note_id": f"n-{text}", "text": text}
    return running.post(f"/v1/orders/{order_id}/add-note", body)


@pytest.mark.parametrize("wound", WOUNDS)
def test_a_server_starts_and_refuses_the_damaged_order_alone(tmp_path: Path, wound: str) -> None:
    change, status, reason = WOUNDS[wound]
    with serving(tmp_path) as running:
        for order_id in ("o-1", "o-2"):
            place(running, order_id)
            assert note(running, order_id).status_code == 200
        running.caught_up()
    with closing(sqlite3.connect(tmp_path / "ledger.db", isolation_level=None)) as conn:
        conn.execute("DROP TRIGGER events_are_never_changed")
        conn.execute(f"UPDATE events SET {change} WHERE stream = 'order-o-1' AND revision = 1")
    assert daybook("replay", "--all", folder=tmp_path).returncode == 1

    with serving(tmp_path) as running:
        assert "order-o-1 revision 1" in running.err.read_text()
        assert note(running, "o-2", "more").status_code == 200
        place(running, "o-3")
        refused = note(running, "o-1", "more")
        assert refused.status_code == status, refused.text
        assert refused.json()["type"] in ("/problems#event-unreadable", "/problems#upgrade-needed")
        assert httpx.get(f"{running.url}/v1/orders/o-1", timeout=HUNG_S).status_code == status
        assert running.get("/v1/orders/o-2")["revision"] == 2
        wait_until(lambda: running.get("/v1/orders/summary")["EUR"]["orders"] == 3)
        health = running.health()
        assert health.status_code == 503
        assert "parked (o-1)" in health.text
        [order, *_] = running.get("/v1/projections")["items"]
        assert reason in order["parked_orders"][0]["error"]
        assert httpx.get(f"{running.url}/readyz", timeout=HUNG_S).status_code == 200
    assert "Traceback" not in running.err.read_text()


def test_a_server_does_not_start_on_a_log_damaged_at_many_orders(tmp_path: Path) -> None:
    with serving(tmp_path, "--no-workers") as running:
        for n in range(101):
            place(running, f"o-{n}")
    with closing(sqlite3.connect(tmp_path / "ledger.db", isolation_level=None)) as conn:
        conn.execute("DROP TRIGGER events_are_never_changed")
        conn.execute("UPDATE events SET data = CAST(data || x'20' AS BLOB)")
    started = daybook("serve", folder=tmp_path)
    assert started.returncode == 3
    assert b"more than 100 orders of the last 101 events cannot be read" in started.stderr
