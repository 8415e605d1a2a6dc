"""The log in one SQLite file.

store: the process that writes. reader: every other process. writer: group commit and its failures.
reading: pages. crossing: event loop <-> thread. database: the file. place: folder and lock.
files: whether they were replaced. head: the head file. losses: what was accepted as lost.
discards: what read models step over. records: what both are kept in.
"""

from eventstore.sqlite.database import LogDamaged, Verify
from eventstore.sqlite.discards import FileDiscards
from eventstore.sqlite.head import HeadFile
from eventstore.sqlite.losses import FileLosses
from eventstore.sqlite.reader import SqliteReader
from eventstore.sqlite.store import SqliteStore

__all__ = [
    "FileDiscards",
    "FileLosses",
    "HeadFile",
    "LogDamaged",
    "SqliteReader",
    "SqliteStore",
    "Verify",
]
