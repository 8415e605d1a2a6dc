"""An older log is restored under a running stack: noticed, refused, reported, mended by the guide.

docs/operations/backup-and-restore.md promises it.
"""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from runtime.model_names import MODEL_NAMES
from tests.conftest import lacking
from tests.parts.kafka import Missing, java
from tests.stack.comparing import replayed, rows
from tests.stack.processes import stop
from tests.stack.running import Stack, stack
from tests.waiting import HUNG_S, wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Stack]:
    try:
        with stack(folder=tmp_path / "log", DAYBOOK_SWEEP_S="600") as up:
            yield up
    except Missing as missing:
        lacking(str(missing))


def test_an_older_log_is_noticed_by_the_relay_and_by_every_read_model(
    running: Stack, tmp_path: Path
) -> None:
    if running.kafka is None:
        pytest.skip("the topic is to be deleted: on a broker of our own alone")
    place(running, range(5))
    backup = tmp_path / "backup.db"
    copied = running.daybook("migrate", "--to", f"sqlite:///{backup}")
    assert copied.returncode == 0, copied.stderr.decode()
    # No sweep comes by: what is newer than the backup is seconds old, as far as Daybook knows.
    place(running, range(5, 9))
    running.caught_up()

    stop(running.processes)
    restore(running, backup)
    for process in running.processes:
        process.start_again()
    api = next(process for process in running.processes if process.name == "api")
    assert api.child.wait(timeout=HUNG_S) == 3
    advice = "daybook check --accept-loss"
    # A thread of ours writes what it said, and may do so after it has ended.
    wait_until(lambda: advice in (running.places.folder / "api.log").read_text())
    wait_until(lambda: all(model["state"] == "paused" for model in models(running)))
    assert all(advice in model["reason"] for model in models(running))
    wait_until(lambda: advice in (running.places.folder / "relay.log").read_text())
    wait_until(lambda: any(trouble.startswith("relay: ") for trouble in running.troubles()))
    assert running.daybook("status").returncode == 1

    # As the guide says.
    stop(running.processes)
    accepted = running.daybook("check", "--accept-loss", "--reason", "restored the backup")
    assert accepted.returncode == 0, accepted.stderr.decode()
    delete_topic(running)
    rebuilt = running.daybook("replay", "--all")
    assert rebuilt.returncode == 0, rebuilt.stderr.decode()
    running.start_again()
    place(running, range(9))
    wait_until(lambda: running.troubles() == [])
    running.caught_up()
    assert running.get("/v1/orders/summary")["EUR"]["orders"] == 9
    for name in MODEL_NAMES:
        assert rows(running.postgres, f"daybook_{name}") == replayed(running, name)


def place(running: Stack, numbers: range) -> None:
    """Each with its key: what is stored already is answered from the log."""
    for number in numbers:
        item = {"product_id": "tea", "quantity": 1, "price_cents": 100 + number}
        order = {"order_id": f"o-{number}", "customer_id": "c", "currency": "EUR", "items": [item]}
        key = {"Idempotency-Key": f"k-{number}"}
        answer = httpx.post(f"{running.url}/v1/orders", json=order, headers=key, timeout=HUNG_S)
        assert answer.status_code == 201, answer.text


def restore(running: Stack, backup: Path) -> None:
    log = Path(running.places.store.removeprefix("sqlite:///"))
    for end in ("", "-wal", "-shm"):
        log.with_name(log.name + end).unlink(missing_ok=True)
    shutil.copy(backup, log)


def models(running: Stack) -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads(running.daybook("status", "--json").stdout)
    return found


def delete_topic(running: Stack) -> None:
    bootstrap = running.places.bus.removeprefix("kafka://")
    topic = ("--delete", "--topic", "daybook.order-events")
    command = java("org.apache.kafka.tools.TopicCommand", "--bootstrap-server", bootstrap, *topic)
    subprocess.run(command, check=True, capture_output=True, timeout=60)
