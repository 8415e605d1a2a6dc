"""The query side, put together from the settings: the log, the read models, their workers."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from eventstore.decisions import DISCARDS, Discarded
from eventstore.port import EventReader
from eventstore.relay.bus import BusUnavailable
from eventstore.stores import is_dense, open_decisions, open_lease_reader, open_reader
from projections.models import MODELS
from projections.monitor.metrics import WorkerMonitor
from projections.sources.log import SharedLog, Source
from projections.storage.database import ReadDatabase
from projections.worker.worker import Worker
from runtime.metrics import WorkerMetrics
from runtime.settings import Settings
from runtime.terminal import Exit, ExitError
from runtime.tracing import Tracing
from runtime.urls import is_kafka, parse_kafka_url

if TYPE_CHECKING:
    from projections.sources.kafka import KafkaSource


def worker_folder(settings: Settings) -> Path:
    """Where workers report how they are."""
    return settings.data_dir / "workers"


async def _nothing() -> None:
    """Nothing is checked before the start."""


@asynccontextmanager
async def log_reader(settings: Settings) -> AsyncIterator[EventReader]:
    """The log, beside the process that writes it. Raises ExitError, StoreError."""
    if settings.in_memory:
        raise ExitError(
            "memory:// is seen by `daybook serve` alone: set DAYBOOK_STORE to sqlite:///<path>",
            Exit.USAGE,
        )
    store = open_reader(settings.store_url)
    try:
        yield store
    finally:
        await store.aclose()


async def discards_of(settings: Settings) -> Sequence[Discarded]:
    """The log's own record of the events that read models skip. Raises StoreError."""
    async with aclosing(open_decisions(settings.store_url, DISCARDS)) as discards:
        return await discards.all()


@asynccontextmanager
async def read_databases(settings: Settings) -> AsyncIterator[Sequence[ReadDatabase]]:
    """All read models, for reading, in the order of MODELS."""
    databases = [ReadDatabase(MODELS[name], url) for name, url in settings.read_urls.items()]
    try:
        yield databases
    finally:
        await asyncio.gather(*(database.aclose() for database in databases))


async def keep_up(
    names: Iterable[str],
    settings: Settings,
    store: EventReader,
    *,
    clock: Callable[[], datetime],
    stop: asyncio.Event,
    monitor: WorkerMonitor,
    check_log: Callable[[], Awaitable[None]] = _nothing,
) -> None:
    """Keep these read models up to date until stop is set; each is a task that fails alone.

    check_log: as the Worker's.
    Raises BusUnavailable where BUS is set and its client is not installed.
    """
    async with sources(names, settings, store) as found, asyncio.TaskGroup() as tasks:
        for name, source in found.items():
            worker = Worker(
                MODELS[name],
                settings.read_urls[name],
                source=source,
                store=store,
                folder=worker_folder(settings),
                clock=clock,
                watch=monitor.watch(name),
                check_log=check_log,
                falling_back=getattr(source, "falling_back", _never),
            )
            monitor.add(MODELS[name], settings.read_urls[name], worker, source)
            tasks.create_task(worker.run(stop), name=f"worker {name}")


@asynccontextmanager
async def monitoring_workers(
    settings: Settings,
    store: EventReader,
    metrics: WorkerMetrics,
    tracing: Tracing | None,
    *,
    clock: Callable[[], datetime],
) -> AsyncIterator[WorkerMonitor]:
    """The monitor for keep_up(), which has to end before the block does."""
    dense = is_dense(settings.store_url)
    monitor = WorkerMonitor(metrics, tracing, store=store, dense=dense, clock=clock)
    try:
        yield monitor
    finally:
        await monitor.aclose()


@asynccontextmanager
async def sources(
    names: Iterable[str], settings: Settings, store: EventReader
) -> AsyncIterator[Mapping[str, Source]]:
    """The source of each read model: the log, read once for all, or Kafka in a group of its own.

    With another bus it is the log: what is published there is for others. Raises BusUnavailable.
    """
    async with AsyncExitStack() as stack:
        if is_kafka(settings.bus):
            kafka = {name: _kafka_source(name, settings, store) for name in names}
            for source in kafka.values():
                stack.push_async_callback(source.aclose)
            yield kafka
        else:
            log = SharedLog(store)
            stack.push_async_callback(log.aclose)
            yield dict.fromkeys(names, log)


def group_of(name: str, topic: str) -> str:
    """The consumer group of a read model's workers; each topic has groups of its own."""
    is_usual = topic == Settings.model_fields["topic"].default
    return f"daybook-{name}" if is_usual else f"daybook-{name}-{topic}"


def _kafka_source(name: str, settings: Settings, store: EventReader) -> "KafkaSource":
    try:
        from eventstore.relay.kafka.connection import client_options
        from eventstore.relay.kafka.diagnose import diagnose_connection
        from projections.sources.kafka import KafkaSource
        from projections.sources.kafka_member import Member
    except ImportError as error:
        raise BusUnavailable(
            f"Kafka needs its client ({error}): pip install 'daybook[kafka]'"
        ) from None
    url = parse_kafka_url(settings.bus)

    def member() -> Member:
        return Member(
            client_options(url),
            topic=settings.topic,
            group=group_of(name, settings.topic),
            why=partial(diagnose_connection, url),
        )

    lease = open_lease_reader(settings.store_url)
    return KafkaSource(member, store, lease, topic=settings.topic, sweep_s=settings.sweep_s)


def _never() -> str:
    """A source without a bus never falls back on the sweep."""
    return ""
