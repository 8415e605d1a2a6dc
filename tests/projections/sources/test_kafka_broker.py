"""The Kafka source on a real broker."""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing

import pytest

from projections.fold import Item
from projections.sources.log import Batch, LogPage, Source
from tests.contracts.source import SourceContract, until_tail
from tests.parts.topics import make_topic
from tests.projections.sources.kafka import SealedLog, Topic, filling, per_stream
from tests.projections.toy import Given, Log, note, placed

pytestmark = pytest.mark.e2e


class PublishedLog(SealedLog):
    """What is appended is in the topic too before a source reads it."""

    def __init__(self, topic: Topic) -> None:
        super().__init__()
        self._topic = topic
        self._sent = 0

    async def append(self, order_id: str, *events: Given) -> None:
        await super().append(order_id, *events)
        recorded = await self.recorded()
        new, self._sent = recorded[self._sent :], len(recorded)
        for event in new:
            await self._topic.send(event)


class AGroupEach:
    """Readers side by side, as the read models are: each in a group of its own."""

    def __init__(self, topic: Topic, log: Log) -> None:
        self._topic = topic
        self._log = log

    async def batches(
        self, after: Mapping[str, int], *, stop_at_tail: bool
    ) -> AsyncGenerator[Batch | LogPage, None]:
        await self._topic.flush()
        source = self._topic.source(self._log.store)
        try:
            async with aclosing(source.batches(after, stop_at_tail=stop_at_tail)) as batches:
                async for batch in batches:
                    yield batch
        finally:
            await source.aclose()


class TestFromTheTopic(SourceContract):
    """One partition, so that the order of the whole log can be compared."""

    @pytest.fixture
    async def filled(self, kafka_url: str, topic: str) -> AsyncIterator[Topic]:
        await make_topic(kafka_url, topic, partitions=1)
        async with filling(kafka_url, topic) as found:
            yield found

    @pytest.fixture
    def log(self, filled: Topic) -> Log:
        return PublishedLog(filled)

    @pytest.fixture
    async def source(self, filled: Topic, log: Log) -> Source:
        return AGroupEach(filled, log)

    @pytest.fixture
    def nowhere(self, filled: Topic) -> Mapping[str, int]:
        return {f"{filled.name}/0": 0}


class TestFromTheLogFirst(TestFromTheTopic):
    """A new read model: it has no place in the topic yet."""

    @pytest.fixture
    def nowhere(self, filled: Topic) -> Mapping[str, int]:
        return {}


@pytest.fixture
async def filled(kafka_url: str, topic: str) -> AsyncIterator[Topic]:
    await make_topic(kafka_url, topic, partitions=6)
    async with filling(kafka_url, topic) as found:
        yield found


async def test_from_six_partitions_come_the_events_of_the_log_byte_for_byte_in_order_per_stream(
    filled: Topic,
) -> None:
    log = SealedLog()
    for n in range(300):
        order_id = f"o-{n % 20}"
        await log.append(order_id, placed(order_id) if n < 20 else note(str(n)))
    await filled.publish(await log.recorded())
    source = filled.source(log.store)
    nowhere = {f"{filled.name}/{partition}": 0 for partition in range(6)}

    found: list[Item] = await until_tail(source, nowhere)
    await source.aclose()

    assert per_stream(found) == per_stream(await log.items())
    assert {item.recorded for item in found} == set(await log.recorded())
