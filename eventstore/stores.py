"""Opens stores by URL: the only module that knows all adapters."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, NamedTuple, TypeAlias

from eventstore.decisions import D, Decisions, Kind
from eventstore.known import KnownEvent
from eventstore.lease import FileLease, FileLeaseReader, Lease, LeaseReader
from eventstore.memory import MemoryStore
from eventstore.port import EventReader, EventStore, StoreUnavailable, StreamName
from eventstore.sqlite import FileDecisions, HeadFile, SqliteReader, SqliteStore, Verify
from runtime.urls import ESDB_FORM, is_esdb

BYTES_OF_EVENT: Final = 500
"""A short one, in the files of EventStoreDB: positions are places there."""

Failed: TypeAlias = Callable[[StoreUnavailable], None]

SQLITE: Final = "sqlite:///"
MEMORY: Final = "memory://"


class FileLog(NamedTuple):
    """A kind of log that is a file; its lease, and what people decided about it, are files beside.

    scheme: what its URLs begin with, before the path; settings know it too (STORE_SCHEMES).
    open: to append. read: beside the process that appends. Both raise StoreUnavailable.
    dense: it gives every position, from 1, so that they count its events.
    """

    scheme: str
    open: Callable[[Path, Verify | None, Failed | None], EventStore]
    read: Callable[[Path], EventReader]
    dense: bool


def _sqlite(path: Path, verify: Verify | None, failed: Failed | None) -> EventStore:
    return SqliteStore.open(path, verify=verify, failed=failed)


FILE_LOGS: Final = (FileLog(SQLITE, _sqlite, SqliteReader.open, dense=True),)


def is_shared(url: str) -> bool:
    """Whether other processes append to the store too; it sends unknown appends again itself."""
    return is_esdb(url)


def is_dense(url: str) -> bool:
    """Whether the store's positions have no gaps, from 1, so that they count its events."""
    kind = _file_log(url)
    return kind is not None and kind.dense


def events_up_to(url: str, position: int) -> int:
    """About how many events a log has up to a position. 0 for one in memory."""
    if is_esdb(url):
        return position // BYTES_OF_EVENT
    return position if is_dense(url) else 0


def file_of(url: str) -> Path | None:
    """The file that the log is; None for one in memory or in a server."""
    kind = _file_log(url)
    return None if kind is None else Path(url.removeprefix(kind.scheme))


async def probe(url: str) -> str:
    """Check that a server can do all that commands need. Its version; empty if unknown.

    Nothing is stored. For a file nothing is checked: opening it does. Raises StoreUnavailable, with
    what to do.
    """
    if not is_esdb(url):
        return ""
    _eventstoredb(url)
    from eventstore.eventstoredb import probe as probe_server

    return await probe_server(url)


async def wounds(url: str) -> Mapping[StreamName, str]:
    """Streams that are damaged in a way that reading the log does not show, and how. Raises
    StoreUnavailable. None for a file: whoever reads it notices.
    """
    if not is_esdb(url):
        return {}
    from eventstore.eventstoredb import wounds as wounds_in_server

    return await wounds_in_server(url)


def open_store(
    url: str, *, verify: Verify | None = None, failed: Failed | None = None
) -> EventStore:
    """The store to append to. Blocks while a file is checked; a server is not called yet.

    verify: given the last events; raises for the first that is not as it was written. failed:
    called on the event loop when the store has stopped for good; the process should end. Raises
    ValueError for a URL of no known kind; StoreUnavailable; what verify raises.
    """
    if url == MEMORY:
        return MemoryStore()
    if is_esdb(url):
        return _eventstoredb(url)
    kind, path = _kind_and_path(url)
    return kind.open(path, verify, failed)


def open_reader(url: str) -> EventReader:
    """The log, to read it in another process than the one that writes.

    Raises ValueError for a URL that other processes cannot read; StoreUnavailable.
    """
    if url == MEMORY:
        raise ValueError(f"{MEMORY} can be read by its own process only: use {SQLITE}<path>")
    if is_esdb(url):
        return _eventstoredb(url)
    kind, path = _kind_and_path(url)
    return kind.read(path)


def open_lease(url: str) -> Lease:
    """The lease of this log's relays. Raises ValueError, StoreUnavailable, as open_reader."""
    if is_esdb(url):
        _eventstoredb(url)
        from eventstore.eventstoredb.lease import StreamLease

        return StreamLease(url)
    return FileLease(_lease_path(url))


def open_lease_reader(url: str) -> LeaseReader:
    """To read that lease. Raises ValueError, StoreUnavailable."""
    if is_esdb(url):
        _eventstoredb(url)
        from eventstore.eventstoredb.lease import StreamLeaseReader

        return StreamLeaseReader(url)
    return FileLeaseReader(_lease_path(url))


def _lease_path(url: str) -> Path:
    path = _kind_and_path(url)[1].resolve()
    return path.with_name(path.name + ".relay.lock")


def open_decisions(url: str, kind: Kind[D]) -> Decisions[D]:
    """The decisions of one kind about this log. Raises ValueError, StoreUnavailable."""
    if is_esdb(url):
        _eventstoredb(url)
        from eventstore.eventstoredb.decisions import StreamDecisions

        return StreamDecisions(url, kind)
    return FileDecisions(_kind_and_path(url)[1].resolve(), kind)


def head_file_event(url: str) -> KnownEvent | None:
    """The event in the head file beside a log; None if there is none. Raises StoreUnavailable."""
    path = file_of(url)
    return None if path is None else HeadFile(path.resolve()).read()


def log_exists(url: str) -> bool:
    """False if the file does not exist or is empty. A server is not called: always True."""
    path = file_of(url)
    return path is None or (path.exists() and path.stat().st_size > 0)


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


def _file_log(url: str) -> FileLog | None:
    return next((kind for kind in FILE_LOGS if url.startswith(kind.scheme)), None)


def _kind_and_path(url: str) -> tuple[FileLog, Path]:
    """Raises ValueError for a URL that names no file."""
    kind = _file_log(url)
    path = "" if kind is None else url.removeprefix(kind.scheme)
    if kind is None or not path:
        files = ", ".join(f"{kind.scheme}<path>" for kind in FILE_LOGS)
        raise ValueError(
            f"a store's URL is {files} (four slashes: absolute), {MEMORY} or {ESDB_FORM}"
        )
    return kind, Path(path)
