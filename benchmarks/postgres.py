"""Read models in PostgreSQL against the same ones in SQLite: live in batches, and rebuilt."""

import tempfile
import time
from collections.abc import Iterator
from contextlib import aclosing, contextmanager
from pathlib import Path
from typing import Any

from benchmarks.figures import Figure
from benchmarks.histories import fill
from eventstore.port import EventStore
from eventstore.sqlite import SqliteReader, SqliteStore
from projections.models import MODELS
from projections.projection import Projection
from projections.sources.log import LOG, Batch, decode_item
from projections.storage.generations import ensure_built
from projections.storage.open import open_generations
from projections.worker.runner import apply
from projections.worker.writer import open_writer
from replay.rebuild import rebuild
from runtime.loop import run
from tests.parts.postgres import Postgres

BATCH = 100
LIVE_SHARE = 4
"""Of the events, one in so many is applied live: the rest would only take longer."""


def measure(count: int) -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder, _started() as server:
        return run(_measure(count, Path(folder), server))


@contextmanager
def _started() -> Iterator[Postgres]:
    server = Postgres()
    try:
        server.start()
        yield server
    finally:
        server.close()


async def _measure(count: int, folder: Path, server: Postgres) -> list[Figure]:
    figures = []
    for share, rate in ((LIVE_SHARE, _live), (1, _rebuilt)):
        path = folder / f"ledger-{share}.db"
        writer = SqliteStore.open(path)
        events = await fill(writer, count // share)
        await writer.aclose()
        store = SqliteReader.open(path)
        for model in MODELS.values():
            name = f"{model.name}_{share}"
            sqlite = await rate(model, f"sqlite+aiosqlite:///{folder / name}.db", store, events)
            postgres = await rate(model, server.database(name), store, events)
            what = "rebuild" if rate is _rebuilt else f"live in batches of {BATCH}"
            figures += [
                Figure(f"{model.name}, {what}, PostgreSQL", postgres, "events/s"),
                Figure(f"{model.name}, {what}, PostgreSQL / SQLite", postgres / sqlite, ""),
            ]
        await store.aclose()
    return figures


async def _live(model: Projection[Any], url: str, store: EventStore, events: int) -> float:
    items = [decode_item(it) async for page in store.read_all() for it in page]
    async with aclosing(open_generations(url)) as found:
        await ensure_built(model, found)
        async with open_writer(model, found, await found.live()) as writer:
            started = time.perf_counter()
            for first in range(0, len(items), BATCH):
                some = items[first : first + BATCH]
                await apply(writer, Batch(some, {LOG: some[-1].position}), store)
            taken = time.perf_counter() - started
    return events / taken


async def _rebuilt(model: Projection[Any], url: str, store: EventStore, events: int) -> float:
    started = time.perf_counter()
    await rebuild(model, url, store)
    return events / (time.perf_counter() - started)
