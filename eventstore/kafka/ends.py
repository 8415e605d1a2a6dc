"""The last records of every partition: what a relay finds when it comes."""

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition  # type: ignore[import-untyped]

from eventstore.bus import Ends, Published
from eventstore.kafka.connection import client_options, end, unavailable
from eventstore.kafka.record import ForeignRecord, decode
from runtime.kafka_url import KafkaUrl

LOOK_BACK: Final = 1_000
"""Records of a partition that are looked at: the last ones may be foreign, or a zombie's."""
READ_S: Final = 20.0
POLL_MS: Final = 500


async def read_ends(url: KafkaUrl, topic: str, partitions: int) -> Ends:
    """The last records of each partition that are ours. Raises BusUnavailable."""
    with unavailable(url, f"the last records of {topic}"):
        async with asyncio.timeout(READ_S):
            consumer = AIOKafkaConsumer(
                **client_options(url), enable_auto_commit=False, auto_offset_reset="none"
            )
            try:
                await consumer.start()
                return await _read(consumer, [TopicPartition(topic, p) for p in range(partitions)])
            finally:
                await end(consumer.stop())


async def _read(consumer: Any, partitions: Sequence[Any]) -> Ends:
    # First, and without yielding in between: the consumer would look for positions of its own.
    ends = await consumer.end_offsets(partitions)
    begins = await consumer.beginning_offsets(partitions)
    consumer.assign(partitions)
    for partition in partitions:
        consumer.seek(partition, max(begins[partition], ends[partition] - LOOK_BACK))
    found: dict[Any, list[Published]] = {partition: [] for partition in partitions}
    for partition in partitions:
        while await consumer.position(partition) < ends[partition]:
            for at, records in (await consumer.getmany(timeout_ms=POLL_MS)).items():
                found[at] += _ours(records)
    return [found[partition] for partition in partitions]


def _ours(records: Iterable[Any]) -> list[Published]:
    ours = []
    for record in records:
        with suppress(ForeignRecord):
            ours.append(decode(record.key, record.value, record.headers))
    return ours
