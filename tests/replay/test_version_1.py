"""A log that version 1 of the domain wrote: it opens, folds and replays (tests/golden/version_1).

Daybook 0.1 made it from commands.ndjson, with every type of event and every kind of anomaly, and
the four read models from it. What a replay makes of it today differs only as STATED here.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import pytest

from domain.events import EVENTS
from domain.rules import ANOMALIES
from projections.models import MODELS
from projections.storage.sqlite.files import Files
from replay.commands import check_everything, replay_models
from runtime.settings import Settings
from runtime.terminal import Exit

GOLDEN: Final = Path(__file__).parents[1] / "golden" / "version_1"
STATED: Final[Mapping[str, Mapping[str, str]]] = {}
"""Order id -> why its rows are others today, by read model."""
OF_THE_PASS: Final = ("checkpoint", "last_read", "generation")
"""Tables about a pass over the log, which are not functions of the events of one order."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder as version 1 left it."""
    _restore("ledger", tmp_path / "ledger.db")
    for name in MODELS:
        files = Files(tmp_path / name)
        _restore(name, files.path(1))
        files.switch(1)
    return tmp_path


def _restore(name: str, path: Path) -> None:
    with closing(sqlite3.connect(path)) as conn:
        conn.executescript((GOLDEN / f"{name}.sql").read_text(encoding="utf-8"))


def test_the_log_has_every_type_of_event_and_every_kind_of_anomaly(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "ledger.db")) as conn:
        types = {row[0] for row in conn.execute("SELECT type FROM events")}
        kinds = conn.execute(
            "SELECT json_extract(data, '$.kind') FROM events WHERE type = 'AnomalyRecorded'"
        )
        assert types == set(EVENTS)
        assert {row[0] for row in kinds} == set(ANOMALIES)


async def test_it_has_no_findings(folder: Path) -> None:
    settings = Settings(data_dir=folder)
    assert await check_everything(settings, wanted_bar=False, as_json=False) is Exit.DONE


async def test_a_replay_makes_the_same_rows_except_as_stated(folder: Path) -> None:
    """The values of the columns that there were; new columns are no difference."""
    settings = Settings(data_dir=folder)
    done = await replay_models(
        settings, list(MODELS), jobs=1, verify=True, wanted_bar=False, as_json=True
    )

    assert done is Exit.DONE
    for name in MODELS:
        before, now = (Files(folder / name).path(number) for number in (1, 2))
        differing = {
            row[0]
            for table, columns in columns_of(before).items()
            for row in rows(before, table, columns) ^ rows(now, table, columns)
        }
        assert differing == set(STATED.get(name, {})), name


def columns_of(path: Path) -> dict[str, list[str]]:
    """Of each table that is a function of the events of one order, the order's id first.

    Without what a fold remembers, which has a version of its own (docs/views.json).
    """
    with closing(sqlite3.connect(path)) as conn:
        tables = conn.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        found = {name: conn.execute(f"PRAGMA table_info({name})").fetchall() for (name,) in tables}
    return {
        name: [column[1] for column in columns if column[1] != "view"]
        for name, columns in found.items()
        if name not in OF_THE_PASS
    }


def rows(path: Path, table: str, columns: Sequence[str]) -> set[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as conn:
        return set(conn.execute(f"SELECT {', '.join(columns)} FROM {table}").fetchall())
