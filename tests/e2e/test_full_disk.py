"""The whole program on a disk that is full: it refuses, loses nothing, and goes on with room."""

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from eventstore.record.codec import decode
from eventstore.stores import open_store
from runtime.model_names import MODEL_NAMES
from tests.disks import small_disk
from tests.e2e.composed import open_forgiving, server
from tests.e2e.load import Load
from tests.e2e.running import Running, daybook, serving
from tests.waiting import HUNG_S, wait_until

DISK_MEBIBYTES = 80
BALLAST_BYTES = 60 * 1024 * 1024
REFUSED_MIN = 50
MORE_THAN_FIT = 8_000
FULL = {"log", *MODEL_NAMES}

pytestmark = pytest.mark.e2e


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "small", mebibytes=DISK_MEBIBYTES) as folder:
        (folder / "ballast").write_bytes(bytes(BALLAST_BYTES))
        yield folder


async def test_on_a_full_disk_commands_are_refused_and_with_room_all_goes_on(disk: Path) -> None:
    with serving(disk) as running:
        load = Load(running.url, "d")
        async with _loading(load):
            await _until(lambda: len(load.refused) > REFUSED_MIN)
        # Somebody else takes what little a checkpoint may have made free.
        _fill(disk / "rest")
        refused = await asyncio.to_thread(_until_refused, running.url)
        # A worker that says so goes on beating: it is not called wedged.
        await asyncio.to_thread(wait_until, lambda: _full(running) == FULL)
        shown = daybook("status", folder=disk)
        orders = await asyncio.to_thread(running.get, "/v1/orders/" + load.acknowledged[0])
        for name in ("ballast", "rest"):
            (disk / name).unlink()
        await asyncio.to_thread(wait_until, lambda: _place(running.url, "room").status_code == 201)
        await asyncio.to_thread(running.caught_up, within_s=2 * HUNG_S)
        counted = await asyncio.to_thread(running.get, "/v1/orders/summary")
        trial = await asyncio.to_thread(running.get, "/v1/payments/trial-balance")

    assert (shown.returncode, b"disk full" in shown.stdout) == (1, True)
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.headers["retry-after"] == "30"
    assert refused.json()["type"] == "/problems#storage-full"
    assert set(load.others) == {503}
    assert orders["order_id"] == load.acknowledged[0]
    stored = await _orders(disk)
    assert len(load.acknowledged) > REFUSED_MIN
    assert stored.issuperset(load.acknowledged)
    assert stored.isdisjoint(load.refused)
    assert counted["EUR"]["orders"] == len(stored)
    assert trial["EUR"]["sum"] == 0
    # A disk of its own is large enough for this: every event is whole, every chain unbroken.
    whole = disk.parent / "whole"
    shutil.copytree(disk, whole, ignore=shutil.ignore_patterns("*.lock"))
    checked = daybook("check", folder=whole)
    assert checked.returncode == 0, checked.stdout


async def test_a_server_that_acknowledges_what_found_no_room_is_caught(disk: Path) -> None:
    async with server(disk, open_forgiving) as (process, url):
        load = Load(url, "c")
        async with _loading(load):
            await _until(lambda: len(load.acknowledged) > MORE_THAN_FIT)
        process.terminate()
        await asyncio.to_thread(process.join, HUNG_S)
    (disk / "ballast").unlink()
    assert len(set(load.acknowledged) - await _orders(disk)) > 100


@asynccontextmanager
async def _loading(load: Load) -> AsyncIterator[None]:
    running = asyncio.create_task(load.run())
    try:
        yield
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(2 * HUNG_S):
        while not holds():  # noqa: ASYNC110 (what is waited for is counted elsewhere)
            await asyncio.sleep(0.01)


def _full(running: Running) -> set[str]:
    """What is full, where that is all that is wrong."""
    troubles = running.health().json()["troubles"]
    full = {said.partition(":")[0] for said in troubles if "disk full: make room" in said}
    return full if len(full) == len(troubles) else set()


def _fill(path: Path) -> None:
    with contextlib.suppress(OSError), path.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(64 * 1024))


def _until_refused(url: str) -> httpx.Response:
    for number in range(5_000):
        answer = _place(url, f"more-{number}")
        if answer.status_code != 201:
            return answer
    raise AssertionError("the disk was never full again")


def _place(url: str, order_id: str) -> httpx.Response:
    item = {"product_id": "tea", "quantity": 1, "price_cents": 990}
    body = {"order_id": order_id, "customer_id": "c-1", "currency": "EUR", "items": [item]}
    return httpx.post(f"{url}/v1/orders", json=body, timeout=HUNG_S)


async def _orders(folder: Path) -> set[str]:
    store = open_store(f"sqlite:///{folder}/ledger.db")
    try:
        return {decode(event).order_id async for page in store.read_all() for event in page}
    finally:
        await store.aclose()
