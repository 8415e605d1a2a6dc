"""The query side, put together from the settings: the log, the read models, their workers."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

from eventstore.opening import open_reader
from eventstore.port import EventStore
from projections.database import ReadDatabase
from projections.models import MODELS
from projections.source import SharedLog
from projections.worker import Worker
from runtime.settings import Settings
from runtime.terminal import Exit, ExitError


def worker_folder(settings: Settings) -> Path:
    """Where the workers write how they are."""
    return settings.data_dir / "workers"


@asynccontextmanager
async def log_reader(settings: Settings) -> AsyncIterator[EventStore]:
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


@asynccontextmanager
async def read_databases(settings: Settings) -> AsyncIterator[Sequence[ReadDatabase]]:
    """All read models, for reading, in the order of MODELS."""
    databases = [ReadDatabase(MODELS[name], url) for name, url in settings.read_urls.items()]
    try:
        yield databases
    finally:
        for database in databases:
            await database.aclose()


async def keep_up(
    names: Iterable[str],
    settings: Settings,
    store: EventStore,
    *,
    clock: Callable[[], datetime],
    stop: asyncio.Event,
) -> None:
    """Keep these read models up to date until stop is set; each is a task that fails alone."""
    source = SharedLog(store)
    try:
        async with asyncio.TaskGroup() as tasks:
            for name in names:
                worker = Worker(
                    MODELS[name],
                    settings.read_urls[name],
                    source=source,
                    store=store,
                    folder=worker_folder(settings),
                    clock=clock,
                )
                tasks.create_task(worker.run(stop), name=f"worker {name}")
    finally:
        await source.aclose()
