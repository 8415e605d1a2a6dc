"""The stub's log in a file, so that it outlives its process: a line a batch, torn lines dropped."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from uuid import UUID

from tests.esdb_stub.log import Stored


class Journal:
    """Written without fsync: it outlives a killed process, not a power cut."""

    def __init__(self, path: Path) -> None:
        path.touch()
        self._path = path
        whole = path.read_bytes()
        self._file = path.open("r+b")
        self._file.truncate(whole.rfind(b"\n") + 1)
        self._file.seek(0, 2)

    def keep(self, batch: Sequence[Stored]) -> None:
        rows = [
            (*event[:4], str(event.event_id), *event[5:7], *map(_text, event[7:]))
            for event in batch
        ]
        self._file.write(json.dumps(rows).encode() + b"\n")
        self._file.flush()

    def batches(self) -> Iterator[list[Stored]]:
        for line in self._path.read_bytes().splitlines():
            yield [
                Stored._make((*row[:4], UUID(row[4]), *row[5:7], *map(_bytes, row[7:])))
                for row in json.loads(line)
            ]


def _text(data: bytes) -> str:
    return data.decode("latin-1")


def _bytes(text: str) -> bytes:
    return text.encode("latin-1")
