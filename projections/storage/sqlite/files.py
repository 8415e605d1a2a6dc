"""Generations as SQLite files: their names, the pointer to the live one, the locks.

They are `<base>.g1.db`, `<base>.g2.db`, ... and the pointer `<base>.live`, which determines the
live one and is replaced in one atomic step. No name is used twice, so nobody can find another
generation under a name that is already open somewhere.
"""

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, replace
from pathlib import Path

from pydantic import TypeAdapter

from projections.storage.errors import BeingBuilt, Held, NotBuilt, ReadModelError
from projections.storage.generations import Pointer
from runtime.files import open_locked, write_durably

SUFFIXES = (".db-wal", ".db-shm", ".db", ".lock")
"""In the order of deletion: a write-ahead log left without its file would restore old tables."""


_POINTER = TypeAdapter(Pointer)


class Files:
    """The generations of one read model; base is the path of its files without suffixes."""

    def __init__(self, base: Path) -> None:
        self.base = base
        self._seen: tuple[tuple[int, int, int] | None, Pointer] = (None, Pointer())

    def pointer(self) -> Pointer:
        """What is live now; one stat call if nothing has changed. Raises ReadModelError."""
        path = self.pointer_path
        try:
            found = path.stat()
        except FileNotFoundError:
            return Pointer()
        stamp = (found.st_ino, found.st_mtime_ns, found.st_size)
        if self._seen[0] != stamp:
            self._seen = (stamp, _parse(path))
        return self._seen[1]

    def live(self) -> int:
        """The live generation's number. Raises NotBuilt."""
        number = self.pointer().live
        if number is None:
            raise NotBuilt(
                f"the read model {self.base.name} is not built: start its worker or replay it"
            )
        return number

    @property
    def pointer_path(self) -> Path:
        return self._beside(".live")

    def path(self, number: int) -> Path:
        return self._beside(f".g{number}.db")

    def claim(self) -> int:
        """A number never used before; that it is used is on disk when this returns."""
        pointer = self.pointer()
        number = max((pointer.last, *self.numbers())) + 1
        self._write(replace(pointer, last=number))
        return number

    def switch(self, number: int) -> None:
        """Make a generation live; the one that was live becomes the previous one."""
        pointer = self.pointer()
        if number != pointer.live:
            self._write(replace(pointer, live=number, previous=pointer.live))

    def numbers(self) -> list[int]:
        """The numbers of all generations on disk, live or not."""
        name = re.compile(re.escape(self.base.name) + r"\.g([1-9][0-9]*)\.db")
        found = (name.fullmatch(path.name) for path in self.base.parent.glob("*.db"))
        return sorted(int(match[1]) for match in found if match)

    def delete_unused(self) -> list[int]:
        """Delete generations that are neither live nor previous nor being written.

        Returns their numbers. Call while building().
        """
        pointer = self.pointer()
        gone = []
        for number in self.numbers():
            if number in (pointer.live, pointer.previous):
                continue
            with suppress(Held), self.hold(number):
                for suffix in SUFFIXES:
                    self._beside(f".g{number}{suffix}").unlink(missing_ok=True)
                gone.append(number)
        return gone

    @contextmanager
    def hold(self, number: int) -> Iterator[None]:
        """Be the one process that writes this generation. Raises Held."""
        path = self._beside(f".g{number}.lock")
        with _locked(path) as holder:
            if holder is not None:
                name = self.path(number).name
                raise Held(f"{name} is being written by process {holder}: stop it first")
            yield

    @contextmanager
    def building(self) -> Iterator[None]:
        """Be the one process that builds, switches and deletes generations. Raises BeingBuilt."""
        self.base.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with _locked(self._beside(".build.lock")) as holder:
            if holder is not None:
                raise BeingBuilt(
                    f"the next generation of {self.base.name} is being built by process {holder}:"
                    " try again when it is done"
                )
            yield

    @property
    def requests(self) -> Path:
        """The folder of requests to the process that writes the live generation."""
        return self._beside(".requests")

    def _beside(self, suffix: str) -> Path:
        return self.base.with_name(self.base.name + suffix)

    def _write(self, pointer: Pointer) -> None:
        write_durably(self.pointer_path, json.dumps(asdict(pointer)).encode())


def _parse(path: Path) -> Pointer:
    try:
        pointer: Pointer = _POINTER.validate_json(path.read_bytes(), strict=True)
    except ValueError as error:
        raise ReadModelError(f"{path} is damaged: delete it and replay this read model") from error
    return pointer


@contextmanager
def _locked(path: Path) -> Iterator[str | None]:
    """Hold an advisory lock on a side file; it goes with the process, however that ends.

    Yields None, or where another one holds it, that one's process id.
    """
    descriptor = open_locked(path)
    if descriptor is None:
        yield path.read_text(encoding="utf-8").strip() or "unknown"
        return
    try:
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield None
    finally:
        os.close(descriptor)
