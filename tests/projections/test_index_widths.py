"""No index of a read model can be asked to take more than PostgreSQL does.

What it does not take stops the whole read model, at the one order that has it.
"""

from collections.abc import Iterable, Iterator

import pytest
from sqlalchemy import Column, Index, MetaData, Table
from sqlalchemy.sql.elements import ColumnElement

from domain.values import ID_MAX, TEXT_MAX
from projections.models import MODELS
from projections.storage.columns import BEGINNING, Beginning, Words, key, table, text
from projections.storage.tables import COMMON
from projections.storage.totals import KEPT_CHARACTERS

BYTES_MAX = 2_704
"""Of an entry in a b-tree, by PostgreSQL's documentation and its error."""
HEAD = 24
"""Of an entry, and what columns are moved by."""
CHARACTER = 4
WORD = 80
"""A word of ours, a time or a hash."""
WORDS = {
    *("account", "currency", "dated", "fulfilment", "kind", "name", "occurred_at", "payment"),
    *("placed_at", "recorded_at", "reported_at", "source", "state", "type"),
}


def width(column: ColumnElement[object]) -> int:
    """The most bytes of a column in an index."""
    if isinstance(column, Beginning):
        return BEGINNING * CHARACTER + 4
    assert isinstance(column, Column)
    if not isinstance(column.type, Words):
        return 8
    if column.name in WORDS:
        return WORD
    if column.name == "part":
        return WORD + ID_MAX * CHARACTER
    if column.name == "dimension":  # projections.storage.totals shortens it
        return KEPT_CHARACTERS * CHARACTER + 4
    is_id = column.name == "id" or column.name.endswith("_id")
    return (ID_MAX if is_id else TEXT_MAX) * CHARACTER + 4


def widths(tables: Iterable[Table]) -> Iterator[tuple[str, int]]:
    for each in tables:
        yield each.name, HEAD + sum(map(width, each.primary_key))
        for index in each.indexes:
            yield str(index.name), HEAD + sum(map(width, index.expressions))


def too_wide(tables: Iterable[Table]) -> dict[str, int]:
    return {name: size for name, size in widths(tables) if size > BYTES_MAX}


@pytest.mark.parametrize("name", MODELS)
def test_no_index_of_a_read_model_is_too_wide(name: str) -> None:
    assert too_wide([*MODELS[name].tables.sorted_tables, *COMMON.sorted_tables]) == {}


def test_an_index_of_a_text_or_of_four_ids_would_be() -> None:
    ids = table("four", MetaData(), *map(key, ("a_id", "b_id", "c_id", "d_id")))
    noted = table("noted", MetaData(), key("order_id"), text("note"))
    Index("notes", noted.c.order_id, noted.c.note)
    Index("beginnings", noted.c.order_id, Beginning(noted.c.note))

    assert set(too_wide([ids, noted])) == {"four", "notes"}
