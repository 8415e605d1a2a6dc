"""Generations of a read model: complete copies of its tables, of which one is live.

What every kind of read database promises: storage.sqlite and storage.postgres keep it. A
pointer alone says which generation is live, and it moves in one atomic step; no number is used
twice, so nobody can find another generation under a name that is already open somewhere.
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


@dataclass(frozen=True, slots=True)
class Pointer:
    """live, previous: generation numbers, None for none. last: the highest number ever used."""

    live: int | None = None
    previous: int | None = None
    last: int = 0


class Generations(Protocol):
    """The generations of one read model. aclose() when done.

    All raise ReadModelError, and the database's errors. requests: a folder for what is asked of
    the process that writes; None where whoever asks does it itself.
    """

    @property
    def requests(self) -> Path | None: ...

    def description(self, number: int) -> str:
        """What a person finds this generation by."""
        ...

    def reset_hint(self) -> str:
        """What a person does to have no generation live."""
        ...

    async def pointer(self) -> Pointer: ...

    async def live(self) -> int:
        """The live generation's number. Raises NotBuilt."""
        ...

    async def claim(self) -> int:
        """A number never used before, durably used before it is returned."""
        ...

    async def switch(self, number: int) -> None:
        """Make a generation the live one; the one that was live becomes the previous one."""
        ...

    async def model(self, number: int) -> str | None:
        """The read model that a generation was made for; None where nothing says so."""
        ...

    async def numbers(self) -> list[int]:
        """Of all generations that stand, live or not."""
        ...

    async def delete_unused(self) -> list[int]:
        """Delete what is neither live nor previous and nobody writes. Call while building()."""
        ...

    def building(self) -> AbstractAsyncContextManager[None]:
        """Be the one process that builds, switches and deletes generations. Raises BeingBuilt."""
        ...

    async def create(
        self, projection: Projection[Any], number: int, *, indexed: bool = True
    ) -> None:
        """Its empty tables. indexed: with their indexes; else finish() of a session adds them."""
        ...

    def session(
        self, projection: Projection[Any], number: int, *, bulk: bool = False
    ) -> AbstractAsyncContextManager[Session]:
        """Hold a generation and write it. Raises Held.

        bulk: nothing needs to survive a crash before finish().
        """
        ...

    def reader(self, number: int) -> Reader:
        """Answers queries about a generation."""
        ...

    def heartbeats(self, folder: Path) -> HeartbeatStore:
        """Where the model's workers report. folder: for kinds that keep reports in files."""
        ...

    async def aclose(self) -> None: ...


async def check_model(found: Generations, name: str, number: int) -> None:
    """Raises ReadModelError where a generation is one of another read model."""
    model = await found.model(number)
    if model not in (None, name):
        raise ReadModelError(
            f"{found.description(number)} is of the read model {model}, not of {name}: give each a"
            " database of its own (DAYBOOK_<NAME>_DB)"
        )


async def ensure_built(projection: Projection[Any], found: Generations) -> None:
    """Where there is no generation yet, make an empty one live. Raises ReadModelError."""
    if (await found.pointer()).live is None:
        async with found.building():
            if (await found.pointer()).live is None:
                number = await found.claim()
                await found.create(projection, number)
                await found.switch(number)
