"""Where a read model goes on in the log: behind the event it read last, wherever that stands now.

A position means something in one log only, and the log may be another one than last time: migrated,
mirrored, restored from a backup. Taken at its word there, a checkpoint would leave events out. So
beside it stands the event that it is the position of, and that event is looked up.
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
    """The read model was built from another log and cannot go on from this one."""


async def resume(writer: Writer, store: EventReader) -> Mapping[str, int]:
    """The checkpoints as they are in this log, kept so from now on.

    Without the log's where it is not known which event it is of: all is read again then, and what
    is applied is skipped. Raises AnotherLog, EventsLost, StoreError, the database's errors.
    """
    await store.check()
    rows = {row["source"]: row for row in await writer.rows(select(LAST_READ))}
    # Of every part of a bus as well: what came that way is applied ahead of the log's checkpoint.
    events = {source: await _find(writer.projection, store, row) for source, row in rows.items()}
    at = writer.checkpoints.get(LOG)
    if at is None or LOG not in rows or rows[LOG]["position"] != at:
        return _without_log(writer.checkpoints)
    found = events[LOG]
    if found is None:
        goes_on = await has_place(store, Position(at))
        return writer.checkpoints if goes_on else _without_log(writer.checkpoints)
    if found.position != at:
        _log.warning("%s goes on in another log", writer.projection.name)
        # The event comes again: it is skipped, and the checkpoint is that of this log.
        await writer.commit([decode_item(found)], {LOG: found.position})
    return writer.checkpoints


def _without_log(checkpoints: Mapping[str, int]) -> Mapping[str, int]:
    return {name: at for name, at in checkpoints.items() if name != LOG}


async def _find(projection: Projection[Any], store: EventReader, last: Row) -> Recorded | None:
    """None where its stream was deleted or cut off by hand: that is a wound of one order."""
    name, stream, revision = projection.name, last["stream"], last["revision"]
    try:
        found = await event_at(store, StreamName(stream), revision)
    except StreamDeleted as error:
        _log.warning("the event that %s read last cannot be looked up: %s", name, error)
        return None
    if found is None or digest(found.metadata) != last["digest"]:
        raise AnotherLog(
            f"{name} has read {stream} up to revision {revision} in another log, and this one does"
            f" not have that event: where this is a mirror that is behind, wait; where"
            f" DAYBOOK_STORE is wrong, set it right; else see what `daybook check` says, and"
            f" run `daybook replay {name}`"
        )
    if found.position != last["position"] and _tells_positions(projection):
        raise AnotherLog(
            f"{name} tells positions of another log (a migration gives every event a new one):"
            f" run `daybook replay {name}`"
        )
    return found


def _tells_positions(projection: Projection[Any]) -> bool:
    return any("position" in table.columns for table in projection.tables.tables.values())
