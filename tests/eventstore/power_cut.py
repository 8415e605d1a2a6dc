"""A disk whose power can be cut at any point, afterwards.

A run's writes and syncs are recorded once. The record gives the disk as a power cut at any point
would have left it: synced writes are there, and of the others any sector may be there or not.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import apsw

SECTOR_BYTES = 512


@dataclass(frozen=True, slots=True)
class Write:
    name: str
    offset: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Truncate:
    name: str
    size: int


@dataclass(frozen=True, slots=True)
class Sync:
    name: str


@dataclass(frozen=True, slots=True)
class Delete:
    name: str


Operation: TypeAlias = Write | Truncate | Sync | Delete


class RecordedDisk(apsw.VFS):
    """The machine's file system, with every operation on it recorded in `operations`."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.operations: list[Operation] = []
        super().__init__(name, "")

    def xOpen(self, name: Any, flags: list[int]) -> "RecordedFile":  # noqa: N802 - SQLite's name
        return RecordedFile(self.operations, name, flags)

    def xDelete(self, path: str, sync_folder: bool) -> None:  # noqa: N802
        self.operations.append(Delete(Path(path).name))
        super().xDelete(path, sync_folder)


class RecordedFile(apsw.VFSFile):
    def __init__(self, operations: list[Operation], name: Any, flags: list[int]) -> None:
        path = name.filename() if isinstance(name, apsw.URIFilename) else name
        self._name = Path(str(path)).name
        self._operations = operations
        super().__init__("", name, flags)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        self._operations.append(Write(self._name, offset, bytes(data)))
        super().xWrite(data, offset)

    def xTruncate(self, size: int) -> None:  # noqa: N802
        self._operations.append(Truncate(self._name, size))
        super().xTruncate(size)

    def xSync(self, flags: int) -> None:  # noqa: N802
        self._operations.append(Sync(self._name))
        super().xSync(flags)


@dataclass
class Disk:
    """Files as they are for certain, and the later writes without a sync."""

    certain: dict[str, bytearray] = field(default_factory=dict)
    uncertain: dict[str, list[Write | Truncate]] = field(default_factory=dict)

    def do(self, operation: Operation) -> None:
        if isinstance(operation, Delete):  # a deleted name is assumed to disappear at once
            self.certain.pop(operation.name, None)
            self.uncertain.pop(operation.name, None)
            return
        pending = self.uncertain.setdefault(operation.name, [])
        if isinstance(operation, Sync):
            content = self.certain.setdefault(operation.name, bytearray())
            for change in pending:
                apply(content, change)
            pending.clear()
        else:
            pending.append(operation)

    def after_a_cut(self, chance: random.Random, kept: float) -> dict[str, bytes]:
        """kept: the probability that a sector without a sync is there."""
        files = {}
        for name, pending in self.uncertain.items():
            content = bytearray(self.certain.get(name, b""))
            for change in pending:
                for part in sectors(change):
                    if chance.random() < kept:
                        apply(content, part)
            files[name] = bytes(content)
        return files


def apply(content: bytearray, change: Write | Truncate) -> None:
    if isinstance(change, Truncate):
        del content[change.size :]
        return
    if len(content) < change.offset:
        content.extend(bytes(change.offset - len(content)))
    content[change.offset : change.offset + len(change.data)] = change.data


def sectors(change: Write | Truncate) -> Iterator[Write | Truncate]:
    """The parts of a change that reach the disk or not, each on its own."""
    if isinstance(change, Truncate):
        yield change
        return
    at = 0
    while at < len(change.data):
        size = SECTOR_BYTES - (change.offset + at) % SECTOR_BYTES
        yield Write(change.name, change.offset + at, change.data[at : at + size])
        at += size


def cuts(
    operations: Sequence[Operation], *, first: int, count: int, seed: int
) -> Iterator[tuple[int, dict[str, bytes]]]:
    """Cuts at random places from first on: the operations done before it, and the files."""
    chance = random.Random(seed)
    places = {chance.randrange(first, len(operations) + 1) for _ in range(count)}
    disk = Disk()
    for done, operation in enumerate(operations):
        if done in places:
            yield done, disk.after_a_cut(chance, chance.choice([0.0, 0.5, 0.9]))
        disk.do(operation)
