"""The relay against a bare aiokafka loop and Kafka's own perf tool: same records, same broker."""

import asyncio
import re
import statistics
import subprocess
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final, TypeAlias
from uuid import uuid4

import uvloop
from aiokafka import AIOKafkaProducer

from benchmarks.figures import Figure
from eventstore.lease import FileLease
from eventstore.port import Recorded
from eventstore.relay.kafka.producing import KafkaBus
from eventstore.relay.kafka.record import Encoded, encode
from eventstore.relay.kafka.topic import FOR_EVER, TopicPlan
from eventstore.relay.relay import Relay
from eventstore.sqlite import SqliteReader
from runtime.urls import parse_kafka_url
from tests.eventstore.filled import fill, log_of
from tests.parts.kafka import Kafka, java, running

SECRET = bytes(32)
ROUNDS: Final = 3
PARTITIONS: Final = 6
BUFFER_BYTES: Final = 32 * 2**20
PERF_TIMES: Final = 4
"""So many more records for a program that is slow in its first seconds, as Java's are."""
TEXT: Final = "x" * 200

Measured: TypeAlias = Callable[[], Awaitable[float]]


def measure(count: int) -> list[Figure]:
    with running() as kafka, tempfile.TemporaryDirectory() as folder:
        return uvloop.run(_measure(kafka, Path(folder), count))


async def _measure(kafka: Kafka, folder: Path, count: int) -> list[Figure]:
    log = folder / "ledger.db"
    await fill(log, count, orders=1_000, text=TEXT)
    events = await log_of(log)
    records = [_record(event) for event in events]
    size = sum(map(_size, records)) // len(records)
    ours, bare, perf = await _in_turns(
        partial(_relay_rate, kafka, log, events[-1].position, len(events)),
        partial(_bare_rate, kafka, events),
        partial(_perf_rate, kafka, PERF_TIMES * len(records), size),
    )
    return [
        Figure(f"relay, SQLite log to Kafka, {size} bytes a record", ours, "records/s"),
        Figure("bare aiokafka loop, same records in memory", bare, "records/s"),
        Figure("org.apache.kafka.tools.ProducerPerformance, same size", perf, "records/s"),
        Figure("relay / bare aiokafka loop", ours / bare, "", at_least=0.8),
        Figure("relay / ProducerPerformance", ours / perf, ""),
    ]


async def _in_turns(*ways: Measured) -> Sequence[float]:
    """The median of each, so that what else the machine does hits all."""
    for way in ways:
        await way()
    rounds = [[await way() for way in ways] for _ in range(ROUNDS)]
    return [statistics.median(rates) for rates in zip(*rounds, strict=True)]


async def _relay_rate(kafka: Kafka, log: Path, head: int, count: int) -> float:
    """From the first thing it asks of the broker to the last acknowledgement."""
    bus, topic = await _new_topic(kafka)
    store = SqliteReader.open(log)
    lease = FileLease(log.with_name(topic))
    relay = Relay(store, bus, lease, buffer_bytes=BUFFER_BYTES)
    stop = asyncio.Event()
    started = time.perf_counter()
    running_ = asyncio.create_task(relay.run(stop))
    while relay.state.published_through < head:  # noqa: ASYNC110 - nobody tells
        await asyncio.sleep(0.005)
    took_s = time.perf_counter() - started
    stop.set()
    await running_
    await store.aclose()
    return count / took_s


async def _bare_rate(kafka: Kafka, events: Sequence[Recorded]) -> float:
    """What one writes first: send, and wait for all at the end."""
    _, topic = await _new_topic(kafka)
    producer = AIOKafkaProducer(
        bootstrap_servers=kafka.bootstrap,
        acks="all",
        enable_idempotence=True,
        compression_type="lz4",
        max_batch_size=128 * 1024,
    )
    started = time.perf_counter()
    async with producer:
        waiting = []
        for event in events:
            key, value, headers = _record(event)
            waiting.append(await producer.send(topic, value, key, headers=headers))
        await asyncio.gather(*waiting)
    return len(events) / (time.perf_counter() - started)


async def _perf_rate(kafka: Kafka, count: int, size: int) -> float:
    _, topic = await _new_topic(kafka)
    command = java(
        "org.apache.kafka.tools.ProducerPerformance",
        *("--topic", topic, "--num-records", str(count), "--record-size", str(size)),
        *("--throughput", "-1", "--producer-props", f"bootstrap.servers={kafka.bootstrap}"),
        *("acks=all", "enable.idempotence=true", "compression.type=lz4"),
    )
    done = await asyncio.to_thread(
        subprocess.run, command, capture_output=True, text=True, check=True, timeout=300
    )
    found = re.findall(r"([\d.]+) records/sec", done.stdout)
    return float(found[-1])


async def _new_topic(kafka: Kafka) -> tuple[KafkaBus, str]:
    """Made before any time is taken."""
    plan = TopicPlan(f"bench-{uuid4().hex[:8]}", True, PARTITIONS, 1, 1, FOR_EVER)
    bus = KafkaBus(parse_kafka_url(kafka.url), plan)
    await (await bus.open(SECRET)).aclose()
    return bus, plan.name


def _record(event: Recorded) -> Encoded:
    return encode(event, epoch=1, published_through=event.position, secret=SECRET)


def _size(record: Encoded) -> int:
    headers = sum(len(name) + len(value) for name, value in record.headers)
    return len(record.key) + len(record.value) + headers
