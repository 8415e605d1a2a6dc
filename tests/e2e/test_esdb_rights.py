"""A right that the user of EventStoreDB loses under a running server."""

import asyncio
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

pytest.importorskip("esdbclient")

from tests.e2e.running import Running, serving
from tests.esdb_stub.faults import Call, Fault
from tests.esdb_stub.server import Stub, stub
from tests.waiting import wait_until


@pytest.mark.parametrize(
    ("call", "stream", "right"),
    [
        ("append", "order-", "write ($w) on the streams order-*"),
        ("read", "$$order-", "reading of metadata ($mr) on the streams order-*"),
        ("read", "order-", "read ($r) on the streams order-*"),
        ("read", "", "read ($r) on $all"),
    ],
)
async def test_it_is_named_in_health_and_log_until_it_is_given_back(
    tmp_path: Path, call: Call, stream: str, right: str
) -> None:
    async with stub() as server:
        await asyncio.to_thread(_lose_and_get_back, tmp_path, server, call, stream, right)


def _lose_and_get_back(folder: Path, server: Stub, call: Call, stream: str, right: str) -> None:
    with serving(folder, "--no-workers", STORE=server.uri) as running:
        assert _place(running).status_code == 201
        assert running.health().status_code == 200

        server.hooks.add(Fault.ACCESS_DENIED, on=call, stream=stream)
        refused = _place(running) if call == "append" else _note_on_an_unknown_order(running)
        assert refused.status_code == 503, refused.text
        health = running.health()
        assert (health.status_code, right in health.text) == (503, True), health.text
        assert right in running.err.read_text()

        server.hooks.clear()
        wait_until(lambda: running.health().status_code == 200)  # though no command comes
        assert _place(running).status_code == 201


def _place(running: Running) -> httpx.Response:
    item = {"product_id": "tea", "quantity": 2, "price_cents": 990}
    body = {"customer_id": "ada", "currency": "EUR", "items": [item]}
    return running.post("/v1/orders", {"order_id": f"o-{uuid4()}", **body})


def _note_on_an_unknown_order(running: Running) -> httpx.Response:
    return running.post(f"/v1/orders/o-{uuid4()}/add-note", {"note_id": "n", "text": "hello"})
