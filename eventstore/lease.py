"""Which relay leads: a lease with an epoch that only grows.

Two relays may publish at once for a moment, as a process that was stopped does not notice it; the
epoch in every record distinguishes them. The lease keeps such moments short.

The lease contains a secret, created by the first leader and kept by the following ones. Relays seal
their records with it, so whoever can read the log recognises them.
"""

import asyncio
import json
import os
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from secrets import token_bytes
from typing import Any, Final, NamedTuple, Protocol

from eventstore.port import StoreUnavailable
from runtime.files import open_locked

BEAT_S: Final = 1.0
"""How often a leader renews the lease."""
DEAD_S: Final = 6.0
"""A lease not renewed for so long, by the observer's own clock, may be taken over."""
SECRET_BYTES: Final = 32
_WIDTH: Final = 512
"""Bytes of the file, whatever its content: so it is overwritten in place."""


class LeaseLost(Exception):
    """Another relay leads."""


class LeaseState(NamedTuple):
    """epoch: of the relay that leads or led last. secret: seals records."""

    epoch: int
    secret: bytes


class LeaseReader(Protocol):
    async def read(self) -> LeaseState | None:
        """The lease now; None if no relay has led yet. Raises StoreError."""
        ...

    async def aclose(self) -> None:
        """Close connections and files."""
        ...


class Lease(Protocol):
    @property
    def secret(self) -> bytes:
        """Seals records. Only after acquire()."""
        ...

    async def acquire(self) -> int | None:
        """This relay's epoch, higher than all before; None while another relay leads: try again."""
        ...

    async def raise_epoch(self, epoch: int) -> None:
        """Continue with a higher epoch. Raises LeaseLost."""
        ...

    async def renew(self) -> None:
        """Show that this relay is alive. Raises LeaseLost."""
        ...

    async def release(self) -> None:
        """Let another relay lead at once. Does nothing unless this one leads."""
        ...

    async def aclose(self) -> None:
        """Close connections and files."""
        ...


class _Content(NamedTuple):
    """The content of a lease's file. beat: changes while its holder is alive."""

    epoch: int = 0
    beat: int = 0
    holder: str = ""
    secret: str = ""


class FileLeaseReader:
    """Reads the file of a FileLease."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def read(self) -> LeaseState | None:
        content = _read_path(self._path)
        return LeaseState(content.epoch, bytes.fromhex(content.secret)) if content.secret else None

    async def aclose(self) -> None:
        """Nothing is open."""


class FileLease:
    """A lock file beside a log on this machine's disk.

    The lock ends with the process that holds it. A process that is stopped keeps it: then another
    one replaces the file by one that it has locked, and the stopped one will find that its file no
    longer has that name.
    """

    def __init__(self, path: Path, *, dead_s: float = DEAD_S) -> None:
        self._path = path
        self._dead_s = dead_s
        self._file: int | None = None
        self._content = _Content()
        self._seen: tuple[int | None, _Content] | None = None
        self._seen_at = 0.0

    @property
    def secret(self) -> bytes:
        """As the port's."""
        return bytes.fromhex(self._content.secret)

    async def acquire(self) -> int | None:
        """As the port's. Raises StoreUnavailable if the file cannot be written."""
        try:
            return self._acquire()
        except OSError as error:
            raise StoreUnavailable(f"{self._path}: {error.strerror}") from error

    async def raise_epoch(self, epoch: int) -> None:
        await self.renew()
        self._write(self._content._replace(epoch=epoch), durably=True)

    async def renew(self) -> None:
        if self._file is None or not _is_at(self._path, self._file):
            raise LeaseLost(f"{self._path} has another holder: {_read_path(self._path).holder}")
        self._write(self._content._replace(beat=self._content.beat + 1))

    async def release(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None

    async def aclose(self) -> None:
        await self.release()

    def _acquire(self) -> int | None:
        file = open_locked(self._path)
        if file is None:
            return self._replace() if self._is_dead() else None
        try:
            if _is_at(self._path, file):  # else it was replaced between the two calls
                self._lead(file, _read(file))
        finally:
            self._close_unless_held(file)
        return self._content.epoch if self._file is not None else None

    def _is_dead(self) -> bool:
        """Whether the holder has not moved for dead_s, by this process's clock."""
        now = asyncio.get_running_loop().time()
        held = self._held()
        if held != self._seen:
            self._seen, self._seen_at = held, now
        return now - self._seen_at > self._dead_s

    def _held(self) -> tuple[int | None, _Content]:
        return _file_number(self._path), _read_path(self._path)

    def _replace(self) -> int | None:
        """Put a file of ours in the place of one whose holder does not move."""
        beside = self._path.with_name(self._path.name + ".next")
        file = open_locked(beside)
        if file is None:
            return None  # another process is doing the same
        try:
            # Still the holder that is dead, and no other process has renamed our file meanwhile.
            if self._seen is not None and self._seen == self._held() and _is_at(beside, file):
                self._lead(file, self._seen[1], put=lambda: beside.rename(self._path))
        finally:
            self._close_unless_held(file)
        return self._content.epoch if self._file is not None else None

    def _lead(
        self, file: int, before: _Content, *, put: Callable[[], object] = lambda: None
    ) -> None:
        """Become the holder, by a locked file. put: puts it in its place."""
        secret = before.secret or new_secret().hex()
        content = _Content(before.epoch + 1, 0, _ourselves(), secret)
        _write(file, content)
        os.fsync(file)
        put()
        self._file, self._content = file, content

    def _close_unless_held(self, file: int) -> None:
        """Left open it would keep its lock, and this process would wait for itself."""
        if self._file != file:
            os.close(file)

    def _write(self, content: _Content, *, durably: bool = False) -> None:
        assert self._file is not None
        _write(self._file, content)
        if durably:
            os.fsync(self._file)
        self._content = content


def _write(file: int, content: _Content) -> None:
    os.pwrite(file, json.dumps(content._asdict()).ljust(_WIDTH).encode(), 0)


def _file_number(path: Path) -> int | None:
    with suppress(FileNotFoundError):
        return path.stat().st_ino
    return None


def _is_at(path: Path, file: int) -> bool:
    return _file_number(path) == os.fstat(file).st_ino


def _read_path(path: Path) -> _Content:
    try:
        file = os.open(path, os.O_RDONLY)
    except OSError:
        return _Content()
    try:
        return _read(file)
    finally:
        os.close(file)


def _read(file: int) -> _Content:
    """The content; an empty one if it cannot be parsed: the topic has the epoch too."""
    try:
        document = json.loads(os.pread(file, _WIDTH, 0))
        epoch, beat = int(document["epoch"]), int(document["beat"])
        return _Content(epoch, beat, str(document["holder"]), secret_of(document).hex())
    except (ValueError, KeyError, TypeError):
        return _Content()


def new_secret() -> bytes:
    return token_bytes(SECRET_BYTES)


def secret_of(document: Mapping[str, Any]) -> bytes:
    """The secret in a lease; empty if there is none, as in one of an earlier Daybook."""
    try:
        secret = bytes.fromhex(document.get("secret", ""))
    except (ValueError, TypeError):
        return b""
    return secret if len(secret) == SECRET_BYTES else b""


def _ourselves() -> str:
    return f"process {os.getpid()} on {socket.gethostname()}"[:100]
