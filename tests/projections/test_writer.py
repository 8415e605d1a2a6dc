import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from eventstore.memory import MemoryStore
from projections.fold import Item, Undecoded
from projections.generations import Held, generations
from projections.projection import Projection
from projections.views import Views
from projections.writer import Writer
from tests.contracts.projection import ProjectionContract
from tests.projections.toy import (
    CONFIRMED,
    RAW_TALLY,
    TALLY,
    UNDECODABLE,
    Log,
    captured,
    contents,
    note,
    placed,
    url_of,
    voided,
    writer_of,
)

ROOT = Path(__file__).parents[2]


TROUBLED = {"o-1", "o-2", "o-3"}


async def a_log() -> Log:
    log = Log(MemoryStore())
    for n in range(6):
        order_id = f"o-{n}"
        await log.append(order_id, placed(order_id), captured("a", n), CONFIRMED)
        await log.append(order_id, captured("b"), voided("a"), note())
    await log.append("o-1", note("poison"), note())
    await log.append("o-2", note("too big a number"), note())
    await log.append("o-3", UNDECODABLE, note())
    return log


class TestTally(ProjectionContract):
    @pytest.fixture
    def projection(self) -> Projection[Any]:
        return TALLY

    @pytest.fixture
    async def log(self) -> Log:
        return await a_log()

    @pytest.fixture
    async def folding(self, items: Sequence[Item]) -> Sequence[Item]:
        return [item for item in items if item.order_id not in TROUBLED]


class TestTallyThatTakesRawEvents(ProjectionContract):
    @pytest.fixture
    def projection(self) -> Projection[Any]:
        return RAW_TALLY

    @pytest.fixture
    async def log(self) -> Log:
        return await a_log()

    @pytest.fixture
    async def folding(self, items: Sequence[Item]) -> Sequence[Item]:
        return [item for item in items if item.order_id not in TROUBLED]


async def test_rows_that_vanish_from_the_view_vanish_from_the_table(tmp_path: Path) -> None:
    log = Log()
    await log.append("o-1", placed(), captured("a", 1), captured("b", 2), voided("a"))
    items = await log.items()
    async with writer_of(tmp_path) as writer:
        await writer.commit(items[:3], {})
        assert contents(tmp_path)["captures"] == [("o-1", "a", 1), ("o-1", "b", 2)]
        await writer.commit(items[3:], {})
    assert contents(tmp_path)["captures"] == [("o-1", "b", 2)]


async def test_a_view_in_memory_and_one_from_the_table_give_the_same_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    items = await (await a_log()).items()
    monkeypatch.setattr(Views.__init__, "__kwdefaults__", {"kept_max": 2})
    async with writer_of(tmp_path / "little") as writer:
        for item in sorted(items, key=lambda item: item.revision):
            await writer.commit([item], {})
    monkeypatch.undo()
    async with writer_of(tmp_path / "much") as writer:
        await writer.commit(items, {})

    assert contents(tmp_path / "little") == contents(tmp_path / "much")


async def test_checkpoints_of_several_sources_stand_side_by_side(tmp_path: Path) -> None:
    async with writer_of(tmp_path) as writer:
        await writer.commit((), {"topic/0": 5})
        await writer.commit((), {"topic/1": 7})
        await writer.commit((), {"topic/0": 6})
        assert writer.checkpoints == {"topic/0": 6, "topic/1": 7}
    async with writer_of(tmp_path) as writer:
        assert writer.checkpoints == {"topic/0": 6, "topic/1": 7}


async def test_the_checkpoints_stay_where_a_batch_has_a_hole(tmp_path: Path) -> None:
    log = Log()
    await log.append("o-1", placed(), captured("a"), captured("b"))
    await log.append("o-2", placed("o-2"))
    first, _, third, other = await log.items()
    async with writer_of(tmp_path) as writer:
        assert await writer.commit([first, third, other], {"log": 9}) == {"o-1": 0}
        assert writer.checkpoints == {}
    assert contents(tmp_path)["checkpoint"] == []
    assert [row[:2] for row in contents(tmp_path)["views"]] == [("o-1", 0), ("o-2", 0)]


@pytest.mark.parametrize("trouble", ["too big a number", "below zero"])
async def test_rows_that_the_database_refuses_park_their_order_alone(
    tmp_path: Path, trouble: str
) -> None:
    log = Log()
    await log.append("o-1", placed(), note(trouble), note())
    await log.append("o-2", placed("o-2"), captured())
    items = await log.items()
    async with writer_of(tmp_path) as writer:
        assert await writer.commit(items, {"log": 15}) == {}
        assert writer.parked == {"o-1"}

    tables = contents(tmp_path)
    assert [row[:4] for row in tables["parked"]] == [("o-1", 1, items[1].position, "NoteAdded")]
    assert [row[:2] for row in tables["views"]] == [("o-1", 0), ("o-2", 1)]
    assert tables["orders"] == [("o-1", 1_000, 0), ("o-2", 1_000, 0)]
    assert tables["checkpoint"] == [("log", 15)]


async def test_a_locked_database_parks_nothing_and_changes_nothing(tmp_path: Path) -> None:
    items = await (await a_log()).items()
    async with writer_of(tmp_path) as writer:
        path = generations(url_of(tmp_path)).path(1)
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(OperationalError, match="locked"):
                await writer.commit(items, {"log": 1})
            other.execute("ROLLBACK")
        assert contents(tmp_path)["parked"] == []
        assert contents(tmp_path)["views"] == []

        await writer.commit(items, {"log": 1})
    assert len(contents(tmp_path)["views"]) == 6


async def limit(writer: Writer, *, pages: int) -> None:
    """What SQLite answers at its own limit is what it answers on a full disk."""

    def limited() -> None:
        writer._connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        writer._connection.rollback()

    await writer._in_thread(limited)


async def test_a_full_disk_parks_nothing_and_goes_on_when_there_is_room(tmp_path: Path) -> None:
    log = Log()
    for n in range(400):
        await log.append(f"o-{n}", placed(f"o-{n}"), note())
    items = await log.items()
    async with writer_of(tmp_path) as writer:
        await writer.commit(items[:2], {})
        await limit(writer, pages=15)
        with pytest.raises(OperationalError, match="full"):
            await writer.commit(items, {"log": 1})
        assert len(contents(tmp_path)["views"]) == 1
        assert contents(tmp_path)["parked"] == []

        await limit(writer, pages=100_000)
        await writer.commit(items, {"log": 1})
    assert len(contents(tmp_path)["views"]) == 400


async def test_two_writers_of_one_generation_are_one_too_many(tmp_path: Path) -> None:
    async with writer_of(tmp_path):
        with pytest.raises(Held):
            async with writer_of(tmp_path):
                pass


async def test_a_parked_order_moves_on_when_its_events_are_given_again(tmp_path: Path) -> None:
    log = Log()
    await log.append("o-1", placed(), UNDECODABLE, note())
    first, damaged, last = await log.items()
    assert isinstance(damaged, Undecoded)
    async with writer_of(tmp_path) as writer:
        await writer.commit([first, damaged, last], {})
    await log.append("o-2", placed("o-1"), CONFIRMED)
    good = (await log.items())[-1]
    repaired = type(good)(
        "o-1",
        damaged.revision,
        *[
            getattr(good, name)
            for name in ("position", "event_id", "type", "event", "metadata", "recorded")
        ],
    )
    async with writer_of(tmp_path) as writer:
        assert writer.parked == {"o-1"}
        await writer.commit([repaired, last], {}, unpark="o-1")
        assert writer.parked == frozenset()
    assert contents(tmp_path)["parked"] == []
    assert [row[:2] for row in contents(tmp_path)["views"]] == [("o-1", 2)]


def killed_at_every_point(folder: Path, variant: str) -> str:
    """See tests/projections/kill_points.py."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.projections.kill_points", str(folder), variant],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_kill_9_at_any_point_leaves_whole_batches_and_a_resume_completes_them(
    tmp_path: Path,
) -> None:
    said = killed_at_every_point(tmp_path, "as it is")

    assert said.endswith("torn 0, resumed wrongly 0\n")
    assert int(said.split()[0]) > 30


@pytest.mark.parametrize("variant", ["rows first", "checkpoint first"])
def test_the_same_kills_catch_a_writer_with_two_transactions(tmp_path: Path, variant: str) -> None:
    assert not killed_at_every_point(tmp_path, variant).endswith("torn 0, resumed wrongly 0\n")


def test_a_writer_says_how_it_is_opened(tmp_path: Path) -> None:
    writer = Writer(TALLY, tmp_path / "none.db", 1)
    with pytest.raises(RuntimeError, match="open_writer"):
        writer._connection  # noqa: B018 (the property raises)
