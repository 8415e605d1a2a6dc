"""A projection: a pure fold for each order, and the tables of its views and entries.

A projection uses no database, no clock and no other order. The runner
(projections.worker.runner) does the rest for all of them: it skips what is applied, reads what is
missing, stores, parks, replays.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeAlias, TypeVar

from pydantic import TypeAdapter
from sqlalchemy import Connection, MetaData, Table

from domain.persistent import with_fields
from eventstore.port import Recorded
from eventstore.record.codec import OrderEvent
from eventstore.record.moments import quarter_of
from projections.parts import Keys

V = TypeVar("V")
Row: TypeAlias = dict[str, Any]
Rows: TypeAlias = Mapping[Table, Sequence[Row]]
SPLIT_AT: Final = 50
"""Events of an order up to which its view is stored whole, which is what ordinary orders stay
below: for them one row is quicker than several."""
Entries: TypeAlias = Sequence[tuple[Table, Row]]


def dated(event: OrderEvent, currency: str) -> Row:
    """What an entry that contributes to totals begins with: its event, currency and times."""
    return {
        "order_id": event.order_id,
        "revision": event.revision,
        "currency": currency,
        "occurred_quarter": quarter_of(event.metadata.occurred_at),
        "recorded_quarter": quarter_of(event.metadata.recorded_at),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    """What each row of a table adds to totals over all orders, and on which day.

    names: of the totals. amounts: of a row, one for each of the names; a function of `columns`
    alone. occurred, recorded: the columns with the two times that it counts at, as the log's text
    or in quarters of an hour (eventstore.record.moments.quarter_of). currency: the column that the
    totals are divided by; of: another one (with an account, a method). keeps_zero: a total of 0 is
    kept as well, so that what it is divided by is named.
    """

    table: Table
    names: tuple[str, ...]
    columns: tuple[str, ...]
    amounts: Callable[[Row], Sequence[int]]
    occurred: str
    recorded: str
    currency: str = "currency"
    of: str | None = None
    keeps_zero: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Projection(Generic[V]):
    """One read model.

    version: raised when its meaning changes; a replay is then due.
    tables: what `rows` and entries go to. Every table's primary key starts with order_id.
    view: how a view is kept between batches (JSON): whole, or head and parts.
    evolve: (view, event) -> view after it, and the entries it adds, keyed (order_id, revision, n).
    rows: the view as rows of the tables, for queries; a function of the view alone. A table of
        which there are none may be left out. It goes through the view's maps by changed_entries().
    same_rows: whether two views of an order, one after the other, certainly have the same rows,
        where that is quicker to tell than to make them.
    parts: by map of the view ("money.payments"), the field of events that has the key of the entry
        that they are about ("payment_id"), or a function of the event with the keys. Each map is
        named.
    split_at: from this revision of an order on, its view is stored as head and parts: those of the
        order's maps are loaded one by one.
    contributions: what its rows and entries add to totals, all in one place.
    sums: of entries that are amounts, the column to add up and the one by which ("account"): a
        replay names the orders where they differ from the generation before.
    open_anomalies: how many are open in its tables, by kind, where it has them; a metric.
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
    same_rows: Callable[[V, V], bool] | None = None
    open_anomalies: Callable[[Connection], Mapping[str, int]] | None = None
    raw: Callable[[Recorded], Entries] | None = None
    parts: Mapping[str, Keys] = field(default_factory=dict)
    split_at: int = SPLIT_AT
    contributions: Sequence[Contribution] = ()
    sums: Mapping[Table, tuple[str, str]] = field(default_factory=dict)


def copied_from(empty: V) -> Callable[[str], V]:
    """What makes the first view of an order: a copy of one without an order, which is faster than
    to make it field by field. They share the empty one's maps, which no fold changes in place.
    """
    return lambda order_id: with_fields(empty, order_id=order_id)
