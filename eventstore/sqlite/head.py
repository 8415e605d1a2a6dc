"""The head file beside the log: one of its last events, by which a lost end is noticed.

Written now and then and at stop. It may be older than the log's end but never newer, as only a
durable event is written to it.
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
