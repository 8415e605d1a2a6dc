"""A writer's connection to its generation, and what the kinds of databases do differently."""

from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection

from projections.projection import Projection
from projections.storage.statements import Statements
from projections.storage.totals import TotalsWriter
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
        """Run the work where the connection lives. One call at a time."""
        ...

    def views(self, projection: Projection[Any], totals: TotalsWriter) -> Views: ...

    def may_merge(self) -> bool:
        """True if no other writer merges changes of totals until this transaction ends."""
        ...

    def version(self) -> int:
        """The version of the projection that the tables were made for."""
        ...

    def is_environment(self, error: Exception) -> bool:
        """True for errors that no event causes: of the disk, a lock, the store, memory."""
        ...

    def is_write_conflict(self, error: Exception) -> bool:
        """True if another writer was faster: trying again will succeed."""
        ...

    def parked_and_discarded(
        self, order_ids: Collection[str]
    ) -> tuple[frozenset[str], frozenset[tuple[str, int]]] | None:
        """Which of these orders are parked now, and which of their events discarded; None if no
        other writer can change that.
        """
        ...

    def attach(self, numbers: Sequence[int]) -> AbstractContextManager[Sequence[str]]:
        """Make other generations, which nobody writes, readable; gives their schemas."""
        ...

    def finish(self, projection: Projection[Any]) -> None:
        """Once, after a bulk load: add the indexes and bring everything to disk."""
        ...
