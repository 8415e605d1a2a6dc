"""Generations of a read model: complete copies of its tables, of which one is live.

This is the port that storage.sqlite and storage.postgres implement. A pointer determines which
generation is live, and it moves in one atomic step. No number is used twice, so nobody can find
another generation under a name that is already open somewhere.
"""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from projections.projection import Projection
from projections.storage.errors import ReadModelError
from projections.storage.heartbeats import HeartbeatStore
from projections.storage.reader import Reader
from projections.storage.session import Session


def schema(number: int) -> str:
    """What the tables of a generation are named with where they are not the reader's own."""
    return f"g{number}"


@dataclass(frozen=True, slots=True)
class Pointer:
    """live, previous: generation numbers, None for none. last: the highest number ever used."""

    live: int | None = None
    previous: int | None = None
    last: int = 0


class Generations(Protocol):
    """The generations of one read model. aclose() when done.

    All methods raise ReadModelError and the database's errors. requests: the folder of requests to
    the process that writes; None if any process may write.
    """

    @property
    def requests(self) -> Path | None: ...

    def description(self, number: int) -> str:
        """A generation in words, for messages: its file, or its schema and database."""
        ...

    def reset_hint(self) -> str:
        """How an operator makes no generation live."""
        ...

    async def pointer(self) -> Pointer: ...

    async def live(self) -> int:
        """The live generation's number. Raises NotBuilt."""
        ...

    async def claim(self) -> int:
        """A number never used before; that it is used is durable when this returns."""
        ...

    async def switch(self, number: int) -> None:
        """Make a generation live; the one that was live becomes the previous one."""
        ...

    async def model(self, number: int) -> str | None:
        """The read model that a generation was made for; None if it is not recorded."""
        ...

    async def numbers(self) -> list[int]:
        """The numbers of all stored generations, live or not."""
        ...

    async def delete_unused(self) -> list[int]:
        """Delete generations that are neither live nor previous nor being written.

        Returns their numbers. Call while building().
        """
        ...

    def building(self) -> AbstractAsyncContextManager[None]:
        """Be the one process that builds, switches and deletes generations. Raises BeingBuilt."""
        ...

    async def create(
        self, projection: Projection[Any], number: int, *, indexed: bool = True
    ) -> None:
        """Create its empty tables. indexed: with indexes; else Session.finish() adds them."""
        ...

    def session(
        self, projection: Projection[Any], number: int, *, bulk: bool = False
    ) -> AbstractAsyncContextManager[Session]:
        """Hold a generation and write it. Raises Held.

        bulk: nothing needs to survive a crash before finish().
        """
        ...

    def reader(self, number: int, *, beside: int | None = None) -> Reader:
        """Answers queries about a generation.

        beside: another one, whose tables they name with schema(beside). Call while building().
        """
        ...

    def heartbeats(self, folder: Path) -> HeartbeatStore:
        """Where the model's workers report. folder: for kinds that keep reports in files."""
        ...

    async def aclose(self) -> None: ...


async def check_model(found: Generations, name: str, number: int) -> None:
    """Raises ReadModelError if the generation belongs to another read model."""
    model = await found.model(number)
    if model not in (None, name):
        raise ReadModelError(
            f"{found.description(number)} belongs to the read model {model}, not to {name}: give"
            " each a database of its own (DAYBOOK_<NAME>_DB)"
        )


async def ensure_built(projection: Projection[Any], found: Generations) -> None:
    """If there is no generation yet, make an empty one live. Raises ReadModelError."""
    if (await found.pointer()).live is None:
        async with found.building():
            if (await found.pointer()).live is None:
                number = await found.claim()
                await found.create(projection, number)
                await found.switch(number)
