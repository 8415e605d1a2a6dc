"""Decisions of people about a log in a file: lines of JSON in a file beside it."""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Generic

from eventstore.decisions import D, Kind
from eventstore.port import StoreUnavailable
from runtime.files import MODE, sync_folder


class FileDecisions(Generic[D]):
    """<log>.<kind>, which only its owner can read (0600). Implements Decisions."""

    def __init__(self, log: Path, kind: Kind[D]) -> None:
        self._path = log.with_name(f"{log.name}.{kind.name}")
        self._kind = kind

    async def all(self) -> Sequence[D]:
        return self.read()

    def read(self) -> Sequence[D]:
        """Raises StoreUnavailable for a file that cannot be read or parsed."""
        try:
            lines = self._path.read_text(encoding="utf-8").splitlines()
            return [self._kind.parse(json.loads(line)) for line in lines if line.strip()]
        except FileNotFoundError:
            return []
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise StoreUnavailable(
                f"{self._path} cannot be read ({error}): it contains {self._kind.content}; correct"
                " or restore it"
            ) from error

    async def add(self, decision: D) -> None:
        line = json.dumps(decision.document(), ensure_ascii=False).encode() + b"\n"
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            opened = os.open(self._path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, MODE)
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
