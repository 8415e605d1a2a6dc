"""The last records of every partition, from which a relay resumes."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition  # type: ignore[import-untyped]
from aiokafka.partitioner import murmur2  # type: ignore[import-untyped]

from eventstore.relay.bus import PartitionEnds, Published
from eventstore.relay.kafka.connection import UNREADABLE, client_options, end, unavailable, words
from eventstore.relay.kafka.record import ForeignRecord, decode
from eventstore.relay.resume import merge_end
from runtime.urls import KafkaUrl

LOOK_BACK: Final = 1_000
"""Records read of a partition, as the last ones may be foreign or of an old relay."""
READ_S: Final = 20.0
POLL_MS: Final = 500
FETCH_BYTES: Final = 256 * 1024
"""Of a partition at once; a single larger batch is still returned."""

_log = logging.getLogger("daybook.relay")


def partition_of(key: bytes, partitions: int) -> int:
    """The partition of a key, as Kafka's own clients compute it."""
    hashed: int = murmur2(key)
    return (hashed & 0x7FFFFFFF) % partitions


async def read_ends(
    url: KafkaUrl, topic: str, partitions: int, secret: bytes | None
) -> PartitionEnds:
    """The ends of the partitions, from the records that are ours. Raises BusUnavailable.

    Ours are those sealed with the secret (None: whoever sealed them), in the partition of their
    key: a copy in another partition proves nothing about that one.
    """
    with unavailable(url, f"the last records of {topic}"):
        async with asyncio.timeout(READ_S):
            consumer = AIOKafkaConsumer(
                **client_options(url),
                enable_auto_commit=False,
                auto_offset_reset="none",
                max_partition_fetch_bytes=FETCH_BYTES,
            )
            try:
                await consumer.start()
                found = [TopicPartition(topic, number) for number in range(partitions)]
                return await _read(consumer, found, secret)
            finally:
                await end(consumer.stop())


async def _read(consumer: Any, partitions: Sequence[Any], secret: bytes | None) -> PartitionEnds:
    # First, and without awaiting in between: the consumer would search for positions itself.
    ends = await consumer.end_offsets(partitions)
    begins = await consumer.beginning_offsets(partitions)
    consumer.assign(partitions)
    for partition in partitions:
        consumer.seek(partition, max(begins[partition], ends[partition] - LOOK_BACK))

    def ours(partition: Any, record: Any) -> Published | None:
        with suppress(ForeignRecord):
            published = decode(record.key, record.value, record.headers, secret=secret)
            if partition_of(record.key, len(partitions)) == partition.partition:
                return published
        return None

    return [await _end(consumer, partition, ends[partition], ours) for partition in partitions]


async def _end(
    consumer: Any, partition: Any, before: int, ours: Callable[[Any, Any], Published | None]
) -> Published | None:
    """None also if a record cannot be read: the events are then published again."""
    found: Published | None = None
    offset = await consumer.position(partition)
    try:
        while offset < before:
            polled = await consumer.getmany(partition, timeout_ms=POLL_MS)
            for record in polled.get(partition, ()):
                published = ours(partition, record)
                found = found if published is None else merge_end(found, published)
            offset = await consumer.position(partition)
    except UNREADABLE as error:
        _log.warning(
            "topic %s, partition %d, offset %d to %d: cannot be read (%s); events are published"
            " again from where the other partitions end",
            *(partition.topic, partition.partition, offset, before - 1, words(error)),
        )
        found = None
    consumer.pause(partition)  # else reading the next partition waits for new records of this one
    return found
