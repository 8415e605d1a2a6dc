"""SIGTERM under load, and starts that must not happen."""

import asyncio
import contextlib
import signal
import socket
import sqlite3
from pathlib import Path

import httpx
import pytest

from eventstore.record.codec import decode
from eventstore.stores import open_store
from eventstore.verified import ALTERED_MAX
from tests.e2e.composed import FAILS_AFTER, open_cheating, open_failing, server
from tests.e2e.load import Load
from tests.e2e.running import Running, daybook, serving
from tests.waiting import HUNG_S

pytestmark = pytest.mark.e2e


async def test_sigterm_under_load_loses_nothing_acknowledged(tmp_path: Path) -> None:
    with serving(tmp_path) as running:
        load = Load(running.url, "s")
        loading = asyncio.create_task(load.run())
        await load.acknowledged_at_least(200)
        running.child.send_signal(signal.SIGTERM)
        code = await asyncio.to_thread(running.child.wait, HUNG_S)
        await loading
    assert code == 0, running.err.read_text()
    assert load.others == []
    stored = await _orders(tmp_path)
    # In order: what was under way was answered, so that nothing is stored and not acknowledged.
    assert set(load.acknowledged) == stored


async def test_a_server_that_answers_before_the_commit_is_caught_by_sigterm(tmp_path: Path) -> None:
    async with server(tmp_path, open_cheating) as (process, url):
        load = Load(url, "c")
        loading = asyncio.create_task(load.run())
        await load.acknowledged_at_least(20)
        process.terminate()
        await asyncio.to_thread(process.join, HUNG_S)
        await loading
    assert set(load.acknowledged) - await _orders(tmp_path)


async def test_sigterm_in_a_bulk_stream_keeps_every_line_that_was_answered(tmp_path: Path) -> None:
    with serving(tmp_path, "--no-workers", STOP_S="1") as running:
        answered = await _stream_until_closed(running)
        code = await asyncio.to_thread(running.child.wait, HUNG_S)
    assert code == 0, running.err.read_text()
    assert len(answered) >= 100
    assert answered <= await _orders(tmp_path)


def test_after_a_stop_the_next_server_goes_on_where_it_was(tmp_path: Path) -> None:
    for number in range(2):
        with serving(tmp_path) as running:
            body = {"order_id": f"o-{number}", "customer_id": "c", "currency": "EUR"}
            item = {"product_id": "tea", "quantity": 1, "price_cents": 1}
            answer = httpx.post(
                f"{running.url}/v1/orders", json=body | {"items": [item]}, timeout=HUNG_S
            )
            assert (answer.status_code, answer.json()["position"]) == (201, number + 1)
            running.caught_up()
            assert running.get("/v1/orders/summary")["EUR"]["orders"] == number + 1


def test_a_second_writer_is_refused_and_told_who_writes(tmp_path: Path) -> None:
    with serving(tmp_path, "--no-workers") as running:
        second = daybook("serve", folder=tmp_path)
        submitted = daybook("submit", "-", folder=tmp_path, stdin=b"")
    for refused in (second, submitted):
        assert refused.returncode == 3
        assert f"process {running.child.pid}" in refused.stderr.decode()
        assert b"Traceback" not in refused.stderr


def test_a_port_in_use_is_said_with_what_to_do(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        refused = daybook("serve", folder=tmp_path, PORT=port)
    assert refused.returncode == 3
    assert f"cannot listen on 127.0.0.1:{port}" in refused.stderr.decode()
    assert b"DAYBOOK_PORT" in refused.stderr
    assert not (tmp_path / "ledger.db").exists()


@pytest.mark.parametrize("command", [("serve",), ("worker",), ("status",), ("check",)])
def test_a_typo_in_a_setting_stops_every_command(tmp_path: Path, command: tuple[str]) -> None:
    refused = daybook(*command, folder=tmp_path, ALOWED_HOSTS="ledger.example.org")
    assert refused.returncode == 2
    assert refused.stderr.decode() == (
        "daybook: DAYBOOK_ALOWED_HOSTS is no setting; did you mean DAYBOOK_ALLOWED_HOSTS?\n"
    )


async def test_a_log_that_fails_ends_the_server_with_nothing_acknowledged_lost(
    tmp_path: Path,
) -> None:
    async with server(tmp_path, open_failing) as (process, url):
        load = Load(url, "f")
        await load.run()
        await asyncio.to_thread(process.join, HUNG_S)
        assert process.exitcode == 3
    assert set(load.others) == {503}
    assert 0 < len(load.acknowledged) < FAILS_AFTER
    assert set(load.acknowledged) == await _orders(tmp_path)


def test_a_log_damaged_at_many_orders_is_refused_at_start_with_a_position(tmp_path: Path) -> None:
    line = (
        b'{"command":"place-order","order_id":"o-%d","customer_id":"c","currency":"EUR",'
        b'"items":[{"product_id":"t","quantity":1,"price_cents":1}]}\n'
    )
    orders = ALTERED_MAX + 1
    lines = b"".join(line % number for number in range(orders))
    assert daybook("submit", "-", folder=tmp_path, stdin=lines).returncode == 0
    _damage(tmp_path / "ledger.db")
    refused = daybook("serve", folder=tmp_path)
    assert refused.returncode == 3
    assert b"position 1: its hash is not that of its content" in refused.stderr
    assert b"Traceback" not in refused.stderr


def test_a_public_bind_is_refused(tmp_path: Path) -> None:
    refused = daybook("serve", folder=tmp_path, HOST="0.0.0.0")
    assert refused.returncode == 2
    assert b"DAYBOOK_HOST: this version has no authentication" in refused.stderr


def test_a_log_in_memory_is_served_with_its_workers_inside(tmp_path: Path) -> None:
    with serving(tmp_path, STORE="memory://") as running:
        body = {"order_id": "o-1", "customer_id": "c", "currency": "EUR"}
        item = {"product_id": "tea", "quantity": 1, "price_cents": 1}
        running.post("/v1/orders", body | {"items": [item]})
        running.caught_up()
        assert running.get("/v1/orders/summary")["EUR"]["orders"] == 1
        assert {model["pid"] for model in running.get("/v1/projections")["items"]} == {
            running.child.pid
        }
    assert {path.name for path in tmp_path.iterdir()} == {"serve.err"}


@pytest.mark.parametrize("command", [("submit", "-"), ("worker",), ("replay", "--all")])
def test_a_log_in_memory_is_refused_where_nobody_could_see_it(
    tmp_path: Path, command: tuple[str, ...]
) -> None:
    refused = daybook(*command, folder=tmp_path, STORE="memory://", stdin=b"")
    assert refused.returncode == 2
    assert b"sqlite:///<path>" in refused.stderr


def _damage(path: Path) -> None:
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("DROP TRIGGER events_are_never_changed")
        connection.execute(
            "UPDATE events SET data = CAST(replace(CAST(data AS TEXT), 'EUR', 'USD') AS BLOB)"
        )
    connection.close()


async def _stream_until_closed(running: Running) -> set[str]:
    """The orders of a stream that the server broke off, as far as they were answered."""
    reader, writer = await asyncio.open_connection("127.0.0.1", httpx.URL(running.url).port)
    writer.write(
        b"POST /v1/commands HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        b"Content-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    feeding = asyncio.create_task(_feed(writer))
    answered: set[str] = set()
    with contextlib.suppress(ConnectionResetError):  # it is broken off in the middle of our sending
        while line := await reader.readline():
            if line.startswith(b'{"line"') and line.endswith(b"}\n") and b'"status":201' in line:
                answered.add(line.split(b'"order_id":"')[1].split(b'"')[0].decode())
                if len(answered) == 100:
                    running.child.send_signal(signal.SIGTERM)
    feeding.cancel()
    await asyncio.gather(feeding, return_exceptions=True)
    writer.close()
    return answered


async def _feed(writer: asyncio.StreamWriter) -> None:
    number = 0
    while True:
        number += 1
        line = (
            b'{"command":"place-order","command_id":"k%d","order_id":"b-%d","customer_id":"c",'
            b'"currency":"EUR","items":[{"product_id":"t","quantity":1,"price_cents":1}]}\n'
        ) % (number, number)
        writer.write(b"%x\r\n%b\r\n" % (len(line), line))
        await writer.drain()


async def _orders(folder: Path) -> set[str]:
    store = open_store(f"sqlite:///{folder}/ledger.db")
    try:
        return {decode(event).order_id async for page in store.read_all() for event in page}
    finally:
        await store.aclose()
