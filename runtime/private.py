"""Files with what is in the ledger: nobody but their owner can read them."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkstemp
from typing import BinaryIO

MODE = 0o600


def open_private(path: Path) -> BinaryIO:
    """A file to write, emptied where there is one; or a device. Raises OSError."""
    file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, MODE), "wb")
    if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        os.fchmod(file.fileno(), MODE)  # of one that was there
    return file


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A file to write that takes the name once the block has ended well, whole and on the disk.

    However it ends otherwise, what had the name before is as it was. A device is written to as it
    is. Raises OSError.
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
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
