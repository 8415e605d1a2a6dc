"""Rebuilding a read model from the log, against reading and decoding the log for nothing."""

import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.figures import Figure
from benchmarks.histories import fill
from eventstore.codec import decode
from eventstore.port import EventStore
from eventstore.sqlite import SqliteReader, SqliteStore
from eventstore.verified import VerifiedLog
from projections.models import MODELS
from projections.projection import Projection
from projections.source import SharedLog
from replay.rebuild import rebuild
from runtime.loop import run


def measure(count: int) -> list[Figure]:
    return run(_measure(count))


async def _measure(count: int) -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.db"
        writer = SqliteStore.open(path)
        started = time.perf_counter()
        events = await fill(writer, count)
        filled = events / (time.perf_counter() - started)
        await writer.aclose()
        store = SqliteReader.open(path)
        try:
            figures = [
                Figure("events in the log", events, ""),
                Figure("filled through the ledger in-process", filled, "events/s"),
            ]
            for model in MODELS.values():
                figures += await _compare(model, store, Path(folder), events)
            return figures
        finally:
            await store.aclose()


async def _compare(
    model: Projection[Any], store: EventStore, folder: Path, events: int
) -> list[Figure]:
    scan = await _scan(store)
    rebuilt = await _rebuild(model, VerifiedLog(store), folder)
    unverified = await _rebuild(model, store, folder)
    scan = (scan + await _scan(store)) / 2
    name = f"rebuild of {model.name}"
    return [
        Figure(name, events / rebuilt, "events/s"),
        Figure(f"{name} / scan and decode", scan / rebuilt, "", at_least=0.3),
        Figure(f"{name} with --no-verify / scan and decode", scan / unverified, ""),
    ]


async def _rebuild(model: Projection[Any], log: EventStore, folder: Path) -> float:
    source = SharedLog(log)
    started = time.perf_counter()
    await rebuild(model, f"sqlite+aiosqlite:///{folder / model.name}.db", log, source=source)
    took = time.perf_counter() - started
    await source.aclose()
    return took


async def _scan(store: EventStore) -> float:
    started = time.perf_counter()
    async for page in store.read_all():
        for recorded in page:
            decode(recorded)
    return time.perf_counter() - started
