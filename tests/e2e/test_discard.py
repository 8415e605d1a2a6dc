"""A discard beside a running server: the worker does it, the record is with the log."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.e2e.running import daybook, serving
from tests.waiting import wait_until

LINES = (
    b'{"command":"place-order","command_id":"k","order_id":"o-1","customer_id":"c",'
    b'"currency":"EUR","items":[{"product_id":"tea","quantity":1,"price_cents":1}]}\n'
    b'{"command":"add-note","command_id":"n","order_id":"o-1","note_id":"n","text":"hi"}\n'
)

pytestmark = pytest.mark.e2e


def test_a_discard_beside_a_server_is_done_by_its_worker_and_recorded_with_the_log(
    tmp_path: Path,
) -> None:
    assert daybook("submit", "-", folder=tmp_path, stdin=LINES).returncode == 0
    with closing(sqlite3.connect(tmp_path / "ledger.db")) as connection, connection:
        connection.execute("DROP TRIGGER events_are_never_changed")
        connection.execute("UPDATE events SET data = x'7b7d' WHERE position = 2")
    with serving(tmp_path):
        wait_until(lambda: _parked(tmp_path) == ["o-1"])
        done = daybook(
            *("parked", "discard", "order", "o-1", "1", "--why", "unreadable", "--who", "ann"),
            folder=tmp_path,
        )
        assert done.returncode == 0, done.stderr
        wait_until(lambda: _parked(tmp_path) == [])
    said = json.loads(daybook("parked", "discards", "--json", folder=tmp_path).stdout)
    assert (said["order_id"], said["who"], said["why"]) == ("o-1", "ann", "unreadable")


def _parked(folder: Path) -> list[str]:
    out = daybook("parked", "list", "order", "--json", folder=folder).stdout
    return [json.loads(line)["order_id"] for line in out.splitlines()]
