"""Publishing to Kafka: one batch per partition at a time, each acknowledged before the next.

aiokafka's producer keeps the order of the batches it is given, except if it gives one up: the next
one is then sent all the same. So it gets the next one only when the last one is acknowledged.
"""

import asyncio
import logging
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

from aiokafka import AIOKafkaProducer  # type: ignore[import-untyped]
from aiokafka.errors import (  # type: ignore[import-untyped]
    KafkaError,
    MessageSizeTooLargeError,
    RecordListTooLargeError,
)

from eventstore.port import Recorded
from eventstore.relay.bus import PartitionEnds, TooLarge, Unpublished
from eventstore.relay.kafka.connection import END_S, client_options, end, unavailable, words
from eventstore.relay.kafka.offsets import partition_of, read_ends
from eventstore.relay.kafka.record import encode
from eventstore.relay.kafka.topic import TopicPlan, describe_topic, ensure_topic
from runtime.urls import KafkaUrl

OPEN_S: Final = 15.0
ACK_S: Final = 10.0
"""Then the producer is abandoned: it may be waiting for ever (aiokafka issues 1017 and 1101)."""
BATCH_BYTES: Final = 2**30
"""No limit here: the relay limits its batches."""
RECORDS_MAX: Final = 2**30
"""Of one producer: it numbers them in 32 bits and overflows to a number that brokers refuse."""
ORDERS_CACHED: Final = 100_000


_log = logging.getLogger("daybook.relay")


class KafkaBus:
    """The topic of a plan on a cluster. Settings that may lose records are logged, once."""

    def __init__(self, url: KafkaUrl, plan: TopicPlan, *, ack_s: float = ACK_S) -> None:
        self._url = url
        self._plan = plan
        self._ack_s = ack_s
        self._logged: tuple[str, ...] = ()

    async def open(self, secret: bytes) -> "KafkaPublisher":
        """As the port's."""
        topic = await ensure_topic(self._url, self._plan)
        for danger in topic.dangers:
            if danger not in self._logged:
                _log.warning(danger)
        self._logged = topic.dangers
        producer = await self._start()
        try:
            ends = await read_ends(self._url, self._plan.name, topic.partitions, secret)
        except BaseException:
            await abandon(producer)
            raise
        return KafkaPublisher(producer, self._plan.name, ends, secret=secret, ack_s=self._ack_s)

    async def ends(self, secret: bytes | None) -> PartitionEnds:
        """As the port's."""
        found = await describe_topic(self._url, self._plan)
        if found is None:
            return ()
        return await read_ends(self._url, self._plan.name, found.partitions, secret)

    async def describe(self) -> tuple[str, Sequence[str]]:
        """As the port's."""
        name = self._plan.name
        found = await describe_topic(self._url, self._plan)
        if found is None:
            return f"Kafka at {self._url.shown} has no topic {name} yet: a relay creates it", ()
        return f"Kafka at {self._url.shown}, {name}: {found.partitions} partitions", found.dangers

    async def _start(self) -> Any:
        with unavailable(self._url, "cannot publish"):
            producer = AIOKafkaProducer(
                **client_options(self._url),
                acks="all",
                enable_idempotence=True,
                compression_type="lz4",
                max_batch_size=BATCH_BYTES,
            )
            try:
                async with asyncio.timeout(OPEN_S):
                    await producer.start()
            except BaseException:
                await abandon(producer)
                raise
            return producer


class KafkaPublisher:
    """A producer that is used until its first failure."""

    def __init__(
        self, producer: Any, topic: str, ends: PartitionEnds, *, secret: bytes, ack_s: float
    ) -> None:
        self.ends = ends
        self._producer = producer
        self._topic = topic
        self._secret = secret
        self._ack_s = ack_s
        self._records = 0
        self.partition_of = lru_cache(ORDERS_CACHED)(self._partition_of)

    async def publish(
        self, partition: int, events: Sequence[Recorded], *, epoch: int, published_through: int
    ) -> None:
        """As the port's."""
        self._records += len(events)
        if self._records > RECORDS_MAX:
            raise Unpublished(
                "the producer has reached its limit of records; the next one continues"
            )
        batch = self._producer.create_batch()
        for event in events:
            key, value, headers = encode(
                event, epoch=epoch, published_through=published_through, secret=self._secret
            )
            batch.append(key=key, value=value, timestamp=None, headers=headers)
        batch.close()
        try:
            async with asyncio.timeout(self._ack_s):
                sent = await self._producer.send_batch(batch, self._topic, partition=partition)
                await sent
        except TimeoutError:
            raise Unpublished(f"no acknowledgement in {self._ack_s:g} s") from None
        except (MessageSizeTooLargeError, RecordListTooLargeError) as error:
            raise TooLarge(words(error)) from error
        except (KafkaError, OSError) as error:
            raise Unpublished(words(error)) from error

    async def aclose(self) -> None:
        await abandon(self._producer)

    def _partition_of(self, order_id: str) -> int:
        return partition_of(order_id.encode(), len(self.ends))


async def abandon(producer: Any) -> None:
    """Close a producer without its stop(), which waits for ever for a broker that is gone.

    This reaches into it: otherwise it would connect again and go on sending in the background.
    """
    producer._closed = True  # noqa: SLF001 - else it warns that stop() was not called
    client, sender = producer.client, producer._sender.sender_task  # noqa: SLF001
    client._get_conn = _no_connection  # noqa: SLF001
    if sender is not None:
        sender.cancel()
    await end(client.close())
    if sender is not None:
        await asyncio.wait((sender,), timeout=END_S)
        sender.cancel()  # again, for what it awaits while it ends
    await end(client.close())  # connections that were made meanwhile


async def _no_connection(node_id: int, **more: object) -> None:
    del node_id, more
