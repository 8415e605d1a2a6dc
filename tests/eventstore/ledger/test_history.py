import asyncio
from uuid import UUID

import pytest

from domain.commands import ConfirmOrder
from domain.order import fold
from eventstore.ledger.ledger import Ledger
from eventstore.memory import MemoryStore
from eventstore.port import NO_STREAM, Draft, Revision, StorageFull
from eventstore.record.chain import ChainBroken
from eventstore.record.codec import UpgradeNeeded, decode, stream_name
from tests.eventstore.ledgers import (
    RELEASE,
    Clock,
    CountingStore,
    Fault,
    FaultyStore,
    GatedStore,
    another,
    authorize,
    note,
    place,
    stored,
    submission,
)


async def test_no_answer_is_based_on_an_event_that_is_not_durable() -> None:
    store = GatedStore(stream_name("o-1"))
    ledger = Ledger(store, clock=Clock())
    store.gate.set()
    await ledger.submit(place())
    store.gate.clear()
    store.waiting.clear()
    call = asyncio.create_task(ledger.submit(note(1)))
    await store.waiting.wait()

    assert (await ledger.order("o-1")).revision == 0
    store.gate.set()
    await call
    assert (await ledger.order("o-1")).revision == 1


async def test_events_that_could_not_be_stored_are_in_no_answer() -> None:
    store = FaultyStore()
    ledger = Ledger(store, clock=Clock())
    await ledger.submit(place())
    store.faults.append(Fault.FULL)
    with pytest.raises(StorageFull):
        await ledger.submit(submission(ConfirmOrder(), "confirm"))

    assert (await ledger.order("o-1")).revision == 0
    answer = await ledger.submit(submission(ConfirmOrder(), "confirm-again"))
    assert [event.type for event in answer.events] == ["OrderConfirmed"]


async def test_a_warm_order_is_not_read_again() -> None:
    store = CountingStore()
    ledger = Ledger(store, clock=Clock())
    await ledger.submit(place())
    for number in range(100):
        await ledger.submit(note(number))
        await ledger.submit(note(number))

    assert store.events_read == 0


async def test_the_cache_is_bounded_and_an_evicted_order_is_read_again() -> None:
    store = CountingStore()
    ledger = Ledger(store, clock=Clock(), cache_max=30)
    for number in range(20):
        await ledger.submit(place(f"o-{number}"))
    assert store.events_read == 0
    assert len(ledger.cache.order_ids) == 10

    answer = await ledger.submit(note(1, "o-0"))

    assert (answer.revision, store.events_read) == (1, 1)
    assert ledger.cache.size <= 30


async def test_the_order_used_longest_ago_is_evicted_first() -> None:
    ledger = Ledger(MemoryStore(), clock=Clock(), cache_max=9)
    for order_id in ("o-1", "o-2", "o-3"):
        await ledger.submit(place(order_id))
    await ledger.order("o-1")

    await ledger.submit(place("o-4"))

    assert ledger.cache.order_ids == ["o-3", "o-1", "o-4"]


async def test_an_order_larger_than_the_cache_is_kept_while_it_is_the_last_one_used() -> None:
    store = CountingStore()
    ledger = Ledger(store, clock=Clock(), cache_max=5)
    await ledger.submit(place())
    for number in range(50):
        await ledger.submit(note(number))

    assert store.events_read == 0
    await ledger.submit(place("o-2"))
    assert ledger.cache.order_ids == ["o-2"]


async def test_the_cached_order_is_the_fold_of_the_log(ledger: Ledger, store: MemoryStore) -> None:
    await ledger.submit(place())
    for number in range(10):
        await ledger.submit(authorize(number))

    kept = await ledger.order("o-1")

    assert kept == await another(store).order("o-1")
    assert kept.order == fold([event.event for event in await stored(store)])


async def test_an_order_whose_log_was_altered_takes_no_command(store: MemoryStore) -> None:
    ledger = Ledger(store, clock=Clock())
    await ledger.submit(place())
    await ledger.submit(note(1))
    forged = (await stored(store))[0].recorded
    draft = Draft(forged.event_id, forged.type, forged.data, forged.metadata)
    await store.append(stream_name("o-1"), [draft], expected=Revision(1))

    with pytest.raises(ChainBroken, match="order-o-1 revision 2"):
        await another(store).submit(note(2))
    with pytest.raises(ChainBroken, match="order-o-1 revision 2"):
        await ledger.submit(note(2))


async def test_an_order_with_an_event_of_a_newer_daybook_takes_no_command(
    store: MemoryStore,
) -> None:
    ledger = Ledger(store, clock=Clock())
    await ledger.submit(place())
    last = decode((await stored(store))[0].recorded).recorded
    draft = Draft(last.event_id, "OrderTeleported", b"{}", last.metadata)
    await store.append(stream_name("o-1"), [draft], expected=Revision(0))

    for _ in range(2):
        with pytest.raises(UpgradeNeeded, match="order-o-1 revision 1"):
            await ledger.submit(note(1))


async def test_a_command_of_which_only_some_events_decode_is_not_answered(
    store: MemoryStore,
) -> None:
    """The first of its events decodes, the second needs an upgrade."""
    ledger = another(store)
    await ledger.submit(place())
    copy = MemoryStore()
    placed = (await stored(store))[0].recorded
    draft = Draft(placed.event_id, placed.type, placed.data, placed.metadata)
    await copy.append(placed.stream, [draft], expected=NO_STREAM)
    await another(copy).submit(note(1))
    first = (await stored(copy))[1].recorded
    drafts = [
        Draft(first.event_id, first.type, first.data, first.metadata),
        Draft(UUID(int=1), "OrderTeleported", b"{}", first.metadata),
    ]
    await store.append(stream_name("o-1"), drafts, expected=Revision(0))

    for command in (RELEASE, note(1)):
        with pytest.raises(UpgradeNeeded, match="order-o-1 revision 2"):
            await ledger.submit(command)
