"""A read model that an earlier version wrote is not read: it is built anew."""

import sqlite3
from collections.abc import Iterable
from contextlib import aclosing, closing
from pathlib import Path
from typing import Any

import pytest

from eventstore.record.codec import OrderEvent
from projections.fold import Item
from projections.models import MODELS
from projections.projection import Projection, Row
from projections.storage.errors import ReadModelError
from projections.storage.open import open_generations
from projections.storage.sqlite.files import Files
from projections.worker.writer import open_writer
from replay.rebuild import rebuild
from tests.projections.kinds import Tables, in_order
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


async def test_another_version_is_refused_and_a_replay_makes_the_rows_that_the_fold_makes(
    tmp_path: Path, name: str, log: Log
) -> None:
    projection = MODELS[name]
    async with aclosing(open_generations(url_of(tmp_path))) as found:
        with pytest.raises(ReadModelError, match=f"version {projection.version}: run `daybook rep"):
            async with open_writer(projection, found, 1):
                pass

    rebuilt = await rebuild(projection, url_of(tmp_path), log.store)

    assert (rebuilt.previous, rebuilt.generation) == (1, 2)
    now, wanted = contents(tmp_path), made_of(projection, await log.items())
    for table in projection.tables.tables:
        assert now[table] == wanted[table]
    assert [row[0] for row in now["view_parts"]].count("o-1") > 10
    assert [row[0] for row in now["view_parts"]].count("o-2") == 0


def made_of(projection: Projection[Any], items: Iterable[Item]) -> Tables:
    """The rows and entries of each table, of views that are whole."""
    views: dict[str, Any] = {}
    rows: dict[str, list[Row]] = {name: [] for name in projection.tables.tables}
    for item in items:
        assert isinstance(item, OrderEvent)
        view = views.get(item.order_id) or projection.initial(item.order_id)
        views[item.order_id], entries = projection.evolve(view, item)
        for table, entry in entries:
            rows[table.name].append(entry)
    for view in views.values():
        for table, made in projection.rows(view).items():
            rows[table.name] += made
    return {
        name: in_order([tuple(row[column.name] for column in table.columns) for row in rows[name]])
        for name, table in projection.tables.tables.items()
    }
