"""From a command's acknowledgement to its views, through relay, Kafka and workers to PostgreSQL,
on all of the production topology (`make stack`), at 100 commands a second; and how fast a worker is
on Kafka and PostgreSQL.
"""

import asyncio
import time
from itertools import islice
from statistics import median

import asyncpg

from benchmarks import sources
from benchmarks.figures import Figure
from benchmarks.visible import drive
from projections.models import MODELS
from runtime.loop import run
from tests.stack.running import Stack, stack

RATE = 100
LOOK_S = 0.002
LATE_S_MAX = 10.0
LIVE = "SELECT live FROM daybook.pointer"
EVENTS_PER_COMMAND = 7
"""The worker's rate is taken over so many more events."""


def measure(count: int) -> list[Figure]:
    with stack() as running:
        figures = run(_measure(running, count))
    return [*figures, *sources.measure(count * EVENTS_PER_COMMAND)]


async def _measure(running: Stack, count: int) -> list[Figure]:
    # Kafka's own machine compiles for the first ten seconds or more.
    await drive(running.url, count // 2, "warm", rate=RATE)
    delays = await _delays(running, count)
    views: list[float] = []
    await drive(running.url, count // 4, "asked", rate=RATE, view="payments", views=views)
    return [
        Figure(
            "acknowledged to visible in all four models through Kafka at 100 commands/s, p50",
            median(delays) * 1000,
            "ms",
            at_most=20,
        ),
        Figure("  p99", _p99(delays), "ms", at_most=100),
        Figure("  largest", max(delays) * 1000, "ms"),
        Figure(
            "acknowledged to answered by /payments?min_revision=0, p50", median(views) * 1000, "ms"
        ),
        Figure("  p99", _p99(views), "ms"),
    ]


def _p99(times_s: list[float]) -> float:
    """In milliseconds."""
    return sorted(times_s)[int(len(times_s) * 0.99)] * 1000


async def _delays(running: Stack, count: int) -> list[float]:
    """Of each order, until the last of the models has it."""
    acknowledged: dict[str, float] = {}
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        watching = [tasks.create_task(_watch(running, name, acknowledged, stop)) for name in MODELS]
        await drive(running.url, count, "seen", rate=RATE, acknowledged=acknowledged)
        stop.set()
    seen = [task.result() for task in watching]
    return [max(times[order] for times in seen) - at for order, at in acknowledged.items()]


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
