"""From a command's acknowledgement to its views, through relay, Kafka and workers to PostgreSQL,
on all of the production topology (`make stack`), at 100 commands a second.
"""

import asyncio
import time
from itertools import islice
from statistics import median

import asyncpg

from benchmarks.figures import Figure
from benchmarks.visible import drive
from projections.models import MODELS
from runtime.loop import run
from tests.stack.running import Stack, stack

RATE = 100
LOOK_S = 0.002
LATE_S_MAX = 10.0
LIVE = "SELECT live FROM daybook.pointer"


def measure(count: int) -> list[Figure]:
    with stack() as running:
        return run(_measure(running, count))


async def _measure(running: Stack, count: int) -> list[Figure]:
    await drive(running.url, count // 4, "warm", rate=RATE)
    delays = {name: await _delays(running, name, count // len(MODELS)) for name in MODELS}
    worst = max(delays, key=lambda name: median(delays[name]))
    views: list[float] = []
    await drive(running.url, count // 4, "asked", rate=RATE, view="payments", views=views)
    return [
        Figure(
            "acknowledged to visible through Kafka at 100 commands/s, best model, p50",
            min(median(times) for times in delays.values()) * 1000,
            "ms",
        ),
        Figure(f"  worst model ({worst}), p50", median(delays[worst]) * 1000, "ms", at_most=20),
        Figure(
            "  p99 of all", _p99([t for times in delays.values() for t in times]), "ms", at_most=100
        ),
        Figure(
            "acknowledged to answered by /payments?min_revision=0, p50", median(views) * 1000, "ms"
        ),
        Figure("  p99", _p99(views), "ms"),
    ]


def _p99(times_s: list[float]) -> float:
    """In milliseconds."""
    return sorted(times_s)[int(len(times_s) * 0.99)] * 1000


async def _delays(running: Stack, name: str, count: int) -> list[float]:
    """One model at a time is watched: to look at all of them costs as much as they do."""
    acknowledged: dict[str, float] = {}
    stop = asyncio.Event()
    watching = asyncio.create_task(_watch(running, name, acknowledged, stop))
    await drive(running.url, count, f"seen-{name}", rate=RATE, acknowledged=acknowledged)
    stop.set()
    seen = await watching
    return [seen[order] - at for order, at in acknowledged.items()]


async def _watch(
    running: Stack, name: str, acknowledged: dict[str, float], stop: asyncio.Event
) -> dict[str, float]:
    """When the model's live generation first showed each order that was acknowledged."""
    host, _, port = running.places.postgres.partition(":")
    conn = await asyncpg.connect(
        host=host,
        port=int(port),
        user="daybook_reader",
        password=running.places.secrets["READER_PASSWORD"],
        database=f"daybook_{name}",
    )
    seen: dict[str, float] = {}
    waiting: set[str] = set()
    known = 0
    try:
        schema = f"g{await conn.fetchval(LIVE)}"
        looked_at = f"SELECT order_id FROM {schema}.views WHERE order_id = ANY($1)"
        end_s = None
        while True:
            fresh = list(islice(acknowledged, known, None))
            known += len(fresh)
            waiting |= set(fresh)
            if waiting:
                rows = await conn.fetch(looked_at, list(waiting))
                found = [row["order_id"] for row in rows]
                seen |= dict.fromkeys(found, time.perf_counter())
                waiting -= set(found)
            elif stop.is_set():
                return seen
            if stop.is_set():
                end_s = end_s or time.perf_counter() + LATE_S_MAX
                if time.perf_counter() > end_s:
                    raise TimeoutError(f"{len(waiting)} orders did not reach {name}")
            await asyncio.sleep(LOOK_S)
    finally:
        await conn.close()
