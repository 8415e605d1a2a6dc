"""How fast the worker of the order model is: from the log and from Kafka, into SQLite and into
PostgreSQL, in turns.
"""

import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from uuid import uuid4

from benchmarks.figures import Figure
from benchmarks.histories import fill
from eventstore.port import EventStore
from eventstore.sqlite import SqliteReader, SqliteStore
from projections.models import MODELS
from projections.sources.log import LOG, SharedLog, Source
from projections.storage.generations import ensure_built
from projections.storage.open import open_generations
from projections.worker.runner import run
from projections.worker.writer import Committed, open_writer
from runtime.loop import run as run_loop
from tests.eventstore.filled import log_of
from tests.parts.kafka import Kafka, running
from tests.parts.postgres import PostgresServer, postgres_server
from tests.parts.topics import make_topic
from tests.projections.sources.kafka import Topic, filling

ROUNDS = 3
PARTITIONS = 6
MODEL = MODELS["order"]
TOO_LONG_S = 120.0


@dataclass(frozen=True, slots=True)
class Places:
    """A log with so many events, all of them in a topic too; where read models can be made."""

    store: EventStore
    topic: Topic
    events: int
    folder: Path
    postgres: PostgresServer

    def sqlite_url(self) -> str:
        return f"sqlite+aiosqlite:///{self.folder / uuid4().hex}.db"


def measure(count: int) -> list[Figure]:
    with (
        running() as kafka,
        postgres_server() as postgres,
        tempfile.TemporaryDirectory() as folder,
    ):
        return run_loop(_measure(kafka, postgres, Path(folder), count))


async def _measure(
    kafka: Kafka, postgres: PostgresServer, folder: Path, count: int
) -> list[Figure]:
    async with _filled(kafka, postgres, folder, count) as places:
        databases: dict[str, Callable[[], str]] = {
            "SQLite": places.sqlite_url,
            "PostgreSQL": places.postgres.database,
        }
        ways: dict[str, Callable[[], Awaitable[float]]] = {
            f"{source} to {name}": partial(rate, places, url)
            for name, url in databases.items()
            for source, rate in (("log", _from_log), ("Kafka", _from_kafka))
        }
        rounds = [{way: await rate() for way, rate in ways.items()} for _ in range(ROUNDS)]
    rates = {way: median(found[way] for found in rounds) for way in ways}
    return [
        *(Figure(f"worker of the order model, {way}", rates[way], "events/s") for way in ways),
        Figure(
            "Kafka to PostgreSQL / log to SQLite",
            rates["Kafka to PostgreSQL"] / rates["log to SQLite"],
            "",
        ),
    ]


@asynccontextmanager
async def _filled(
    kafka: Kafka, postgres: PostgresServer, folder: Path, count: int
) -> AsyncIterator[Places]:
    path = folder / "ledger.db"
    writer = SqliteStore.open(path)
    events = await fill(writer, count)
    await writer.aclose()
    name = f"bench-{uuid4().hex[:8]}"
    await make_topic(kafka.url, name, partitions=PARTITIONS)
    async with filling(kafka.url, name) as topic, aclosing(SqliteReader.open(path)) as store:
        await topic.publish(await log_of(path))
        yield Places(store, topic, events, folder, postgres)


async def _from_log(places: Places, url: Callable[[], str]) -> float:
    async with aclosing(SharedLog(places.store)) as source:
        return await _rate(places, url(), source, {})


async def _from_kafka(places: Places, url: Callable[[], str]) -> float:
    """From the topic's beginning: a read model without checkpoints would begin with the log."""
    beginning = {f"{places.topic.name}/{partition}": 0 for partition in range(PARTITIONS)}
    async with aclosing(places.topic.source(places.store)) as source:
        return await _rate(places, url(), source, beginning)


async def _rate(places: Places, url: str, source: Source, beginning: dict[str, int]) -> float:
    """Events a second from the first commit's beginning to the last one's end.

    The group's joining is left out, and the first batch's reading with it.
    """
    commits: list[Committed] = []
    applied = 0

    def watch(committed: Committed) -> None:
        nonlocal applied
        applied += len(committed.applied)
        if committed.applied:
            commits.append(committed._replace(applied=()))

    async def between() -> bool:
        return applied < places.events and time.monotonic() < deadline_s

    async with aclosing(open_generations(url)) as found:
        await ensure_built(MODEL, found)
        async with open_writer(MODEL, found, await found.live(), watch=watch) as writer:
            await writer.commit([], beginning)
            deadline_s = time.monotonic() + TOO_LONG_S
            await run(writer, source, places.store, stop_at_tail=False, between=between)
            if applied != places.events:
                raise RuntimeError(f"{applied} of {places.events} events were applied")
            if beginning and LOG in writer.checkpoints:
                raise RuntimeError("the sweep was measured, not Kafka")
    return applied / ((commits[-1].ended_ns - commits[0].began_ns) / 1e9)
