"""What a relay finds in the last records of a topic, also if it cannot read them."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import CorruptRecordException, UnsupportedCodecError

from eventstore.lease import FileLease
from eventstore.memory import MemoryStore
from eventstore.port import Recorded
from eventstore.relay.bus import BEFORE_FIRST, Published
from eventstore.relay.kafka import offsets as module
from eventstore.relay.kafka import record as record_module
from eventstore.relay.kafka.offsets import read_ends
from eventstore.relay.kafka.producing import KafkaBus
from eventstore.relay.kafka.record import decode, encode
from eventstore.relay.kafka.topic import TopicPlan
from eventstore.relay.relay import Relay
from runtime.urls import parse_kafka_url
from tests.eventstore.filled import Writer, published_on, verdict
from tests.eventstore.leases import SECRET
from tests.eventstore.relay.kafka.test_producing import EVENTS, bus_on, publish
from tests.eventstore.running import running
from tests.parts.kafka import Kafka
from tests.parts.topics import add_partitions, bootstrap_of, make_topic, records_of
from tests.waiting import until

PARTITIONS = 3
LARGE = os.urandom(2_000_000)
FIRST_BATCH_AT = 100
"""After the header: some byte of its records."""


@pytest.mark.e2e
async def test_only_the_last_records_are_read_and_foreign_ones_are_skipped(
    kafka_url: str, topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await publish(bus_on(kafka_url, topic), 0, EVENTS[:3], epoch=7)
    await publish(bus_on(kafka_url, topic), 0, EVENTS[3:6], epoch=2)
    async with AIOKafkaProducer(bootstrap_servers=bootstrap_of(kafka_url)) as producer:
        for partition in (0, 1):
            await producer.send_and_wait(topic, b"{}", b"o-1", partition=partition)
    monkeypatch.setattr(module, "LOOK_BACK", 4)
    ends = await read_ends(parse_kafka_url(kafka_url), topic, PARTITIONS, SECRET)
    assert ends == [Published(EVENTS[5], 2, BEFORE_FIRST), None, None]


@pytest.mark.e2e
async def test_records_larger_than_a_fetch_are_skipped(kafka_url: str, topic: str) -> None:
    await make_topic(kafka_url, topic, partitions=PARTITIONS, max_message_bytes="4000000")
    await publish(bus_on(kafka_url, topic), 0, EVENTS[:3])
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap_of(kafka_url), max_request_size=2 * len(LARGE)
    )
    async with producer:
        for _ in range(3):
            await producer.send_and_wait(topic, LARGE, b"o-1", partition=0)
    await publish(bus_on(kafka_url, topic), 0, EVENTS[3:5])
    ends = await read_ends(parse_kafka_url(kafka_url), topic, PARTITIONS, SECRET)
    assert ends == [Published(EVENTS[4], 1, BEFORE_FIRST), None, None]


@pytest.mark.e2e
async def test_a_relay_continues_although_a_partition_cannot_be_read(
    kafka: Kafka, topic: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Events that it cannot read there are published again after the damage; none is left out."""
    store = MemoryStore()
    await Writer(store).write(400)
    await _relayed(kafka.url, topic, store, tmp_path)
    before = len((await records_of(kafka.url, topic))[1])
    _damage(kafka, topic, partition=1)
    await Writer(store).write(400, prefix="p")
    await _relayed(kafka.url, topic, store, tmp_path)

    assert f"topic {topic}, partition 1, offset 0 to {before - 1}: cannot be read" in caplog.text
    readable = [
        decode(record.key, record.value, record.headers, secret=None).recorded.position
        for records in await records_of(kafka.url, topic, {TopicPartition(topic, 1): before})
        for record in records
    ]
    new = [event.position for event in (await _log(store))[400:]]
    assert set(new) <= set(readable)


FORGED = {
    "a position that the log does not have": ("position", b"%d" % 2**62),
    "more than there is has been published": ("published_through", b"%d" % 2**61),
    "an epoch that no relay has": ("epoch", b"%d" % (2**63 - 1)),
}


@pytest.mark.e2e
@pytest.mark.parametrize("changed", FORGED.values(), ids=FORGED.keys())
async def test_a_relay_resumes_where_it_was_whatever_others_wrote_to_the_topic(
    kafka_url: str, topic: str, tmp_path: Path, changed: tuple[str, bytes]
) -> None:
    """If it were taken for a relay's record, the relay would refuse the topic or never publish
    again.
    """
    store = MemoryStore()
    await Writer(store).write(100)
    await _relayed(kafka_url, topic, store, tmp_path)
    await _forge(kafka_url, topic, changed)
    await Writer(store).write(100, prefix="p")
    await _relayed(kafka_url, topic, store, tmp_path)

    records = [record for one in await records_of(kafka_url, topic) for record in one]
    found = {dict(record.headers)["metadata"] for record in records}
    assert found == {event.metadata for event in await _log(store)}
    assert len(records) == 200 + PARTITIONS


@pytest.mark.e2e
async def test_control_a_relay_that_believes_every_record_publishes_nothing(
    kafka_url: str, topic: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record_module, "_is_sealed", lambda *_: True)
    store = MemoryStore()
    await Writer(store).write(100)
    await _relayed(kafka_url, topic, store, tmp_path)
    await _forge(kafka_url, topic, FORGED["a position that the log does not have"])

    async with _running(kafka_url, topic, store, tmp_path) as relay:
        await until(lambda: "this log does not" in relay.state.reason)


async def _forge(url: str, topic: str, changed: tuple[str, bytes]) -> None:
    """A copy of each partition's last record with one header changed."""
    records = await records_of(url, topic)
    async with AIOKafkaProducer(bootstrap_servers=bootstrap_of(url)) as producer:
        for partition, of_one in enumerate(records):
            last = of_one[-1]
            headers = [*(dict(last.headers) | dict([changed])).items()]
            await producer.send_and_wait(
                topic, last.value, last.key, partition=partition, headers=headers
            )


@pytest.mark.e2e
async def test_a_relay_whose_topic_gets_more_partitions_skips_nothing(
    kafka: Kafka, topic: str, tmp_path: Path
) -> None:
    """Its next session distributes the orders again, with a new epoch."""
    store = MemoryStore()
    async with _running(kafka.url, topic, store, tmp_path, ack_s=1.0) as relay:
        for count in (5, 8):
            await Writer(store).write(200, prefix=f"before-{count}-")
            await _published(relay, store)
            epoch = relay.state.epoch
            await add_partitions(kafka.url, topic, partitions=count)
            kafka.pause()
            await Writer(store).write(200, prefix=f"after-{count}-")
            await until(lambda: bool(relay.state.reason))
            kafka.resume()
            await _published(relay, store)
            assert relay.state.epoch > epoch
    partitions = await published_on(kafka.url, topic)
    found = verdict(await _log(store), partitions)
    assert (len(partitions), all(partitions), found.lost) == (8, True, 0)


@pytest.mark.parametrize("error", [CorruptRecordException, UnsupportedCodecError, ValueError])
async def test_records_before_a_damaged_one_do_not_count(
    error: type[Exception], caplog: pytest.LogCaptureFixture
) -> None:
    consumer = Scripted([EVENTS[:2], error("no such codec")])
    assert await module._end(consumer, TopicPartition("t", 4), 9, _ours) is None
    assert consumer.paused == [TopicPartition("t", 4)]
    assert "topic t, partition 4, offset 2 to 8: cannot be read" in caplog.text


class Scripted:
    """A consumer of one partition, given the records of each poll."""

    def __init__(self, polls: list[Any]) -> None:
        self.paused: list[TopicPartition] = []
        self._polls = polls
        self._at = 0

    async def position(self, partition: TopicPartition) -> int:
        del partition
        return self._at

    async def getmany(self, partition: TopicPartition, **more: object) -> dict[Any, Any]:
        del more
        polled = self._polls.pop(0)
        if isinstance(polled, Exception):
            raise polled
        self._at += len(polled)
        return {partition: [_record(event) for event in polled]}

    def pause(self, partition: TopicPartition) -> None:
        self.paused.append(partition)


def _ours(_partition: TopicPartition, record: Any) -> Published:
    return decode(record.key, record.value, record.headers, secret=SECRET)


def _record(event: Recorded) -> Any:
    key, value, headers = encode(event, epoch=1, published_through=BEFORE_FIRST, secret=SECRET)
    return SimpleNamespace(key=key, value=value, headers=headers)


def _damage(kafka: Kafka, topic: str, *, partition: int) -> None:
    """A bit of the partition's first batch flips, as on a bad disk."""
    path = kafka.folder / "data" / f"{topic}-{partition}" / "00000000000000000000.log"
    with path.open("r+b") as file:
        file.seek(FIRST_BATCH_AT)
        byte = file.read(1)[0]
        file.seek(FIRST_BATCH_AT)
        file.write(bytes([byte ^ 1]))


async def _relayed(url: str, topic: str, store: MemoryStore, folder: Path) -> None:
    """Runs a relay until the whole log is published."""
    async with _running(url, topic, store, folder) as relay:
        await _published(relay, store)


@asynccontextmanager
async def _running(
    url: str, topic: str, store: MemoryStore, folder: Path, **more: float
) -> AsyncIterator[Relay]:
    bus = KafkaBus(parse_kafka_url(url), TopicPlan(topic, True, PARTITIONS, 1, 1, -1), **more)
    relay = Relay(store, bus, FileLease(folder / "lock"), buffer_bytes=2**20)
    async with running(relay):
        yield relay


async def _published(relay: Relay, store: MemoryStore) -> None:
    head = await store.head()
    await until(lambda: relay.state.published_through == head)


async def _log(store: MemoryStore) -> list[Recorded]:
    return [event async for page in store.read_all() for event in page]
