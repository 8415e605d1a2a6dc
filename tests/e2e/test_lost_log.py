"""A log that lost its end or its file is no new log: nothing is written until a person decides."""

import json
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.e2e.running import Running, daybook, serving
from tests.waiting import wait_until

pytestmark = pytest.mark.e2e

BEFORE, AFTER = range(3), range(3, 6)
"""Orders that are in the file itself, and orders that are in its write-ahead log."""


def place(server: Running, number: int) -> httpx.Response:
    item = {"product_id": "tea", "quantity": 1, "price_cents": 100 + number}
    order = {"order_id": f"o-{number}", "customer_id": "c", "currency": "EUR", "items": [item]}
    key = {"Idempotency-Key": f"k-{number}"}
    return server.post("/v1/orders", order, **key)


def killed_with_a_tail(folder: Path) -> None:
    """A log whose server was killed: its last events are in the write-ahead log alone."""
    for orders in (BEFORE, AFTER):
        with serving(folder) as server:
            for number in orders:
                assert place(server, number).status_code == 201
            server.caught_up()
            if orders is AFTER:
                server.child.kill()
                server.child.wait()


def flip_a_bit_in_the_wal(folder: Path) -> None:
    wal = folder / "ledger.db-wal"
    content = bytearray(wal.read_bytes())
    content[len(content) // 2] ^= 1
    wal.write_bytes(content)


def delete_the_wal(folder: Path) -> None:
    (folder / "ledger.db-wal").unlink()
    (folder / "ledger.db-shm").unlink(missing_ok=True)


def delete_the_log(folder: Path) -> None:
    for end in ("", "-wal", "-shm"):
        (folder / f"ledger.db{end}").unlink(missing_ok=True)


LOSSES = [flip_a_bit_in_the_wal, delete_the_wal, delete_the_log]


def refused(folder: Path, *arguments: str, stdin: bytes | None = None) -> None:
    """The command writes nothing and says what to do."""
    done = daybook(*arguments, folder=folder, stdin=stdin)
    said = done.stderr.decode()
    assert done.returncode == 3, said
    assert "the log does not have what was in it" in said
    assert "Restore the whole log" in said
    assert 'daybook check --accept-loss --reason "..."' in said


@pytest.mark.parametrize("lose", LOSSES)
def test_a_lost_end_is_refused_until_it_is_accepted(
    lose: Callable[[Path], None], tmp_path: Path
) -> None:
    folder = tmp_path / "data"
    killed_with_a_tail(folder)
    lose(folder)

    refused(folder, "serve")
    accepted = daybook("check", "--accept-loss", "--reason", "the disk is gone", folder=folder)
    assert accepted.returncode == 0, accepted.stderr.decode()
    [loss] = map(json.loads, (folder / "ledger.db.losses").read_text().splitlines())
    assert loss["events"]
    with serving(folder, "--no-workers") as server:
        assert place(server, AFTER[0]).status_code == 201


def test_no_command_goes_on_after_a_lost_end_until_it_is_accepted_and_then_all_do(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "data"
    killed_with_a_tail(folder)
    delete_the_wal(folder)

    line = {"command": "add-note", "command_id": "n", "order_id": "o-0", "note_id": "n", "text": ""}
    refused(folder, "submit", "-", stdin=json.dumps(line).encode())
    refused(folder, "replay", "--all")
    checked = daybook("check", "--json", folder=folder)
    assert checked.returncode == 1, checked.stderr.decode()
    findings = json.loads(checked.stdout)["findings"]
    assert any("and the log does not" in finding["message"] for finding in findings)
    assert daybook("check", "--accept-loss", folder=folder).returncode == 2

    accepted = daybook("check", "--accept-loss", "--reason", "the disk is gone", folder=folder)
    assert accepted.returncode == 0, accepted.stderr.decode()
    assert b"daybook replay --all" in accepted.stderr
    [loss] = map(json.loads, (folder / "ledger.db.losses").read_text().splitlines())
    assert loss["why"] == "the disk is gone"
    assert loss["who"]
    assert loss["events"]

    with serving(folder) as server:
        for number in (*BEFORE, *AFTER):
            assert place(server, number).status_code == 201
        rebuilt = daybook("replay", "--all", folder=folder)  # as `check` has said
        assert rebuilt.returncode == 0, rebuilt.stderr.decode()
        wait_until(lambda: server.health().status_code == 200)
        server.caught_up()
        assert server.get("/v1/orders/summary")["EUR"]["orders"] == len(BEFORE) + len(AFTER)
    checked = daybook("check", folder=folder)
    assert checked.returncode == 0, checked.stdout.decode()


def test_what_is_all_there_is_taken_as_it_is(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    killed_with_a_tail(folder)

    with serving(folder) as server:
        server.caught_up()
    accepted = daybook("check", "--accept-loss", "--reason", "just in case", folder=folder)

    assert b"there is no loss to accept" in accepted.stdout
    assert not (folder / "ledger.db.losses").exists()
    assert daybook("check", folder=folder).returncode == 0


def test_a_read_model_that_cannot_be_reached_is_said_and_stops_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    nobody = "postgresql+asyncpg://u:p@127.0.0.1:1/d"
    with serving(folder, "--no-workers", AUDIT_DB=nobody) as server:
        assert place(server, 0).status_code == 201
        wait_until(lambda: "the read model audit cannot be read" in server.err.read_text())


def test_a_server_whose_log_is_deleted_takes_nothing_more_and_says_so(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with serving(folder) as server:
        assert place(server, 0).status_code == 201
        server.caught_up()
        for end in ("", "-wal", "-shm"):
            (folder / f"ledger.db{end}").unlink()

        wait_until(lambda: place(server, 1).json().get("type") == "/problems#log-lost-events")
        assert place(server, 0).status_code == 503
        assert server.health().status_code == 503
        assert "ledger.db is gone" in server.health().text
    refused(folder, "serve")
