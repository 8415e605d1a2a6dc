"""Logs with many small orders, created quickly; and what a topic must contain of them."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from itertools import count, pairwise
from pathlib import Path

from domain.events import NoteAdded
from eventstore.port import NO_STREAM, Draft, EventStore, Recorded, Revision
from eventstore.record.codec import order_id_of
from eventstore.relay.kafka.record import Published, decode
from eventstore.sqlite import SqliteReader, SqliteStore
from tests.eventstore.recorded import sealed_stream
from tests.parts.topics import records_of


@dataclass(slots=True)
class Writer:
    """Appends to so many orders of a log in turns, one event at a time."""

    store: EventStore
    orders: int = 20
    each: int = 10
    text: str = "seen"

    async def batches(self, prefix: str = "o") -> AsyncIterator[int]:
        """For ever; after each yield the log has `orders` more events. Yields their number so
        far.
        """
        written = 0
        for generation in count():
            streams = [
                sealed_stream(
                    *[NoteAdded(note_id=f"n{n}", text=self.text) for n in range(self.each)],
                    order_id=f"{prefix}{generation}-{order}",
                )
                for order in range(self.orders)
            ]
            for revision in range(self.each):
                for stream in streams:
                    await self._append(stream[revision])
                written += self.orders
                yield written

    async def write(self, events: int, prefix: str = "o") -> None:
        async for written in self.batches(prefix):
            if written >= events:
                return

    async def _append(self, event: Recorded) -> None:
        draft = Draft(event.event_id, event.type, event.data, event.metadata)
        expected = Revision(event.revision - 1) if event.revision else NO_STREAM
        await self.store.append(event.stream, [draft], expected=expected)


async def fill(path: Path, events: int, *, orders: int = 20, text: str = "seen") -> None:
    """A SQLite log with at least so many events, created quickly: whole orders at once."""
    store = SqliteStore.open(path)
    try:
        each = 10
        for number in range(-(-events // each)):
            notes = [NoteAdded(note_id=f"n{n}", text=text) for n in range(each)]
            stream = sealed_stream(*notes, order_id=f"f{number % orders}-{number}")
            drafts = [Draft(e.event_id, e.type, e.data, e.metadata) for e in stream]
            await store.append(stream[0].stream, drafts, expected=NO_STREAM)
    finally:
        await store.aclose()


async def log_of(path: Path) -> list[Recorded]:
    store = SqliteReader.open(path)
    try:
        return [event async for page in store.read_all() for event in page]
    finally:
        await store.aclose()


async def published_on(url: str, topic: str) -> list[list[Published]]:
    """Every record of the topic, by partition; each must be ours."""
    return [
        [decode(record.key, record.value, record.headers, secret=None) for record in records]
        for records in await records_of(url, topic)
    ]


@dataclass(frozen=True, slots=True)
class Verdict:
    """lost: events of the log that no worker would get from the topic. inversions: events that
    one would get before an earlier one of their order. repeated: records beyond one per event.
    late: records that workers skip, as a newer relay had published before.
    """

    lost: int
    inversions: int
    repeated: int
    late: int


def verdict(log: Sequence[Recorded], partitions: Sequence[Sequence[Published]]) -> Verdict:
    got: dict[str, list[int]] = {}
    records = late = 0
    known = {event.position: event for event in log}
    for partition in partitions:
        epoch = 0
        for record in partition:
            records += 1
            assert known[record.recorded.position] == record.recorded, "not what the log has"
            epoch = max(epoch, record.epoch)
            late += record.epoch < epoch
            seen = got.setdefault(order_id_of(record.recorded.stream), [])
            if record.epoch == epoch and record.recorded.revision not in seen:
                seen.append(record.recorded.revision)
    wanted: dict[str, list[int]] = {}
    for event in log:
        wanted.setdefault(order_id_of(event.stream), []).append(event.revision)
    lost = sum(len(set(all_) - set(got.get(order, ()))) for order, all_ in wanted.items())
    inversions = sum(later < earlier for seen in got.values() for earlier, later in pairwise(seen))
    return Verdict(lost, inversions, records - len(log), late)
