"""The fold of a batch: which events count, what they change, who has to wait. No database here."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, NoReturn, TypeAlias

from sqlalchemy import Table
from sqlalchemy.exc import SQLAlchemyError

from eventstore.known import digest
from eventstore.port import Position, Recorded, Revision
from eventstore.record.chain import GENESIS, ChainBroken, hashes_of
from eventstore.record.codec import OrderEvent, Undecodable
from projections.projection import Entries, Projection, Row

NOT_APPLIED = -1
"""Progress of an order of which nothing is applied."""


@dataclass(frozen=True, slots=True)
class Undecoded:
    """A recorded event that did not decode, in its place among those that did.

    One that the log does not have where the order's later events are has nothing in `recorded` but
    its place, and MissingEvents as its error.
    """

    order_id: str
    revision: Revision
    position: Position
    type: str
    recorded: Recorded
    error: Exception

    @property
    def kept_raw(self) -> bool:
        """True where its bytes are all that will ever be known of it."""
        return isinstance(self.error, Undecodable)


Item: TypeAlias = OrderEvent | Undecoded
Discards: TypeAlias = Collection[tuple[str, int]]
"""Events to step over: order and revision."""


class Progress(NamedTuple):
    """How far an order is: last revision applied, the view after it (None: none yet), and that
    event's chain hash, which the next event's prev_hash has to be.
    """

    revision: int
    view: Any
    hash: str


NOTHING_APPLIED = Progress(NOT_APPLIED, None, GENESIS)
UNKNOWN_HASH = ""
"""Of an event that is missing, or whose metadata is so damaged that it cannot be told: whatever is
next continues it."""


@dataclass(slots=True)
class Folded:
    """What a batch comes to.

    applied: the events that count. progress: of the orders that moved. parked: rows for those an
    event of which failed. holes: orders for which the batch does not continue what is applied (a
    revision is missing, or its prev_hash is another), with the last revision applied.
    """

    applied: list[Item] = field(default_factory=list)
    progress: dict[str, Progress] = field(default_factory=dict)
    entries: dict[Table, list[Row]] = field(default_factory=lambda: defaultdict(list))
    parked: list[Row] = field(default_factory=list)
    holes: dict[str, int] = field(default_factory=dict)


def fold(  # noqa: C901 (one loop, which each of four models runs for each event)
    projection: Projection[Any],
    known: Mapping[str, Progress],
    items: Iterable[Item],
    *,
    parked: Collection[str],
    discards: Collection[tuple[str, int]],
    whole: bool = False,
) -> Folded:
    """Skip what is applied, wait at a hole or a parked event, fold the rest.

    known: progress of every order of the items of which anything is applied. whole: the items are
    all that the log has of their orders, so that one whose chain is broken is parked.
    """
    folded = Folded()
    moved, added, applied = folded.progress, folded.entries, folded.applied
    waiting = set(parked)
    for item in items:
        order_id, revision = item.order_id, item.revision
        if order_id in waiting:
            continue
        before = moved.get(order_id) or known.get(order_id, NOTHING_APPLIED)
        if revision <= before.revision:
            continue
        hashes = item.metadata if isinstance(item, OrderEvent) else hashes_of(item.recorded)
        discarded = bool(discards) and (order_id, revision) in discards
        continues = revision == before.revision + 1 and (
            hashes is None or before.hash in (hashes.prev_hash, UNKNOWN_HASH) or discarded
        )
        if not continues and not whole:
            folded.holes[order_id] = before.revision
            waiting.add(order_id)
            continue
        view = projection.initial(order_id) if before.view is None else before.view
        try:
            if not continues:
                _break(item)
            if discarded:
                entries = _discarded(projection, item)
            elif isinstance(item, OrderEvent):
                view, entries = projection.evolve(view, item)
            else:
                entries = _undecoded(projection, item)
        except (MemoryError, SQLAlchemyError):
            raise  # no event is to blame: the database is, where a part of a view was loaded
        except Exception as error:  # noqa: BLE001 (whatever a fold raises parks its order alone)
            folded.parked.append(parked_row(item, error))
            waiting.add(order_id)
            continue
        for table, row in entries:
            added[table].append(row)
        applied.append(item)
        moved[order_id] = Progress(revision, view, UNKNOWN_HASH if hashes is None else hashes.hash)
    return folded


def _break(item: Item) -> NoReturn:
    raise ChainBroken(item.recorded, "it does not continue the event before it")


def parked_row(item: Item, error: Exception) -> Row:
    """A function of the event and the error alone, so that a replay parks the same row."""
    return {
        "order_id": item.order_id,
        "revision": item.revision,
        "position": item.position,
        "type": item.type,
        "error": f"{type(error).__name__}: {error}"[:500],
    }


def hinted_row(item: Item) -> Row:
    return {"order_id": item.order_id, "revision": item.revision, "position": item.position}


def last_read_row(source: str, item: Item) -> Row:
    """Says which event a source's checkpoint is of, whatever its position elsewhere."""
    recorded = item.recorded
    return {
        "source": source,
        "position": recorded.position,
        "stream": recorded.stream,
        "revision": recorded.revision,
        "digest": digest(recorded.metadata),
    }


def _discarded(projection: Projection[Any], item: Item) -> Entries:
    recorded = item.recorded
    return projection.raw(recorded) if projection.raw and recorded.type else ()


def _undecoded(projection: Projection[Any], item: Undecoded) -> Entries:
    """Raises the error with which it did not decode, unless the projection takes its bytes."""
    if projection.raw is None or not item.kept_raw:
        raise item.error
    return projection.raw(item.recorded)
