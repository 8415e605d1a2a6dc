"""Durable appends to the SQLite log: many tasks share a commit, one task waits for each."""

import asyncio
import tempfile
import time
from pathlib import Path
from uuid import uuid4

import uvloop

from benchmarks.figures import Figure
from eventstore.port import NO_STREAM, Draft, StreamName
from eventstore.sqlite import SqliteStore

TASKS = 64
ROUNDS = 3
DATA = b'{"note":"' + b"x" * 200 + b'"}'
METADATA = b'{"hash":"' + b"0" * 400 + b'"}'


def measure(count: int) -> list[Figure]:
    one, many = [], []
    for _ in range(ROUNDS):
        one.append(_rate(count // 4, 1))
        many.append(_rate(count, TASKS))
    single, together = sorted(one)[ROUNDS // 2], sorted(many)[ROUNDS // 2]
    return [
        Figure("durable appends, one task", single, "events/s"),
        Figure(f"durable appends, {TASKS} tasks", together, "events/s"),
        Figure(f"{TASKS} tasks / one", together / single, "", at_least=4),
    ]


def _rate(count: int, tasks: int) -> float:
    with tempfile.TemporaryDirectory() as folder:
        return uvloop.run(_append(Path(folder) / "log.db", count, tasks))


async def _append(path: Path, count: int, tasks: int) -> float:
    store = SqliteStore.open(path)
    try:
        drafts = [Draft(uuid4(), "NoteAdded", DATA, METADATA) for _ in range(count)]
        turns = iter(enumerate(drafts))

        async def work() -> None:
            for number, draft in turns:
                await store.append(StreamName(f"order-{number}"), [draft], expected=NO_STREAM)

        started = time.perf_counter()
        await asyncio.gather(*[work() for _ in range(tasks)])
        return count / (time.perf_counter() - started)
    finally:
        await store.aclose()
