"""The accepted losses of a log in a file."""

from collections.abc import Sequence
from pathlib import Path

from eventstore.losses import AcceptedLoss
from eventstore.sqlite.records import RecordsFile


class FileLosses:
    """In a file beside the log."""

    def __init__(self, log: Path) -> None:
        path = log.with_name(log.name + ".losses")
        tells = "which losses were accepted"
        self._file = RecordsFile(path, tells=tells, of=AcceptedLoss.of)

    async def accepted(self) -> Sequence[AcceptedLoss]:
        return self.read()

    def read(self) -> Sequence[AcceptedLoss]:
        """Raises StoreUnavailable for a file that cannot be read or understood."""
        return self._file.read()

    async def accept(self, loss: AcceptedLoss) -> None:
        self._file.add(loss.document())

    async def aclose(self) -> None:
        pass
