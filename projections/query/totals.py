"""Sums over the rows of a read model that cannot overflow, however many rows there are.

SQLite's SUM raises an error above 2^63, and its + silently becomes floating point. So each amount
is split into two halves, whose sums stay small and are combined as Python's integers.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple, TypeAlias

from sqlalchemy import ColumnElement, Connection, Table, case, func, select

from projections.projection import Contribution
from projections.storage.columns import WHOLE
from projections.storage.tables import TOTALS
from projections.storage.totals import EVER, HALF, SIZES, pending

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
    yield func.sum(term.op("/", return_type=WHOLE)(HALF))
    yield func.sum(term.op("%", return_type=WHOLE)(HALF))


def _combined(sums: Sequence[Any], cents: Terms, counts: Terms) -> dict[str, int]:
    pairs: Iterator[int] = map(int, sums)
    amounts = {name: next(pairs) * HALF + next(pairs) for name in cents}
    return amounts | {name: next(pairs) for name in counts}


# Totals that are kept by time


class Span(NamedTuple):
    """Quarters of an hour from first to before last; None: from or to all time."""

    first: int | None
    last: int | None

    def has(self, quarter: int) -> bool:
        return (self.first is None or self.first <= quarter) and (
            self.last is None or quarter < self.last
        )


ALWAYS: Final = Span(None, None)
_BEGIN: Final = -72_000_000 // SIZES[-1] * SIZES[-1]
_END: Final = -(-282_000_000 // SIZES[-1]) * SIZES[-1]
"""No time of the log is outside: its years are 1 to 9999."""

Figures: TypeAlias = dict[tuple[str, str, str], int]
"""By name, currency and dimension; "" for a name that is not divided further."""


class _Range(NamedTuple):
    dated: str
    size: int
    first: int
    last: int


def kept(
    conn: Connection,
    contributions: Sequence[Contribution],
    names: Sequence[str],
    *,
    dated: str,
    spans: Sequence[Span],
) -> list[Figures]:
    """The totals of these names for each of the spans, which follow each other. It reads a number
    of rows that does not depend on how many orders there are.

    contributions: all of the projection.
    """
    found: list[Figures] = [defaultdict(int) for _ in spans]
    query = _query(dated, spans, names)
    for n, name, currency, dimension, high, low in conn.exec_driver_sql(query):
        found[n][name, currency, dimension] += int(high) * HALF + int(low)
    firsts = [_BEGIN if span.first is None else span.first for span in spans]
    for number, occurred, recorded, currency, dimension, amounts in pending(conn):
        at = occurred if dated == "occurred" else recorded
        n = bisect_right(firsts, at) - 1
        if n < 0 or not spans[n].has(at):
            continue
        for name, amount in zip(contributions[number].names, amounts, strict=True):
            if name in names:
                found[n][name, currency, dimension] += amount
    return found


def known_span(conn: Connection, dated: str) -> Span | None:
    """From the first quarter of an hour that has totals to after the last; None: none has."""
    at = TOTALS.c.dated == dated, TOTALS.c.size == 1
    ends = (TOTALS.c.start.asc(), TOTALS.c.start.desc())
    found = [
        conn.execute(select(TOTALS.c.start).where(*at).order_by(end).limit(1)).scalar()
        for end in ends
    ]
    quarters = [quarter for quarter in found if quarter is not None]
    quarters += [change[1 if dated == "occurred" else 2] for change in pending(conn)]
    return Span(min(quarters), max(quarters) + 1) if quarters else None


def by_currency(
    figures: Figures, names: Sequence[str], *, hidden: Sequence[str] = ()
) -> dict[str, dict[str, Any]]:
    """The totals of these names by currency, for those currencies of which one is not 0, or one of
    the hidden names.
    """
    of_names = {*names, *hidden}
    currencies = {
        currency for (name, currency, _), amount in figures.items() if amount and name in of_names
    }
    return {
        currency: {name: figures.get((name, currency, ""), 0) for name in names}
        for currency in sorted(currencies)
    }


def _query(dated: str, spans: Sequence[Span], names: Sequence[str]) -> str:
    ranges = [(n, *each) for n, span in enumerate(spans) for each in ranges_of(dated, span)]
    values = ", ".join(
        f"({n}, '{of}', {size}, {first}, {last})" for n, of, size, first, last in ranges
    )
    # CROSS: the ranges first, and for each of them that part of the key.
    return f"""
WITH ranges (n, dated, size, first, last) AS (VALUES {values or "(0, '', -1, 0, 0)"})
SELECT n, name, currency, dimension, sum(high), sum(low)
FROM ranges CROSS JOIN totals
WHERE totals.dated = ranges.dated AND totals.size = ranges.size
  AND start >= first AND start < last AND name IN ({", ".join(f"'{name}'" for name in names)})
GROUP BY n, name, currency, dimension
"""  # noqa: S608 (numbers and our own names)


def ranges_of(dated: str, span: Span) -> list[_Range]:
    """The fewest sums that a span is made of: days in its middle, quarters at its edges."""
    if span == ALWAYS:
        return [_Range(*EVER[:2], 0, 1)]
    first = _BEGIN if span.first is None else span.first
    last = _END if span.last is None else span.last
    ranges: list[_Range] = []
    for size, larger in zip(SIZES, (*SIZES[1:], None), strict=True):
        up = last if larger is None else -(-first // larger) * larger
        down = last if larger is None else last // larger * larger
        if larger is None or up >= down:
            ranges.append(_Range(dated, size, first, last))
            break
        ranges += [_Range(dated, size, first, up), _Range(dated, size, down, last)]
        first, last = up, down
    return [each for each in ranges if each.first < each.last]
