"""A read model that an earlier version wrote is not read: it is built anew, with the same rows."""

import sqlite3
from contextlib import aclosing, closing
from pathlib import Path

import pytest

from projections.models import MODELS
from projections.storage.errors import ReadModelError
from projections.storage.open import open_generations
from projections.storage.sqlite.files import Files
from projections.worker.writer import open_writer
from replay.rebuild import rebuild
from tests.projections.long_history import long_history
from tests.projections.toy import Log, contents, url_of

GOLDEN = Path(__file__).parents[1] / "golden" / "read_models"
"""What the version in the name made of these orders, as SQL."""


@pytest.fixture
async def log() -> Log:
    log = Log()
    await log.append("o-1", *long_history("o-1", 6))
    await log.append("o-2", *long_history("o-2", 1))
    return log


@pytest.fixture(params=sorted(path.stem for path in GOLDEN.glob("*.sql")))
def name(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Of the read model, a generation of which is live as the earlier version left it."""
    files = Files(tmp_path / "tally")
    with closing(sqlite3.connect(files.path(1))) as conn:
        conn.executescript((GOLDEN / f"{request.param}.sql").read_text(encoding="utf-8"))
    files.switch(1)
    name: str = request.param.partition("-")[0]
    return name


async def test_another_version_is_refused_and_a_replay_makes_the_same_rows(
    tmp_path: Path, name: str, log: Log
) -> None:
    projection = MODELS[name]
    earlier = contents(tmp_path)
    async with aclosing(open_generations(url_of(tmp_path))) as found:
        with pytest.raises(ReadModelError, match=f"version {projection.version}: run `daybook rep"):
            async with open_writer(projection, found, 1):
                pass

    rebuilt = await rebuild(projection, url_of(tmp_path), log.store)

    assert (rebuilt.previous, rebuilt.generation) == (1, 2)
    now = contents(tmp_path)
    for table in projection.tables.tables.keys() & earlier.keys():
        # Columns that were added since are at the end.
        columns = len(earlier[table][0]) if earlier[table] else 0
        assert [row[:columns] for row in now[table]] == earlier[table]
    assert [row[0] for row in now["view_parts"]].count("o-1") > 10
    assert [row[0] for row in now["view_parts"]].count("o-2") == 0
