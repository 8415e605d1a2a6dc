"""An order that is not as the log has it is built anew from the log: the log is the truth.

What is applied of an order is known by its last event: revision and chain hash. As each event's
hash covers the one before it, the order is as the log has it where the log's event of that revision
has that hash.
"""

import logging
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, select

from eventstore.lookup import event_at
from eventstore.port import EventReader, Recorded, StreamDeleted
from eventstore.record.chain import Hashes, hashes_of
from eventstore.record.codec import stream_name
from projections.fold import NOTHING_APPLIED, UNKNOWN_HASH, Item
from projections.sources.log import LOG
from projections.storage.tables import HINTED, LAST_READ, PARKED, REPAIRED, VIEWS
from projections.worker.of_order import events_after
from projections.worker.writer import Writer

_log = logging.getLogger("daybook.worker")


class Applied(NamedTuple):
    """Of an order: the last revision applied, and that event's chain hash."""

    revision: int
    hash: str


_NOTHING = Applied(NOTHING_APPLIED.revision, NOTHING_APPLIED.hash)


class _Wrong(NamedTuple):
    """What is to be replaced, and why."""

    order_id: str
    applied: Applied
    why: str


class Hinted(NamedTuple):
    """Revision and position of the last event of an order that came over a bus."""

    revision: int
    position: int


async def applied_of(writer: Writer, order_id: str) -> Applied | None:
    """None where nothing is applied."""
    question = select(VIEWS.c.revision, VIEWS.c.hash).where(VIEWS.c.order_id == order_id)
    rows = await writer.rows(question)
    return Applied(**rows[0]) if rows else None


def is_last_applied(recorded: Recorded, applied: Applied) -> bool:
    """Whether the log's event of the applied revision is the one that was applied."""
    hashes: Hashes | None = hashes_of(recorded)
    return applied.hash == (UNKNOWN_HASH if hashes is None else hashes.hash)


async def repair(
    writer: Writer, order_id: str, store: EventReader, *, hinted: Hinted | None = None
) -> bool:
    """Hold what is applied of an order against the log, and build it anew from there where the two
    differ; without any event of it in the log it is removed. Answers whether they differed.

    hinted: what came over the bus as an event of it. Raises StoreError.
    """
    applied = await applied_of(writer, order_id)
    if applied is None:
        why = "it was removed for a position that another order has"
        return await rebuild(writer, order_id, store, instead_of=None, why=why)
    try:
        found = await event_at(store, stream_name(order_id), applied.revision)
    except StreamDeleted:
        # By hand, in the log: there is nothing left to hold it against.
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
    """Replace what is applied of an order by the fold of what the log has of it, in one
    transaction. False where another writer has meanwhile applied something else than instead_of.
    """
    items = await events_after(store, order_id, None)
    wrong = _Wrong(order_id, instead_of or _NOTHING, why)
    if not await writer.change(lambda conn: _replace(conn, writer, wrong, items)):
        return False
    writer.tell_repaired()
    _log.warning(
        "%s: revision %d of %s was not as the log has it (%s): the order was built anew from the"
        " log, which has %d events of it",
        *(writer.projection.name, wrong.applied.revision, order_id, why, len(items)),
    )
    return True


def _replace(conn: Connection, writer: Writer, wrong: _Wrong, items: Sequence[Item]) -> bool:
    order_id = wrong.order_id
    now = writer.views.load(conn, [order_id]).get(order_id, NOTHING_APPLIED)
    if Applied(now.revision, now.hash) != wrong.applied:
        return False
    writer.views.remove(conn, [order_id])
    for table in (PARKED, HINTED):
        conn.execute(table.delete().where(table.c.order_id == order_id))
    # What came over a bus as its last event is not to be looked for in the log at the next start.
    is_of_bus = (LAST_READ.c.stream == stream_name(order_id)) & (LAST_READ.c.source != LOG)
    conn.execute(LAST_READ.delete().where(is_of_bus))
    folded = writer.storing.whole(conn, items, writer.discards)
    writer.statements.upsert(conn, PARKED, folded.parked)
    repaired = {"order_id": order_id, "revision": wrong.applied.revision, "why": wrong.why}
    writer.statements.upsert(conn, REPAIRED, [repaired])
    return True
