"""Files that survive a crash, that one process holds, and that nobody but their owner reads."""

import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkstemp
from typing import BinaryIO

MODE = 0o600


def open_private(path: Path) -> BinaryIO:
    """A file (or device) to write, emptied if it exists. Raises OSError."""
    file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, MODE), "wb")
    if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        os.fchmod(file.fileno(), MODE)  # it may have existed
    return file


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A file to write that replaces the one of this name, durably, when the block ends well.

    If the block fails, the old file stays. A device is written to directly. Raises OSError.
    """
    path = path.resolve()
    if path.exists() and not path.is_file():
        with path.open("wb") as device:
            yield device
        return
    descriptor, name = mkstemp(dir=path.parent, prefix=path.name + ".", suffix=".part")
    part = Path(name)  # its mode is 0600
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(descriptor)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    sync_folder(path.parent)


def write_durably(path: Path, content: bytes, *, sync: bool = True) -> None:
    """Replace a file as a whole: a reader sees the old or the new content, a crash keeps one.

    sync=False leaves out the fsyncs, for content that may be lost with the machine. Raises OSError.
    """
    fresh = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        # Not Path.write_bytes: on a disk that is almost full an unbuffered write may write a part.
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, MODE), "wb") as file:
            file.write(content)
            file.flush()
            if sync:
                os.fsync(file.fileno())
        fresh.replace(path)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
    if sync:
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make created, renamed and deleted names in a folder durable. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def open_locked(path: Path) -> int | None:
    """A descriptor of the file, created if missing, under an exclusive advisory lock.

    None while another process holds the lock, or this one by another descriptor. Closing the
    descriptor releases the lock, and so does the end of the process. Never delete the file: two
    processes could then lock two files of the same name. Raises OSError.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, MODE)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor
