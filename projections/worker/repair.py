"""The log is the truth: what is applied is compared with it, and an order that differs is rebuilt.

What is applied of an order is identified by its last event: revision and chain hash. Each event's
hash covers the one before it. So the order is as the log has it if the log's event of that revision
has that hash.
"""

import logging
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, bindparam, select

from eventstore.lookup import event_at
from eventstore.port import EventReader, Page, Position, Recorded, Revision, StreamDeleted
from eventstore.record.chain import ChainBroken, Hashes, hashes_of
from eventstore.record.codec import order_id_of, stream_name
from projections.fold import NOT_APPLIED, NOTHING_APPLIED, UNKNOWN_HASH, Item, Undecoded
from projections.sources.log import LOG, decode_item
from projections.storage.errors import ReadModelError
from projections.storage.tables import HINTED, LAST_READ, PARKED, REPAIRED, VIEWS
from projections.worker.writer import Writer

HINTS_MAX: Final = 500
"""Orders that one round of the sweep compares with the log one by one."""

_DELETE_HINT = HINTED.delete().where(
    HINTED.c.order_id == bindparam("seen_id"), HINTED.c.position == bindparam("at")
)
_log = logging.getLogger("daybook.worker")


class MissingEvents(ReadModelError):
    """The log does not have the next event of an order, though it has, or had, later ones."""


class Applied(NamedTuple):
    """Of an order: the last revision applied, and that event's chain hash."""

    revision: int
    hash: str


class Hinted(NamedTuple):
    """Revision and position of the last event of an order that came over a bus."""

    revision: int
    position: int


class ComparedPage(NamedTuple):
    """A page of the log beside what is applied.

    missing: events that are not applied. differing: orders of which the log has another event at
    the applied revision. seen: orders whose last applied event is the log's, and its position.
    """

    missing: Sequence[Recorded]
    differing: Sequence[str]
    seen: Sequence[tuple[str, int]]


class _Difference(NamedTuple):
    """What is to be replaced, and why."""

    order_id: str
    applied: Applied
    why: str


_NOTHING = Applied(NOTHING_APPLIED.revision, NOTHING_APPLIED.hash)


# What the log has of one order


async def events_after(store: EventReader, order_id: str, revision: int | None) -> Sequence[Item]:
    """The order's events after a revision (None: all). They end with a missing_event() where the
    log lacks one or cannot be read on. Raises StoreError.
    """
    after = None if revision is None else Revision(revision)
    due, found = next_revision(revision), list[Item]()
    try:
        async for page in store.read_stream(stream_name(order_id), after=after):
            for recorded in page:
                if recorded.revision > due:
                    return [*found, missing_event(order_id, due, recorded.position)]
                found.append(decode_item(recorded))
                due += 1
    except (StreamDeleted, ChainBroken) as error:
        found.append(missing_event(order_id, due, Position(0), error))
    return found


def missing_event(
    order_id: str, revision: int, position: Position, error: Exception | None = None
) -> Item:
    """What takes the place of an event that the log does not have.

    position: of the order's next event. error: instead of MissingEvents.
    """
    stream, place = stream_name(order_id), Revision(revision)
    return Undecoded(
        order_id=order_id,
        revision=place,
        position=position,
        type="",
        recorded=Recorded(stream, place, position, UUID(int=0), "", b"", b""),
        error=error
        or MissingEvents(
            f"the log does not have {order_id} from revision {revision} on: run `daybook check`"
        ),
    )


def next_revision(revision: int | None) -> int:
    return 0 if revision is None else revision + 1


# One order compared with the log


async def applied_of(writer: Writer, order_id: str) -> Applied | None:
    """None if nothing is applied."""
    query = select(VIEWS.c.revision, VIEWS.c.hash).where(VIEWS.c.order_id == order_id)
    rows = await writer.rows(query)
    return Applied(**rows[0]) if rows else None


def is_last_applied(recorded: Recorded, applied: Applied) -> bool:
    """Whether the log's event of the applied revision is the one that was applied."""
    hashes: Hashes | None = hashes_of(recorded)
    return applied.hash == (UNKNOWN_HASH if hashes is None else hashes.hash)


async def repair(
    writer: Writer, order_id: str, store: EventReader, *, hinted: Hinted | None = None
) -> bool:
    """Compare an order with the log and rebuild it if they differ; returns whether they did.

    An order of which the log has no event is removed. hinted: the last event of it that came over
    a bus. Raises StoreError.
    """
    applied = await applied_of(writer, order_id)
    if applied is None:
        why = "it was removed for a position that another order has"
        return await rebuild(writer, order_id, store, instead_of=None, why=why)
    try:
        found = await event_at(store, stream_name(order_id), applied.revision)
    except StreamDeleted:
        # Deleted in the log by hand: there is nothing left to compare with.
        return False
    if found is None:
        why = "the log does not have it"
    elif not is_last_applied(found, applied):
        why = "the log has another event there"
    elif hinted is not None and _is_elsewhere(found, hinted):
        why = "the log has it at another position"
    else:
        return False
    return await rebuild(writer, order_id, store, instead_of=applied, why=why)


def _is_elsewhere(found: Recorded, hinted: Hinted) -> bool:
    return found.revision == hinted.revision and found.position != hinted.position


async def rebuild(
    writer: Writer, order_id: str, store: EventReader, *, instead_of: Applied | None, why: str
) -> bool:
    """Replace what is applied of an order by the fold of the log's events, in one transaction.

    Returns False, and changes nothing, if what is applied is no longer instead_of: another writer
    was faster. Raises StoreError.
    """
    items = await events_after(store, order_id, None)
    difference = _Difference(order_id, instead_of or _NOTHING, why)
    if not await writer.change(lambda conn: _replace(conn, writer, difference, items)):
        return False
    writer.report_repaired()
    _log.warning(
        "%s: revision %d of %s differed from the log (%s): the order was rebuilt from the %d events"
        " that the log has of it",
        *(writer.projection.name, difference.applied.revision, order_id, why, len(items)),
    )
    return True


def _replace(conn: Connection, writer: Writer, found: _Difference, items: Sequence[Item]) -> bool:
    order_id = found.order_id
    now = writer.views.load(conn, [order_id]).get(order_id, NOTHING_APPLIED)
    if Applied(now.revision, now.hash) != found.applied:
        return False
    writer.views.remove(conn, [order_id])
    for table in (PARKED, HINTED):
        conn.execute(table.delete().where(table.c.order_id == order_id))
    # An event of this order that was read last over a bus may not be in the log: the next start
    # must not look it up there.
    is_of_bus = (LAST_READ.c.stream == stream_name(order_id)) & (LAST_READ.c.source != LOG)
    conn.execute(LAST_READ.delete().where(is_of_bus))
    folded = writer.applier.order(conn, items, writer.discards)
    writer.statements.upsert(conn, PARKED, folded.parked)
    repaired = {
        "order_id": order_id,
        "revision": found.applied.revision,
        "why": found.why,
    }
    writer.statements.upsert(conn, REPAIRED, [repaired])
    return True


# A page of the log, and the end of a sweep


async def drop_applied(writer: Writer, store: EventReader, page: Page) -> Sequence[Recorded]:
    """The events of a page that are not applied; orders that differ from it are repaired."""
    order_ids = {order_id_of(recorded.stream) for recorded in page}
    query = select(VIEWS.c.order_id, VIEWS.c.revision, VIEWS.c.hash)
    rows = await writer.rows(query.where(VIEWS.c.order_id.in_(order_ids)))
    applied = {row["order_id"]: Applied(row["revision"], row["hash"]) for row in rows}
    found = compare_page(page, applied)
    for order_id in found.differing:
        await repair(writer, order_id, store)
    await _delete_hints(writer, found.seen)
    return found.missing


def compare_page(page: Page, applied: Mapping[str, Applied]) -> ComparedPage:
    """applied: of those orders of the page of which anything is applied."""
    missing, differing, seen = [], [], []
    for recorded in page:
        order_id = order_id_of(recorded.stream)
        before = applied.get(order_id)
        if recorded.revision > (NOT_APPLIED if before is None else before.revision):
            missing.append(recorded)
        elif before is not None and recorded.revision == before.revision:
            if is_last_applied(recorded, before):
                seen.append((order_id, int(recorded.position)))
            else:
                differing.append(order_id)
    return ComparedPage(missing, differing, seen)


async def check_hints(writer: Writer, store: EventReader, *, through: int) -> None:
    """At the end of a sweep up to a position, compare with the log the orders whose last event came
    over a bus and was not seen by the sweep: those up to there, and those beyond the log's end.
    """
    hints = select(HINTED)
    rows = await writer.rows(hints.where(HINTED.c.position <= through).limit(HINTS_MAX))
    above = hints.where(HINTED.c.position > through).order_by(HINTED.c.position.desc())
    furthest = await writer.rows(above.limit(HINTS_MAX))
    if furthest:
        # Read after the hints, so that it is at least the position of each real event among them.
        head = await store.head()
        rows += [row for row in furthest if head is None or row["position"] > head]
    for row in rows:
        hinted = Hinted(row["revision"], row["position"])
        await repair(writer, row["order_id"], store, hinted=hinted)
    await _delete_hints(writer, [(row["order_id"], row["position"]) for row in rows])


async def _delete_hints(writer: Writer, places: Sequence[tuple[str, int]]) -> None:
    """By order and position: a hint that another writer has replaced meanwhile stays."""
    if not places:
        return

    def change(conn: Connection) -> None:
        conn.execute(_DELETE_HINT, [{"seen_id": order_id, "at": at} for order_id, at in places])

    await writer.change(change)
