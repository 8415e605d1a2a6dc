"""Reading one generation: a query of several statements crosses to the database once."""

from collections.abc import Callable
from typing import Any, Protocol, TypeAlias, TypeVar

from sqlalchemy import Connection, CursorResult

T = TypeVar("T")
Query: TypeAlias = Callable[[Connection], T]
"""Statements over one connection, which see one state; a plain function, so that it runs in a
thread (SQLite) as under AsyncConnection.run_sync (a server).
"""


class Reader(Protocol):
    """Answers queries about one generation, which it cannot change. aclose() when done."""

    async def ask(self, query: Query[T], *, long: bool = False) -> T:
        """The answer. long: it may read many rows.

        Raises NotLive, Unreachable, the database's errors.
        """
        ...

    async def is_live(self) -> bool:
        """Whether its generation is the live one. True as well if ask() finds that out itself, in
        the transaction of the query.
        """
        ...

    async def aclose(self) -> None:
        """Close the connections, after the queries that are being answered."""
        ...


def plain_rows(result: CursorResult[Any]) -> list[dict[str, Any]]:
    """Every row as a dict whose keys are exactly str.

    The keys of a RowMapping are SQLAlchemy's quoted_name, a kind of str with attributes of its own:
    pydantic_core writes a dict with such keys as JSON 60 times slower, in the event loop.
    """
    names = [str(name) for name in result.keys()]  # noqa: SIM118 (of a Result)
    return [dict(zip(names, row, strict=True)) for row in result]
