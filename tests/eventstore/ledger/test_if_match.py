import pytest

from domain.commands import CancelOrder, ConfirmOrder
from domain.rules import OrderRefused
from eventstore.ledger.ledger import Ledger
from eventstore.ledger.submission import CommandIdReused, Precondition, StaleRevision
from eventstore.memory import MemoryStore
from tests.eventstore.ledgers import (
    another,
    at,
    note,
    place,
    stored,
    submission,
)


async def test_if_match_lets_a_command_through_at_that_revision(ledger: Ledger) -> None:
    await ledger.submit(place())

    assert (await ledger.submit(note(1, precondition=at(0)))).revision == 1


async def test_a_stale_if_match_gets_the_events_since(ledger: Ledger, store: MemoryStore) -> None:
    await ledger.submit(place())
    await ledger.submit(note(1))
    await ledger.submit(note(2))

    with pytest.raises(StaleRevision) as caught:
        await ledger.submit(note(3, precondition=at(0)))

    assert caught.value.current == 2
    assert list(caught.value.events) == (await stored(store))[1:]
    assert len(await stored(store)) == 3


async def test_if_match_is_compared_with_what_another_writer_appended(
    store: MemoryStore,
) -> None:
    ledger = another(store)
    await ledger.submit(place())
    await another(store).submit(note(1))

    assert (await ledger.submit(note(2, precondition=at(1)))).revision == 2


async def test_a_retry_whose_own_write_moved_the_revision_is_a_replay(
    ledger: Ledger, store: MemoryStore
) -> None:
    await ledger.submit(place())
    first = await ledger.submit(note(1, precondition=at(0)))

    again = await ledger.submit(note(1, precondition=at(0)))
    cold = await another(store).submit(note(1, precondition=at(0)))

    assert again == cold == first._replace(replayed=True)


async def test_a_reused_command_id_is_reported_before_a_stale_revision(ledger: Ledger) -> None:
    await ledger.submit(place())
    await ledger.submit(note(1))

    with pytest.raises(CommandIdReused):
        await ledger.submit(note(1, text="another", precondition=at(0)))


async def test_a_stale_revision_is_reported_before_a_refusal(ledger: Ledger) -> None:
    await ledger.submit(place())
    await ledger.submit(submission(CancelOrder(reason="late"), "cancel"))

    with pytest.raises(StaleRevision):
        await ledger.submit(submission(ConfirmOrder(), "confirm", precondition=at(0)))
    with pytest.raises(OrderRefused):
        await ledger.submit(submission(ConfirmOrder(), "confirm", precondition=at(1)))


async def test_if_match_on_no_order_is_stale(ledger: Ledger) -> None:
    with pytest.raises(StaleRevision) as caught:
        await ledger.submit(place(precondition=at(0)))

    assert (caught.value.current, caught.value.events) == (None, ())


async def test_a_revision_ahead_of_the_order_is_stale_too(ledger: Ledger) -> None:
    await ledger.submit(place())

    with pytest.raises(StaleRevision) as caught:
        await ledger.submit(note(1, precondition=at(9)))

    assert (caught.value.current, list(caught.value.events)) == (0, [])


async def test_one_of_several_revisions_is_enough(ledger: Ledger) -> None:
    await ledger.submit(place())

    assert (await ledger.submit(note(1, precondition=at(0, 7)))).revision == 1


async def test_no_revision_at_all_never_matches(ledger: Ledger) -> None:
    await ledger.submit(place())

    with pytest.raises(StaleRevision) as caught:
        await ledger.submit(note(1, precondition=at()))

    assert (caught.value.current, list(caught.value.events)) == (0, [])


async def test_a_missing_order_that_has_to_exist_is_stale(ledger: Ledger) -> None:
    exists = Precondition(exists=True)

    for refused in (place(precondition=exists), note(1, precondition=exists)):
        with pytest.raises(StaleRevision) as caught:
            await ledger.submit(refused)
        assert caught.value.current is None

    await ledger.submit(place())
    assert (await ledger.submit(note(1, precondition=exists))).revision == 1


async def test_an_existing_order_that_must_not_exist_is_stale(
    ledger: Ledger, store: MemoryStore
) -> None:
    absent = Precondition(absent=True)
    placed = await ledger.submit(place(precondition=absent))

    for cold_or_warm in (another(store), ledger):
        with pytest.raises(StaleRevision) as caught:
            await cold_or_warm.submit(place(command_id="again", precondition=absent))
        assert caught.value.current == 0

    assert await ledger.submit(place(precondition=absent)) == placed._replace(replayed=True)
    assert len(await stored(store)) == 1
