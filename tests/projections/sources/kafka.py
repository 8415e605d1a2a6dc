"""A log with real hashes, its events put into a topic by the test, and sources that read them."""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import Any
from uuid import NAMESPACE_OID, uuid4, uuid5

from aiokafka import AIOKafkaProducer

from eventstore.lease import LeaseReader
from eventstore.port import NO_STREAM, Draft, EventStore, Recorded, Revision
from eventstore.record.chain import GENESIS, sealed
from eventstore.record.codec import order_id_of, stream_name
from eventstore.relay.kafka.record import encode
from projections.sources.kafka import KafkaSource
from projections.sources.kafka_member import Member
from tests.eventstore.leases import SECRET, FixedLease
from tests.eventstore.recorded import METADATA, encoded
from tests.parts.topics import bootstrap_of
from tests.projections.toy import Given, Log

EPOCH = 1
NEVER_S = 3_600.0
"""An interval that no test waits for."""


class SealedLog(Log):
    """Its events have the hashes that a topic's reader verifies."""

    def __init__(self, store: EventStore | None = None) -> None:
        super().__init__(store)
        self._hashes: dict[str, str] = {}

    async def append(self, order_id: str, *events: Given) -> None:
        last = self.revisions.get(order_id, -1)
        drafts = [
            self._sealed(order_id, revision, event)
            for revision, event in enumerate(events, start=last + 1)
        ]
        expected = NO_STREAM if last < 0 else Revision(last)
        await self.store.append(stream_name(order_id), drafts, expected=expected)
        self.revisions[order_id] = last + len(events)

    def _sealed(self, order_id: str, revision: int, event: Given) -> Draft:
        type_, data, version = (*event, 1) if isinstance(event, tuple) else encoded(event)
        before = self._hashes.get(order_id, GENESIS)
        fields: dict[str, Any] = asdict(METADATA) | {"schema": version, "prev_hash": before}
        del fields["hash"]
        event_id = uuid5(NAMESPACE_OID, f"{order_id} {revision}")
        metadata, self._hashes[order_id] = sealed(
            json.dumps(fields, separators=(",", ":"))[:-1].encode(),
            stream=stream_name(order_id),
            revision=revision,
            event_id=event_id,
            event_type=type_,
            data=data,
        )
        return Draft(event_id, type_, data, metadata)

    async def recorded(self) -> list[Recorded]:
        return [recorded async for page in self.store.read_all() for recorded in page]


class Topic:
    """Puts events into a topic, as a relay would, or as it should not."""

    def __init__(self, url: str, name: str, producer: AIOKafkaProducer) -> None:
        self.url = url
        self.name = name
        self._producer = producer
        self._under_way: list[Any] = []

    async def publish(
        self, events: Sequence[Recorded], *, epoch: int = EPOCH, secret: bytes = SECRET
    ) -> None:
        """Returns when they are stored."""
        for recorded in events:
            await self.send(recorded, epoch=epoch, secret=secret)
        await self.flush()

    async def send(self, recorded: Recorded, *, epoch: int = EPOCH, secret: bytes = SECRET) -> None:
        record = encode(recorded, epoch=epoch, published_through=-1, secret=secret)
        await self.put(record.value, key=record.key, headers=list(record.headers))

    async def put(self, value: bytes | None, **more: Any) -> None:
        """A record of any kind."""
        self._under_way.append(await self._producer.send(self.name, value, **more))

    async def flush(self) -> None:
        under_way, self._under_way = self._under_way, []
        for future in under_way:
            await future

    def source(
        self,
        store: EventStore,
        *,
        group: str = "",
        sweep_s: float = NEVER_S,
        lease: LeaseReader | None = None,
    ) -> KafkaSource:
        """A new one, in a group of its own unless one is named."""
        group = group or f"g-{uuid4().hex}"
        options = {"bootstrap_servers": bootstrap_of(self.url)}

        def member() -> Member:
            return Member(options, topic=self.name, group=group)

        return KafkaSource(member, store, lease or FixedLease(), topic=self.name, sweep_s=sweep_s)


@asynccontextmanager
async def filling(url: str, name: str) -> AsyncIterator[Topic]:
    """A topic that exists already."""
    async with AIOKafkaProducer(
        bootstrap_servers=bootstrap_of(url), enable_idempotence=True, max_request_size=4_000_000
    ) as producer:
        yield Topic(url, name, producer)


def per_stream(events: Sequence[Any]) -> dict[str, list[Any]]:
    """The events of each order, in the order in which they came."""
    found: dict[str, list[Any]] = {}
    for event in events:
        recorded = event if isinstance(event, Recorded) else event.recorded
        found.setdefault(order_id_of(recorded.stream), []).append(event)
    return found
