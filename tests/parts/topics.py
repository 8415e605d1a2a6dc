"""Topics as the tests make and read them, with no code of Daybook's."""

import asyncio
from collections.abc import Mapping

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic, RecordsToDelete
from aiokafka.errors import KafkaError

from tests.waiting import HUNG_S


def bootstrap_of(url: str) -> str:
    return url.removeprefix("kafka://")


async def make_topic(url: str, topic: str, *, partitions: int = 6, **config: str) -> None:
    """config: dots written as underscores."""
    configs = {name.replace("_", "."): value for name, value in config.items()}
    new = NewTopic(topic, partitions, 1, topic_configs=configs)
    async with asyncio.timeout(HUNG_S):
        while not await _is_made(url, new):
            pass


async def _is_made(url: str, new: NewTopic) -> bool:
    """A broker that has just come back may refuse at first, and know of no broker."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap_of(url))
    try:
        await admin.start()
        if new.name in await admin.list_topics():
            return True
        await admin.create_topics([new])
    except KafkaError:
        pass
    finally:
        await admin.close()
    await asyncio.sleep(0.05)
    return False


async def add_partitions(url: str, topic: str, *, partitions: int) -> None:
    """Up to so many; returns when the broker answers so, which is a moment after it has them."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap_of(url))
    await admin.start()
    try:
        answer = await admin.create_partitions({topic: NewPartitions(partitions)})
        assert answer.topic_errors[0][1] == 0, answer
        while len((await admin.describe_topics([topic]))[0]["partitions"]) < partitions:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    finally:
        await admin.close()


async def delete_topic(url: str, topic: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap_of(url))
    await admin.start()
    try:
        answer = await admin.delete_topics([topic])
        assert answer.topic_error_codes[0][1] == 0, answer
    finally:
        await admin.close()


async def delete_records(url: str, topic: str, *, partitions: int) -> None:
    """All that is stored by now, as retention would."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap_of(url))
    await consumer.start()
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap_of(url))
    await admin.start()
    try:
        places = [TopicPartition(topic, partition) for partition in range(partitions)]
        ends = await consumer.end_offsets(places)
        await admin.delete_records(
            {place: RecordsToDelete(before_offset=end) for place, end in ends.items()}
        )
        while await consumer.beginning_offsets(places) != ends:  # noqa: ASYNC110 (a broker is asked)
            await asyncio.sleep(0.05)
    finally:
        await admin.close()
        await consumer.stop()


async def records_of(
    url: str, topic: str, begin: Mapping[TopicPartition, int] | None = None
) -> list[list[ConsumerRecord[bytes, bytes]]]:
    """All that the topic has now, by partition. begin: offsets where not from the first."""
    consumer = AIOKafkaConsumer(
        topic,
        bootstrap_servers=bootstrap_of(url),
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    await consumer.start()
    try:
        partitions = sorted(consumer.assignment())
        for partition, offset in (begin or {}).items():
            consumer.seek(partition, offset)
        ends = await consumer.end_offsets(partitions)
        records: list[list[ConsumerRecord[bytes, bytes]]] = [[] for _ in partitions]
        for partition in partitions:
            while await consumer.position(partition) < ends[partition]:
                for found, batch in (await consumer.getmany(timeout_ms=200)).items():
                    records[found.partition] += batch
        return records
    finally:
        await consumer.stop()
