"""Copying a log: the same events in the same order, from wherever it was interrupted; or a
refusal.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from eventstore.ledger.ledger import Ledger
from eventstore.memory import MemoryStore
from eventstore.port import (
    NO_STREAM,
    PAGE_MAX,
    Draft,
    EventStore,
    Expected,
    OutcomeUnknown,
    Page,
    Position,
    Recorded,
    Revision,
    StorageFull,
    StoreUnavailable,
    StreamName,
)
from eventstore.record.chain import ChainBroken
from eventstore.sqlite import SqliteReader, SqliteStore
from eventstore.transfer import migrate as migrate_module
from eventstore.transfer.migrate import (
    START,
    LogsDiffer,
    Place,
    Report,
    migrate,
)
from tests.contracts.event_store import all_of
from tests.eventstore.ledgers import Clock, Fault, FaultyStore, note, place

ORDERS = 7


def silent(_step: str) -> Report:
    return lambda _place: None


async def have_same_events(source: EventStore, target: EventStore) -> bool:
    """Compared without the code under test."""
    ours, theirs = [await all_of(log.read_all()) for log in (source, target)]
    return [without_position(event) for event in ours] == [
        without_position(event) for event in theirs
    ]


def without_position(recorded: Recorded) -> Recorded:
    return replace(recorded, position=Position(0))


async def fill(store: EventStore, *, rounds: int, first: int = 0) -> None:
    """Orders with interleaved events, some of one append next to each other."""
    ledger = Ledger(store, clock=Clock())
    for number in range(first, first + rounds):
        for order in range(ORDERS):
            if number == 0:
                await ledger.submit(place(f"o-{order}"))
            await ledger.submit(note(number, f"o-{order}"))
            if order % 3 == 0:
                await ledger.submit(note(10_000 + number, f"o-{order}"))


@pytest.fixture
async def source() -> MemoryStore:
    source = MemoryStore()
    await fill(source, rounds=3)
    return source


@pytest.fixture(params=["memory", "sqlite"])
async def target(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[EventStore]:
    store = MemoryStore() if request.param == "memory" else SqliteStore.open(tmp_path / "to.db")
    yield store
    await store.aclose()


async def put(store: EventStore, events: Sequence[Recorded]) -> None:
    for event in events:
        draft = Draft(event.event_id, event.type, event.data, event.metadata)
        expected = Revision(event.revision - 1) if event.revision else NO_STREAM
        await store.append(event.stream, [draft], expected=expected)


async def test_a_log_is_copied_event_for_event(
    source: MemoryStore,
    target: EventStore,
) -> None:
    events = await all_of(source.read_all())

    reached, copied = await migrate(source, target, report=silent)

    assert copied == len(events)
    assert reached == Place(await source.head(), await target.head(), len(events))
    assert await have_same_events(source, target)


async def test_a_log_copied_through_files_and_back_is_the_same(tmp_path: Path) -> None:
    first, second = SqliteStore.open(tmp_path / "1.db"), SqliteStore.open(tmp_path / "2.db")
    await fill(first, rounds=150)
    reader = SqliteReader.open(tmp_path / "1.db")
    third = MemoryStore()

    await migrate(reader, second, report=silent)
    await migrate(second, third, report=silent)

    assert len(await all_of(first.read_all())) > 2 * PAGE_MAX
    assert await have_same_events(first, third)
    for store in (reader, first, second):
        await store.aclose()


async def test_an_empty_log_is_copied_as_an_empty_one(target: EventStore) -> None:
    assert await migrate(MemoryStore(), target, report=silent) == (START, 0)


async def test_an_interrupted_copy_continues_from_any_point(source: MemoryStore) -> None:
    events = await all_of(source.read_all())
    for cut in range(len(events) + 1):
        target = MemoryStore()
        await put(target, events[:cut])

        reached, copied = await migrate(source, target, report=silent)

        assert (reached.events, copied) == (len(events), len(events) - cut)
        assert await have_same_events(source, target)


async def test_a_complete_target_is_verified_and_not_changed(
    source: MemoryStore, target: EventStore
) -> None:
    await migrate(source, target, report=silent)
    head = await target.head()

    assert (await migrate(source, target, report=silent))[1] == 0
    assert await target.head() == head


def altered(event: Recorded, **changes: object) -> Recorded:
    return replace(event, **changes)  # type: ignore[arg-type]


FOREIGN: dict[str, Callable[[list[Recorded]], list[Recorded]]] = {
    "an event of another log": lambda log: [altered(log[0], stream=StreamName("order-other"))],
    "the first event missing": lambda log: [altered(e, revision=0) for e in log[1:2]],
    "two events the other way round": lambda log: [*log[:2], log[3], log[2]],
    "other data": lambda log: [*log[:2], altered(log[2], data=log[2].data + b" ")],
    "other metadata": lambda log: [*log[:2], altered(log[2], metadata=log[2].metadata + b" ")],
    "another type": lambda log: [*log[:2], altered(log[2], type="NoteErased")],
    "another id": lambda log: [*log[:2], altered(log[2], event_id=log[0].event_id)],
    "more than the source": lambda log: [*log, altered(log[0], stream=StreamName("order-other"))],
}


@pytest.mark.parametrize("what", FOREIGN)
async def test_a_target_with_other_content_is_refused_and_not_changed(
    source: MemoryStore, what: str
) -> None:
    target = MemoryStore()
    await put(target, FOREIGN[what](await all_of(source.read_all())))
    before = await all_of(target.read_all())

    with pytest.raises(LogsDiffer, match="use an empty target"):
        await migrate(source, target, report=silent)

    assert await all_of(target.read_all()) == before


class Changing(MemoryStore):
    """A target that stores other events than it was given, after a number of appends."""

    def __init__(self, at: int, change: Callable[[Draft], Draft | None]) -> None:
        super().__init__()
        self._at = at
        self._change = change

    def _write(self, stream: StreamName, drafts: Sequence[Draft]) -> Position:
        self._at -= 1
        if self._at == 0:
            drafts = [changed for draft in drafts if (changed := self._change(draft)) is not None]
        return super()._write(stream, drafts)


async def test_a_target_that_changes_a_byte_is_found_at_the_end(source: MemoryStore) -> None:
    target = Changing(9, lambda draft: replace(draft, data=draft.data.replace(b"seen", b"sEen")))

    with pytest.raises(LogsDiffer, match="differs in content"):
        await migrate(source, target, report=silent)


async def test_control_without_the_comparison_it_is_not_found(
    source: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = Changing(9, lambda draft: replace(draft, data=draft.data.replace(b"seen", b"sEen")))
    monkeypatch.setattr(migrate_module, "content", lambda recorded: recorded.event_id)

    await migrate(source, target, report=silent)

    assert not await have_same_events(source, target)


async def test_a_target_that_forgets_its_last_event_is_found_at_the_end(
    source: MemoryStore,
) -> None:
    last = (await all_of(source.read_all()))[-1].event_id

    class Forgetful(MemoryStore):
        async def read_all(self, *, after: Position | None = None) -> AsyncGenerator[Page, None]:
            async for page in super().read_all(after=after):
                yield [event for event in page if event.event_id != last]

        async def head(self) -> Position | None:
            pages = [page async for page in self.read_all()]
            return pages[-1][-1].position if pages else None

    with pytest.raises(LogsDiffer, match="does not keep events that it acknowledged"):
        await migrate(source, Forgetful(), report=silent)


async def test_a_read_that_is_cut_short_is_continued(source: MemoryStore) -> None:
    class Cut(MemoryStore):
        """Reads at most four events at a time and ends there."""

        async def read_all(self, *, after: Position | None = None) -> AsyncGenerator[Page, None]:
            async for page in super().read_all(after=after):
                yield page[:4]
                return

    cut, target = Cut(), Cut()
    await put(cut, await all_of(source.read_all()))

    assert (await migrate(cut, target, report=silent))[1] > 4
    assert await have_same_events(cut, target)


async def test_a_read_that_never_reaches_the_head_ends_the_copy(source: MemoryStore) -> None:
    class Short(MemoryStore):
        async def read_all(self, *, after: Position | None = None) -> AsyncGenerator[Page, None]:
            async for page in super().read_all(after=after):
                if len(page) > 1:
                    yield page[:-1]
                return

    short = Short()
    await put(short, (await all_of(source.read_all()))[:5])

    with pytest.raises(StoreUnavailable, match="cannot be read up to its head"):
        await migrate(short, MemoryStore(), report=silent)


async def test_a_damaged_source_is_found_before_anything_damaged_is_written(
    target: EventStore,
) -> None:
    source = Changing(5, lambda draft: replace(draft, data=draft.data + b" "))
    await fill(source, rounds=100)

    with pytest.raises(ChainBroken, match="its hash is not that of its content"):
        await migrate(source, target, report=silent)

    assert await target.head() is None


async def test_a_target_that_is_written_by_others_is_refused(source: MemoryStore) -> None:
    class Shared(MemoryStore):
        async def append(
            self, stream: StreamName, drafts: Sequence[Draft], *, expected: Expected
        ) -> Position:
            if expected is NO_STREAM and stream == "order-o-3":
                await super().append(
                    stream, [replace(drafts[0], event_id=stream_id)], expected=NO_STREAM
                )
            return await super().append(stream, drafts, expected=expected)

    stream_id = (await all_of(source.read_all()))[0].event_id
    with pytest.raises(LogsDiffer, match="another process writes to the target"):
        await migrate(source, Shared(), report=silent)


async def test_an_append_of_unknown_outcome_is_sent_again(source: MemoryStore) -> None:
    target = FaultyStore([Fault.NONE, Fault.LOST, Fault.LOST] * 5)

    await migrate(source, target, report=silent)

    assert await have_same_events(source, target)


async def test_an_outcome_that_stays_unknown_ends_the_copy_and_the_next_run_continues(
    source: MemoryStore,
) -> None:
    target = FaultyStore([Fault.NONE] * 4 + [Fault.DROPPED] * 1_000)
    with pytest.raises(OutcomeUnknown):
        await migrate(source, target, report=silent)

    target.faults.clear()
    assert (await migrate(source, target, report=silent))[1] > 0
    assert await have_same_events(source, target)


async def test_a_copy_killed_after_any_append_continues(source: MemoryStore) -> None:
    appends = 0
    while True:
        target = FaultyStore([Fault.NONE] * appends + [Fault.FULL] * 1_000)
        try:
            await migrate(source, target, report=silent)
        except StorageFull:
            target.faults.clear()
            await migrate(source, target, report=silent)
            assert await have_same_events(source, target)
            appends += 1
        else:
            break
    assert appends > ORDERS


async def test_a_pipeline_that_got_out_of_order_reports_that_the_target_is_unusable(
    source: MemoryStore,
) -> None:
    target = FaultyStore([Fault.NONE] * 3 + [Fault.FULL])

    with pytest.raises(LogsDiffer, match="delete this target, and migrate again"):
        await migrate(source, target, report=silent)
    with pytest.raises(LogsDiffer, match="use an empty target"):
        await migrate(source, target, report=silent)


async def test_an_append_that_was_dropped_and_came_after_others_makes_the_target_unusable(
    source: MemoryStore,
) -> None:
    target = FaultyStore([Fault.NONE] * 3 + [Fault.DROPPED])

    with pytest.raises(LogsDiffer, match="in another order"):
        await migrate(source, target, report=silent)


async def test_a_pipeline_that_failed_at_its_end_continues_when_run_again(
    source: MemoryStore,
) -> None:
    target = FaultyStore([Fault.NONE] * 3 + [Fault.FULL] * 1_000)
    with pytest.raises(StorageFull):
        await migrate(source, target, report=silent)

    target.faults.clear()
    await migrate(source, target, report=silent)
    assert await have_same_events(source, target)


async def test_consecutive_events_of_one_stream_are_one_append() -> None:
    source, target = MemoryStore(), FaultyStore()
    ledger = Ledger(source, clock=Clock())
    await ledger.submit(place("o-1"))
    for number in range(40):
        await ledger.submit(note(number, "o-1"))
    await ledger.submit(place("o-2"))

    await migrate(source, target, report=silent)

    assert [len(drafts) for drafts in target.sent] == [41, 1]


async def test_an_append_is_not_larger_than_a_store_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    source, target = MemoryStore(), FaultyStore()
    ledger = Ledger(source, clock=Clock())
    await ledger.submit(place("o-1"))
    for number in range(20):
        await ledger.submit(note(number, "o-1", text="x" * 400))
    monkeypatch.setattr(migrate_module, "APPEND_BYTES_MAX", 3_000)

    await migrate(source, target, report=silent)

    sizes = [sum(len(one.data) + len(one.metadata) for one in drafts) for drafts in target.sent]
    assert max(sizes) <= 3_000
    assert len(sizes) < 15
    assert await have_same_events(source, target)


async def test_progress_is_reported_in_positions_of_the_source(source: MemoryStore) -> None:
    reports: list[tuple[str, Place]] = []

    def report(step: str) -> Report:
        return lambda reached: reports.append((step, reached))

    reached, _ = await migrate(source, MemoryStore(), report=report)

    assert reports == [
        ("compare", START),
        ("copy", START),
        ("copy", reached),
        ("verify", START),
        ("verify", reached),
    ]
    reports.clear()
    target = MemoryStore()
    await put(target, (await all_of(source.read_all()))[:5])
    await migrate(source, target, report=report)
    begun = Place(Position(15), Position(15), 5)
    assert reports == [
        ("compare", START),
        ("compare", begun),
        ("copy", begun),
        ("copy", reached),
        ("verify", begun),
        ("verify", reached),
    ]


async def test_a_source_that_cannot_be_reached_is_reported_as_such(target: EventStore) -> None:
    source = MemoryStore()
    await source.aclose()

    with pytest.raises(StoreUnavailable):
        await migrate(source, target, report=silent)
