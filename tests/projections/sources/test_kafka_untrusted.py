"""A running worker on a real broker passes over what it must not trust, and loses nothing by it."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from eventstore.lease import FileLease, FileLeaseReader
from eventstore.relay.kafka.producing import KafkaBus
from eventstore.relay.kafka.topic import TopicPlan
from eventstore.relay.relay import Relay
from runtime.urls import parse_kafka_url
from tests.eventstore.filled import published_on, verdict
from tests.eventstore.running import running
from tests.parts.topics import make_topic
from tests.projections.sources.kafka import NEVER_S, SealedLog, Topic, filling
from tests.projections.sources.test_kafka_worker import (
    PARTITIONS,
    applied,
    grow,
    is_the_fold,
    reads,
    working,
)
from tests.projections.toy import contents
from tests.projections.worker.test_worker import state
from tests.waiting import until

pytestmark = pytest.mark.e2e

LARGE = os.urandom(2_000_000)
DEAD_S = 0.3


@pytest.fixture
async def filled(kafka_url: str, topic: str) -> AsyncIterator[Topic]:
    await make_topic(kafka_url, topic, partitions=PARTITIONS, max_message_bytes="4000000")
    async with filling(kafka_url, topic) as found:
        yield found


async def test_records_larger_than_a_fetch_are_counted_and_the_next_ones_come(
    tmp_path: Path, filled: Topic
) -> None:
    log = SealedLog()
    async with working(tmp_path, log, filled, sweep_s=NEVER_S) as source:
        await until(lambda: reads(source))
        for _ in range(2):
            await grow(log, filled, orders=10, events=2)
            for partition in range(PARTITIONS):
                await filled.put(LARGE, key=b"o-1", partition=partition)
            await filled.flush()
        await grow(log, filled, orders=10, events=2)
        await until(lambda: applied(tmp_path) == log.revisions)

        await until(lambda: state(tmp_path) == "running")
        await until(lambda: source.skipped == {"foreign": 2 * PARTITIONS})

    assert contents(tmp_path)["parked"] == []
    assert await is_the_fold(tmp_path, log)


async def test_what_a_relay_writes_after_its_successor_is_skipped(
    tmp_path: Path, filled: Topic, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two relays publish the same log, as the first one does not hear that it was replaced."""
    log = SealedLog()
    zombies = FileLease(tmp_path / "lock")
    lease = FileLeaseReader(tmp_path / "lock")
    async with working(tmp_path, log, filled, sweep_s=NEVER_S, lease=lease) as source:
        await until(lambda: reads(source))
        async with _relaying(filled, log, zombies) as first:
            await grow(log, None, orders=10, events=1)
            await until(lambda: applied(tmp_path) == log.revisions)
            monkeypatch.setattr(zombies, "renew", _nothing)
            async with _relaying(filled, log, FileLease(tmp_path / "lock", dead_s=DEAD_S)) as next_:
                await until(lambda: next_.state.role == "leader")
                for _ in range(10):
                    await grow(log, None, orders=10, events=1)
                    await asyncio.sleep(0.05)
                await until(lambda: first.state.published == next_.state.published + 10 == 110)
                await until(lambda: applied(tmp_path) == log.revisions)
                found = verdict(await log.recorded(), await published_on(filled.url, filled.name))
                await until(lambda: source.skipped.total() >= found.late)

    assert (first.state.epoch, next_.state.epoch) == (1, 2)
    assert (found.lost, found.repeated) == (0, 100)
    assert source.skipped == {"older epoch": found.late}
    assert found.late > 0
    assert await is_the_fold(tmp_path, log)


@asynccontextmanager
async def _relaying(topic: Topic, log: SealedLog, lease: FileLease) -> AsyncIterator[Relay]:
    bus = KafkaBus(parse_kafka_url(topic.url), TopicPlan(topic.name, False, PARTITIONS, 1, 1, -1))
    relay = Relay(log.store, bus, lease, buffer_bytes=2**20)
    async with running(relay):
        yield relay


async def _nothing() -> None:
    pass
