"""Whether there is room left on a disk."""

import os
from pathlib import Path
from typing import Final

ROOM_MIN_BYTES: Final = 1_048_576
"""With less there is no room for a commit of some size and the checkpoint after it."""
FULL: Final = "disk full"


def disk_full(folder: Path) -> str | None:
    """A message if the folder's disk is full; None while it has room.

    For a folder that does not exist yet: the disk that it would be on.
    """
    while not folder.exists():
        folder = folder.parent
    try:
        found = os.statvfs(folder)
    except OSError:
        return None
    if found.f_bavail * found.f_frsize >= ROOM_MIN_BYTES:
        return None
    return f"{FULL}: make room where {folder} is, then everything continues on its own"
