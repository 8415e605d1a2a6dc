"""Two orders with an event at the same position: at most one of them is as the log has it.

Which one only the log can tell. The one that was there before is removed and put on the list of
those that are held against the log; the other one is found by the sweep.
"""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection, select

from projections.fold import NOT_APPLIED, Item
from projections.projection import Projection
from projections.storage.tables import HINTED
from projections.storage.views import Views

NOWHERE: Final = -1
"""The position of an order in HINTED of which nothing is applied."""


def remove_holders(
    conn: Connection, projection: Projection[Any], views: Views, item: Item
) -> Sequence[str]:
    """Remove the other orders that have a row at the item's position; answers which."""
    found: set[str] = set()
    for table in projection.tables.sorted_tables:
        if "position" in table.columns:
            is_there = table.c.position == item.position
            others = select(table.c.order_id).where(is_there, table.c.order_id != item.order_id)
            found.update(conn.execute(others).scalars())
    for order_id in found:
        views.remove(conn, [order_id])
        conn.execute(HINTED.delete().where(HINTED.c.order_id == order_id))
        conn.execute(
            HINTED.insert().values(order_id=order_id, revision=NOT_APPLIED, position=NOWHERE)
        )
    return sorted(found)
