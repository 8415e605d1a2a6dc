"""What an error of a read database means, for any kind of database."""

import sqlite3

from sqlalchemy.exc import DBAPIError

from runtime.terminal import NO_ROOM

_DISK_FULL = "53100"
"""PostgreSQL's SQLSTATE."""


def is_full(error: Exception) -> bool:
    """Whether the disk of the database is full."""
    if isinstance(error, OSError):
        return error.errno in NO_ROOM
    cause = error.orig if isinstance(error, DBAPIError) else None
    code = getattr(cause, "sqlite_errorcode", 0) & 0xFF
    return code == sqlite3.SQLITE_FULL or getattr(cause, "sqlstate", None) == _DISK_FULL
