"""The files of a log: whether they are still the ones that were opened, and the head file.

A process can go on writing an open file after it was deleted or replaced, and no other process will
ever see what it writes.

The head file beside the log names one of its last events, by which a lost end is noticed. It is
written now and then and at stop. It may be older than the log's end but never newer, as only a
durable event is written to it.
"""

import json
import logging
import os
import time
from dataclasses import asdict
from pathlib import Path
from typing import Final

from eventstore.known import KnownEvent
from eventstore.sqlite.database import LogDamaged
from runtime.files import write_durably

CHECK_S: Final = 0.1
"""How often the files themselves are checked, even if their folder has not changed."""


class OpenFiles:
    """The log's file and its write-ahead log, as they are when this is created.

    If there is no write-ahead log yet, the first one counts as the one opened.
    """

    def __init__(self, path: Path) -> None:
        self._paths = (str(path), f"{path}-wal")
        self._known: list[tuple[int, int] | None] = [None, None]
        self._size = 0
        self._folder = str(path.parent)
        self._folder_ns = 0
        self._checked_s = 0.0
        self.changed()

    def changed(self) -> str:
        """How they have changed, for people; empty if they have not.

        Usually one system call: deleting or replacing a file changes its folder. A truncated file
        is noticed within CHECK_S.
        """
        try:
            folder_ns = os.stat(self._folder).st_mtime_ns  # noqa: PTH116 - called for each commit
        except OSError:
            folder_ns = 0
        now_s = time.monotonic()
        if folder_ns == self._folder_ns and now_s < self._checked_s + CHECK_S:
            return ""
        self._folder_ns, self._checked_s = folder_ns, now_s
        return self._check()

    def _check(self) -> str:
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


_log = logging.getLogger("daybook.log")


class HeadFile:
    """log: path of the log; its head file is beside it."""

    def __init__(self, log: Path) -> None:
        self.path = log.with_name(log.name + ".head")
        self._failed = False

    def read(self) -> KnownEvent | None:
        """None if there is no such file. Raises LogDamaged if it cannot be read."""
        try:
            return KnownEvent(by=str(self.path), **json.loads(self.path.read_bytes()))
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, ValueError, TypeError) as error:
            raise LogDamaged(
                f"{self.path} cannot be read ({error}): it contains how far the log reached. Run"
                " `daybook check`; if that finds nothing else, delete this file"
            ) from error

    def write(self, event: KnownEvent) -> None:
        """Durable when it returns, all or nothing. A failure to write is logged, once."""
        document = asdict(event)
        del document["by"]
        try:
            write_durably(self.path, json.dumps(document).encode())
            self._failed = False
        except OSError as error:
            if not self._failed:
                _log.warning("%s cannot be written: %s", self.path, error)
            self._failed = True
