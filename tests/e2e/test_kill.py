"""kill -9 under load: whatever was acknowledged is in the log, fifty times over."""

import asyncio
import os
import signal
from pathlib import Path

import pytest

from api.composition import OpenLog, open_log
from eventstore.port import Position
from eventstore.record.chain import Links, verify_chain
from eventstore.record.codec import decode
from eventstore.stores import open_store
from tests.e2e.composed import open_cheating, server
from tests.e2e.load import Load
from tests.given import amount

ROUNDS = amount("KILLS", quick=10, deep=50)
CONTROL_ROUNDS = 3
LOAD_S = 0.25

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


class Log:
    """The log as it is found after a kill, read on from where the last look ended."""

    def __init__(self, folder: Path) -> None:
        self._url = f"sqlite:///{folder}/ledger.db"
        self._links: Links = {}
        self._after: Position | None = None
        self.orders: set[str] = set()

    async def look(self) -> None:
        """Opens it as the next server would, with all checks; every event is whole and in line."""
        store = open_store(self._url)
        try:
            async for page in store.read_all(after=self._after):
                verify_chain(page, self._links, from_start=True)
                self.orders.update(decode(recorded).order_id for recorded in page)
                self._after = page[-1].position
        finally:
            await store.aclose()


async def test_nothing_acknowledged_is_lost_by_kill_9_under_load(tmp_path: Path) -> None:
    log, acknowledged = Log(tmp_path), 0
    for number in range(ROUNDS):
        load = await _killed_under_load(tmp_path, f"r{number}", open_log)
        await log.look()
        assert set(load.acknowledged) <= log.orders
        assert load.others == []
        acknowledged += len(load.acknowledged)
    assert acknowledged > ROUNDS * 10


async def test_a_server_that_answers_before_the_commit_is_caught(tmp_path: Path) -> None:
    log, lost = Log(tmp_path), 0
    for number in range(CONTROL_ROUNDS):
        load = await _killed_under_load(tmp_path, f"r{number}", open_cheating)
        await log.look()
        lost += len(set(load.acknowledged) - log.orders)
    assert lost > 0


async def _killed_under_load(folder: Path, prefix: str, opened_by: OpenLog) -> Load:
    async with server(folder, opened_by) as (process, url):
        load = Load(url, prefix)
        loading = asyncio.create_task(load.run())
        await asyncio.sleep(LOAD_S)
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
        async with asyncio.timeout(5):
            await loading
    return load
