"""The log in one SQLite file.

store: the process that writes. reader: every other process. writer: group commit and its failures.
reading: pages. crossing: event loop <-> thread. database: the file. place: folder and lock.
"""

from eventstore.sqlite.database import LogDamaged, Verify
from eventstore.sqlite.reader import SqliteReader
from eventstore.sqlite.store import SqliteStore

__all__ = ["LogDamaged", "SqliteReader", "SqliteStore", "Verify"]
