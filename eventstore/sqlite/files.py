"""The files of an open log: whether they are still the ones that were opened.

Whoever has a file open goes on with it when it is deleted or replaced, and nobody else ever sees
what is written there.
"""

import os
from pathlib import Path


class OpenFiles:
    """The log's file and its write-ahead log as they are now.

    Where there is no write-ahead log yet, the first one that comes counts as the one opened.
    """

    def __init__(self, path: Path) -> None:
        self._paths = (str(path), f"{path}-wal")
        self._known: list[tuple[int, int] | None] = [None, None]
        self._size = 0
        self.changed()

    def changed(self) -> str:
        """What has become of them, in words; empty while they are the same. Two system calls."""
        for at, name in enumerate(self._paths):
            known = self._known[at]
            try:
                found = os.stat(name)  # noqa: PTH116 - asked for each commit: a Path costs as much again
            except OSError:
                if known is not None:
                    return f"{name} is gone"
                continue
            if known not in {None, (found.st_dev, found.st_ino)}:
                return f"{name} is another file than the one that was opened"
            self._known[at] = found.st_dev, found.st_ino
            if at == 0:
                if found.st_size < self._size:
                    return f"{name} was cut short"
                self._size = found.st_size
        return ""
