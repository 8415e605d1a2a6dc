"""What the batches of a live read model ask of the server, counted."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from projections.sources.log import LOG, Batch, SharedLog
from projections.storage.generations import Generations, Pointer
from projections.storage.open import open_generations as generations_of
from projections.worker import worker as workers
from projections.worker.runner import apply
from projections.worker.worker import POINTER_S, Worker
from projections.worker.writer import Committed, Writer
from runtime.clock import utc_now
from tests.projections.toy import TALLY, Log, contents, note, placed, url_of, writer_of
from tests.waiting import HUNG_S, until

pytestmark = pytest.mark.usefixtures("on_postgres")

ORDERS = 40
BATCH = 4
"""With one order at a time nothing shows: the server then plans each statement again."""
BATCHES_MIN = 40


async def whole_scans(writer: Writer) -> int:
    """How often all of the views' table was read, by whomever."""
    connection = writer._session.connection

    def ask() -> int:
        connection.exec_driver_sql("SELECT pg_stat_force_next_flush()")
        connection.commit()
        asked = "SELECT seq_scan FROM pg_stat_user_tables WHERE relid = 'views'::regclass"
        found: int = connection.exec_driver_sql(asked).scalar_one()
        connection.rollback()
        return found

    return await writer._session.run(ask)


async def test_no_batch_scans_a_new_generation(tmp_path: Path) -> None:
    log = Log()
    for n in range(ORDERS):
        await log.append(f"o-{n}", placed(f"o-{n}"))
    async with writer_of(tmp_path) as writer:
        before = await whole_scans(writer)
        items = await log.items()
        for first in range(0, ORDERS, BATCH):
            some = items[first : first + BATCH]
            await apply(writer, Batch(some, {LOG: some[-1].position}), log.store)

        assert await whole_scans(writer) == before


async def test_the_last_event_of_a_bus_is_saved_without_a_statement_of_its_own(
    tmp_path: Path,
) -> None:
    log = Log()
    await log.append("o-1", placed(), note(), note())
    first, second, third = await log.items()
    asked: list[str] = []
    async with writer_of(tmp_path) as writer:
        await apply(writer, Batch([first], {"t/1": 1}), log.store)
        event.listen(
            writer._session.connection,
            "before_cursor_execute",
            lambda _conn, _cursor, statement, *_: asked.append(statement),
        )
        await apply(writer, Batch([second], {"t/1": 2}), log.store)
        without = len(asked)
        await apply(writer, Batch([third], {"t/1": 3}, {"t/1": third}), log.store)

    assert 0 < without == len(asked) - without
    kept = contents(tmp_path)
    assert kept["checkpoint"] == [("t/1", 3)]
    assert [row[:4] for row in kept["last_read"]] == [("t/1", third.position, "order-o-1", 2)]


async def test_a_busy_worker_seldom_reads_the_pointer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[None] = []
    commits: list[Committed] = []

    def counted(url: str) -> Generations:
        found: Any = generations_of(url)
        ask = found.pointer

        async def pointer() -> Pointer:
            asked.append(None)
            answer: Pointer = await ask()
            return answer

        found.pointer = pointer
        return found  # type: ignore[no-any-return]

    monkeypatch.setattr(workers, "open_generations", counted)
    log, stop = Log(), asyncio.Event()
    source = SharedLog(log.store)
    worker = Worker(
        TALLY,
        url_of(tmp_path),
        source=source,
        store=log.store,
        folder=tmp_path,
        clock=utc_now,
        watch=commits.append,
    )
    task = asyncio.create_task(worker.run(stop))
    await until(lambda: worker.generation is not None)
    asked.clear()
    began_s = asyncio.get_running_loop().time()
    commits.clear()
    await log.append("o-1", placed())
    async with asyncio.timeout(HUNG_S):
        while len(commits) < BATCHES_MIN:
            await log.append("o-1", note())
            await asyncio.sleep(0.005)
    await until(lambda: bool(asked))  # it moves over to another generation by it
    stop.set()
    await asyncio.wait_for(task, HUNG_S)
    took_s = asyncio.get_running_loop().time() - began_s
    await source.aclose()

    # However slow this machine is, it has not asked more often.
    assert len(asked) <= 1 + took_s / POINTER_S
