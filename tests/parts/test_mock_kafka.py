import asyncio
import time

from aiokafka import AIOKafkaProducer

from tests.parts.mock_kafka import Api, Code, mock_kafka
from tests.parts.topics import records_of


async def test_the_mock_keeps_records_and_fails_as_it_is_told() -> None:
    with mock_kafka() as mock:
        mock.make_topic("t", partitions=2)
        producer = AIOKafkaProducer(bootstrap_servers=mock.bootstrap, enable_idempotence=True)
        async with producer:
            await producer.send_and_wait("t", b"1", partition=0)
            mock.fail(Api.PRODUCE, Code.NOT_LEADER, Code.DISCONNECT)
            await producer.send_and_wait("t", b"2", partition=0)
            mock.lead("t", 0, 2)
            await producer.send_and_wait("t", b"3", partition=0)
            mock.delay(300)
            started = time.monotonic()
            await producer.send_and_wait("t", b"4", partition=0)
            assert time.monotonic() - started > 0.25
            mock.delay(0)
            mock.down()
            waiting = asyncio.create_task(producer.send_and_wait("t", b"5", partition=0))
            await asyncio.sleep(0.3)
            assert not waiting.done()
            mock.up()
            await waiting
        [first, second] = await records_of(mock.url, "t")
    assert [record.value for record in first] == [b"1", b"2", b"3", b"4", b"5"]
    assert second == []
