"""Without Kafka, or without its topic, a worker follows the log and reports why."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import pytest

from projections.sources import kafka as kafka_source
from projections.sources.kafka import KafkaSource
from projections.sources.kafka_member import Member
from projections.worker.worker import Worker
from runtime.clock import utc_now
from tests.eventstore.leases import FixedLease
from tests.parts.mock_kafka import MockKafka, mock_kafka
from tests.projections.sources.kafka import SealedLog
from tests.projections.sources.test_kafka_worker import applied, grow, is_the_fold, reads
from tests.projections.toy import TALLY, url_of
from tests.projections.worker.test_worker import reason, state
from tests.waiting import HUNG_S, until

TOPIC = "t"
SWEEP_S = 0.2


@pytest.fixture
def log() -> SealedLog:
    return SealedLog()


@pytest.fixture
def mock() -> Iterator[MockKafka]:
    with mock_kafka() as found:
        yield found


@asynccontextmanager
async def following(folder: Path, log: SealedLog, bootstrap: str) -> AsyncIterator[KafkaSource]:
    group = f"g-{uuid4().hex}"

    def member() -> Member:
        return Member({"bootstrap_servers": bootstrap}, topic=TOPIC, group=group)

    source = KafkaSource(member, log.store, FixedLease(), topic=TOPIC, sweep_s=SWEEP_S)
    worker = Worker(
        TALLY,
        url_of(folder),
        source=source,
        store=log.store,
        folder=folder / "workers",
        clock=utc_now,
        pause_min_s=0.1,
        falling_back=source.falling_back,
    )
    stop = asyncio.Event()
    task = asyncio.create_task(worker.run(stop))
    try:
        yield source
    finally:
        stop.set()
        await asyncio.wait_for(task, HUNG_S)
        await source.aclose()


async def follows_and_says(folder: Path, log: SealedLog, words: str) -> None:
    for _ in range(2):
        await grow(log, None, orders=5, events=2)
        await until(lambda: applied(folder) == log.revisions)
    await until(lambda: state(folder) == "sweeping" and words in reason(folder))
    assert await is_the_fold(folder, log)


async def test_without_any_broker_it_follows_the_log_from_its_start(
    tmp_path: Path, log: SealedLog
) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        bootstrap = f"127.0.0.1:{closed.getsockname()[1]}"
        async with following(tmp_path, log, bootstrap):
            await follows_and_says(tmp_path, log, "is out of reach")


async def test_without_its_topic_it_follows_the_log_until_there_is_one(
    tmp_path: Path, log: SealedLog, mock: MockKafka
) -> None:
    async with following(tmp_path, log, mock.bootstrap) as source:
        await follows_and_says(tmp_path, log, "there is no topic t")

        mock.make_topic(TOPIC, 3)
        await until(lambda: reads(source))
        await until(lambda: state(tmp_path) == "running")
        await grow(log, None, orders=5, events=2)
        await until(lambda: applied(tmp_path) == log.revisions)


async def test_when_the_brokers_go_away_it_follows_the_log_and_reports_that(
    tmp_path: Path, log: SealedLog, mock: MockKafka, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kafka_source, "PROBE_S", 0.5)
    mock.make_topic(TOPIC, 3)
    async with following(tmp_path, log, mock.bootstrap) as source:
        await until(lambda: reads(source) and state(tmp_path) == "running")
        mock.down()
        await follows_and_says(tmp_path, log, "")


async def test_a_worker_without_that_fallback_makes_no_progress(
    tmp_path: Path, log: SealedLog, mock: MockKafka, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kafka_source, "AWAY", (ZeroDivisionError,))
    await grow(log, None, orders=5, events=2)
    async with following(tmp_path, log, mock.bootstrap):
        await until(lambda: state(tmp_path) == "paused")
        assert "there is no topic t" in reason(tmp_path)
        assert applied(tmp_path) == {}
