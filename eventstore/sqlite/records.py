"""What people have decided about a log in a file: lines of JSON in a file beside it."""

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Generic, TypeVar

from eventstore.port import StoreUnavailable
from runtime.files import sync_folder

T = TypeVar("T")


class RecordsFile(Generic[T]):
    """Only ever added to; nobody but its owner can read it (0600)."""

    def __init__(self, path: Path, *, tells: str, of: Callable[[Mapping[str, Any]], T]) -> None:
        """tells: what it is for, for an error. of: raises ValueError, TypeError, KeyError."""
        self._path = path
        self._tells = tells
        self._of = of

    def read(self) -> list[T]:
        """Raises StoreUnavailable for a file that cannot be read or understood."""
        try:
            lines = self._path.read_text(encoding="utf-8").splitlines()
            return [self._of(json.loads(line)) for line in lines if line.strip()]
        except FileNotFoundError:
            return []
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise StoreUnavailable(
                f"{self._path} cannot be read ({error}): it tells {self._tells}; mend or restore it"
            ) from error

    def add(self, document: Mapping[str, Any]) -> None:
        """Durable when this returns. Raises StoreUnavailable."""
        line = json.dumps(document, ensure_ascii=False).encode() + b"\n"
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
