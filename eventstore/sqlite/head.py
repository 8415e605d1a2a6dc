"""The head file beside the log: one event that the log had, to know a log that lost its end by.

Written now and then and at stop, so it is a little behind the log, and never ahead of it: only
what is durable is noted.
"""

import json
import logging
from dataclasses import asdict
from pathlib import Path

from eventstore.known import KnownEvent
from eventstore.sqlite.database import LogDamaged
from runtime.files import write_durably

_log = logging.getLogger("daybook.log")


class HeadFile:
    """log: path of the log; its head file is beside it."""

    def __init__(self, log: Path) -> None:
        self.path = log.with_name(log.name + ".head")
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
            write_durably(self.path, json.dumps(document).encode())
            self._failed = False
        except OSError as error:
            if not self._failed:
                _log.warning("%s cannot be written: %s", self.path, error)
            self._failed = True
