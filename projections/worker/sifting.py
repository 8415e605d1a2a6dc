"""What a sweep makes of the log: what is not applied is, and what is not as the log has it is built
anew from there.
"""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from sqlalchemy import Connection, bindparam, select

from eventstore.port import EventReader, Page, Recorded
from eventstore.record.codec import order_id_of
from projections.fold import NOT_APPLIED
from projections.storage.tables import HINTED, VIEWS
from projections.worker.repair import Applied, Hinted, is_last_applied, repair
from projections.worker.writer import Writer

HELD_MAX: Final = 500
"""Orders that one round of the sweep reads from the log, each by itself."""
_SEEN = HINTED.delete().where(
    HINTED.c.order_id == bindparam("seen_id"), HINTED.c.position == bindparam("at")
)


class Sifted(NamedTuple):
    """missing: events that are not applied. differing: orders of which the log has another event at
    the applied revision. seen: those whose last event is the log's, and its position.
    """

    missing: Sequence[Recorded]
    differing: Sequence[str]
    seen: Sequence[tuple[str, int]]


def sift(page: Page, applied: Mapping[str, Applied]) -> Sifted:
    """applied: of the page's orders, without those of which nothing is."""
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
    return Sifted(missing, differing, seen)


async def sifted(writer: Writer, store: EventReader, page: Page) -> Sequence[Recorded]:
    """The events of a page that are not applied; orders that differ from it are repaired."""
    order_ids = {order_id_of(recorded.stream) for recorded in page}
    question = select(VIEWS.c.order_id, VIEWS.c.revision, VIEWS.c.hash)
    rows = await writer.rows(question.where(VIEWS.c.order_id.in_(order_ids)))
    applied = {row["order_id"]: Applied(row["revision"], row["hash"]) for row in rows}
    found = sift(page, applied)
    for order_id in found.differing:
        await repair(writer, order_id, store)
    await _seen(writer, found.seen)
    return found.missing


async def hold_the_rest(writer: Writer, store: EventReader, *, through: int) -> None:
    """At the end of a sweep up to a position: what came over the bus as an event up to there, and
    was not seen, is looked up in the log, order by order; what came with a position that the log
    does not have, too.
    """
    known = select(HINTED)
    rows = await writer.rows(known.where(HINTED.c.position <= through).limit(HELD_MAX))
    above = known.where(HINTED.c.position > through).order_by(HINTED.c.position.desc())
    furthest = await writer.rows(above.limit(HELD_MAX))
    if furthest:
        # Asked for now: whatever was applied before is in it.
        head = await store.head()
        rows += [row for row in furthest if head is None or row["position"] > head]
    for row in rows:
        hinted = Hinted(row["revision"], row["position"])
        await repair(writer, row["order_id"], store, hinted=hinted)
    await _seen(writer, [(row["order_id"], row["position"]) for row in rows])


async def _seen(writer: Writer, places: Sequence[tuple[str, int]]) -> None:
    """Another writer may have gone on with some of them: those stay."""
    if not places:
        return

    def change(conn: Connection) -> None:
        conn.execute(_SEEN, [{"seen_id": order_id, "at": at} for order_id, at in places])

    await writer.change(change)
