"""A log that version 1 of the domain wrote: it opens, folds and replays (tests/golden/version_1).

Daybook 0.1 made it from commands.ndjson, with every type of event and every kind of anomaly, and
the four read models from it. What a replay makes of it today differs only as it is stated in
tests/replay/differences.py.
"""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, Final, TypeAlias

import pytest

from domain.events import EVENTS
from domain.rules import ANOMALIES
from projections.models import MODELS
from projections.storage.sqlite.files import Files
from replay.commands import check_everything, replay_models
from runtime.settings import Settings
from runtime.terminal import Exit
from tests.replay.differences import DROPPED, NEW_STEPS, RENAMED, STATED, WORDS

GOLDEN: Final = Path(__file__).parents[1] / "golden" / "version_1"
OF_THE_PASS: Final = {"checkpoint", "last_read"}
"""Tables about a pass over the log, which are not functions of the events of one order."""
OF_VIEWS: Final = {"views", "view_parts"}
"""What rows are made of: it has another shape, and is not compared."""
NEW_EVENTS: Final = {
    *("ItemsAdded", "OrderAdjusted", "AdjustmentRevoked", "WrittenOff", "WriteOffRevoked"),
    *("CustomerChanged", "AttributesSet", "AuthorizationAdjusted", "FeeRecorded"),
    *("RefundAccepted", "TrackingCorrected", "FactRetracted", "AnomalyResolved"),
}
NEW_ANOMALIES: Final = {
    *("told-again", "repeated-after-end", "failure-without-payout", "unannounced-return"),
    *("received-above-requested", "received-above-delivered"),
}
# What a row is found by in both versions; by order_id too. Tables that are not named here are
# compared as they are.
KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "orders": (),
    "balances": (),
    "fulfilments": (),
    "lines": ("line",),
    "shipments": ("shipment_id",),
    "shipment_lines": ("shipment_id", "line"),
    "returns": ("return_id",),
    "return_lines": ("return_id", "line"),
    "receipts": ("return_id", "receipt_id", "revision", "line", "condition"),
    "payments": ("payment_id",),
    "refunds": ("refund_id",),
    "steps": ("revision",),
    "postings": ("revision", "currency", "account"),  # n is the place among those of the event
    "anomalies": ("revision",),
}


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
        assert types == EVENTS.keys() - NEW_EVENTS
        assert {row[0] for row in kinds} == ANOMALIES.keys() - NEW_ANOMALIES


async def test_it_has_no_findings(folder: Path) -> None:
    settings = Settings(data_dir=folder)
    assert await check_everything(settings, wanted_bar=False, as_json=False) is Exit.DONE


async def test_a_replay_makes_the_same_rows_except_as_stated(folder: Path) -> None:
    settings = Settings(data_dir=folder)
    done = await replay_models(
        settings, list(MODELS), jobs=1, verify=True, wanted_bar=False, as_json=True
    )

    assert done is Exit.DONE
    found: dict[str, set[str]] = defaultdict(set)
    for name in MODELS:
        files = Files(folder / name)
        earlier, now = _tables(files.path(1)), _tables(files.path(2))
        assert earlier.keys() <= now.keys()
        for table in earlier.keys() - OF_THE_PASS - OF_VIEWS:
            for order_id, column in _differences(table, earlier[table], now[table]):
                found[order_id].add(f"{table}.{column}")
    assert found == _stated()


def _stated() -> dict[str, set[str]]:
    return {order_id: set().union(*rules.values()) for order_id, rules in STATED.items()}


async def test_a_replay_names_every_order_that_moved_with_its_columns(folder: Path) -> None:
    path = folder / "moved.ndjson"
    await replay_models(
        Settings(data_dir=folder),
        list(MODELS),
        jobs=1,
        verify=True,
        moved=path,
        wanted_bar=False,
        as_json=True,
    )

    found: dict[str, set[str]] = defaultdict(set)
    for line in path.read_text(encoding="utf-8").splitlines():
        document = json.loads(line)
        columns = set(document["columns"])
        with closing(sqlite3.connect(Files(folder / document["read_model"]).path(1))) as conn:
            columns -= set(_in_another_word(conn, document["order_id"], columns))
        if columns:
            found[document["order_id"]] |= columns
    renamed = {"balances.billed_cents", "refunds.credit_cents"}  # no earlier column has this name
    assert found == {order_id: columns - renamed for order_id, columns in _stated().items()}


def _in_another_word(conn: sqlite3.Connection, order_id: str, columns: set[str]) -> Iterable[str]:
    """The columns that differ only as the word for it has changed."""
    for column in columns & {"orders.payment", "balances.payment"}:
        table = column.partition(".")[0]
        [(word,)] = conn.execute(f"SELECT payment FROM {table} WHERE order_id = ?", (order_id,))
        if word in WORDS and column not in _stated().get(order_id, ()):
            yield column


async def test_no_column_of_version_1_is_left_out_of_the_comparison(folder: Path) -> None:
    settings = Settings(data_dir=folder)
    await replay_models(
        settings, list(MODELS), jobs=1, verify=False, wanted_bar=False, as_json=True
    )

    left_out = set()
    for name in MODELS:
        files = Files(folder / name)
        earlier, now = _columns(files.path(1)), _columns(files.path(2))
        for table in earlier.keys() - OF_VIEWS:
            names = {RENAMED.get(f"{table}.{column}", column) for column in earlier[table]}
            left_out |= {f"{table}.{column}" for column in names - now[table]}
    assert left_out == DROPPED.keys()


def test_every_difference_has_one_reason() -> None:
    for rules in STATED.values():
        columns = [column for of_rule in rules.values() for column in of_rule]
        assert len(set(columns)) == len(columns)


_Row: TypeAlias = dict[str, Any]


def _tables(path: Path) -> dict[str, list[_Row]]:
    with closing(sqlite3.connect(path)) as conn:
        conn.row_factory = sqlite3.Row
        tables = conn.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        return {
            name: [dict(row) for row in conn.execute(f"SELECT * FROM {name}")] for (name,) in tables
        }


def _columns(path: Path) -> dict[str, set[str]]:
    with closing(sqlite3.connect(path)) as conn:
        tables = conn.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        return {
            name: {row[1] for row in conn.execute(f"PRAGMA table_info({name})")}
            for (name,) in tables
        }


def _differences(table: str, earlier: list[_Row], now: list[_Row]) -> Iterator[tuple[str, str]]:
    """Order and column, of postings order and account, of what is not the same."""
    if table not in KEYS:
        assert earlier == now, table
        return
    old = _by_key(table, [_translated(table, row) for row in earlier])
    new = _by_key(table, [row for row in now if row.get("kind") not in NEW_STEPS])
    for key in old.keys() | new.keys():
        before, after = old.get(key), new.get(key)
        if table == "postings":
            if (before or {}).get("amount_cents") != (after or {}).get("amount_cents"):
                yield key[0], key[-1]
        elif before is None or after is None:
            yield key[0], "row"
        else:
            for column in before:
                if before[column] != after[column]:
                    yield key[0], column


def _by_key(table: str, rows: list[_Row]) -> dict[tuple[Any, ...], _Row]:
    found: dict[tuple[Any, ...], _Row] = {}
    for row in rows:
        key = tuple(row[name] for name in ("order_id", *KEYS[table]))
        if table == "postings":  # of tax one for each code
            amount = row["amount_cents"] + found.get(key, {"amount_cents": 0})["amount_cents"]
            row = {"amount_cents": amount}  # noqa: PLW2901
        else:
            assert key not in found, (table, key)
        found[key] = row
    return found


def _translated(table: str, row: _Row) -> _Row:
    """A row of version 1 as version 2 would write it down."""
    new = {RENAMED.get(f"{table}.{name}", name): value for name, value in row.items()}
    for name in DROPPED:
        if name.startswith(f"{table}."):
            del new[name.partition(".")[2]]
    if "payment" in new:
        new["payment"] = WORDS.get(new["payment"], new["payment"])
    if table == "steps" and new["kind"] in {"authorization", "expiry"}:
        new["id"] = new["payment_id"]  # the authorization's, which is the payment's
    if table == "steps" and new["kind"] == "failure":
        new["id"] = ""  # its report_id is a column
    return new
