"""The head file beside the log: one event that the log had, to know a log that lost its end by.

Written now and then and at stop, so it is a little behind the log, and never ahead of it: only
what is durable is noted.
"""

import json
import logging
import os
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from eventstore.known import KnownEvent
from eventstore.sqlite.database import LogDamaged
from eventstore.sqlite.file_lock import sync_folder

_log = logging.getLogger("daybook.log")


class HeadFile:
    """log: path of the log; its head file is beside it."""

    def __init__(self, log: Path) -> None:
        self.path = log.with_name(log.name + ".head")
        self._temporary = log.with_name(log.name + ".head.new")
        self._failed = False

    def read(self) -> KnownEvent | None:
        """None where there is no such file. Raises LogDamaged for one that cannot be read."""
        try:
            return KnownEvent(by=str(self.path), **json.loads(self.path.read_bytes()))
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, ValueError, TypeError) as error:
            raise LogDamaged(
                f"{self.path} cannot be read ({error}): it tells how far the log reached. Run"
                " `daybook check`; where that finds nothing else, delete this file"
            ) from error

    def write(self, event: KnownEvent) -> None:
        """Durable when it returns, all or nothing. A disk that takes no file is logged, once."""
        document = asdict(event)
        del document["by"]
        try:
            self._replace(json.dumps(document).encode())
            self._failed = False
        except OSError as error:
            if not self._failed:
                _log.warning("%s cannot be written: %s", self.path, error)
            self._failed = True

    def _replace(self, content: bytes) -> None:
        with suppress(FileNotFoundError):
            self._temporary.unlink()
        flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY
        # Unbuffered it could write a part of it, on a disk that is almost full, and say nothing.
        with os.fdopen(os.open(self._temporary, flags, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        self._temporary.replace(self.path)
        sync_folder(self.path.parent)
