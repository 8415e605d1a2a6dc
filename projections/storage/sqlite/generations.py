"""The generations of a read model that are SQLite files, with one writing process each."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from projections.projection import Projection
from projections.storage.errors import ReadModelError
from projections.storage.generations import Pointer, check_model
from projections.storage.sqlite import engines
from projections.storage.sqlite.files import Files
from projections.storage.sqlite.heartbeats import HeartbeatFile
from projections.storage.sqlite.reader import ThreadedReader
from projections.storage.sqlite.session import SqliteSession


class SqliteGenerations:
    """See projections.storage.generations.Generations. base: path of the files without suffixes."""

    def __init__(self, base: Path) -> None:
        self.files = Files(base)

    @property
    def requests(self) -> Path:
        return self.files.requests

    def description(self, number: int) -> str:
        return str(self.files.path(number))

    def reset_hint(self) -> str:
        return f"delete {self.files.pointer_path}"

    async def pointer(self) -> Pointer:
        return self.files.pointer()

    async def live(self) -> int:
        return self.files.live()

    async def claim(self) -> int:
        return self.files.claim()

    async def switch(self, number: int) -> None:
        self.files.switch(number)

    async def model(self, number: int) -> str | None:
        return engines.model_of(self.files.path(number))

    async def numbers(self) -> list[int]:
        return self.files.numbers()

    async def delete_unused(self) -> list[int]:
        return self.files.delete_unused()

    @asynccontextmanager
    async def building(self) -> AsyncIterator[None]:
        with self.files.building():
            yield

    async def create(
        self, projection: Projection[Any], number: int, *, indexed: bool = True
    ) -> None:
        engines.create(projection, self.files.path(number), indexed=indexed)

    @asynccontextmanager
    async def session(
        self, projection: Projection[Any], number: int, *, bulk: bool = False
    ) -> AsyncIterator[SqliteSession]:
        with self.files.hold(number):
            path = self.files.path(number)
            if not path.exists():
                raise ReadModelError(f"{path} is gone: run `daybook replay {projection.name}`")
            await check_model(self, projection.name, number)
            async with SqliteSession(self.files, number, projection.name, bulk=bulk) as session:
                yield session

    def reader(self, number: int, *, beside: int | None = None) -> ThreadedReader:
        return ThreadedReader(self.files, number, beside)

    def heartbeats(self, folder: Path) -> HeartbeatFile:
        return HeartbeatFile(folder)

    async def aclose(self) -> None:
        pass
