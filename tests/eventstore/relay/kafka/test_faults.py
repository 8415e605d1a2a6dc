"""The relay on a cluster with every fault that librdkafka's mock can simulate."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer

from eventstore.lease import FileLease
from eventstore.memory import MemoryStore
from eventstore.port import Recorded
from eventstore.relay.kafka.producing import KafkaBus
from eventstore.relay.kafka.record import encode
from eventstore.relay.kafka.topic import TopicPlan
from eventstore.relay.relay import Relay
from runtime.urls import parse_kafka_url
from tests.eventstore.filled import Writer, published_on, verdict
from tests.eventstore.leases import SECRET
from tests.eventstore.relay.kafka.faults import ACK_S, BROKERS, PARTITIONS, SCRIPTS, TOPIC
from tests.eventstore.running import running
from tests.parts.mock_kafka import MockKafka, mock_kafka
from tests.waiting import until

EVENTS = 2_000
BATCH_MAX = 20

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", SCRIPTS)
async def test_a_fault_of_the_cluster_loses_nothing_and_keeps_every_order_in_order(
    tmp_path: Path, name: str
) -> None:
    store = MemoryStore()
    with mock_kafka(BROKERS) as mock:
        mock.make_topic(TOPIC, PARTITIONS, BROKERS)
        async with _relaying(store, mock, tmp_path) as relay:
            writing = asyncio.create_task(_write(store))
            await until(lambda: relay.state.published > EVENTS // 10)
            await SCRIPTS[name](mock)
            await writing
            head = await store.head()
            await until(lambda: relay.state.published_through == head)
            assert relay.state.role == "leader"
        partitions = await published_on(mock.url, TOPIC)
    found = verdict(await _log(store), partitions)
    # A batch of one event that is too large is skipped and counted: it is in the log.
    refused = relay.state.refused
    assert refused == 0 or name == "batch too large"
    assert (found.lost, found.inversions, found.late) == (refused, 0, 0)


async def test_control_a_relay_that_does_not_wait_for_acknowledgements_is_caught(
    tmp_path: Path,
) -> None:
    """The faults do lose events if acknowledgements are not awaited."""
    store = MemoryStore()
    await Writer(store).write(EVENTS)
    with mock_kafka(BROKERS) as mock:
        mock.make_topic(TOPIC, PARTITIONS, BROKERS)
        async with AIOKafkaProducer(bootstrap_servers=mock.bootstrap, acks="all") as producer:
            for number, event in enumerate(await _log(store)):
                if number == EVENTS // 2:
                    await SCRIPTS["out of order"](mock)
                key, value, headers = encode(event, epoch=1, published_through=-1, secret=SECRET)
                await producer.send(TOPIC, value, key, headers=headers)
            await producer.flush()
        assert verdict(await _log(store), await published_on(mock.url, TOPIC)).lost > 0


async def test_a_relay_stops_although_no_broker_answers(tmp_path: Path) -> None:
    store = MemoryStore()
    with mock_kafka(BROKERS) as mock:
        mock.make_topic(TOPIC, PARTITIONS, BROKERS)
        async with _relaying(store, mock, tmp_path) as relay:
            await Writer(store).write(100)
            await until(lambda: relay.state.published >= 100)
            mock.delay(60_000)
            await Writer(store).write(100, prefix="p")
            await asyncio.sleep(0.2)
        assert relay.state.role == "stopped"


@asynccontextmanager
async def _relaying(store: MemoryStore, mock: MockKafka, folder: Path) -> AsyncIterator[Relay]:
    plan = TopicPlan(TOPIC, False, PARTITIONS, BROKERS, 1, -1)
    bus = KafkaBus(parse_kafka_url(mock.url), plan, ack_s=ACK_S)
    relay = Relay(store, bus, FileLease(folder / "lock"), buffer_bytes=2**20)
    relay._limits.batch_max = BATCH_MAX
    async with running(relay):
        yield relay


async def _write(store: MemoryStore) -> None:
    async for written in Writer(store, orders=40).batches():
        if written >= EVENTS:
            return
        await asyncio.sleep(0.01)


async def _log(store: MemoryStore) -> list[Recorded]:
    return [event async for page in store.read_all() for event in page]
