"""The files of an open log: whether they are still the ones that were opened.

Whoever has a file open goes on with it when it is deleted or replaced, and nobody else ever sees
what is written there.
"""

import os
import time
from pathlib import Path
from typing import Final

LOOK_S: Final = 0.1
"""How often the files themselves are looked at, whatever their folder says."""


class OpenFiles:
    """The log's file and its write-ahead log as they are now.

    Where there is no write-ahead log yet, the first one that comes counts as the one opened.
    """

    def __init__(self, path: Path) -> None:
        self._paths = (str(path), f"{path}-wal")
        self._known: list[tuple[int, int] | None] = [None, None]
        self._size = 0
        self._folder = str(path.parent)
        self._folder_ns = 0
        self._looked_s = 0.0
        self.changed()

    def changed(self) -> str:
        """What has become of them, in words; empty while they are the same.

        One system call most times: a file that is deleted or replaced changes its folder. That one
        was cut short is noticed within LOOK_S.
        """
        try:
            folder_ns = os.stat(self._folder).st_mtime_ns  # noqa: PTH116 - asked for each commit
        except OSError:
            folder_ns = 0
        now_s = time.monotonic()
        if folder_ns == self._folder_ns and now_s < self._looked_s + LOOK_S:
            return ""
        self._folder_ns, self._looked_s = folder_ns, now_s
        return self._looked()

    def _looked(self) -> str:
        for at, name in enumerate(self._paths):
            known = self._known[at]
            try:
                found = os.stat(name)  # noqa: PTH116
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
