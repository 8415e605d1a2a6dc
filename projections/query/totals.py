"""Sums over the rows of a read model that cannot overflow, however many rows there are.

SQLite's SUM raises an error above 2^63, and its + silently becomes floating point. So each amount
is split into two halves, whose sums stay small and are combined as Python's integers.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Connection, Table, case, func, select

from projections.storage.columns import WHOLE

_HALF = 10**9

Terms: TypeAlias = Mapping[str, ColumnElement[int]]
Totals: TypeAlias = list[tuple[tuple[Any, ...], dict[str, int]]]


def totals(
    conn: Connection,
    table: Table,
    *,
    by: Sequence[ColumnElement[Any]],
    cents: Terms,
    counts: Terms,
    where: Sequence[ColumnElement[bool]] = (),
) -> Totals:
    """Exact sums of the terms per group, groups in order. counts: less than 2^63 in all."""
    halves = [half for term in cents.values() for half in _halves(term)]
    whole = [func.sum(term) for term in counts.values()]
    query = select(*by, *halves, *whole).select_from(table).where(*where)
    rows = conn.execute(query.group_by(*by).order_by(*by))
    return [(tuple(row[: len(by)]), _combined(row[len(by) :], cents, counts)) for row in rows]


def when(condition: ColumnElement[bool], then: ColumnElement[int] | int = 1) -> ColumnElement[int]:
    """A term: `then` in the rows where the condition holds, 0 in the others."""
    return case((condition, then), else_=0)


def _halves(term: ColumnElement[int]) -> Iterator[ColumnElement[Any]]:
    """Both halves have the sign of the term, in SQLite as in PostgreSQL: division truncates."""
    yield func.sum(term.op("/", return_type=WHOLE)(_HALF))
    yield func.sum(term.op("%", return_type=WHOLE)(_HALF))


def _combined(sums: Sequence[Any], cents: Terms, counts: Terms) -> dict[str, int]:
    pairs: Iterator[int] = map(int, sums)
    amounts = {name: next(pairs) * _HALF + next(pairs) for name in cents}
    return amounts | {name: next(pairs) for name in counts}
