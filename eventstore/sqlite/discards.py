"""The discarded events of a log in a file."""

from collections.abc import Sequence
from pathlib import Path

from eventstore.discards import Discarded
from eventstore.sqlite.records import RecordsFile


class FileDiscards:
    """In a file beside the log: its own file is written by one process alone."""

    def __init__(self, log: Path) -> None:
        path = log.with_name(log.name + ".discards")
        self._file = RecordsFile(path, tells="which events were discarded", of=Discarded.of)

    async def all(self) -> Sequence[Discarded]:
        return self._file.read()

    async def add(self, discarded: Discarded) -> None:
        self._file.add(discarded.document())

    async def aclose(self) -> None:
        pass
