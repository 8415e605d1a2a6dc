from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer

from tests.parts import kafka as part
from tests.parts.kafka import Kafka
from tests.parts.topics import make_topic, records_of

pytestmark = pytest.mark.e2e


async def test_a_killed_broker_comes_back_with_what_it_acknowledged(
    kafka: Kafka, topic: str
) -> None:
    await make_topic(kafka.url, topic, partitions=2)
    async with AIOKafkaProducer(bootstrap_servers=kafka.bootstrap, acks="all") as producer:
        for number in range(10):
            await producer.send_and_wait(topic, b"%d" % number, partition=number % 2)
    kafka.restart()
    records = await records_of(kafka.url, topic)
    assert [int(record.value) for record in records[0]] == [0, 2, 4, 6, 8]
    assert [int(record.value) for record in records[1]] == [1, 3, 5, 7, 9]


def test_a_machine_without_java_is_told_what_is_lacking(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(part, "CACHE", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(part.Missing, match="no `java` on PATH"), part.running():
        pass
