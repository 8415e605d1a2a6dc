"""Records written to a real Kafka broker and read again."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from domain.events import NoteAdded
from eventstore.port import Recorded
from eventstore.relay.bus import BEFORE_FIRST, Published, TooLarge, Unpublished
from eventstore.relay.kafka import producing
from eventstore.relay.kafka.connection import END_S, end
from eventstore.relay.kafka.producing import KafkaBus
from eventstore.relay.kafka.record import encode
from eventstore.relay.kafka.topic import FOR_EVER, TopicPlan
from runtime.urls import parse_kafka_url
from tests.contracts.bus import ReadableBusContract
from tests.eventstore.filled import published_on
from tests.eventstore.leases import SECRET
from tests.eventstore.recorded import sealed_stream
from tests.parts.kafka import Kafka
from tests.parts.mock_kafka import mock_kafka
from tests.parts.topics import bootstrap_of, make_topic
from tests.waiting import HUNG_S

pytestmark = pytest.mark.e2e

Ending = Callable[[Awaitable[object]], Awaitable[object]]
EVENTS = sealed_stream(*[NoteAdded(note_id=f"n{n}", text="seen") for n in range(20)])

"""Of an order in partition 0 of three."""
OTHERS = sealed_stream(NoteAdded(note_id="n", text="seen"), order_id="o-3")
"""Of an order in partition 1 of three."""


def bus_on(url: str, topic: str, **more: float) -> KafkaBus:
    return KafkaBus(parse_kafka_url(url), TopicPlan(topic, True, 3, 1, 1, FOR_EVER), **more)


class TestKafkaBus(ReadableBusContract):
    @pytest.fixture
    def bus(self, kafka_url: str, topic: str) -> KafkaBus:
        return bus_on(kafka_url, topic)


async def publish(bus: KafkaBus, partition: int, events: list[Recorded], epoch: int = 1) -> None:
    publisher = await bus.open(SECRET)
    try:
        await publisher.publish(partition, events, epoch=epoch, published_through=BEFORE_FIRST)
    finally:
        await publisher.aclose()


async def _carelessly(stopping: Awaitable[object]) -> None:
    """Closing a client in the ordinary way: the negative control."""
    with suppress(Exception):
        async with asyncio.timeout(END_S):
            await stopping


async def test_published_events_are_in_the_topic_and_the_next_relay_finds_them(
    kafka_url: str, topic: str
) -> None:
    bus = bus_on(kafka_url, topic)
    await publish(bus, 0, EVENTS)
    await publish(bus, 1, OTHERS, epoch=2)
    expected = [
        [Published(event, 1, BEFORE_FIRST) for event in EVENTS],
        [Published(OTHERS[0], 2, BEFORE_FIRST)],
        [],
    ]
    assert await published_on(kafka_url, topic) == expected
    publisher = await bus.open(SECRET)
    assert publisher.ends == [expected[0][-1], expected[1][0], None]
    await publisher.aclose()


async def test_settings_of_the_topic_that_may_lose_records_are_logged_once(
    kafka_url: str, topic: str, caplog: pytest.LogCaptureFixture
) -> None:
    await make_topic(kafka_url, topic, cleanup_policy="compact")
    bus = bus_on(kafka_url, topic)
    for _ in range(2):
        await (await bus.open(SECRET)).aclose()
    warnings = [
        record.getMessage() for record in caplog.records if "cleanup" in record.getMessage()
    ]
    assert len(warnings) == 1


async def test_an_order_is_placed_as_kafkas_own_clients_place_a_key(
    kafka_url: str, topic: str
) -> None:
    publisher = await bus_on(kafka_url, topic).open(SECRET)
    ours = [publisher.partition_of(f"o-{number}") for number in range(50)]
    await publisher.aclose()
    async with AIOKafkaProducer(bootstrap_servers=bootstrap_of(kafka_url)) as producer:
        theirs = [
            (await producer.send_and_wait(topic, b"v", f"o-{number}".encode())).partition
            for number in range(50)
        ]
    assert ours == theirs
    assert set(ours) == {0, 1, 2}


async def test_an_event_that_no_broker_accepts_is_too_large(kafka_url: str, topic: str) -> None:
    """Random bytes, as a broker counts what is compressed."""
    large = replace(EVENTS[0], data=os.urandom(2**21))
    with pytest.raises(TooLarge, match="MessageSizeTooLarge"):
        await publish(bus_on(kafka_url, topic), 0, [large])
    compressible = replace(EVENTS[0], data=b"x" * 2**21)
    await publish(bus_on(kafka_url, topic), 0, [compressible])


async def test_a_producer_is_replaced_before_its_numbers_overflow(
    kafka_url: str, topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(producing, "RECORDS_MAX", 30)
    publisher = await bus_on(kafka_url, topic).open(SECRET)
    await publisher.publish(0, EVENTS, epoch=1, published_through=BEFORE_FIRST)
    with pytest.raises(Unpublished, match="limit of records"):
        await publisher.publish(0, EVENTS, epoch=1, published_through=BEFORE_FIRST)
    await publisher.aclose()


async def test_a_batch_that_was_given_up_is_not_sent_afterwards() -> None:
    """aiokafka would continue in the background and deliver it when the broker is back."""
    with mock_kafka(1) as mock:
        mock.make_topic("t", partitions=3)
        await publish(bus_on(mock.url, "t"), 0, EVENTS[:1])
        publisher = await bus_on(mock.url, "t", ack_s=0.3).open(SECRET)
        mock.down()
        with pytest.raises(Unpublished, match=r"no acknowledgement in 0\.3 s"):
            await publisher.publish(0, EVENTS[1:], epoch=1, published_through=BEFORE_FIRST)
        await publisher.aclose()
        mock.up()
        await asyncio.sleep(1)
        found = await published_on(mock.url, "t")
    assert [record.recorded for record in found[0]] == EVENTS[:1]


async def test_a_record_in_the_topic_is_what_encode_returns(kafka_url: str, topic: str) -> None:
    await publish(bus_on(kafka_url, topic), 0, EVENTS[:1])
    consumer = AIOKafkaConsumer(
        topic, bootstrap_servers=bootstrap_of(kafka_url), auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        record = await consumer.getone()
    finally:
        await consumer.stop()
    key, value, headers = encode(EVENTS[0], epoch=1, published_through=BEFORE_FIRST, secret=SECRET)
    assert (record.key, record.value, list(record.headers)) == (key, value, headers)


@pytest.mark.parametrize("ending", [end, _carelessly])
async def test_with_a_frozen_broker_a_publisher_closes_in_time_and_cancels_no_caller(
    kafka: Kafka, topic: str, monkeypatch: pytest.MonkeyPatch, ending: Ending
) -> None:
    """It would end the relay: the client answers a second close with the cancellation of the
    first.
    """
    monkeypatch.setattr(producing, "end", ending)
    publisher = await bus_on(kafka.url, topic).open(SECRET)
    kafka.pause()
    writers = [conn._writer for conn in publisher._producer.client._conns.values() if conn._writer]
    for writer in writers:
        writer.write(b"\0\0\0\1" + bytes(20_000_000))  # more than the connection takes
    closing = asyncio.create_task(publisher.aclose())
    done, _ = await asyncio.wait({closing}, timeout=HUNG_S)
    kafka.resume()
    for writer in writers:
        with suppress(OSError):
            await writer.wait_closed()
    assert done
    assert closing.cancelled() == (ending is _carelessly)
