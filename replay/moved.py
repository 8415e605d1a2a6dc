"""Which orders a rebuild shows in another way than the generation before it, and in which columns.

What an order is in a read model follows from its events alone. So where two generations have
applied the same events of an order, and its rows differ, the fold has changed, or the earlier rows
were damaged. Both are compared in the database, a range of orders at a time: nothing is read but
what differs.
"""

from collections import defaultdict
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeAlias

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Select,
    Table,
    and_,
    case,
    column,
    exists,
    func,
    inspect,
    or_,
    select,
    table,
    union_all,
)

from projections.projection import Projection
from projections.storage.generations import schema
from projections.storage.open import open_generations
from projections.storage.tables import VIEWS

ORDERS_AT_ONCE: Final = 5_000
ROW: Final = "row"
"""Stands for a column where the whole row came or went."""


@dataclass(frozen=True, slots=True)
class Moved:
    """An order that differs. columns: as table.column, sorted; table.row for a row that came or
    went; of postings the accounts (postings.sales).
    """

    order_id: str
    columns: Sequence[str]


@dataclass(frozen=True, slots=True)
class Compared:
    """A range of orders. moved: by order id. orders: how many were compared. skipped: how many of
    the earlier generation were not, as the other one has applied another number of their events.
    """

    moved: Sequence[Moved]
    orders: int
    skipped: int


_Row: TypeAlias = tuple[str, str]
"""Order id and what differs in it, as in Moved.columns."""


async def compared(
    projection: Projection[Any],
    url: str,
    *,
    before: int,
    number: int,
    orders_at_once: int = ORDERS_AT_ONCE,
) -> AsyncGenerator[Compared, None]:
    """Compare a generation, which is live, with the one before, by ranges of order ids.

    Columns that only one of them has are left out. Raises BeingBuilt, ReadModelError, the
    database's errors.
    """
    async with (
        aclosing(open_generations(url)) as found,
        found.building(),
        aclosing(found.reader(number, beside=before)) as reader,
    ):
        shared = await reader.ask(partial(_shared, projection, before))
        after: str | None = None
        while True:
            upto = await reader.ask(partial(_end, after, orders_at_once))
            span = _Span(before, after, upto)
            yield await reader.ask(partial(_compare, shared, span), long=True)
            if upto is None:
                return
            after = upto


@dataclass(frozen=True, slots=True)
class _Span:
    """Orders whose id is above `after` and at most `upto`; None: no limit. before: generation."""

    before: int
    after: str | None
    upto: str | None

    def of(self, order_id: ColumnElement[str]) -> ColumnElement[bool]:
        limits = []
        if self.after is not None:
            limits.append(order_id > self.after)
        if self.upto is not None:
            limits.append(order_id <= self.upto)
        return and_(True, *limits)

    def comparable(self, order_id: ColumnElement[str]) -> ColumnElement[bool]:
        """Both generations have applied the same events of the order."""
        old, new = _beside("views", ["order_id", "revision"], self.before)
        return exists().where(
            old.c.order_id == order_id,
            new.c.order_id == order_id,
            old.c.revision == new.c.revision,
        )


@dataclass(frozen=True, slots=True)
class _Shared:
    """What both generations have of a table. summed: of entries, the column that is added up, and
    the one by which; None: rows are compared column by column.
    """

    name: str
    keys: Sequence[str]
    columns: Sequence[str]
    summed: tuple[str, str] | None = None


def _shared(projection: Projection[Any], before: int, conn: Connection) -> Sequence[_Shared]:
    found = []
    for each in projection.tables.sorted_tables:
        keys = [key.name for key in each.primary_key]
        summed = projection.sums.get(each)
        if "revision" in keys and summed is None:
            continue  # entries, which tell what was reported and are not figures
        columns = _columns_of_both(conn, each, before)
        needed = {"order_id", "revision", "currency", *summed} if summed else set(keys)
        if needed <= columns.keys() and (summed or _has_keys(conn, each.name, before, keys)):
            rest = [name for name in columns if name not in keys]
            found.append(_Shared(each.name, keys, rest, summed))
    return found


def _columns_of_both(conn: Connection, each: Table, before: int) -> Mapping[str, str]:
    """Their names, in the order of the table, with their types."""
    look = inspect(conn)
    if not look.has_table(each.name, schema=schema(before)):
        return {}
    old, new = (
        {found["name"]: str(found["type"]) for found in look.get_columns(each.name, schema=of)}
        for of in (schema(before), None)
    )
    return {name: kind for name, kind in new.items() if old.get(name) == kind}


def _has_keys(conn: Connection, name: str, before: int, keys: Sequence[str]) -> bool:
    found = inspect(conn).get_pk_constraint(name, schema=schema(before))
    return found["constrained_columns"] == keys


def _end(after: str | None, orders_at_once: int, conn: Connection) -> str | None:
    """The last order of the next range; None if it has all that are left."""
    wanted = select(VIEWS.c.order_id).order_by(VIEWS.c.order_id)
    if after is not None:
        wanted = wanted.where(VIEWS.c.order_id > after)
    end: str | None = conn.execute(wanted.offset(orders_at_once - 1).limit(1)).scalar()
    return end


def _compare(tables: Sequence[_Shared], span: _Span, conn: Connection) -> Compared:
    columns: dict[str, set[str]] = defaultdict(set)
    for each in tables:
        found = _sums_that_differ if each.summed else _rows_that_differ
        for order_id, name in found(conn, each, span):
            columns[order_id].add(f"{each.name}.{name}")
    old, new = _beside("views", ["order_id", "revision"], span.before)
    orders = conn.execute(
        select(func.count()).select_from(new).where(span.of(new.c.order_id))
    ).scalar_one()
    applied = and_(old.c.order_id == new.c.order_id, old.c.revision == new.c.revision)
    skipped = conn.execute(
        select(func.count())
        .select_from(old.outerjoin(new, applied))
        .where(span.of(old.c.order_id), new.c.order_id.is_(None))
    ).scalar_one()
    moved = [Moved(order_id, sorted(columns[order_id])) for order_id in sorted(columns)]
    return Compared(moved, orders, skipped)


def _rows_that_differ(conn: Connection, each: _Shared, span: _Span) -> Iterator[_Row]:
    old, new = _beside(each.name, [*each.keys, *each.columns], span.before)
    same_key = and_(*(old.c[key] == new.c[key] for key in each.keys))
    gone = new.c.order_id.is_(None)
    differs = {name: old.c[name].is_distinct_from(new.c[name]) for name in each.columns}
    changed = {name: and_(~gone, is_other) for name, is_other in differs.items()}
    yield from _found(
        conn,
        old.outerjoin(new, same_key),
        old.c.order_id,
        span,
        {ROW: gone, **changed},
    )
    yield from _found(
        conn,
        new.outerjoin(old, same_key),
        new.c.order_id,
        span,
        {ROW: old.c.order_id.is_(None)},
    )


def _found(
    conn: Connection,
    joined: FromClause,
    order_id: ColumnElement[str],
    span: _Span,
    conditions: Mapping[str, ColumnElement[bool]],
) -> Iterator[_Row]:
    """By order, each condition that is true of one of its rows."""
    flags = [func.max(case((is_true, 1), else_=0)) for is_true in conditions.values()]
    wanted = (
        select(order_id, *flags)
        .select_from(joined)
        .where(span.of(order_id), or_(*conditions.values()), span.comparable(order_id))
        .group_by(order_id)
    )
    for found, *flagged in conn.execute(wanted):
        for name, flag in zip(conditions, flagged, strict=True):
            if flag:
                yield found, name


def _sums_that_differ(conn: Connection, each: _Shared, span: _Span) -> Iterator[_Row]:
    """By event, so that a figure of a month that moved is found where the order's has not."""
    assert each.summed is not None
    amount, by = each.summed
    keys = ["order_id", "revision", "currency", by]
    old, new = _beside(each.name, [*keys, amount], span.before)
    both = union_all(
        _signed(old, keys, old.c[amount], span), _signed(new, keys, -new.c[amount], span)
    ).subquery()
    differ: Select[Any] = (
        select(both.c.order_id, both.c[by])
        .where(span.comparable(both.c.order_id))
        .group_by(*(both.c[key] for key in keys))
        .having(func.sum(both.c.signed) != 0)
        .distinct()
    )
    for order_id, name in conn.execute(differ):
        yield order_id, str(name)


def _signed(
    rows: FromClause, keys: Sequence[str], amount: ColumnElement[int], span: _Span
) -> Select[Any]:
    wanted = select(*(rows.c[key] for key in keys), amount.label("signed"))
    return wanted.where(span.of(rows.c.order_id))


def _beside(name: str, columns: Sequence[str], before: int) -> tuple[FromClause, FromClause]:
    """The table in the earlier generation, and in the one that is live."""
    old = table(name, *(column(each) for each in columns), schema=schema(before))
    new = table(name, *(column(each) for each in columns))
    return old.alias(f"old_{name}"), new.alias(f"new_{name}")
