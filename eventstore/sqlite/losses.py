"""The accepted losses of a log in a file."""

import json
import os
from collections.abc import Sequence
from pathlib import Path

from eventstore.losses import AcceptedLoss
from eventstore.port import StoreUnavailable
from eventstore.sqlite.place import sync_folder


class FileLosses:
    """Of a log in a file: lines of JSON in a file beside it (0600), only ever added to."""

    def __init__(self, log: Path) -> None:
        self._path = log.with_name(log.name + ".losses")

    async def accepted(self) -> Sequence[AcceptedLoss]:
        return self.read()

    def read(self) -> Sequence[AcceptedLoss]:
        """Raises StoreUnavailable for a file that cannot be read or understood."""
        try:
            lines = self._path.read_text(encoding="utf-8").splitlines()
            return [AcceptedLoss.of(json.loads(line)) for line in lines if line.strip()]
        except FileNotFoundError:
            return []
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise StoreUnavailable(
                f"{self._path} cannot be read ({error}): it tells which losses were accepted;"
                " mend or restore it"
            ) from error

    async def accept(self, loss: AcceptedLoss) -> None:
        line = json.dumps(loss.document(), ensure_ascii=False).encode() + b"\n"
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            opened = os.open(self._path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
            try:
                os.write(opened, line)
                os.fsync(opened)
            finally:
                os.close(opened)
            sync_folder(self._path.parent)
        except OSError as error:
            raise StoreUnavailable(f"{self._path}: cannot be written ({error.strerror})") from error

    async def aclose(self) -> None:
        pass
