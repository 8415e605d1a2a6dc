"""The program on EventStoreDB, as a user runs it: on the protocol stub as a process of its own.

With DAYBOOK_TEST_ESDB_URL the tests that stop no server and count no events run on that one.
"""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from runtime.model_names import MODEL_NAMES
from tests.given import given

pytest.importorskip("esdbclient")

from tests.e2e.running import ROOT, Running, daybook, environment, serving
from tests.waiting import HUNG_S, wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

ITEM = {"product_id": "tea", "quantity": 2, "price_cents": 990}


class StubProcess:
    """The stub, its log kept in a file, so that it can be killed and come back."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._port = 0
        self._child: subprocess.Popen[str] | None = None
        self.url = ""

    def start(self) -> None:
        self._child = subprocess.Popen(
            [
                *(sys.executable, "-m", "tests.esdb_stub"),
                *("--port", str(self._port), "--data", str(self._data)),
            ],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._child.stdout is not None
        self.url = self._child.stdout.readline().strip()
        self._port = int(self.url.partition("?")[0].rpartition(":")[2])

    def kill(self) -> None:
        assert self._child is not None
        assert self._child.stdout is not None
        self._child.kill()
        self._child.wait()
        self._child.stdout.close()


@pytest.fixture
def node(tmp_path: Path) -> Iterator[StubProcess]:
    stub = StubProcess(tmp_path / "stub.log")
    stub.start()
    yield stub
    stub.kill()


@contextmanager
def server_url(tmp_path: Path) -> Iterator[str]:
    url = given("ESDB_URL")
    if url:
        yield url
        return
    stub = StubProcess(tmp_path / "stub.log")
    stub.start()
    yield stub.url
    stub.kill()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[str]:
    with server_url(tmp_path) as url:
        yield url


def place(running: Running, order_id: str) -> httpx.Response:
    body = {"order_id": order_id, "customer_id": "ada", "currency": "EUR", "items": [ITEM]}
    return httpx.post(f"{running.url}/v1/orders", json=body, timeout=HUNG_S)


def note(running: Running, order_id: str, number: int, **headers: str) -> httpx.Response:
    body = {"note_id": f"n{number}", "text": "hello"}
    url = f"{running.url}/v1/orders/{order_id}/add-note"
    return httpx.post(url, json=body, headers=headers, timeout=HUNG_S)


def orders(count: int) -> list[str]:
    return [f"o-{uuid4()}" for _ in range(count)]


def lines(order_ids: list[str]) -> bytes:
    commands: list[dict[str, Any]] = []
    for order_id in order_ids:
        about = {"order_id": order_id, "command_id": f"place-{order_id}"}
        more = {"customer_id": "ada", "currency": "EUR", "items": [ITEM]}
        commands.append({"command": "place-order"} | about | more)
        about = {"order_id": order_id, "command_id": f"note-{order_id}"}
        commands.append({"command": "add-note", "note_id": "n", "text": "hello"} | about)
    return b"".join(json.dumps(command).encode() + b"\n" for command in commands)


def test_the_server_stores_and_shows_orders_and_stops(store: str, tmp_path: Path) -> None:
    [order_id] = orders(1)
    with serving(tmp_path / "a", STORE=store) as running:
        wait_until(lambda: running.health().status_code == 200)
        placed = place(running, order_id)
        assert placed.status_code == 201, placed.text
        assert note(running, order_id, 1).json()["revision"] == 1
        view = running.get(f"/v1/orders/{order_id}/payments", min_revision=1)
        assert view["order_id"] == order_id
        running.caught_up()
        models = running.get("/v1/projections")["items"]
        assert [model["behind"] for model in models] == [False for _ in MODEL_NAMES]
        running.child.send_signal(signal.SIGTERM)
        assert running.child.wait(timeout=HUNG_S) == 0
    errors = running.err.read_text()
    assert "Traceback" not in errors, errors


def test_several_servers_on_one_log_see_each_other_and_agree(store: str, tmp_path: Path) -> None:
    [order_id] = orders(1)
    with (
        serving(tmp_path / "a", STORE=store) as first,
        serving(tmp_path / "b", "--no-workers", STORE=store) as second,
    ):
        assert place(first, order_id).status_code == 201
        wait_until(lambda: first.health().status_code == 200)
        for number in range(10):
            server = (second, first)[number % 2]
            answer = note(server, order_id, number, **{"If-Match": f'"{number}"'})
            assert (answer.status_code, answer.json()["revision"]) == (200, number + 1)
        stale = note(second, order_id, 11, **{"If-Match": '"3"'})
        assert stale.status_code == 412
        key = {"Idempotency-Key": "once"}
        answers = [note(server, order_id, 12, **key).json() for server in (first, second)]
        assert [answer["replayed"] for answer in answers] == [False, True]
        assert first.get(f"/v1/orders/{order_id}/shipments", min_revision=11)


def test_a_file_of_commands_is_submitted_replayed_and_checked(
    node: StubProcess, tmp_path: Path
) -> None:
    file = tmp_path / "orders.ndjson"
    file.write_bytes(lines(orders(100)))
    folder = tmp_path / "data"
    for replayed in (0, 200):
        submitted = daybook("submit", str(file), "--json", folder=folder, STORE=node.url)
        assert submitted.returncode == 0, submitted.stderr.decode()
        summary = json.loads(submitted.stdout)
        assert (summary["accepted"], summary["replayed"]) == (200, replayed)

    rebuilt = daybook("replay", "--all", "--json", "--progress", folder=folder, STORE=node.url)
    assert rebuilt.returncode == 0, rebuilt.stderr.decode()
    assert b"bytes of the log" in rebuilt.stderr
    models = json.loads(daybook("status", "--json", folder=folder, STORE=node.url).stdout)
    assert [(model["behind"], model["lag"], model["parked"]) for model in models] == [
        (False, 0, 0) for _ in MODEL_NAMES
    ]
    exported = daybook("audit", "export", folder=folder, STORE=node.url)
    assert exported.returncode == 0, exported.stderr.decode()
    checked = daybook("check", "--json", folder=folder, STORE=node.url)
    assert checked.returncode == 0, checked.stderr.decode()
    found = json.loads(checked.stdout)
    assert found["events"] == 200
    assert found["server"]

    more = tmp_path / "more.ndjson"
    more.write_bytes(lines(orders(1)))
    assert daybook("submit", str(more), folder=folder, STORE=node.url).returncode == 0
    models = json.loads(daybook("status", "--json", folder=folder, STORE=node.url).stdout)
    assert [(model["behind"], model["lag"]) for model in models] == [(True, None)] * len(
        MODEL_NAMES
    )


def test_a_node_that_is_killed_and_comes_back_costs_nothing_acknowledged(
    node: StubProcess, tmp_path: Path
) -> None:
    ids = orders(10)
    with serving(tmp_path / "a", STORE=node.url) as running:
        assert {place(running, order_id).status_code for order_id in ids} == {201}
        running.caught_up()
        node.kill()
        refused = place(running, orders(1)[0])
        assert refused.status_code == 503
        assert refused.headers["retry-after"]
        assert "password" not in refused.text
        node.start()
        wait_until(lambda: note(running, ids[0], 1).status_code == 200)
        wait_until(lambda: running.health().status_code == 200)
        assert running.get(f"/v1/orders/{ids[0]}/payments", min_revision=1)
        for order_id in ids:
            assert running.get(f"/v1/orders/{order_id}")["order_id"] == order_id


def test_check_says_what_is_wrong_with_the_server_and_never_the_password(tmp_path: Path) -> None:
    checked = daybook("check", folder=tmp_path, STORE="esdb://ops:hunter2@127.0.0.1:9")

    assert checked.returncode == 3
    assert b"127.0.0.1:9 cannot be reached: is it started" in checked.stderr
    assert b"hunter2" not in checked.stderr + checked.stdout


def test_without_the_client_it_says_what_to_install(tmp_path: Path) -> None:
    hidden = "import sys; sys.modules['esdbclient'] = None; from daybook import main; main()"
    child = subprocess.run(
        [sys.executable, "-c", hidden, "status"],
        cwd=ROOT,
        env=environment(tmp_path, STORE="esdb://127.0.0.1?Tls=false"),
        capture_output=True,
        check=False,
    )

    assert child.returncode == 3, child.stderr
    assert b"pip install 'daybook[esdb]'" in child.stderr
