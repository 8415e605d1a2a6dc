"""Writing the log's file: group commit, and what a failing disk means.

All waiting appends share one transaction and one sync. Usually all of them expect the right
revision, and one INSERT is the whole transaction. If the table refuses it, each append is checked
on its own before anything is written, so that a conflict concerns only its own caller. Once the
disk has failed, nothing is ever acknowledged again: a later sync can succeed without the lost
pages, so its success would prove nothing.
"""

import json
import sqlite3
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf
from typing import TypeAlias
from uuid import UUID

from eventstore.concurrency import Placed, find_duplicate_append
from eventstore.known import KnownEvent, digest
from eventstore.port import (
    NO_STREAM,
    Draft,
    EventsLost,
    Expected,
    OutcomeUnknown,
    Position,
    Revision,
    StorageFull,
    StoreUnavailable,
    StreamName,
    WrongExpectedRevision,
)
from eventstore.sqlite import sql

PAGE_BYTES = 4_096
CHECKPOINT_QUIET_BYTES = 1 << 20
CHECKPOINT_BUSY_BYTES = 64 << 20
"""Bytes written between two checkpoints (the write-ahead log grows to twice that).

A checkpoint blocks appends for 10 to 60 ms, however much it has to move. So there are few of them
under load (measured: p99 of an append 5 ms at 64 MiB, 17 ms at 16, 13 ms at 4); the others are made
when no request came for a while. Only the writer's thread makes them.
"""

HEAD_EVERY_S = 1.0
"""Between two writes of the head file, at least, as each costs two syncs."""

LOCKED_OUT = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
"""Another process holds a lock on the file; the disk has not failed."""
OF_ONE_APPEND = frozenset(
    {sqlite3.SQLITE_TOOBIG, sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_MISMATCH}
)
"""The append is wrong; the disk has not failed."""


_LEFT_OPEN: list[sqlite3.Connection] = []
"""Kept open until the process ends."""

_Row: TypeAlias = tuple[Position, StreamName, int, bytes, str, bytes, bytes]


@dataclass(frozen=True, slots=True)
class Append:
    stream: StreamName
    drafts: Sequence[Draft]
    expected: Expected


class BatchWriter:
    """Performs appends in the one thread that writes. `failure` is set when it stops for good."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        *,
        note_head: Callable[[KnownEvent], None] = lambda _: None,
        changed: Callable[[], str] = lambda: "",
    ) -> None:
        """note_head: given the log's last event, now and then and at the end; may block.

        changed: how the files have changed since they were opened; empty if they have not.
        """
        self._connection = connection
        self._note_head = note_head
        self._changed = changed
        self._placed_last: _Row | None = None
        self._last: _Row | None = connection.execute(sql.LAST_ONE).fetchone()
        self._noted: _Row | None = None
        self._noted_s = -inf
        self.head: Position | None = self._last[0] if self._last else None
        self.failure: StoreUnavailable | None = None
        self._next = Position((self.head or 0) + 1)
        self._since_checkpoint_bytes = 0

    def append_all(self, appends: Sequence[Append]) -> list[Position | Exception]:
        """One commit for all. For each, in order: the position of its last event, or an error."""
        if self.failure is not None:
            return [type(self.failure)(str(self.failure)) for _ in appends]
        results = self._all_at_once(appends) or self._one_by_one(appends)
        if self._was_replaced():
            return [OutcomeUnknown(str(self.failure)) for _ in appends]
        return results

    def _all_at_once(self, appends: Sequence[Append]) -> list[Position | Exception] | None:
        """One statement that trusts every expected revision; None if the table refused one."""
        self._next = Position((self.head or 0) + 1)
        rows: list[_Row] = []
        results: list[Position | Exception] = []
        for append in appends:
            start = -1 if append.expected is NO_STREAM else append.expected
            results.append(self._place(append, start, rows))
        if len(rows) > sql.INSERT_MAX:
            return None
        try:
            self._insert(rows)
        except sqlite3.Error as error:
            if _code(error) in OF_ONE_APPEND:
                return None
            return self._not_committed(appends, error)
        except (OverflowError, ValueError):
            return None
        self._committed(self._placed_last)
        return results

    def _one_by_one(self, appends: Sequence[Append]) -> list[Position | Exception]:
        self._next = Position((self.head or 0) + 1)
        self._placed_last = None
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            results = self._write(appends)
        except Exception as error:  # noqa: BLE001 - any of them must end the transaction
            return self._not_written(appends, error)
        try:
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            return self._not_committed(appends, error)
        self._committed(self._placed_last)
        return results

    def _committed(self, last: _Row | None) -> None:
        """last: the last row of the transaction; None if there was nothing to write."""
        if last is not None:
            self._last = last
            self.head = last[0]

    def pause(self, quiet: bool) -> bool:  # noqa: FBT001 - called by BatchThread
        """Checkpoint and note the head when they are due. True: the writer has stopped for good."""
        # After a batch append_all has checked already.
        if quiet and self.failure is None and self._was_replaced():
            return True
        if self.failure is None and time.monotonic() - self._noted_s >= HEAD_EVERY_S:
            self.note_head()
        due = CHECKPOINT_QUIET_BYTES if quiet else CHECKPOINT_BUSY_BYTES
        if self.failure is not None or self._since_checkpoint_bytes < due:
            return False
        try:
            self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
        except sqlite3.Error as error:
            if _code(error) not in LOCKED_OUT | {sqlite3.SQLITE_FULL}:
                self._fail(error)
                return True
        self._since_checkpoint_bytes = 0
        return False

    def note_head(self) -> None:
        """Unless the log is empty or its head is noted already."""
        if self._last is None or self._last is self._noted:
            return
        position, stream, revision, *_, metadata = self._last
        self._note_head(KnownEvent("", stream, revision, position, digest(metadata)))
        self._noted, self._noted_s = self._last, time.monotonic()

    def close(self) -> None:
        if isinstance(self.failure, EventsLost):
            # Closing would delete the write-ahead log of the file that has replaced ours.
            _LEFT_OPEN.append(self._connection)
            return
        if self.failure is None:
            self.note_head()
        self._connection.close()

    def _was_replaced(self) -> bool:
        """Whether another process would open other files than ours. Sets the failure."""
        what = self._changed()
        if what:
            self.failure = EventsLost(
                f"{what}: what was written since may be in no log any more, and nothing is written"
                " to it. Put the log's files back, or restore the whole log; then start again, and"
                " `daybook check` reports what is lost"
            )
        return bool(what)

    def _write(self, appends: Sequence[Append]) -> list[Position | Exception]:
        streams = json.dumps(list({append.stream for append in appends}))
        [found] = self._connection.execute(sql.CURRENTS, (streams,)).fetchone()
        currents: dict[str, Revision] = dict(json.loads(found))
        rows: list[_Row] = []
        results = [self._check_and_place(append, currents, rows) for append in appends]
        self._insert(rows)
        return results

    def _check_and_place(
        self, append: Append, currents: dict[str, Revision], rows: list[_Row]
    ) -> Position | Exception:
        """The position of its last event, or an error. Its rows are added to those to insert."""
        stream = append.stream
        current = currents.get(stream)

        def placed_after(revision: int, count: int) -> list[Placed]:
            self._insert(rows)  # they may be the duplicates
            return self._placed(stream, revision, count)

        try:
            duplicate = find_duplicate_append(
                stream,
                append.drafts,
                expected=append.expected,
                current=current,
                placed_after=placed_after,
            )
        except WrongExpectedRevision as refused:
            return refused
        if duplicate is not None:
            return duplicate
        start = -1 if current is None else current
        currents[stream] = Revision(start + len(append.drafts))
        return self._place(append, start, rows)

    def _place(self, append: Append, last: int, rows: list[_Row]) -> Position:
        """Add its rows to those to insert, after the revision last. The last position."""
        for revision, draft in enumerate(append.drafts, start=last + 1):
            rows.append(
                (self._next, append.stream, revision, draft.event_id.bytes, draft.type, draft.data,
                 draft.metadata)
            )  # fmt: skip
            self._next = Position(self._next + 1)
            self._since_checkpoint_bytes += len(draft.data) + len(draft.metadata)
        self._since_checkpoint_bytes += PAGE_BYTES
        self._placed_last = rows[-1]
        return Position(self._next - 1)

    def _insert(self, rows: list[_Row]) -> None:
        """Insert the rows and empty the list."""
        for at in range(0, len(rows), sql.INSERT_MAX):
            part = rows[at : at + sql.INSERT_MAX]
            values = [value for row in part for value in row]
            self._connection.execute(sql.insert(len(part)), values)
        rows.clear()

    def _placed(self, stream: StreamName, revision: int, count: int) -> list[Placed]:
        rows = self._connection.execute(sql.PLACED_AFTER, (stream, revision, count)).fetchall()
        return [(UUID(bytes=event_id), position) for event_id, position in rows]

    def _not_written(
        self, appends: Sequence[Append], error: Exception
    ) -> list[Position | Exception]:
        """The transaction failed before its commit: nothing was stored."""
        try:
            self._roll_back()
        except sqlite3.Error as worse:
            error = worse
        code = _code(error)
        if code == sqlite3.SQLITE_FULL:
            # A checkpoint lets the write-ahead log start over, which may free enough room.
            self._since_checkpoint_bytes = CHECKPOINT_BUSY_BYTES
            return [StorageFull("the disk is full: nothing was stored") for _ in appends]
        if code in LOCKED_OUT:
            return [StoreUnavailable("another process holds the log's file") for _ in appends]
        if code is None or code in OF_ONE_APPEND:
            if len(appends) == 1:
                return [ValueError(f"this append cannot be stored: {error}")]
            return [result for append in appends for result in self.append_all([append])]
        self._fail(error)
        return [StoreUnavailable(str(self.failure)) for _ in appends]

    def _not_committed(
        self, appends: Sequence[Append], error: sqlite3.Error
    ) -> list[Position | Exception]:
        """The commit failed. Disk full: its commit mark was not written, so it is not in the log.

        Locked: there was no transaction. After any other error it may be in the log or not.
        """
        if _code(error) in LOCKED_OUT | {sqlite3.SQLITE_FULL}:
            return self._not_written(appends, error)
        self._fail(error)
        return [OutcomeUnknown(str(self.failure)) for _ in appends]

    def _roll_back(self) -> None:
        # After some errors SQLite has rolled back on its own.
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    def _fail(self, error: Exception) -> None:
        self.failure = StoreUnavailable(
            f"the log's disk failed ({error}): nothing more is written; start again on a sound disk"
        )


def _code(error: Exception) -> int | None:
    """SQLite's primary result code; None for any other error."""
    if not isinstance(error, sqlite3.Error):
        return None
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
