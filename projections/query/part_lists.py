"""Lists that every order, or every part of one, has: the same page of many of them at once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, TypeAlias

from sqlalchemy import ColumnElement, Connection, Select, bindparam, func, select, tuple_

from projections.query.listing import (
    Item,
    Listed,
    SortKey,
    opened_part,
    packed,
    rows_of_part,
    scope_of_part,
)
from projections.storage.reader import plain_rows

Owner: TypeAlias = tuple[str, ...]
"""Whose list it is: an order_id, and the ids of a part of that order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartList:
    """A list of each order, or of each payment or shipment of one.

    name: of the list, as its cursors have it. key: the columns that it is sorted by, unique within
    the list; of one table or subquery. owner: the columns that say whose list it is. item: makes
    an item of a row.
    """

    name: str
    key: SortKey
    owner: tuple[str, ...] = ("order_id",)
    item: Callable[[Item], Item] = dict

    def part(self, owner: Owner) -> Mapping[str, str]:
        return dict(zip(self.owner, owner, strict=True))


def pages_of_parts(
    conn: Connection,
    wanted: PartList,
    owners: Sequence[Owner],
    *,
    limit: int,
    cursor: str | None = None,
) -> list[Listed]:
    """A page of the list of each of these owners, in their order.

    One statement reads them all. With a cursor, which belongs to one list, it is one for each.
    Raises BadCursor.
    """
    if cursor is not None:
        return [_page_after(conn, wanted, owner, limit, cursor) for owner in owners]
    found: dict[Owner, list[Item]] = {owner: [] for owner in owners}
    orders = list({owner[0] for owner in owners})
    values: dict[str, Any] = {"orders": orders, "most": limit + 1}
    if len(wanted.owner) > 1:
        values["owners"] = [*found]
    for row in plain_rows(conn.execute(_first_pages(wanted), values)):
        del row[_PLACE]
        found[tuple(row[column] for column in wanted.owner)].append(row)
    return [_page(wanted, owner, found[owner], limit) for owner in owners]


_PLACE: Final = "place_in_its_list"


@cache
def _first_pages(wanted: PartList) -> Select[Any]:
    """The first rows of each list; built once, as building costs as much as running."""
    table = wanted.key[0].table
    owner = [table.c[column] for column in wanted.owner]
    # By the order alone the rows are found; SQLite looks no pairs up in an index.
    asked: ColumnElement[bool] = owner[0].in_(bindparam("orders", expanding=True))
    if len(owner) > 1:
        asked &= tuple_(*owner).in_(bindparam("owners", expanding=True))
    place = func.row_number().over(partition_by=owner, order_by=wanted.key).label(_PLACE)
    placed = select(table, place).where(asked).subquery()
    first = placed.c[_PLACE] <= bindparam("most")
    return select(placed).where(first).order_by(placed.c[_PLACE])


def _page_after(
    conn: Connection, wanted: PartList, owner: Owner, limit: int, cursor: str
) -> Listed:
    part = wanted.part(owner)
    scope = scope_of_part(part, wanted.name)
    _, after = opened_part(cursor, scope, {wanted.name: wanted.key})
    rows = rows_of_part(conn, wanted.key, part, after=after, limit=limit + 1)
    return _page(wanted, owner, rows, limit)


def _page(wanted: PartList, owner: Owner, rows: list[Item], limit: int) -> Listed:
    """The page of rows of which there is one more than the page has, if another page follows."""
    items = [wanted.item(row) for row in rows[:limit]]
    if len(rows) <= limit:
        return Listed(items, None)
    last = [rows[limit - 1][column.name] for column in wanted.key]
    scope = scope_of_part(wanted.part(owner), wanted.name)
    return Listed(items, packed(scope, [wanted.name, *last]))
