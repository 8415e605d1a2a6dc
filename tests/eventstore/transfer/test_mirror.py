"""A mirror has the old events and the new ones, whatever happens on the way."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from eventstore.ledger.ledger import Ledger
from eventstore.memory import MemoryStore
from eventstore.port import (
    Draft,
    EventStore,
    Expected,
    OutcomeUnknown,
    Page,
    Position,
    StorageFull,
    StoreError,
    StoreUnavailable,
    StreamName,
)
from eventstore.record.chain import ChainBroken
from eventstore.sqlite import SqliteReader, SqliteStore
from eventstore.transfer.migrate import LogsDiffer, Place, migrate
from eventstore.transfer.mirror import keep_mirror, resume_mirror
from eventstore.verified import ChainVerifier
from tests.contracts.event_store import all_of
from tests.eventstore.ledgers import Clock, place
from tests.eventstore.transfer.test_migrate import Changing, fill, have_same_events, put, silent
from tests.waiting import HUNG_S

SOON_S = HUNG_S


class Failing(MemoryStore):
    """A log that fails as listed: each error once, at an append or at a page."""

    def __init__(self) -> None:
        super().__init__()
        self.at_append: list[StoreError | None] = []
        self.at_page: list[StoreError | None] = []
        self.began: list[Position | None] = []

    async def append(
        self, stream: StreamName, drafts: Sequence[Draft], *, expected: Expected
    ) -> Position:
        error = self.at_append.pop(0) if self.at_append else None
        if error is not None and not isinstance(error, OutcomeUnknown):
            raise error
        position = await super().append(stream, drafts, expected=expected)
        if error is not None:
            raise error
        return position

    async def read_all(self, *, after: Position | None = None) -> AsyncGenerator[Page, None]:
        self.began.append(after)
        async for page in super().read_all(after=after):
            yield page

    async def follow(self, *, after: Position | None = None) -> AsyncGenerator[Page, None]:
        async for page in super().follow(after=after):
            if self.at_page and (error := self.at_page.pop(0)) is not None:
                raise error
            yield page

    async def aclose(self) -> None:
        """Opened again and again, on the same server."""


class Mirror:
    """A running mirror and its progress."""

    def __init__(self, source: EventStore, target: EventStore) -> None:
        self.source = source
        self.target = target
        self.opened = 0
        self.reached = Place()
        self.stop = asyncio.Event()
        self._changed = asyncio.Event()
        self.task = asyncio.create_task(
            keep_mirror(
                self._open,
                report=self._report,
                stop=self.stop,
                pause_min_s=0.001,
            )
        )

    @asynccontextmanager
    async def _open(self) -> AsyncIterator[tuple[EventStore, EventStore]]:
        self.opened += 1
        yield self.source, self.target

    def _report(self, place: Place) -> None:
        self.reached = place
        self._changed.set()

    async def until(self, events: int) -> None:
        async with asyncio.timeout(SOON_S):
            while self.reached.events < events and not self.task.done():
                self._changed.clear()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._changed.wait(), 0.05)

    async def end(self) -> None:
        """Raises the error that it ended with."""
        self.stop.set()
        async with asyncio.timeout(SOON_S):
            await self.task


async def count(store: EventStore) -> int:
    return len(await all_of(store.read_all()))


@pytest.fixture
async def source() -> Failing:
    source = Failing()
    await fill(source, rounds=3)
    return source


async def test_a_mirror_has_old_events_and_new_ones(source: Failing) -> None:
    mirror = Mirror(source, target := MemoryStore())
    await mirror.until(await count(source))
    await fill(source, rounds=3, first=3)
    await mirror.until(await count(source))
    await mirror.end()

    assert await have_same_events(source, target)
    assert mirror.opened == 1


async def test_a_mirror_between_files_of_two_processes(tmp_path: Path) -> None:
    writer = SqliteStore.open(tmp_path / "log.db")
    await fill(writer, rounds=2)
    reader, target = SqliteReader.open(tmp_path / "log.db"), SqliteStore.open(tmp_path / "to.db")
    mirror = Mirror(reader, target)
    await fill(writer, rounds=4, first=2)
    await mirror.until(await count(writer))
    await mirror.end()

    assert await have_same_events(writer, target)
    for store in (reader, target, writer):
        await store.aclose()


async def test_a_mirror_continues_after_its_last_event_without_reading_the_source_again(
    source: Failing,
) -> None:
    target = MemoryStore()
    await migrate(source, target, report=silent)
    head = await source.head()
    source.began.clear()
    await fill(source, rounds=1, first=3)

    mirror = Mirror(source, target)
    await mirror.until(await count(target) + 1)
    await mirror.end()

    assert source.began[0] == head
    assert await have_same_events(source, target)


PASSING = [StoreUnavailable("away"), OutcomeUnknown("no answer"), StorageFull("no room")]


@pytest.mark.parametrize("error", PASSING, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("at", ["page", "append"])
async def test_a_passing_failure_is_waited_out(
    source: Failing, at: str, error: StoreError, caplog: pytest.LogCaptureFixture
) -> None:
    target = Failing()
    if at == "page":
        source.at_page = [None, error, error]
    else:
        # What is under way together fails together.
        target.at_append = [None, None, *[error] * 20] if error is not PASSING[1] else [None, error]
    mirror = Mirror(source, target)
    for first in (3, 4, 5):
        await fill(source, rounds=1, first=first)
        await mirror.until(await count(source))
    await mirror.end()

    assert await have_same_events(source, target)
    if at == "page" or not isinstance(error, OutcomeUnknown):
        assert mirror.opened > 1
        assert "the mirror waits" in caplog.text


@pytest.mark.parametrize("error", PASSING, ids=lambda error: type(error).__name__)
async def test_a_failure_before_any_progress_ends_the_mirror(error: StoreError) -> None:
    class Away(MemoryStore):
        async def head(self) -> Position | None:
            raise error

    mirror = Mirror(Away(), MemoryStore())

    with pytest.raises(type(error)):
        await asyncio.wait_for(mirror.task, SOON_S)


async def test_another_log_ends_the_mirror(source: Failing) -> None:
    other, target = MemoryStore(), MemoryStore()
    await Ledger(other, clock=Clock()).submit(place("o-1", "another"))
    await migrate(other, target, report=silent)

    with pytest.raises(LogsDiffer, match="use an empty target"):
        await asyncio.wait_for(Mirror(source, target).task, SOON_S)
    with pytest.raises(LogsDiffer):
        await resume_mirror(source, target, ChainVerifier(source))


async def test_a_target_that_is_ahead_of_the_log_ends_the_mirror(source: Failing) -> None:
    target = MemoryStore()
    await put(target, await all_of(source.read_all()))
    restored = MemoryStore()
    await put(restored, (await all_of(source.read_all()))[:5])

    with pytest.raises(LogsDiffer, match="which the source does not have"):
        await asyncio.wait_for(Mirror(restored, target).task, SOON_S)


async def test_a_damaged_target_ends_the_mirror(source: Failing) -> None:
    target = Changing(3, lambda draft: replace(draft, data=draft.data + b" "))
    await put(target, await all_of(source.read_all()))

    with pytest.raises(ChainBroken):
        await asyncio.wait_for(Mirror(source, target).task, SOON_S)


async def test_a_damaged_event_of_the_source_is_not_copied() -> None:
    source = Changing(9, lambda draft: replace(draft, data=draft.data + b" "))
    target = MemoryStore()
    mirror = Mirror(source, target)
    await fill(source, rounds=3)

    with pytest.raises(ChainBroken):
        await asyncio.wait_for(mirror.task, SOON_S)
    ours, theirs = [await all_of(log.read_all()) for log in (source, target)]
    assert [event.event_id for event in theirs] == [e.event_id for e in ours[: len(theirs)]]
    assert len(theirs) < 9


async def test_a_mirror_stopped_during_a_pause_ends_at_once(source: Failing) -> None:
    source.at_page = [None] + [StoreUnavailable("away")] * 100
    mirror = Mirror(source, MemoryStore())
    await mirror.until(1)

    await mirror.end()
