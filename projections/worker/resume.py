"""Where a read model continues in the log: after the event that it read last, at whatever position
the log has that event now.

A position is meaningful in one log only, and the log may be another one than last time: migrated,
mirrored, restored from a backup. There a checkpoint could leave events out. So the event that it is
the position of is saved with it, and looked up before the checkpoint is used.
"""

import logging
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from eventstore.known import digest
from eventstore.lookup import event_at, has_place
from eventstore.port import (
    EventReader,
    Position,
    Recorded,
    StreamDeleted,
    StreamName,
)
from projections.projection import Projection, Row
from projections.sources.log import LOG, decode_item
from projections.storage.errors import ReadModelError
from projections.storage.tables import LAST_READ
from projections.worker.writer import Writer

_log = logging.getLogger("daybook.worker")


class AnotherLog(ReadModelError):
    """The read model was built from another log and cannot continue with this one."""


async def resume(writer: Writer, store: EventReader) -> Mapping[str, int]:
    """The checkpoints in this log, which are saved if they differ from before.

    The log's is left out if its event is not known: the log is then read from its begin, and what
    is applied is skipped. Raises AnotherLog, EventsLost, StoreError, the database's errors.
    """
    await store.check()
    rows = {row["source"]: row for row in await writer.rows(select(LAST_READ))}
    # Of each partition of a bus as well: its events are applied before the log's checkpoint moves.
    events = {source: await _find(writer.projection, store, row) for source, row in rows.items()}
    at = writer.checkpoints.get(LOG)
    if at is None or LOG not in rows or rows[LOG]["position"] != at:
        return _without_log(writer.checkpoints)
    found = events[LOG]
    if found is None:
        is_place = await has_place(store, Position(at))
        return writer.checkpoints if is_place else _without_log(writer.checkpoints)
    if found.position != at:
        _log.warning("%s continues in another log", writer.projection.name)
        # The event is applied already: only the checkpoint of this log is saved.
        await writer.commit([decode_item(found)], {LOG: found.position})
    return writer.checkpoints


def _without_log(checkpoints: Mapping[str, int]) -> Mapping[str, int]:
    return {name: at for name, at in checkpoints.items() if name != LOG}


async def _find(projection: Projection[Any], store: EventReader, last: Row) -> Recorded | None:
    """None if its stream was deleted or truncated by hand, which is damage to one order only."""
    name, stream, revision = projection.name, last["stream"], last["revision"]
    try:
        found = await event_at(store, StreamName(stream), revision)
    except StreamDeleted as error:
        _log.warning("the event that %s read last cannot be looked up: %s", name, error)
        return None
    if found is None or digest(found.metadata) != last["digest"]:
        raise AnotherLog(
            f"{name} has read {stream} up to revision {revision} in another log, and this one does"
            f" not have that event: if this is a mirror that is behind, wait; if DAYBOOK_STORE is"
            f" wrong, correct it; else see what `daybook check` finds, and run"
            f" `daybook replay {name}`"
        )
    if found.position != last["position"] and _contains_positions(projection):
        raise AnotherLog(
            f"{name} contains positions of another log (a migration gives every event a new one):"
            f" run `daybook replay {name}`"
        )
    return found


def _contains_positions(projection: Projection[Any]) -> bool:
    return any("position" in table.columns for table in projection.tables.tables.values())
