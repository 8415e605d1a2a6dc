"""An order in memory is continued only if the log still has its last event."""

from collections.abc import AsyncGenerator, Sequence
from datetime import timedelta

import pytest

from eventstore.decorator import ReaderDecorator
from eventstore.ledger import history
from eventstore.ledger.history import FoldedOrder
from eventstore.ledger.ledger import Ledger
from eventstore.memory import MemoryStore
from eventstore.port import Draft, EventsLost, EventStore, Expected, Page, Position, StreamName
from eventstore.record.codec import stream_name
from tests.eventstore.ledgers import START, Clock, note, place


class Replaceable(ReaderDecorator):
    """A store that can be replaced by another one."""

    _store: EventStore

    def put(self, store: EventStore) -> None:
        self._store = store

    async def append(
        self, stream: StreamName, drafts: Sequence[Draft], *, expected: Expected
    ) -> Position:
        return await self._store.append(stream, drafts, expected=expected)

    def _transform(self, pages: AsyncGenerator[Page, None]) -> AsyncGenerator[Page, None]:
        return pages


async def log_of(*notes: int, later: bool = False) -> MemoryStore:
    """An order with these notes."""
    store = MemoryStore()
    ledger = Ledger(store, clock=Clock(START + timedelta(hours=later)))
    for command in (place(), *map(note, notes)):
        await ledger.submit(command)
    return store


@pytest.fixture
async def store() -> Replaceable:
    return Replaceable(await log_of(1, 2))


@pytest.fixture
async def ledger(store: Replaceable) -> Ledger:
    """With the order in its cache."""
    ledger = Ledger(store, clock=Clock(START))
    await ledger.order("o-1")
    return ledger


@pytest.mark.parametrize(("notes", "later"), [((1,), False), ((1, 3), False), ((1, 2), True)])
async def test_once_the_log_lost_events_the_cache_is_dropped_and_no_command_taken(
    store: Replaceable, ledger: Ledger, notes: tuple[int, ...], *, later: bool
) -> None:
    store.put(await log_of(*notes, later=later))

    with pytest.raises(EventsLost, match="this process knows order-o-1 revision 2"):
        await ledger.order("o-1")
    for command in (note(2), note(4), place("o-2")):
        with pytest.raises(EventsLost):
            await ledger.submit(command)
    assert ledger.lost is not None
    # The events that are left can be read.
    assert (await ledger.order("o-1")).revision == len(notes)


async def test_a_command_that_reads_the_stream_notices_the_loss(
    store: Replaceable, ledger: Ledger
) -> None:
    store.put(await log_of(1))

    with pytest.raises(EventsLost):
        await ledger.submit(note(2)._replace(command_id="the same note again"))


async def test_a_log_that_has_grown_is_read_to_its_end(store: Replaceable, ledger: Ledger) -> None:
    store.put(await log_of(1, 2, 3))

    assert (await ledger.order("o-1")).revision == 3
    assert (await ledger.submit(note(4))).revision == 4


async def test_control_without_the_guard_the_order_would_be_read_from_memory(
    store: Replaceable, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unguarded(
        store: EventStore, order_id: str, folded: FoldedOrder | None
    ) -> AsyncGenerator[Page, None]:
        after = None if folded is None else folded.revision
        async for page in store.read_stream(stream_name(order_id), after=after):
            yield page

    monkeypatch.setattr(history, "pages_after", unguarded)
    store.put(await log_of(1))

    assert (await ledger.order("o-1")).revision == 2
