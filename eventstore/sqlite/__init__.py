"""The log in one SQLite file.

store: for the process that writes. reader: for every other process. writer: group commit and its
failures. pages: reading. batch_thread: from the event loop to a thread and back. database: the
file. file_lock: its folder and its lock. files: whether they were replaced. head: the head file.
decisions: what people have decided about the log.
"""

from eventstore.sqlite.database import LogDamaged, Verify
from eventstore.sqlite.decisions import FileDecisions
from eventstore.sqlite.files import HeadFile
from eventstore.sqlite.reader import SqliteReader
from eventstore.sqlite.store import SqliteStore

__all__ = [
    "FileDecisions",
    "HeadFile",
    "LogDamaged",
    "SqliteReader",
    "SqliteStore",
    "Verify",
]
