"""What an error of a read database means."""

import errno
import sqlite3

import pytest
from asyncpg import DiskFullError, UndefinedTableError  # type: ignore[import-untyped]
from sqlalchemy.exc import OperationalError

from projections.storage.errors import is_full


def _sqlite(code: int) -> OperationalError:
    cause = sqlite3.OperationalError("put there by the test")
    cause.sqlite_errorcode = code
    return OperationalError("INSERT", {}, cause)


@pytest.mark.parametrize(
    ("error", "full"),
    [
        (_sqlite(sqlite3.SQLITE_FULL), True),
        (_sqlite(sqlite3.SQLITE_BUSY), False),
        (OperationalError("INSERT", {}, DiskFullError("no space left on device")), True),
        (OperationalError("INSERT", {}, UndefinedTableError("views")), False),
        (OSError(errno.ENOSPC, "no space left on device"), True),
        (OSError(errno.ECONNREFUSED, "refused"), False),
        (ValueError("disk full"), False),
    ],
)
def test_a_full_disk_is_distinguished_from_other_errors(error: Exception, *, full: bool) -> None:
    assert is_full(error) is full
