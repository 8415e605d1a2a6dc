from datetime import timedelta

import pytest

from domain.order import fold
from domain.rules import OrderRefused
from eventstore.ledger.ledger import Ledger
from eventstore.memory import MemoryStore
from tests.eventstore.ledgers import START, another, authorize, note, place, stored


async def test_an_order_reads_as_of_any_revision(ledger: Ledger, store: MemoryStore) -> None:
    await ledger.submit(place())
    for number in range(5):
        await ledger.submit(authorize(number))
    log = await stored(store)

    for revision in range(6):
        folded = await ledger.order("o-1", revision=revision)

        assert folded.order == fold([event.event for event in log[: revision + 1]])
        assert (folded.revision, folded.position) == (revision, log[revision].position)
        assert folded.hash == log[revision].metadata.hash
        assert folded.recorded_at == log[revision].metadata.recorded_at


async def test_as_of_ends_before_the_first_event_recorded_later(ledger: Ledger) -> None:
    for command in (place(), note(1), note(2)):
        await ledger.submit(command)
    second = timedelta(seconds=1)
    microsecond = timedelta(microseconds=1)

    assert (await ledger.order("o-1", as_of=START)).revision == 0
    assert (await ledger.order("o-1", as_of=START + second - microsecond)).revision == 0
    assert (await ledger.order("o-1", as_of=START + second)).revision == 1
    assert (await ledger.order("o-1", as_of=START + 99 * second)).revision == 2
    assert (await ledger.order("o-1", as_of=START + 99 * second, revision=1)).revision == 1
    with pytest.raises(OrderRefused, match="unknown-order"):
        await ledger.order("o-1", as_of=START - microsecond)


async def test_a_revision_that_does_not_exist_yet_is_unknown(ledger: Ledger) -> None:
    await ledger.submit(place())

    with pytest.raises(OrderRefused, match="unknown-order: the order is at revision 0"):
        await ledger.order("o-1", revision=1)


async def test_an_unknown_order_is_refused_and_not_cached(ledger: Ledger) -> None:
    for reading in (ledger.order("x"), ledger.order("x", revision=0), ledger.events("x")):
        with pytest.raises(OrderRefused, match="unknown-order"):
            await reading
    with pytest.raises(OrderRefused, match="unknown-order"):
        await ledger.events("x", after=3)

    assert len(ledger.cache.order_ids) == 0


async def test_an_order_reads_what_another_writer_has_just_written(store: MemoryStore) -> None:
    ledger = another(store)
    await ledger.submit(place())
    await another(store).submit(note(1))

    assert (await ledger.order("o-1")).revision == 1


async def test_events_are_read_after_a_revision_and_up_to_a_limit(
    ledger: Ledger, store: MemoryStore
) -> None:
    await ledger.submit(place())
    for number in range(600):
        await ledger.submit(note(number))
    log = await stored(store)

    assert list(await ledger.events("o-1")) == log
    assert list(await ledger.events("o-1", after=3, limit=5)) == log[4:9]
    assert list(await ledger.events("o-1", after=90, limit=505)) == log[91:596]
    assert list(await ledger.events("o-1", after=600)) == []
    assert list(await ledger.events("o-1", limit=0)) == []
