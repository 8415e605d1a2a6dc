"""The one connection of a writer to its generation, and what kinds of databases do differently."""

from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection

from projections.projection import Projection
from projections.storage.statements import Statements
from projections.storage.views import Views

T = TypeVar("T")


class Session(Protocol):
    """From Generations.session. Everything but run() is for use inside the work given to run().

    description: of the generation, for error messages. shared: others may write it at the same
    time.
    """

    description: str
    shared: bool
    statements: Statements

    @property
    def connection(self) -> Connection: ...

    async def run(self, work: Callable[[], T]) -> T:
        """Do it where the connection lives, in one piece. One call at a time."""
        ...

    def views(self, projection: Projection[Any]) -> Views: ...

    def version(self) -> int:
        """The version of the projection that the tables were made for."""
        ...

    def is_environment(self, error: Exception) -> bool:
        """True for what no event is to blame for: the disk, a lock, the store, memory."""
        ...

    def is_write_conflict(self, error: Exception) -> bool:
        """True where another writer was quicker: the same again will do."""
        ...

    def parked_and_discarded(
        self, order_ids: Collection[str]
    ) -> tuple[frozenset[str], frozenset[tuple[str, int]]] | None:
        """Which of these orders are parked, and which of their events are discarded, as it stands
        now; None where nobody else changes that.
        """
        ...

    def attach(self, numbers: Sequence[int]) -> AbstractContextManager[Sequence[str]]:
        """Other generations that nobody writes, to read from: the schemas of their tables."""
        ...

    def finish(self, projection: Projection[Any]) -> None:
        """Add the indexes and bring all of it to disk: what was left out for speed. Once."""
        ...
