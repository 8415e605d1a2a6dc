"""kill -9 under load: whatever was acknowledged is in the log, fifty times over."""

import asyncio
import os
import random
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
from tests.waiting import HUNG_S

ROUNDS = amount("KILLS", quick=6, deep=50)
CONTROL_ROUNDS = 3
UNDER_WAY = 20
"""Orders acknowledged before a kill."""
MORE_S_MAX = 0.1

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


class Log:
    """The log as it is found after a kill, read on from where the last reading ended."""

    def __init__(self, folder: Path) -> None:
        self._url = f"sqlite:///{folder}/ledger.db"
        self._links: Links = {}
        self._after: Position | None = None
        self.orders: set[str] = set()

    async def read_on(self) -> None:
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
        await log.read_on()
        assert set(load.acknowledged) <= log.orders
        assert load.others == []
        acknowledged += len(load.acknowledged)
    assert acknowledged >= ROUNDS * UNDER_WAY


async def test_a_server_that_answers_before_the_commit_is_caught(tmp_path: Path) -> None:
    log, lost = Log(tmp_path), 0
    for number in range(CONTROL_ROUNDS):
        load = await _killed_under_load(tmp_path, f"r{number}", open_cheating)
        await log.read_on()
        lost += len(set(load.acknowledged) - log.orders)
    assert lost > 0


async def _killed_under_load(folder: Path, prefix: str, opened_by: OpenLog) -> Load:
    chance = random.Random(prefix)
    async with server(folder, opened_by) as (process, url):
        load = Load(url, prefix)
        loading = asyncio.create_task(load.run())
        await load.acknowledged_at_least(UNDER_WAY)
        await asyncio.sleep(chance.uniform(0, MORE_S_MAX))
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
        async with asyncio.timeout(HUNG_S):
            await loading
    return load
