"""The log's table and every statement on it. Statements are built from constants only."""

from functools import cache
from typing import Any
from uuid import UUID

from eventstore.port import PAGE_MAX, Recorded, StreamName

APPLICATION_ID = 0x44615962  # "DaYb"
FORMAT = 1
"""Stored as user_version; raised with every change of the table."""

CHECKED_AT_START = 1_000

TABLE = """
CREATE TABLE events (
    position INTEGER PRIMARY KEY,
    stream   TEXT NOT NULL,
    revision INTEGER NOT NULL,
    event_id BLOB NOT NULL,
    type     TEXT NOT NULL,
    data     BLOB NOT NULL,
    metadata BLOB NOT NULL,
    UNIQUE (stream, revision)
) STRICT
"""
_NEVER = """
CREATE TRIGGER events_are_never_{done} BEFORE {verb} ON events
BEGIN SELECT RAISE(ABORT, 'the log is only ever appended to'); END
"""
NO_GAP = """
CREATE TRIGGER IF NOT EXISTS events_follow_on BEFORE INSERT ON events WHEN NEW.revision > 0
BEGIN
    SELECT RAISE(ABORT, 'no event stands at the expected revision') WHERE NOT EXISTS (
        SELECT 1 FROM events WHERE stream = NEW.stream AND revision = NEW.revision - 1
    );
END
"""
CREATE = (
    TABLE,
    NO_GAP,
    _NEVER.format(done="changed", verb="UPDATE"),
    _NEVER.format(done="removed", verb="DELETE"),
    f"PRAGMA application_id = {APPLICATION_ID}",
    f"PRAGMA user_version = {FORMAT}",
)

_ROW = "(?, ?, ?, ?, ?, ?, ?)"
_INSERT_ONE = "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?)"
INSERT_MAX = 64
"""Rows in one statement, at most."""


@cache
def insert(rows: int) -> str:
    """Inserts all rows or none; fails if a stream has such a revision, or not the one before.

    One statement for all rows: with each statement the thread releases the interpreter lock
    several times, and has to wait for it again.
    """
    return ", ".join([_INSERT_ONE, *[_ROW] * (rows - 1)])


HEAD = "SELECT max(position) FROM events"
# One row, whatever the number of streams (a JSON list of names, and [name, revision] each back).
CURRENTS = """
SELECT json_group_array(json_array(stream, revision)) FROM (
    SELECT stream, max(revision) AS revision FROM events
    WHERE stream IN (SELECT value FROM json_each(?)) GROUP BY stream
)
"""
PLACED_AFTER = (
    "SELECT event_id, position FROM events WHERE stream = ? AND revision > ? "
    "ORDER BY revision LIMIT ?"
)

_SELECT = "SELECT position, stream, revision, event_id, type, data, metadata FROM events"
PAGE_OF_STREAM = f"{_SELECT} WHERE stream = ? AND revision > ? ORDER BY revision LIMIT {PAGE_MAX}"
ONE_OF_STREAM = f"{_SELECT} WHERE stream = ? AND revision = ?"
PAGE_OF_ALL = f"{_SELECT} WHERE position > ? ORDER BY position LIMIT {PAGE_MAX}"
LAST = f"{_SELECT} ORDER BY position DESC LIMIT {CHECKED_AT_START}"
LAST_ONE = f"{_SELECT} ORDER BY position DESC LIMIT 1"
ONE = f"{_SELECT} WHERE position = ?"
POSITIONS_MISSING = "SELECT coalesce(max(position), 0) - count(*) FROM events"
REVISIONS_MISSING = """
SELECT coalesce(sum(missing), 0) FROM (
    SELECT max(revision) + 1 - count(*) AS missing FROM events GROUP BY stream
)
"""
FIRST_MISSING = """
SELECT min(position) FROM (
    SELECT 1 AS position WHERE NOT EXISTS (SELECT 1 FROM events WHERE position = 1)
    UNION ALL
    SELECT * FROM (
        SELECT position + 1 FROM events AS one
        WHERE NOT EXISTS (SELECT 1 FROM events WHERE position = one.position + 1)
        ORDER BY position LIMIT 1
    )
)
"""
EVERYTHING = f"{_SELECT} ORDER BY position"


def recorded(row: tuple[Any, ...]) -> Recorded:
    """An event from a row.

    From a row on a damaged page, as much as can be read: its hash then does not match its content.
    """
    position, stream, revision, event_id, kind, data, metadata = row
    if not (
        type(data) is type(metadata) is type(event_id) is bytes
        and type(stream) is type(kind) is str
        and len(event_id) == _UUID
    ):
        stream, kind = StreamName(_text(stream)), _text(kind)
        event_id, data, metadata = _bytes(event_id), _bytes(data), _bytes(metadata)
        event_id = event_id[:_UUID].ljust(_UUID, b"\0")
    return Recorded(stream, revision, position, UUID(bytes=event_id), kind, data, metadata)


_UUID = 16


def text(stored: bytes) -> str:
    """Bytes that are not UTF-8 become backslash escapes."""
    return stored.decode(errors="backslashreplace")


def _text(value: object) -> str:
    return text(value) if isinstance(value, bytes) else str(value)


def _bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()
