"""What an error of asyncpg or of SQLAlchemy over it says."""

from collections.abc import Iterator
from contextlib import contextmanager

from asyncpg import (  # type: ignore[import-untyped]
    InterfaceError,
    InternalClientError,
    PostgresError,
)
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from eventstore.port import StoreError
from projections.storage.errors import Unreachable

UNDEFINED = ("3F000", "42P01")
"""No such schema, no such table."""
LOCK_TIMEOUT = "55P03"
_UNIQUE = "23505"
# Serialization failure, deadlock.
_RACES = ("40001", "40P01")


def state_of(error: BaseException) -> str | None:
    """SQLSTATE; None where the server did not say the error."""
    found: str | None = getattr(_cause(error), "sqlstate", None)
    return found


def is_about_values(error: BaseException) -> bool:
    """SQLSTATE classes 22 and 23, what asyncpg itself finds that a column cannot hold, and what is
    no error of a database.
    """
    cause = _cause(error)
    if isinstance(cause, PostgresError):
        return (state_of(error) or "")[:2] in ("22", "23") and not is_race(error)
    if isinstance(error, SQLAlchemyError | InterfaceError | InternalClientError):
        return isinstance(cause, ValueError)
    return not isinstance(error, OSError | MemoryError | StoreError)


def is_race(error: BaseException) -> bool:
    """Another writer was ahead with an order, or each of two waited for the other."""
    state = state_of(error)
    ahead = state == _UNIQUE and getattr(_cause(error), "table_name", None) == "views"
    return ahead or state in _RACES


@contextmanager
def reaching(place: str) -> Iterator[None]:
    """Raises Unreachable for whatever keeps from connecting. place: without the password."""
    try:
        yield
    except (OSError, PostgresError, InterfaceError, SQLAlchemyError) as error:
        what = error.orig if isinstance(error, DBAPIError) else error
        said = str(what) or type(what).__name__
        raise Unreachable(f"{place} cannot be reached: {said}") from error


def _cause(error: BaseException) -> BaseException:
    """The driver's own error behind SQLAlchemy's, and the one that SQLAlchemy puts between."""
    if isinstance(error, DBAPIError) and error.orig is not None:
        return error.orig.__cause__ or error.orig
    return error
