"""Several writers of one generation: each event is applied once."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.util import await_only

from projections.fold import Item, Progress
from projections.projection import Projection
from projections.sources.log import LOG, Batch
from projections.storage.postgres import engines
from projections.storage.postgres.session import LockedViews, PostgresSession
from projections.worker.parked import Discard, Retry, ask
from projections.worker.runner import apply
from projections.worker.writer import Writer
from tests.projections.kinds import Tables
from tests.projections.toy import (
    CONFIRMED,
    TALLY,
    Log,
    Tally,
    captured,
    contents,
    note,
    placed,
    url_of,
    voided,
    writer_of,
)
from tests.projections.worker.test_runner import brought_up
from tests.waiting import HUNG_S

pytestmark = pytest.mark.usefixtures("on_postgres")

WRITERS = 3
BATCHES = 25
SEEDS = range(6)


@pytest.fixture
async def log() -> Log:
    log = Log()
    for n in range(4):
        await log.append(f"o-{n}", placed(f"o-{n}"), captured("a"))
    for turn in range(10):
        for n in range(4):
            await log.append(f"o-{n}", captured(f"b{turn}", turn), note(), CONFIRMED)
    for n in range(4):
        await log.append(f"o-{n}", voided("a"))
    return log


async def alone(folder: Path, log: Log, projection: Projection[Any] = TALLY) -> Tables:
    async with writer_of(folder, projection) as writer:
        await brought_up(writer, log)
    return contents(folder)


def batches(items: Sequence[Item], random: Random) -> list[Batch]:
    """Pieces of the log, over and over: some again, some ahead of what is applied."""
    pieces = []
    for _ in range(BATCHES):
        start = random.randrange(len(items))
        piece = items[start : start + random.randint(1, 12)]
        pieces.append(Batch(piece, {LOG: piece[-1].position}))
    return pieces


async def together(folder: Path, log: Log, seed: int) -> Tables:
    """All writers at once, and one of them over all events in the end."""
    items, random = await log.items(), Random(seed)
    async with AsyncExitStack() as open_:
        # One after the other: the first one builds.
        writers = [await open_.enter_async_context(writer_of(folder)) for _ in range(WRITERS)]

        async def writing(writer: Writer, given: Sequence[Batch]) -> None:
            for batch in given:
                await apply(writer, batch, log.store)

        await asyncio.gather(*(writing(writer, batches(items, random)) for writer in writers))
        await apply(writers[0], Batch(items, {LOG: items[-1].position}), log.store)
    return contents(folder)


@pytest.mark.parametrize("seed", SEEDS)
async def test_rows_are_those_of_one_writer(tmp_path: Path, log: Log, seed: int) -> None:
    right = await alone(tmp_path / "right", log)

    assert await together(tmp_path / "several", log, seed) == right


def _unguarded(self: LockedViews, conn: Any, order_ids: Any) -> dict[str, Progress]:
    """As where nobody else writes: what is in memory is right."""
    missing = [order_id for order_id in set(order_ids) if order_id not in self._kept]
    sql = "SELECT order_id, revision, view, hash FROM views WHERE order_id = ANY($1::text[])"
    for order_id, revision, text, hash_ in conn.exec_driver_sql(sql, (missing,)):
        self._keep(order_id, revision, text, hash_)
    return self._known(order_ids)


def _unlocked(self: LockedViews, conn: Any, order_ids: Any) -> dict[str, Progress]:
    """Looked up for each batch, but not kept as it is until its end."""
    self.forget()
    return _unguarded(self, conn, order_ids)


@pytest.mark.parametrize("without", [_unguarded, _unlocked])
async def test_without_the_locks_they_corrupt_each_others_views(
    tmp_path: Path, log: Log, monkeypatch: pytest.MonkeyPatch, without: Any
) -> None:
    right = await alone(tmp_path / "right", log)
    monkeypatch.setattr(LockedViews, "load", without)
    wrong = 0
    for seed in SEEDS:
        try:
            wrong += await together(tmp_path / f"several-{seed}", log, seed) != right
        except Exception:  # noqa: BLE001 (an entry that is stored twice is detected as well)
            wrong += 1

    assert wrong


async def test_of_two_writers_that_begin_an_order_one_tries_again(tmp_path: Path) -> None:
    log = Log()
    for n in range(120):  # More than COPY_MIN, and fewer.
        await log.append(f"o-{n:03}", placed(f"o-{n:03}"), captured("a"))
    items = await log.items()
    async with writer_of(tmp_path / "n") as one, writer_of(tmp_path / "n") as two:
        for some in (items[:40], items):
            backwards = some[::-2] + some[::2]
            await asyncio.gather(
                apply(one, Batch(some, {}), log.store), apply(two, Batch(backwards, {}), log.store)
            )
            assert not one.parked | two.parked
    expected = await alone(tmp_path / "right", log)

    assert contents(tmp_path / "n")["lines"] == expected["lines"]
    assert contents(tmp_path / "n")["views"] == expected["views"]


@pytest.fixture
def repaired() -> Projection[Tally]:
    def evolve(tally: Tally, event: Any) -> Any:
        if getattr(event.event, "text", "") == "poison":
            return replace(tally, notes=tally.notes + 100), ()
        return TALLY.evolve(tally, event)

    return replace(TALLY, evolve=evolve)


async def unparked_elsewhere(folder: Path, repaired: Projection[Tally]) -> list[Any]:
    """Progress of an order that was parked here, unparked by another writer, and continues here."""
    log = Log()
    await log.append("o-1", placed(), note("poison"), note())
    async with writer_of(folder) as writer:
        await brought_up(writer, log)
        assert writer.parked == {"o-1"}
        outcome = await ask(repaired, url_of(folder), log.store, Retry(order_id="o-1"))
        assert outcome.done
        await log.append("o-1", note())
        await brought_up(writer, log)
    return [row[:2] for row in contents(folder)["views"]]


async def test_an_order_that_another_writer_unparked_continues_here(
    tmp_path: Path, repaired: Projection[Tally]
) -> None:
    assert await unparked_elsewhere(tmp_path, repaired) == [("o-1", 3)]


async def test_without_reading_the_parked_orders_again_its_next_event_would_be_skipped(
    tmp_path: Path, repaired: Projection[Tally], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PostgresSession, "parked_and_discarded", lambda _self, _order_ids: None)

    assert await unparked_elsewhere(tmp_path, repaired) == [("o-1", 2)]


async def test_an_event_that_was_skipped_during_a_retry_is_applied_by_the_retry(
    tmp_path: Path, repaired: Projection[Tally], monkeypatch: pytest.MonkeyPatch
) -> None:
    log = Log()
    await log.append("o-1", placed(), note("poison"))
    async with writer_of(tmp_path) as worker:
        await brought_up(worker, log)
        committing = Writer.commit
        came: list[int] = []

        async def with_one_more(self: Writer, *given: Any, **more: Any) -> Any:
            """Between what the retry has read of the log and what it commits."""
            if self is not worker and not came:
                came.append(1)
                await log.append("o-1", note())
                await brought_up(worker, log)
            return await committing(self, *given, **more)

        monkeypatch.setattr(Writer, "commit", with_one_more)
        outcome = await ask(repaired, url_of(tmp_path), log.store, Retry(order_id="o-1"))

    assert came
    assert outcome.done
    assert [row[:2] for row in contents(tmp_path)["views"]] == [("o-1", 2)]


async def test_an_event_that_another_writer_discarded_is_skipped_here(tmp_path: Path) -> None:
    log = Log()
    await log.append("o-1", placed(), note("poison"), note("poison"))
    discards = [Discard(order_id="o-1", revision=n, who="ann", why="a test") for n in (1, 2)]
    async with writer_of(tmp_path) as writer:
        await brought_up(writer, log)
        for discard in discards:
            await ask(TALLY, url_of(tmp_path), log.store, discard)
        await log.append("o-1", note())
        await brought_up(writer, log)
        await writer.recall()
        assert writer.discards == {("o-1", 1), ("o-1", 2)}

    assert [row[:2] for row in contents(tmp_path)["views"]] == [("o-1", 3)]
    assert contents(tmp_path)["parked"] == []


async def test_an_order_that_another_writer_removed_is_written_whole_again(tmp_path: Path) -> None:
    """A repair removes an order, and whoever comes next reads it from the log."""
    log = Log()
    await log.append("o-1", placed(), captured("a"))
    items = await log.items()
    async with writer_of(tmp_path) as writer, writer_of(tmp_path) as other:
        await apply(writer, Batch(items, {}), log.store)
        rows = contents(tmp_path)

        def remove(conn: Connection) -> None:
            other.views.remove(conn, ["o-1"])

        await other.change(remove)
        assert contents(tmp_path) != rows
        await apply(writer, Batch(items, {}), log.store)

    assert contents(tmp_path) == rows


async def test_a_writer_stopped_during_a_batch_blocks_no_other_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(engines._WRITE, "idle_in_transaction_session_timeout", "3s")
    log = Log()
    await log.append("o-1", placed(), note())
    items = await log.items()
    hangs, other_is_done = asyncio.Event(), asyncio.Event()
    async with writer_of(tmp_path) as stopped, writer_of(tmp_path) as other:
        await apply(stopped, Batch(items[:1], {}), log.store)

        def hang(*_: object) -> None:
            hangs.set()
            await_only(other_is_done.wait())

        monkeypatch.setattr(stopped.views, "store", hang)
        hanging = asyncio.create_task(apply(stopped, Batch(items, {}), log.store))
        await hangs.wait()

        await asyncio.wait_for(apply(other, Batch(items, {}), log.store), HUNG_S)

        other_is_done.set()
        with pytest.raises(DBAPIError) as caught:
            await hanging
        assert stopped._session.is_environment(caught.value)
        assert not stopped.parked
    assert [row[:2] for row in contents(tmp_path)["views"]] == [("o-1", 1)]
