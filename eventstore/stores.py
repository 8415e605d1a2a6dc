"""From a store's URL to a store: the only place that knows which adapters there are."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from eventstore.decisions import D, Decisions, Kind
from eventstore.known import KnownEvent
from eventstore.lease import FileLease, FileLeaseReader, Lease, LeaseReader
from eventstore.memory import MemoryStore
from eventstore.port import EventReader, EventStore, StoreUnavailable
from eventstore.sqlite import FileDecisions, HeadFile, SqliteReader, SqliteStore, Verify
from runtime.urls import ESDB_FORM, is_esdb

Failed: TypeAlias = Callable[[StoreUnavailable], None]

SQLITE = "sqlite:///"
MEMORY = "memory://"


def is_shared(url: str) -> bool:
    """Whether other processes append to the store as well: a Ledger on it has no sole_writer."""
    return is_esdb(url)


def is_dense(url: str) -> bool:
    """Whether the store gives every position, from 1, so that they count its events."""
    return url.startswith(SQLITE)


async def probe(url: str) -> str:
    """Ask a server for all that commands will need; its version, empty where there is none.

    A file is looked at when it is opened. Raises StoreUnavailable with what to do. Nothing is
    stored.
    """
    if not is_esdb(url):
        return ""
    _eventstoredb(url)
    from eventstore.eventstoredb import probe as probe_server

    return await probe_server(url)


def open_store(
    url: str, *, verify: Verify | None = None, failed: Failed | None = None
) -> EventStore:
    """The store to append to. Blocks while a file is checked; a server is not asked anything yet.

    verify: raises for the first of the last events that is not as it was written.
    failed: called on the loop when the store has stopped for good; the process had better end.
    Raises ValueError for a URL of no known kind; StoreUnavailable; what verify raises.
    """
    if url == MEMORY:
        return MemoryStore()
    if is_esdb(url):
        return _eventstoredb(url)
    return SqliteStore.open(_path(url), verify=verify, failed=failed)


def open_reader(url: str) -> EventReader:
    """The log to read beside the process that writes.

    Raises ValueError for a URL that other processes cannot read; StoreUnavailable.
    """
    if url == MEMORY:
        raise ValueError(f"{MEMORY} is seen by its own process alone: use {SQLITE}<path>")
    if is_esdb(url):
        return _eventstoredb(url)
    return SqliteReader.open(_path(url))


def open_lease(url: str) -> Lease:
    """Who of the relays of this log leads. Raises ValueError, StoreUnavailable, as open_reader."""
    if is_esdb(url):
        _eventstoredb(url)
        from eventstore.eventstoredb.lease import StreamLease

        return StreamLease(url)
    return FileLease(_lease_path(url))


def open_lease_reader(url: str) -> LeaseReader:
    """What the lease of this log's relays says. Raises ValueError, StoreUnavailable."""
    if is_esdb(url):
        _eventstoredb(url)
        from eventstore.eventstoredb.lease import StreamLeaseReader

        return StreamLeaseReader(url)
    return FileLeaseReader(_lease_path(url))


def _lease_path(url: str) -> Path:
    path = _path(url).resolve()
    return path.with_name(path.name + ".relay.lock")


def open_decisions(url: str, kind: Kind[D]) -> Decisions[D]:
    """The decisions of one kind about this log. Raises ValueError, StoreUnavailable."""
    if is_esdb(url):
        _eventstoredb(url)
        from eventstore.eventstoredb.decisions import StreamDecisions

        return StreamDecisions(url, kind)
    return FileDecisions(_path(url).resolve(), kind)


def head_file_event(url: str) -> KnownEvent | None:
    """What the head file beside a log knows; None where there is none. Raises StoreUnavailable."""
    return HeadFile(_path(url).resolve()).read() if url.startswith(SQLITE) else None


def there_is_a_log(url: str) -> bool:
    """False where the file is not there, or is empty. A server is not asked."""
    if not url.startswith(SQLITE):
        return True
    path = _path(url)
    return path.exists() and path.stat().st_size > 0


def _eventstoredb(url: str) -> EventStore:
    try:
        from eventstore.eventstoredb import EventStoreDb
    except ImportError as error:
        raise StoreUnavailable(
            f"EventStoreDB needs its client ({error}): pip install 'daybook[esdb]'"
        ) from None
    try:
        return EventStoreDb(url)
    except ValueError as error:
        raise ValueError(f"the store's URL {error}") from None


def _path(url: str) -> Path:
    path = url.removeprefix(SQLITE)
    if path in {url, ""}:
        raise ValueError(
            f"a store's URL is {SQLITE}<path> (four slashes: absolute), {MEMORY} or {ESDB_FORM}"
        )
    return Path(path)
