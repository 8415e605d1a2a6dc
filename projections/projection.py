"""What a projection is: a pure fold per order, and the tables its views and entries stand in.

A projection knows no database, no clock and no other order. The runner
(projections.worker.runner) does the rest for all of them: skips what is applied, fetches what is
missing, stores, parks, replays.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeAlias, TypeVar

from pydantic import TypeAdapter
from sqlalchemy import MetaData, Table

from domain.persistent import with_fields
from eventstore.port import Recorded
from eventstore.record.codec import OrderEvent

V = TypeVar("V")
Row: TypeAlias = dict[str, Any]
Rows: TypeAlias = Mapping[Table, Sequence[Row]]
Entries: TypeAlias = Sequence[tuple[Table, Row]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Projection(Generic[V]):
    """One read model.

    version: raised when its meaning changes; a replay is then due.
    tables: what `rows` and entries go to. Every table's primary key starts with order_id.
    view: how a view is kept between batches (JSON); it is small and rewritten whole.
    evolve: (view, event) -> view after it, and the entries it adds, keyed (order_id, revision, n).
    rows: the view as rows of the tables, for queries; a function of the view alone.
    raw: the entries for an event that cannot be decoded, where the projection takes those too
        (audit does); None: such an event parks its order.
    """

    name: str
    version: int
    tables: MetaData
    view: TypeAdapter[V]
    initial: Callable[[str], V]
    evolve: Callable[[V, OrderEvent], tuple[V, Entries]]
    rows: Callable[[V], Rows]
    raw: Callable[[Recorded], Entries] | None = None


def copied_from(empty: V) -> Callable[[str], V]:
    """What makes the first view of an order: a copy of one without an order, which is faster than
    to make it field by field. They share the empty one's maps, which no fold changes in place.
    """
    return lambda order_id: with_fields(empty, order_id=order_id)
