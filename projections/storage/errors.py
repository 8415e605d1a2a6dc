"""Why a read model cannot be used."""

import sqlite3

from sqlalchemy.exc import DBAPIError

from runtime.terminal import NO_ROOM

_DISK_FULL = "53100"
"""PostgreSQL's SQLSTATE."""


class ReadModelError(Exception):
    """A read model cannot be used as it is; the message says what to do next."""


class NotBuilt(ReadModelError):
    """There is no live generation yet."""


class NotLive(ReadModelError):
    """A reader's generation is not the live one, or its connection was closed by the server."""


class Held(ReadModelError):
    """Another process writes this generation."""


class BeingBuilt(ReadModelError):
    """Another process builds the next generation."""


class Unreachable(ReadModelError):
    """The database does not answer."""


class Damaged(ReadModelError):
    """The database does not contain what was written to it."""


def is_full(error: Exception) -> bool:
    """Whether the disk of the database is full."""
    if isinstance(error, OSError):
        return error.errno in NO_ROOM
    cause = error.orig if isinstance(error, DBAPIError) else None
    code = getattr(cause, "sqlite_errorcode", 0) & 0xFF
    return code == sqlite3.SQLITE_FULL or getattr(cause, "sqlstate", None) == _DISK_FULL
