"""Lists of a read model, in pages with opaque cursors, and single objects by their id.

A page starts after the sort key of the last item of the page before (keyset pagination). So page
1,000 costs what page 1 costs, and rows that come or go meanwhile neither repeat nor hide others.
"""

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import MINYEAR, datetime
from functools import cache
from hashlib import sha256
from typing import Any, TypeAlias

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Select,
    Table,
    bindparam,
    select,
    tuple_,
)

from eventstore.record.moments import utc_text
from projections.storage.reader import plain_rows

LIMIT_MAX = 500
CURSOR_CHARACTERS_MAX = 8000
"""Of a sort key with two ids and a text, each as long as it may be and of characters of 4 bytes."""
AMBIGUOUS_NAMED_MAX = 20
_INTEGER_MAX = 2**63 - 1
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_FIRST, _LAST = "0001-01-01T00:00:00.000000Z", "9999-12-31T23:59:59.999999Z"

Item: TypeAlias = dict[str, Any]
Condition: TypeAlias = Callable[[Any], ColumnElement[bool]]
SortKey: TypeAlias = tuple[Column[Any], ...]


class BadCursor(Exception):
    """The cursor is damaged, or of a list with other filters or another sort."""


class AmbiguousId(Exception):
    """Several orders use this id. orders: their ids, at most AMBIGUOUS_NAMED_MAX."""

    def __init__(self, orders: Sequence[str]) -> None:
        super().__init__("several orders use this id; name one with order_id")
        self.orders = tuple(orders)


@dataclass(frozen=True, slots=True)
class Listed:
    """items: ready for JSON. next: the cursor of the next page; None on the last one."""

    items: list[Item]
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A table as a list.

    conditions: by filter name, the condition of a value; without one, the column of that name has
        to equal the value.
    sorts: by name, the columns to sort by, unique together; "-name" is the reverse order.
    item: makes an item of a row.
    """

    table: Table
    sorts: Mapping[str, SortKey]
    conditions: Mapping[str, Condition] = field(default_factory=dict)
    item: Callable[[Item], Item] = dict

    def where(self, name: str, value: Any) -> ColumnElement[bool]:
        asked = self.conditions.get(name)
        return asked(value) if asked else self.table.c[name] == value


def page(
    conn: Connection,
    listing: Listing,
    *,
    filters: Any,
    sort: str,
    limit: int = 50,
    cursor: str | None = None,
) -> Listed:
    """One page. filters: a dataclass; a field that is None does not filter.

    Raises BadCursor; ValueError for a limit outside 1 to LIMIT_MAX or an unknown sort.
    """
    if not 1 <= limit <= LIMIT_MAX:
        raise ValueError(f"limit is 1 to {LIMIT_MAX}")
    key = _sort_key(listing, sort)
    wanted = _wanted(filters)
    scope = json.dumps([listing.table.name, sort, wanted], default=str, sort_keys=True)
    descending = sort.startswith("-")
    query = select(listing.table).where(*(listing.where(k, v) for k, v in wanted.items()))
    if cursor is not None:
        last = _key_of(cursor, scope, key)
        query = query.where(tuple_(*key) < last if descending else tuple_(*key) > last)
    query = query.order_by(*(c.desc() if descending else c.asc() for c in key)).limit(limit + 1)
    rows = plain_rows(conn.execute(query))
    items = [listing.item(row) for row in rows[:limit]]
    more = len(rows) > limit
    return Listed(items, _cursor_of(rows[limit - 1], scope, key) if more else None)


def single(
    conn: Connection, column: Column[Any], value: str, *, order_id: str | None
) -> Item | None:
    """The row of that id, within that order if one is given; None if there is none.

    Raises AmbiguousId if several orders have it and none was given.
    """
    table = column.table
    query = select(table).where(column == value)
    if order_id is not None:
        query = query.where(table.c.order_id == order_id)
    query = query.order_by(table.c.order_id).limit(AMBIGUOUS_NAMED_MAX)
    rows = plain_rows(conn.execute(query))
    if len(rows) > 1:
        raise AmbiguousId([row["order_id"] for row in rows])
    return rows[0] if rows else None


def of_order(conn: Connection, table: Table, order_id: str) -> list[Item]:
    """All rows of one order, by primary key."""
    return plain_rows(conn.execute(_of_order(table), {"order_id": order_id}))


@cache
def _of_order(table: Table) -> Select[Any]:
    """Built once: building a statement costs as much as running it."""
    wanted = table.c.order_id == bindparam("order_id")
    return select(table).where(wanted).order_by(*table.primary_key)


def page_of_order(
    conn: Connection,
    lists: Mapping[str, SortKey],
    order_id: str,
    *,
    limit: int = LIMIT_MAX,
    cursor: str | None = None,
    **part: str,
) -> tuple[dict[str, list[Item]], str | None]:
    """One page of several lists of an order, which follow each other: limit items in all.

    lists: by name, the columns that a list is sorted by, unique within the order. part: a column
    and its value, for the rows of one part of the order. Returns the items by name of the list, and
    the cursor of the next page; None on the last. Raises BadCursor.
    """
    names = list(lists)
    wanted = {"order_id": order_id, **part}
    scope = scope_of_part(wanted, *names)
    first, after = (names[0], ()) if cursor is None else opened_part(cursor, scope, lists)
    found: dict[str, list[Item]] = {name: [] for name in names}
    room = limit
    for name in names[names.index(first) :]:
        key = lists[name]
        rows = rows_of_part(conn, key, wanted, after=after, limit=room + 1)
        found[name] = rows[:room]
        if len(rows) > room:
            after = tuple(rows[room - 1][column.name] for column in key) if room else after
            return found, packed(scope, [name, *after])
        room, after = room - len(rows), ()
    return found, None


def rows_of_part(
    conn: Connection,
    key: SortKey,
    wanted: Mapping[str, str],
    *,
    after: tuple[Any, ...],
    limit: int,
) -> list[Item]:
    """The rows with these values, in the order of the key: the first, or those after one."""
    values = {**wanted, "limit": limit, **{f"after_{n}": it for n, it in enumerate(after)}}
    query = _page_of_order(key, tuple(wanted), is_first=not after)
    return plain_rows(conn.execute(query, values))


@cache
def _page_of_order(key: SortKey, wanted: tuple[str, ...], *, is_first: bool) -> Select[Any]:
    table = key[0].table
    query = select(table).where(*(table.c[name] == bindparam(name) for name in wanted))
    if not is_first:
        last = tuple_(*(bindparam(f"after_{n}", type_=c.type) for n, c in enumerate(key)))
        query = query.where(tuple_(*key) > last)
    return query.order_by(*key).limit(bindparam("limit"))


def opened_part(
    cursor: str, scope: str, lists: Mapping[str, SortKey]
) -> tuple[str, tuple[Any, ...]]:
    """The list that the page begins in, and the sort key of the item before; () at its start.

    Raises BadCursor.
    """
    checksum, *values = _decoded(cursor)
    if not values or checksum != _checksum(scope, values):
        raise BadCursor("the cursor belongs to another list")
    name, *after = values
    key = lists.get(name) if isinstance(name, str) else None
    if key is None or not (_fit(after, key) or not after):
        raise BadCursor("the cursor is damaged")
    return name, tuple(after)


def scope_of_part(part: Mapping[str, str], *names: str) -> str:
    """What the cursors of these lists of an order, or of a part of one, belong to."""
    return json.dumps([part, *names])


def timestamp(moment: datetime) -> str:
    """A time in the log's format, in which texts compare as times do.

    A time out of UTC's range becomes one before or after all times in the log. Raises ValueError
    without an offset.
    """
    try:
        return utc_text(moment)
    except OverflowError:
        return _FIRST if moment.year == MINYEAR else _LAST


def _sort_key(listing: Listing, sort: str) -> SortKey:
    key = listing.sorts.get(sort.removeprefix("-"))
    if key is None:
        raise ValueError(f"sort is one of {', '.join(listing.sorts)}, or one of them after a -")
    return key


def _wanted(filters: Any) -> dict[str, Any]:
    values = {asked.name: getattr(filters, asked.name) for asked in fields(filters)}
    return {name: value for name, value in values.items() if value is not None}


def _checksum(scope: str, values: Sequence[Any]) -> str:
    return sha256(json.dumps([scope, *values]).encode()).hexdigest()[:16]


def _cursor_of(row: Item, scope: str, key: SortKey) -> str:
    return packed(scope, [row[column.name] for column in key])


def packed(scope: str, values: Sequence[Any]) -> str:
    packed = [_checksum(scope, values), *values]
    text = json.dumps(packed, separators=(",", ":"), ensure_ascii=False)
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _key_of(cursor: str, scope: str, key: SortKey) -> tuple[Any, ...]:
    """The sort key in a cursor. The checksum detects other lists and damage. It is no secret, so
    the values are checked as well: no cursor makes another query than this list's.

    Raises BadCursor.
    """
    checksum, *values = _decoded(cursor)
    if len(values) != len(key) or checksum != _checksum(scope, values):
        raise BadCursor("the cursor belongs to another list, filter or sort")
    if not _fit(values, key):
        raise BadCursor("the cursor is damaged")
    return tuple(values)


def check_cursor(cursor: str | None) -> None:
    """Raises BadCursor for a text that is no cursor, whatever it is sent for."""
    if cursor is not None:
        _decoded(cursor)


def _decoded(cursor: str) -> list[Any]:
    if len(cursor) > CURSOR_CHARACTERS_MAX:
        raise BadCursor("the cursor is damaged")
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        parts = json.loads(urlsafe_b64decode(padded.encode("ascii")))
    except (ValueError, RecursionError) as error:
        raise BadCursor("the cursor is damaged") from error
    if not isinstance(parts, list) or not parts:
        raise BadCursor("the cursor is damaged")
    return parts


def _fit(values: Sequence[Any], key: SortKey) -> bool:
    return len(values) == len(key) and all(map(_is_value_of, values, key))


def _is_value_of(value: Any, column: Column[Any]) -> bool:
    if column.type.python_type is int:
        return type(value) is int and abs(value) <= _INTEGER_MAX
    return isinstance(value, str) and _SURROGATE.search(value) is None
