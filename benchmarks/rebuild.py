"""Rebuilding a read model from the log, against reading and decoding the log for nothing."""

import asyncio
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.histories import fill
from eventstore.port import EventReader, EventStore
from eventstore.record.codec import decode
from eventstore.sqlite import SqliteReader, SqliteStore
from eventstore.verified import VerifiedLog
from projections.models import MODELS
from projections.sources.log import SharedLog
from replay.parallel.parts import PARTS_MIN, parts_of, usable_cores
from replay.rebuild import rebuild
from runtime.loop import run

LOG = "ledger.db"


def measure(count: int) -> list[Figure]:
    return run(_measure(count))


async def _measure(count: int) -> list[Figure]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        writer = SqliteStore.open(folder / LOG)
        started = time.perf_counter()
        events = await fill(writer, count)
        filled = events / (time.perf_counter() - started)
        await writer.aclose()
        store = SqliteReader.open(folder / LOG)
        try:
            figures = [
                Figure("events in the log", events, ""),
                Figure("filled through the ledger in-process", filled, "events/s"),
            ]
            for model in MODELS:
                figures += await _compare([model], store, folder, events)
            return figures + await _compare(list(MODELS), store, folder, events)
        finally:
            await store.aclose()


async def _compare(
    names: Sequence[str], store: EventStore, folder: Path, events: int
) -> list[Figure]:
    """As a user runs it: with as many processes as there are cores, where the log is large."""
    jobs = usable_cores() if events >= PARTS_MIN else 1
    scans = [await _scan(store)]

    async def ratio(*, jobs: int, verify: bool = True) -> tuple[float, float]:
        """Its time, and of that the part that scans right before and after it take."""
        took = await _rebuild(names, store, folder, jobs=jobs, verify=verify)
        scans.append(await _scan(store))
        return took, sum(scans[-2:]) / 2 / took

    took, whole = await ratio(jobs=jobs)
    _, alone = await ratio(jobs=1)
    _, unverified = await ratio(jobs=jobs, verify=False)
    name = f"rebuild of {names[0] if len(names) == 1 else 'all'}"
    asked = 0.3 if len(names) == 1 else None
    return [
        Figure(f"{name}, {jobs} processes", events / took, "events/s"),
        Figure(f"{name}, {jobs} processes / scan and decode", whole, "", at_least=asked),
        Figure(f"{name}, 1 process / scan and decode", alone, ""),
        Figure(f"{name}, {jobs} processes, --no-verify / scan and decode", unverified, ""),
    ]


async def _rebuild(
    names: Sequence[str], store: EventStore, folder: Path, *, jobs: int, verify: bool = True
) -> float:
    url, until = f"sqlite:///{folder / LOG}", await store.head() or 0
    source = SharedLog(VerifiedLog(store) if verify else store)
    started = time.perf_counter()
    async with parts_of(url, names, jobs=jobs, until=until, verify=verify) as parts:
        await asyncio.gather(
            *(
                rebuild(
                    MODELS[name],
                    f"sqlite+aiosqlite:///{folder / name}.db",
                    store,
                    source=source,
                    parts=parts,
                )
                for name in names
            )
        )
    took = time.perf_counter() - started
    await source.aclose()
    return took


async def rebuild_all(url: str, store: EventReader, folder: Path) -> None:
    """All models, as `daybook replay --all` does, into the folder."""
    source = SharedLog(VerifiedLog(store))
    until = await store.head() or 0
    async with parts_of(url, MODELS, jobs=usable_cores(), until=until, verify=True) as parts:
        await asyncio.gather(
            *(
                rebuild(
                    model,
                    f"sqlite+aiosqlite:///{folder / name}.db",
                    store,
                    source=source,
                    parts=parts,
                )
                for name, model in MODELS.items()
            )
        )
    await source.aclose()


async def _scan(store: EventStore) -> float:
    started = time.perf_counter()
    async for page in store.read_all():
        for recorded in page:
            decode(recorded)
    return time.perf_counter() - started
