"""The fold of a batch: which events are applied, what they change, which orders wait."""

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
    """A recorded event that cannot be decoded, in its place among the others.

    For an event that the log lacks, although it has later ones of the order, `recorded` contains
    the place only, and the error is MissingEvents.
    """

    order_id: str
    revision: Revision
    position: Position
    type: str
    recorded: Recorded
    error: Exception

    @property
    def kept_raw(self) -> bool:
        """Whether its bytes are all that will ever be known of it."""
        return isinstance(self.error, Undecodable)


Item: TypeAlias = OrderEvent | Undecoded
Discards: TypeAlias = Collection[tuple[str, int]]
"""Events to skip: order and revision."""


class Progress(NamedTuple):
    """How far an order is: the last revision applied, the view after it (None: none yet), and that
    event's chain hash, which the next event has as its prev_hash.
    """

    revision: int
    view: Any
    hash: str


NOTHING_APPLIED = Progress(NOT_APPLIED, None, GENESIS)
UNKNOWN_HASH = ""
"""Of an event that is missing, or whose metadata is damaged: any next event continues it."""


@dataclass(slots=True)
class Folded:
    """The result of a batch.

    applied: the events that were folded. progress: of their orders. entries: rows to add. parked:
    rows of PARKED, for orders with an event that failed. holes: orders whose events do not continue
    what is applied (a revision is missing, or prev_hash differs), with the last revision applied.
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

    known: the progress of those of the items' orders of which anything is applied. whole: the items
    are all that the log has of their orders, so that an order with a broken chain is parked.
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
        except (MemoryError, OSError, SQLAlchemyError):
            raise  # not the event's fault: of the database, when it loads a part of a view
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
    """The event that a source's checkpoint is the position of."""
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
    """Raises its decoding error, unless the projection takes its bytes."""
    if projection.raw is None or not item.kept_raw:
        raise item.error
    return projection.raw(item.recorded)
