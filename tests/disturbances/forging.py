"""Records that somebody puts into the topic who can write to it and knows how Daybook hashes."""

import json
import random
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID, uuid4

from aiokafka import AIOKafkaProducer

from eventstore.record.chain import GENESIS, sealed
from tests.parts.topics import bootstrap_of

ORDERS = 10
"""Orders of the log that each kind of forgery is about."""
LARGEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Record:
    """An event as a relay would publish it, without what only a relay can know."""

    stream: str
    revision: int
    position: int
    event_id: UUID
    type: str
    data: bytes
    metadata: bytes
    epoch: int = 1
    published_through: int = -1

    @property
    def order_id(self) -> str:
        return self.stream.removeprefix("order-")

    def headers(self) -> list[tuple[str, bytes]]:
        said = {
            "ce_specversion": "1.0",
            "ce_id": self.event_id,
            "ce_type": self.type,
            "ce_source": "/daybook",
            "ce_subject": self.order_id,
            "content-type": "application/json",
            "stream": self.stream,
            "revision": self.revision,
            "position": self.position,
            "epoch": self.epoch,
            "published_through": self.published_through,
            "mac": "0" * 64,
        }
        found = [(name, str(value).encode()) for name, value in said.items()]
        return [*found, ("metadata", self.metadata)]


async def forge(url: str, topic: str, log: Path, chance: random.Random) -> None:
    """Put records of every kind into the topic, about orders of the log and one it never had."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap_of(url))
    await producer.start()
    try:
        for last in _last_of_some_orders(log, chance):
            for record in _forged(last):
                await producer.send_and_wait(
                    topic,
                    record.data,
                    key=record.order_id.encode(),
                    headers=record.headers(),
                )
    finally:
        await producer.stop()


def _forged(last: Record) -> Iterator[Record]:
    """last: the last event of an order, as the log has it."""
    paid = {"payment_id": "p-1", "capture_id": f"k-{uuid4().hex}", "amount_cents": 900_000}
    captured = json.dumps({**paid, "currency": "EUR"}).encode()
    position = last.position + 1_000_000
    yield _sealed(
        replace(
            last,
            revision=last.revision + 1,
            position=position,
            event_id=uuid4(),
            type="PaymentCaptured",
            data=captured,
        ),
        prev_hash=json.loads(last.metadata)["hash"],
    )
    yield _sealed(
        replace(last, stream=f"order-never-{uuid4().hex}", revision=0, position=position + 1),
        prev_hash=GENESIS,
    )
    yield replace(last, position=max(1, last.position - 1))
    yield replace(last, epoch=LARGEST)
    yield replace(last, published_through=2**62)
    yield replace(last, position=LARGEST)


def _sealed(record: Record, *, prev_hash: str) -> Record:
    fields = json.loads(record.metadata) | {"schema": 1}
    del fields["hash"], fields["prev_hash"]
    fields["prev_hash"] = prev_hash
    metadata, _ = sealed(
        json.dumps(fields, separators=(",", ":"))[:-1].encode(),
        stream=record.stream,
        revision=record.revision,
        event_id=record.event_id,
        event_type=record.type,
        data=record.data,
    )
    return replace(record, metadata=metadata)


def _last_of_some_orders(log: Path, chance: random.Random) -> list[Record]:
    connection = sqlite3.connect(f"file:{log}?mode=ro", uri=True)
    try:
        rows = connection.execute(
            "SELECT stream, max(revision), position, event_id, type, data, metadata FROM events"
            " WHERE stream LIKE 'order-%' GROUP BY stream ORDER BY max(position) DESC LIMIT 200"
        ).fetchall()
    finally:
        connection.close()
    found = [Record(*row[:3], UUID(bytes=row[3]), *row[4:]) for row in rows]
    return chance.sample(found, min(ORDERS, len(found)))
