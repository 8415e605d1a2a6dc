import sqlite3
import subprocess
import sys
from contextlib import aclosing, closing
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError, OperationalError

from projections.storage.errors import Held
from projections.storage.open import open_generations
from projections.storage.statements import PARTS
from projections.worker.writer import Writer, open_writer
from tests.projections.toy import TALLY, Log, contents, note, placed, url_of, writer_of
from tests.projections.worker.test_writer import a_log

ROOT = Path(__file__).parents[4]


async def test_a_locked_database_parks_nothing_and_changes_nothing(tmp_path: Path) -> None:
    items = await (await a_log()).items()
    async with writer_of(tmp_path) as writer:
        with closing(sqlite3.connect(tmp_path / "tally.g1.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(OperationalError, match="locked"):
                await writer.commit(items, {"log": 1})
            other.execute("ROLLBACK")
        assert contents(tmp_path)["parked"] == []
        assert contents(tmp_path)["views"] == []

        await writer.commit(items, {"log": 1})
    assert len(contents(tmp_path)["views"]) == 6


async def test_after_a_failed_absorb_no_other_generation_is_attached(tmp_path: Path) -> None:
    items = await (await a_log()).items()
    async with writer_of(tmp_path) as writer, aclosing(open_generations(url_of(tmp_path))) as found:
        await writer.commit(items, {})
        await found.create(TALLY, 7)
        async with open_writer(TALLY, found, 7) as part:
            await part.commit(items, {})
        for _ in range(2):
            with pytest.raises(IntegrityError):  # both have the same orders
                await writer.absorb([7])


async def limit(writer: Writer, *, pages: int) -> None:
    """What SQLite answers at its own limit is what it answers on a full disk."""

    def limited() -> None:
        writer._connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        writer._connection.rollback()

    await writer._session.run(limited)


async def test_a_full_disk_parks_nothing_and_it_continues_when_there_is_room(
    tmp_path: Path,
) -> None:
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


async def test_a_batch_of_any_size_continues_what_another_writer_left(tmp_path: Path) -> None:
    """Also for names that others' logs may have."""
    log = Log()
    names = [f"o-{n}" for n in range(sum(PARTS) + 2)] + ["o\0a", "o\0b", "it's", '"o"', "\u2603"]
    for name in names:
        await log.append(name, placed(name))
    async with writer_of(tmp_path) as writer:
        await writer.commit(await log.items(), {"log": 1})
    for name in names:
        await log.append(name, note())

    async with writer_of(tmp_path) as writer:
        holes = await writer.commit((await log.items())[len(names) :], {"log": 2})

    assert holes == {}
    assert contents(tmp_path)["parked"] == []
    assert {(order_id, revision) for order_id, revision, *_ in contents(tmp_path)["views"]} == {
        (name, 1) for name in names
    }


async def test_a_generation_has_one_writer(tmp_path: Path) -> None:
    async with writer_of(tmp_path):
        with pytest.raises(Held):
            async with writer_of(tmp_path):
                pass


def killed_at_every_point(folder: Path, variant: str) -> str:
    """See tests/projections/worker/kill_points.py."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.projections.worker.kill_points", str(folder), variant],
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
    output = killed_at_every_point(tmp_path, "as it is")

    assert output.endswith("torn 0, resumed wrongly 0\n")
    assert int(output.split()[0]) > 30


@pytest.mark.parametrize("variant", ["rows first", "checkpoint first"])
def test_the_same_kills_detect_a_writer_with_two_transactions(tmp_path: Path, variant: str) -> None:
    assert not killed_at_every_point(tmp_path, variant).endswith("torn 0, resumed wrongly 0\n")
