"""A damaged read model affects no other: the others answer, and health names the damaged one."""

import json
import os
import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, replace
from pathlib import Path

import httpx
import pytest

from api.app import create_app
from projections.models import MODELS
from projections.monitor.status import status
from projections.storage.database import ReadDatabase
from projections.storage.heartbeats import WorkerState
from projections.storage.sqlite.heartbeats import write_report
from replay.rebuild import rebuild
from tests.api.conftest import BASE_URL, START, Api

SAID = WorkerState(
    name="order",
    pid=os.getpid(),
    state="running",
    reason="",
    generation=1,
    position=1,
    heartbeat=START.isoformat(),
)

OTHERS_RUN = ["running"] * (len(MODELS) - 1)
LISTS = {
    "order": "/v1/orders",
    "shipment": "/v1/shipments",
    "payment": "/v1/payments/trial-balance",
    "audit": "/v1/audit",
}


def sql(statement: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        with closing(sqlite3.connect(folder / "order.g1.db", isolation_level=None)) as conn:
            conn.execute(statement)

    return change


def forty_bytes(place: int | bytes) -> Callable[[Path], None]:
    """place: in the file; or the bytes that they begin with."""

    def change(folder: Path) -> None:
        path = folder / "order.g1.db"
        with closing(sqlite3.connect(path, isolation_level=None)) as conn:
            conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        content = bytearray(path.read_bytes())
        start = place if isinstance(place, int) else content.index(place)
        content[start : start + 40] = random.Random(1).randbytes(40)
        path.write_bytes(content)

    return change


def pointer(content: bytes) -> Callable[[Path], None]:
    return lambda folder: (folder / "order.live").write_bytes(content) and None


DAMAGES = {
    "its header": forty_bytes(0),
    "its schema": forty_bytes(b"CREATE TABLE orders"),
    "its list of tables": forty_bytes(101),
    "a text": sql("UPDATE orders SET customer_id = CAST(x'ff' AS TEXT)"),
    "its parked orders": sql("UPDATE parked SET order_id = CAST(x'ff' AS TEXT)"),
    "a table": sql("DROP TABLE orders"),
    "its own tables": sql("DROP TABLE checkpoint"),
    "its file": lambda folder: (folder / "order.g1.db").unlink(),
    "its pointer": pointer(b"\xff{"),
    "its pointer, which still is JSON": pointer(b'{"live": "one", "previous": null, "last": 1}'),
}


@pytest.fixture
async def client(api: Api, tmp_path: Path) -> httpx.AsyncClient:
    """A server whose workers send heartbeats, with an order and a parked one in each model."""
    await api.place("o1")
    await api.place("o2")
    await api.send("add-note", "o2", note_id="n", text="x")
    await api.catch_up(but_for="NoteAdded")
    workers = tmp_path / "workers"
    for name in MODELS:
        write_report(workers, replace(SAID, name=name))
    databases: list[ReadDatabase] = list(api.services.databases.values())
    services = replace(
        api.services, status=lambda **_: status(databases, api.services.store, workers, START)
    )
    return httpx.AsyncClient(transport=httpx.ASGITransport(create_app(services)), base_url=BASE_URL)


@pytest.mark.parametrize("damaged", DAMAGES)
async def test_its_lists_are_unavailable_and_the_others_are_reported_as_they_are(
    client: httpx.AsyncClient, tmp_path: Path, damaged: str
) -> None:
    DAMAGES[damaged](tmp_path)
    async with client:
        answers = {name: await client.get(route) for name, route in LISTS.items()}
        models = (await client.get("/v1/projections")).json()["items"]
        health = await client.get("/healthz")
        metrics = await client.get("/metrics")

    order = answers.pop("order")
    if damaged not in ("its parked orders", "its own tables"):
        assert (order.status_code, order.json()["type"]) == (
            503,
            "/problems#read-model-unavailable",
        )
    assert [answer.status_code for answer in answers.values()] == [200] * 3
    states = {model["name"]: model["state"] for model in models}
    assert states.pop("order") == "unreadable"
    assert set(states.values()) == {"running"}
    assert health.status_code == 503
    assert "order: unreadable, cannot be read, run `daybook replay order`" in health.text
    assert metrics.status_code == 200
    assert 'daybook_projection_healthy{projection="order"} 0.0' in metrics.text


async def test_a_rebuilt_read_model_is_healthy_again(
    client: httpx.AsyncClient, api: Api, tmp_path: Path
) -> None:
    DAMAGES["a text"](tmp_path)
    async with client:
        assert (await client.get("/v1/orders")).status_code == 503
        assert "unreadable" in (await client.get("/healthz")).text
        await rebuild(MODELS["order"], api.urls["order"], api.services.store)
        assert (await client.get("/v1/orders")).status_code == 200
        assert "unreadable" not in (await client.get("/healthz")).text


@pytest.mark.parametrize(
    "content",
    [
        b"\xff",
        b"[]",
        b'{"name": "order"}',
        *(
            json.dumps(asdict(SAID) | change).encode()
            for change in (
                {"pid": -1},
                {"pid": 2**40},
                {"pid": "1"},
                {"state": "dancing"},
                {"heartbeat": "yesterday"},
                {"heartbeat": "2026-11-23T09:00:00"},
            )
        ),
    ],
)
async def test_a_state_of_a_worker_that_is_damaged_hides_no_other(
    client: httpx.AsyncClient, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "workers" / "order.worker.json").write_bytes(content)
    async with client:
        models = (await client.get("/v1/projections")).json()["items"]
    assert [model["state"] for model in models] == ["never started", *OTHERS_RUN]


async def test_a_state_of_a_worker_that_cannot_be_read_hides_no_other(
    client: httpx.AsyncClient, tmp_path: Path
) -> None:
    path = tmp_path / "workers" / "order.worker.json"
    path.unlink()
    path.mkdir()
    async with client:
        models = (await client.get("/v1/projections")).json()["items"]
    assert [model["state"] for model in models] == ["unreachable", *OTHERS_RUN]
