from dataclasses import replace

import pytest

from domain.commands import CancelOrder, ConfirmOrder
from domain.rules import OrderRefused
from eventstore.memory import MemoryStore
from eventstore.port import Revision
from eventstore.transact import CommandIdReused, Ledger, StaleRevision
from tests.eventstore.ledgers import (
    another,
    note,
    place,
    stored,
    submission,
)


async def test_if_match_lets_a_command_through_at_that_revision(ledger: Ledger) -> None:
    await ledger.submit(place())

    assert (await ledger.submit(note(1, if_match=Revision(0)))).revision == 1


async def test_a_stale_if_match_is_told_what_happened_since(
    ledger: Ledger, store: MemoryStore
) -> None:
    await ledger.submit(place())
    await ledger.submit(note(1))
    await ledger.submit(note(2))

    with pytest.raises(StaleRevision) as caught:
        await ledger.submit(note(3, if_match=Revision(0)))

    assert caught.value.current == 2
    assert list(caught.value.events) == (await stored(store))[1:]
    assert len(await stored(store)) == 3


async def test_if_match_is_not_held_against_what_another_writer_has_moved(
    store: MemoryStore,
) -> None:
    ledger = another(store)
    await ledger.submit(place())
    await another(store).submit(note(1))

    assert (await ledger.submit(note(2, if_match=Revision(1)))).revision == 2


async def test_a_retry_whose_own_write_moved_the_revision_is_a_replay(
    ledger: Ledger, store: MemoryStore
) -> None:
    await ledger.submit(place())
    first = await ledger.submit(note(1, if_match=Revision(0)))

    again = await ledger.submit(note(1, if_match=Revision(0)))
    cold = await another(store).submit(note(1, if_match=Revision(0)))

    assert again == cold == replace(first, replayed=True)


async def test_a_reused_command_id_is_said_before_a_stale_revision(ledger: Ledger) -> None:
    await ledger.submit(place())
    await ledger.submit(note(1))

    with pytest.raises(CommandIdReused):
        await ledger.submit(note(1, text="another", if_match=Revision(0)))


async def test_a_stale_revision_is_said_before_a_refusal(ledger: Ledger) -> None:
    await ledger.submit(place())
    await ledger.submit(submission(CancelOrder(reason="late"), "cancel"))

    with pytest.raises(StaleRevision):
        await ledger.submit(submission(ConfirmOrder(), "confirm", if_match=Revision(0)))
    with pytest.raises(OrderRefused):
        await ledger.submit(submission(ConfirmOrder(), "confirm", if_match=Revision(1)))


async def test_if_match_on_no_order_is_stale(ledger: Ledger) -> None:
    with pytest.raises(StaleRevision) as caught:
        await ledger.submit(place(if_match=Revision(0)))

    assert (caught.value.current, caught.value.events) == (None, ())


async def test_a_revision_ahead_of_the_order_is_stale_too(ledger: Ledger) -> None:
    await ledger.submit(place())

    with pytest.raises(StaleRevision) as caught:
        await ledger.submit(note(1, if_match=Revision(9)))

    assert (caught.value.current, list(caught.value.events)) == (0, [])
