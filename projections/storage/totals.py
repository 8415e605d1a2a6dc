"""Totals over all orders, kept in the transaction of the rows that they are sums of.

A commit adds one row to PENDING: what its rows contribute, less what the rows that they replace
contributed. After some commits a writer merges these changes into TOTALS, which has a sum for each
quarter of an hour, hour, six hours, day and 32 days, and one for all time. So a commit writes one
row more, writers never wait for each other, and a sum over any time reads a few hundred rows.
Changes that are not merged yet are read beside TOTALS (docs/decisions/0042).
"""

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from itertools import count
from operator import add, itemgetter, sub
from typing import Any, Final, NamedTuple, TypeAlias
from uuid import uuid4

from sqlalchemy import Connection, Table, func, select

from eventstore.record.moments import quarter_of
from projections.projection import Contribution, Projection, Row
from projections.storage.statements import Key, Statements, key_of
from projections.storage.tables import PENDING, TOTALS

SIZES: Final = (1, 4, 24, 96, 3072)
"""Spans that TOTALS has sums for, in quarters of an hour: each divides the next one."""
DATED: Final = ("occurred", "recorded")
EVER: Final = ("", 0, 0)
"""dated, size and start of the sum over all time."""
HALF: Final = 10**9
KEPT_CHARACTERS: Final = 250

Change: TypeAlias = tuple[int, int, int, str, str, Sequence[int]]
"""Number of the contribution, quarters it occurred and was recorded in, currency, dimension, and
amounts in the order of its names.
"""
_Sums: TypeAlias = dict[tuple[Any, ...], list[int]]


class _Reading(NamedTuple):
    """How a contribution is read from rows.

    place: of a row, where it counts: times, currency and dimension. in_quarters: whether its times
    are numbers. relevant: all that it depends on.
    """

    number: int
    zeros: tuple[int, ...]
    amounts: Callable[[Row], Sequence[int]]
    keeps_zero: bool
    place: Callable[[Row], tuple[Any, ...]]
    in_quarters: bool
    relevant: Callable[[Row], Any]


def _reading(number: int, each: Contribution) -> _Reading:
    place = [each.occurred, each.recorded, each.currency, *([each.of] if each.of else [])]
    is_number = [
        each.table.columns[name].type.python_type is int for name in (each.occurred, each.recorded)
    ]
    return _Reading(
        number=number,
        zeros=(0,) * len(each.names),
        amounts=each.amounts,
        keeps_zero=each.keeps_zero,
        place=itemgetter(*place),
        in_quarters=all(is_number),
        relevant=itemgetter(*place, *each.columns),
    )


class Contributions:
    """The contributions of one projection, by table."""

    def __init__(self, contributions: Sequence[Contribution]) -> None:
        self.all = contributions
        self._by_table: dict[Table, list[_Reading]] = defaultdict(list)
        for number, each in enumerate(contributions):
            self._by_table[each.table].append(_reading(number, each))

    @property
    def tables(self) -> Iterable[Table]:
        return self._by_table.keys()

    def of(self, table: Table) -> Sequence[_Reading]:
        return self._by_table.get(table, ())


class Changes:
    """What a commit adds to totals."""

    def __init__(self, contributions: Contributions) -> None:
        self._contributions = contributions
        self._sums: list[_Sums] = [{} for _ in contributions.all]

    def added(self, table: Table, rows: Iterable[Row]) -> None:
        for reading in self._contributions.of(table):
            self._count(reading, rows, add)

    def removed(self, table: Table, rows: Iterable[Row]) -> None:
        for reading in self._contributions.of(table):
            self._count(reading, rows, sub)

    def replaced(self, table: Table, before: Row, row: Row) -> None:
        for reading in self._contributions.of(table):
            if reading.relevant(before) != reading.relevant(row):
                self._count(reading, (before,), sub)
                self._count(reading, (row,), add)

    def changed(self, table: Table, old: Mapping[Key, Row], rows: Iterable[Row]) -> None:
        """old: rows of the table before, by primary key; those that are not in rows stay."""
        if not self._contributions.of(table):
            return
        key = key_of(table)
        for row in rows:
            before = old.get(key(row))
            if before is None:
                self.added(table, (row,))
            else:
                self.replaced(table, before, row)

    def _count(self, reading: _Reading, rows: Iterable[Row], sign: Any) -> None:
        number, zeros, amounts, keeps_zero, place, in_quarters, _ = reading
        found = self._sums[number]
        for row in rows:
            counted = amounts(row)
            if not keeps_zero and not any(counted):
                continue
            at = place(row)
            if not in_quarters:
                at = (_quarter(at[0]), _quarter(at[1]), *at[2:])
            found[at] = list(map(sign, found.get(at, zeros), counted))

    def __iter__(self) -> Iterator[Change]:
        """Those that change something, or name an account or the like."""
        for number, (each, found) in enumerate(
            zip(self._contributions.all, self._sums, strict=True)
        ):
            for (occurred, recorded, currency, *of), sums in found.items():
                if each.keeps_zero or any(sums):
                    dimension = shortened(of[0]) if of else ""
                    yield number, occurred, recorded, shortened(currency), dimension, sums


def shortened(text: str) -> str:
    """A text of which PostgreSQL's keys, of at most 2,704 bytes, take two: such a long method has
    only ever been in a log that others wrote.
    """
    text = text.replace("\0", "\ufffd")  # as PostgreSQL has it
    if len(text) <= KEPT_CHARACTERS:
        return text
    digest = sha256(text.encode("utf-8", "replace")).hexdigest()[:16]
    return f"{text[: KEPT_CHARACTERS - 20]}...{digest}"


def _quarter(time: str | int) -> int:
    return time if isinstance(time, int) else quarter_of(time)


class TotalsWriter:
    """Writes the totals of one generation, within the caller's transactions.

    due_at: changes not merged yet, from which on merge() is due.
    """

    def __init__(self, projection: Projection[Any], statements: Statements, due_at: int) -> None:
        self.contributions = Contributions(projection.contributions)
        self._statements = statements
        self._due_at = due_at
        self._pending = 0
        self._id, self._numbers = uuid4().hex, count()

    def changes(self) -> Changes:
        return Changes(self.contributions)

    def opened(self, conn: Connection) -> None:
        """Count what was not merged before."""
        self._pending = conn.execute(select(func.count()).select_from(PENDING)).scalar_one()

    def save(self, conn: Connection, changes: Changes) -> None:
        """Add the changes of a commit, in its transaction."""
        found = list(changes)
        if found:
            text = json.dumps(found, separators=(",", ":"))
            row = {"id": f"{self._id} {next(self._numbers):012}", "changes": text}
            self._statements.add(conn, PENDING, [row])
            self._pending += ROW_COSTS + len(found)

    @property
    def is_due(self) -> bool:
        return self._pending >= self._due_at

    def merge(self, conn: Connection) -> None:
        """Move all pending changes into TOTALS. One writer at a time."""
        self._pending = 0
        rows = conn.exec_driver_sql("DELETE FROM pending RETURNING changes").scalars().all()
        rolled = rolled_up(parsed(rows))
        self._statements.add_up(conn, TOTALS, total_rows(self.contributions.all, rolled))

    def remove_orders(self, conn: Connection, order_ids: Collection[str]) -> None:
        """Take what these orders contribute out of the totals, before their rows are deleted."""
        changes = self.changes()
        for table in self.contributions.tables:
            found = conn.execute(select(table).where(table.c.order_id.in_(order_ids)))
            changes.removed(table, [dict(row) for row in found.mappings()])
        self.save(conn, changes)


ROW_COSTS: Final = 5
"""What a row of PENDING counts for, in changes."""
DUE_AT: Final = 640
"""Of a live generation: reading as many takes 2 ms."""
BULK_DUE_AT: Final = 50_000


def parsed(rows: Iterable[str]) -> Iterator[Change]:
    for text in rows:
        yield from json.loads(text)


def pending(conn: Connection) -> Iterator[Change]:
    """The changes that are not merged yet."""
    return parsed(conn.execute(select(PENDING.c.changes)).scalars())


def rolled_up(changes: Iterable[Change]) -> _Sums:
    """The changes' sums for all spans: by number of the contribution, dated, size, start, currency
    and dimension.
    """
    finest: _Sums = {}
    for number, occurred, recorded, currency, dimension, amounts in changes:
        for dated, at in (("occurred", occurred), ("recorded", recorded)):
            _add(finest, (number, dated, at, currency, dimension), amounts)
    sums: _Sums = {}
    for (number, dated, at, currency, dimension), amounts in finest.items():
        for size in SIZES:
            _add(sums, (number, dated, size, at - at % size, currency, dimension), amounts)
        if dated == "recorded":
            _add(sums, (number, *EVER, currency, dimension), amounts)
    return sums


def _add(sums: _Sums, at: tuple[Any, ...], amounts: Sequence[int]) -> None:
    known = sums.get(at)
    if known is None:
        sums[at] = list(amounts)
    else:
        known[:] = map(add, known, amounts)


def total_rows(contributions: Sequence[Contribution], sums: _Sums) -> list[Row]:
    """Rows to add up in TOTALS, by primary key, so that writers never wait for each other."""
    rows = []
    for (number, dated, size, start, currency, dimension), amounts in sums.items():
        each = contributions[number]
        for name, amount in zip(each.names, amounts, strict=True):
            if amount or each.keeps_zero:
                high, low = divmod(amount, HALF)
                rows.append(
                    {
                        "dated": dated,
                        "size": size,
                        "start": start,
                        "name": name,
                        "currency": currency,
                        "dimension": dimension,
                        "high": high,
                        "low": low,
                    }
                )
    return sorted(rows, key=key_of(TOTALS))


# What the totals should be


class Difference(NamedTuple):
    """A total that is not the sum of what the rows contribute. at: dated, size, start, name,
    currency and dimension, as in TOTALS.
    """

    at: tuple[Any, ...]
    kept: int
    right: int


def differences(conn: Connection, projection: Projection[Any]) -> Iterator[Difference]:
    """Compare all totals with the rows, which are read once, all of them."""
    contributions = Contributions(projection.contributions)
    changes = Changes(contributions)
    for table in contributions.tables:
        streamed = conn.execution_options(yield_per=1_000).execute(select(table))
        for some in streamed.mappings().partitions():
            changes.added(table, [dict(row) for row in some])
    right = amounts_of(total_rows(contributions.all, rolled_up(changes)))
    kept = amounts_of(kept_rows(conn, contributions.all))
    for at in sorted(right.keys() | kept.keys()):
        if right.get(at, 0) != kept.get(at, 0):
            yield Difference(at, kept.get(at, 0), right.get(at, 0))


def kept_rows(conn: Connection, contributions: Sequence[Contribution]) -> list[Row]:
    """The rows of TOTALS, and those that the changes make that are not merged yet."""
    merged = [dict(row) for row in conn.execute(select(TOTALS)).mappings()]
    return [*merged, *total_rows(contributions, rolled_up(pending(conn)))]


def amounts_of(rows: Iterable[Row]) -> dict[tuple[Any, ...], int]:
    """The sums of rows of TOTALS by primary key."""
    key = key_of(TOTALS)
    amounts: dict[tuple[Any, ...], int] = defaultdict(int)
    for row in rows:
        amounts[key(row)] += int(row["high"]) * HALF + int(row["low"])
    return amounts
