"""What an error of asyncpg, or of SQLAlchemy over it, means."""

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
    """SQLSTATE; None if the error is not the server's."""
    found: str | None = getattr(_cause(error), "sqlstate", None)
    return found


def is_about_values(error: BaseException) -> bool:
    """Whether an event's values caused it: SQLSTATE classes 22 and 23, values that asyncpg refuses
    for a column, and errors that are not a database's.
    """
    cause = _cause(error)
    if isinstance(cause, PostgresError):
        return (state_of(error) or "")[:2] in ("22", "23") and not is_race(error)
    if isinstance(error, SQLAlchemyError | InterfaceError | InternalClientError):
        return isinstance(cause, ValueError)
    return not isinstance(error, OSError | MemoryError | StoreError)


def is_race(error: BaseException) -> bool:
    """Another writer was faster with an order, or two waited for each other."""
    state = state_of(error)
    ahead = state == _UNIQUE and getattr(_cause(error), "table_name", None) == "views"
    return ahead or state in _RACES


@contextmanager
def reaching(place: str) -> Iterator[None]:
    """Raises Unreachable for any error of connecting. place: the database, without the password."""
    try:
        yield
    except (OSError, PostgresError, InterfaceError, SQLAlchemyError) as error:
        what = error.orig if isinstance(error, DBAPIError) else error
        reason = str(what) or type(what).__name__
        raise Unreachable(f"{place} cannot be reached: {reason}") from error


def _cause(error: BaseException) -> BaseException:
    """The driver's own error, which SQLAlchemy wraps twice."""
    if isinstance(error, DBAPIError) and error.orig is not None:
        return error.orig.__cause__ or error.orig
    return error
