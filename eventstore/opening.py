"""From a store's URL to a store: the only place that knows which adapters there are."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from eventstore.memory import MemoryStore
from eventstore.port import EventStore, StoreUnavailable
from eventstore.sqlite import SqliteReader, SqliteStore, Verify

Failed: TypeAlias = Callable[[StoreUnavailable], None]

SQLITE = "sqlite:///"
MEMORY = "memory://"


def open_store(
    url: str, *, verify: Verify | None = None, failed: Failed | None = None
) -> EventStore:
    """The store to append to. Blocks while it is checked.

    verify: raises for the first of the last events that is not as it was written.
    failed: called on the loop when the store has stopped for good; the process had better end.
    Raises ValueError for a URL of no known kind; StoreUnavailable; what verify raises.
    """
    if url == MEMORY:
        return MemoryStore()
    return SqliteStore.open(_path(url), verify=verify, failed=failed)


def open_reader(url: str) -> EventStore:
    """The store to read beside the process that writes; append raises StoreUnavailable.

    Raises ValueError for a URL that other processes cannot read; StoreUnavailable.
    """
    if url == MEMORY:
        raise ValueError(f"{MEMORY} is seen by its own process alone: use {SQLITE}<path>")
    return SqliteReader.open(_path(url))


def _path(url: str) -> Path:
    path = url.removeprefix(SQLITE)
    if path in {url, ""}:
        raise ValueError(f"a store's URL is {SQLITE}<path> (four slashes: absolute) or {MEMORY}")
    return Path(path)
