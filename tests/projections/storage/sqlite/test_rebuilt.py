import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from projections.storage.errors import ReadModelError
from replay.rebuild import rebuild
from tests.projections.toy import TALLY, Log, captured, contents, note, placed, url_of, writer_of
from tests.projections.worker.test_runner import brought_up


@pytest.fixture
async def log() -> Log:
    log = Log()
    for n in range(5):
        await log.append(f"o-{n}", placed(f"o-{n}"), captured("a"), note())
    return log


async def live(folder: Path, log: Log) -> None:
    async with writer_of(folder) as writer:
        await brought_up(writer, log)


async def test_after_a_bulk_load_it_is_a_normal_live_database(tmp_path: Path, log: Log) -> None:
    await rebuild(TALLY, url_of(tmp_path), log.store)

    path = tmp_path / "tally.g1.db"
    with closing(sqlite3.connect(path)) as conn:
        assert conn.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert conn.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.parametrize("damage", ["overwritten", "gone"])
async def test_a_live_database_that_cannot_be_read_is_replaced_only_on_request(
    tmp_path: Path, log: Log, damage: str
) -> None:
    await live(tmp_path, log)
    before = contents(tmp_path)
    path = tmp_path / "tally.g1.db"
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(b"x" * 9_000)

    # The discards are in that file alone, and would be lost unnoticed.
    with pytest.raises(ReadModelError, match="to replay without it"):
        await rebuild(TALLY, url_of(tmp_path), log.store)
    (tmp_path / "tally.live").unlink()
    await rebuild(TALLY, url_of(tmp_path), log.store)

    assert contents(tmp_path) == before


async def test_a_missing_database_is_an_error_that_says_what_to_do(
    tmp_path: Path, log: Log
) -> None:
    await live(tmp_path, log)
    (tmp_path / "tally.g1.db").unlink()

    with pytest.raises(ReadModelError, match="is gone: run `daybook replay tally`"):
        await live(tmp_path, log)
