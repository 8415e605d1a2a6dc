"""The log in one SQLite file, for the process that writes it."""

from collections.abc import AsyncGenerator, Callable, Sequence
from pathlib import Path

from eventstore.concurrency import check_append
from eventstore.decisions import LOSSES, not_accepted
from eventstore.known import events_lost
from eventstore.port import (
    Draft,
    EventsLost,
    Expected,
    Page,
    Position,
    Revision,
    StoreUnavailable,
    StreamName,
)
from eventstore.sqlite.batch_thread import BatchThread
from eventstore.sqlite.database import Verify, check, connect_writer, holds
from eventstore.sqlite.decisions import FileDecisions
from eventstore.sqlite.file_lock import WriterLock, prepare, refuse_links
from eventstore.sqlite.files import HeadFile, OpenFiles
from eventstore.sqlite.pages import PageReader
from eventstore.sqlite.writer import Append, BatchWriter
from eventstore.tail import Tail, follow

BATCH_MAX = 256
QUIET_S = 0.1


class SqliteStore:
    """An EventStore on a file that only this process writes. For one event loop."""

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        verify: Verify | None = None,
        failed: Callable[[StoreUnavailable], None] | None = None,
    ) -> "SqliteStore":
        """Open or create the file. Blocks while it is checked.

        verify: see database.Verify; given the last events. failed: called once, on the event loop,
        when the disk has failed: every later append is refused, and the process should end. Raises
        StoreUnavailable (second writer, several names, network file system, another program's or a
        newer file), EventsLost, LogDamaged, and what verify raises.
        """
        path = path.resolve()
        head = HeadFile(path)
        if not path.exists():
            _refuse_loss(path, head)
        prepare(path)
        lock = WriterLock(path)
        try:
            refuse_links(path)
            # Before the file is opened for writing, which resets the write-ahead log: a repair tool
            # may still be able to read what SQLite cannot.
            _refuse_loss(path, head)
            connection = connect_writer(path)
            try:
                check(connection, verify)
                writer = BatchWriter(
                    connection, note_head=head.write, changed=OpenFiles(path).changed
                )
                writer.note_head()
                return cls(writer, PageReader(path), lock, failed)
            except BaseException:
                connection.close()
                raise
        except BaseException:
            lock.release()
            raise

    def __init__(
        self,
        writer: BatchWriter,
        reading: PageReader,
        lock: WriterLock,
        failed: Callable[[StoreUnavailable], None] | None = None,
    ) -> None:
        self._writer = writer
        self._pages = reading
        self._lock = lock
        self._failed = failed
        self._tail = Tail(writer.head)
        self._thread: BatchThread[Append, Position] = BatchThread(
            "log-writer",
            handle=writer.append_all,
            batch_max=BATCH_MAX,
            close=writer.close,
            before_results=self._committed,
            pause=writer.pause,
            quiet_s=QUIET_S,
        )

    @property
    def trouble(self) -> str | None:
        """Nobody's rights matter here."""
        return None

    async def append(
        self, stream: StreamName, drafts: Sequence[Draft], *, expected: Expected
    ) -> Position:
        check_append(drafts, expected)
        return await self._thread.submit(Append(stream, drafts, expected))

    def read_stream(
        self, stream: StreamName, *, after: Revision | None = None
    ) -> AsyncGenerator[Page, None]:
        return self._pages.read_stream(stream, after=after)

    def read_all(self, *, after: Position | None = None) -> AsyncGenerator[Page, None]:
        return self._pages.read_all(after=after)

    def follow(self, *, after: Position | None = None) -> AsyncGenerator[Page, None]:
        return follow(self._tail, lambda position: self.read_all(after=position), after)

    async def head(self) -> Position | None:
        return await self._pages.head()

    async def check(self) -> None:
        """As the port's. The thread that writes checks the files."""
        if isinstance(self._writer.failure, EventsLost):
            raise self._writer.failure

    async def aclose(self) -> None:
        """Finish the appends submitted before, then release the lock. Raises if the disk hangs."""
        self._tail.end(StoreUnavailable("the store is closed"))
        await self._pages.aclose()
        await self._thread.stop()
        self._lock.release()

    def _committed(self) -> None:
        self._tail.advance(self._writer.head)
        if self._writer.failure is not None and self._failed is not None:
            failed, self._failed = self._failed, None
            failed(self._writer.failure)


def _refuse_loss(path: Path, head: HeadFile) -> None:
    """Raises EventsLost if the log lacks the event of its head file, unless that was accepted."""
    known = head.read()
    if known is None or holds(path, known):
        return
    if lost := not_accepted([known], FileDecisions(path, LOSSES).read()):
        raise events_lost(lost)
