"""`daybook relay` on a log in EventStoreDB, its lease a stream there: on the protocol stub."""

import asyncio
import os
import time
from contextlib import suppress
from pathlib import Path

import pytest

pytest.importorskip("esdbclient")

from aiokafka.errors import KafkaError

from eventstore.eventstoredb.lease import STREAM
from eventstore.port import EventStore, Recorded
from tests.e2e.relays import relaying
from tests.esdb_stub.server import stub
from tests.eventstore.esdb import store_on
from tests.eventstore.filled import Writer, published_on, verdict
from tests.waiting import HUNG_S

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


async def test_a_log_on_a_server_is_relayed_and_a_standby_takes_over(
    kafka_url: str, topic: str, tmp_path: Path
) -> None:
    async with stub() as server, store_on(server) as store:
        await Writer(store).write(300)
        # With `serve` elsewhere, nothing of this machine but the settings is needed.
        first = relaying(tmp_path, kafka_url, topic, "first", STORE=server.uri)
        second = relaying(tmp_path, kafka_url, topic, "second", STORE=server.uri)
        with first as leader:
            await asyncio.to_thread(leader.await_role, "leader")
            await _arrived(store, kafka_url, topic)
            with second as standby:
                await asyncio.to_thread(standby.await_role, "standby")
                leader.kill()
                await asyncio.to_thread(standby.await_role, "leader")
                await Writer(store).write(300, prefix="p")
                await _arrived(store, kafka_url, topic)
                await asyncio.to_thread(standby.stop)
        with relaying(tmp_path, kafka_url, topic, "third", STORE=server.uri) as third:
            await asyncio.to_thread(third.await_role, "leader")
            assert third.states()[-1]["epoch"] == 3
            await asyncio.to_thread(third.stop)
        found = verdict(await _log(store), await published_on(kafka_url, topic))
        assert (found.lost, found.inversions, found.late) == (0, 0, 0)
        assert server.log.last(STREAM) > 0
        assert not any(name.endswith(".lock") for name in os.listdir(tmp_path))  # noqa: PTH208


async def _log(store: EventStore) -> list[Recorded]:
    return [event async for page in store.read_all() for event in page]


async def _arrived(store: EventStore, url: str, topic: str) -> None:
    wanted = {event.position for event in await _log(store)}
    deadline = time.monotonic() + HUNG_S
    while True:
        with suppress(KafkaError):
            parts = await published_on(url, topic)
            if wanted <= {record.recorded.position for part in parts for record in part}:
                return
        assert time.monotonic() < deadline, "it did not arrive in time"
        await asyncio.sleep(0.1)
