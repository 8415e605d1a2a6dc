import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest

from domain.rules import OrderRefused
from eventstore.ledger import submission
from eventstore.ledger.ledger import Ledger
from eventstore.ledger.submission import Contended
from eventstore.port import (
    Draft,
    Expected,
    OutcomeUnknown,
    Position,
    StorageFull,
    StreamName,
)
from eventstore.record.chain import ChainBroken
from eventstore.record.codec import stream_name
from tests.eventstore.ledgers import (
    Clock,
    Fault,
    FaultyStore,
    GatedStore,
    another,
    note,
    place,
    stored,
)
from tests.waiting import HUNG_S


async def test_of_racing_writers_each_command_is_stored_once() -> None:
    store = FaultyStore()
    conflicts: list[None] = []
    ledgers = [
        Ledger(
            store,
            clock=Clock(),
            attempts_max=100,
            on_conflict=lambda: conflicts.append(None),
        )
        for _ in range(4)
    ]
    await ledgers[0].submit(place())

    answers = await asyncio.gather(
        *(ledgers[number % 4].submit(note(number)) for number in range(80))
    )

    log = await stored(store)
    assert sorted(event.metadata.command_id for event in log[1:]) == sorted(
        f"note-{number}" for number in range(80)
    )
    assert {answer.events[0].event_id for answer in answers} == {
        event.event_id for event in log[1:]
    }
    assert len(store.sent) > len(log), "they did meet"
    assert len(conflicts) == len(store.sent) - len(log), "and each was reported"


async def test_of_two_racing_place_orders_one_places_and_the_other_is_answered() -> None:
    store = FaultyStore()

    first, second = await asyncio.gather(
        another(store).submit(place()), another(store).submit(place())
    )

    assert {first.replayed, second.replayed} == {True, False}
    assert first.events == second.events
    assert len(await stored(store)) == 1


async def test_other_content_under_the_same_command_id_is_refused_even_in_a_race() -> None:
    """Their ids differ, so the store refuses the second."""
    store = FaultyStore()
    await another(store).submit(place())

    outcomes = await asyncio.gather(
        another(store).submit(note(1)),
        another(store).submit(note(1, text="another")),
        return_exceptions=True,
    )

    assert [type(outcome).__name__ for outcome in outcomes] == ["Answer", "CommandIdReused"]


async def test_control_with_ids_that_do_not_name_the_content_the_chain_would_break(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A store takes the same ids for the same events."""

    def named_by_place(_open: bytes, *, revision: int, **_: Any) -> UUID:
        return UUID(int=1 + revision)

    monkeypatch.setattr(submission, "event_id_of", named_by_place)
    store = FaultyStore()
    first, second = (Ledger(store, clock=Clock()) for _ in range(2))
    await first.submit(place())
    await second.submit(note(1))
    await first.submit(note(1, text="another"))
    await first.submit(note(2))

    with pytest.raises(ChainBroken):
        await stored(store)


async def test_endless_contention_is_given_up_and_nothing_is_stored() -> None:
    store = FaultyStore()
    ledger = Ledger(store, clock=Clock(), attempts_max=3)
    await ledger.submit(place())
    store.faults.extend([Fault.BEATEN] * 100)

    with pytest.raises(Contended):
        await ledger.submit(note(1))

    assert len(store.sent) == 1 + 4
    assert len(await stored(store)) == 1


async def test_commands_of_one_order_queue_and_never_conflict() -> None:
    store = FaultyStore()
    ledger = Ledger(store, clock=Clock(), attempts_max=0)
    await ledger.submit(place())

    answers = await asyncio.gather(*(ledger.submit(note(number)) for number in range(50)))

    assert [answer.revision for answer in answers] == list(range(1, 51))
    assert len(store.sent) == 51


async def test_commands_of_other_orders_do_not_wait() -> None:
    store = GatedStore(stream_name("slow"))
    ledger = Ledger(store, clock=Clock())
    slow = asyncio.create_task(ledger.submit(place("slow")))
    await store.waiting.wait()

    await asyncio.wait_for(ledger.submit(place("fast")), timeout=HUNG_S)

    assert not slow.done()
    store.gate.set()
    await slow


async def test_an_order_whose_commands_are_done_has_no_lock() -> None:
    ledger = Ledger(FaultyStore(), clock=Clock())
    await asyncio.gather(*(ledger.submit(place(f"o-{number}")) for number in range(20)))
    with pytest.raises(OrderRefused):
        await ledger.submit(note(1, "unknown"))

    assert len(ledger.locks) == 0


@pytest.mark.parametrize(
    "faults",
    [
        [Fault.LOST],
        [Fault.DROPPED],
        [Fault.LATE],
        [Fault.LOST, Fault.LOST, Fault.LOST],
        [Fault.DROPPED, Fault.LOST, Fault.LATE, Fault.LOST],
    ],
    ids=str,
)
async def test_a_lost_answer_neither_loses_nor_doubles(faults: list[Fault]) -> None:
    store = FaultyStore(faults)
    ledger = Ledger(store, clock=Clock())

    answer = await ledger.submit(place())
    await store.arrive()
    await ledger.submit(note(1))

    assert len(set(store.sent[: 1 + len(faults)])) == 1, "the same drafts each time"
    assert [event.type for event in await stored(store)] == ["OrderPlaced", "NoteAdded"]
    assert (answer.revision, answer.replayed) == (0, False)


@pytest.mark.parametrize("fault", [Fault.LOST, Fault.DROPPED, Fault.LATE])
@pytest.mark.parametrize("arrives", ["before", "after"])
async def test_an_outcome_that_stays_unknown_is_reported_and_the_retry_is_right(
    fault: Fault, arrives: str
) -> None:
    store = FaultyStore()
    ledger = Ledger(store, clock=Clock(), attempts_max=2)
    await ledger.submit(place())
    store.faults.extend([fault] * 3)
    with pytest.raises(OutcomeUnknown):
        await ledger.submit(note(1))
    if arrives == "before":
        await store.arrive()

    answer = await ledger.submit(note(1))
    await store.arrive()
    await ledger.submit(note(2))

    log = await stored(store)
    assert [event.type for event in log] == ["OrderPlaced", "NoteAdded", "NoteAdded"]
    assert answer.events[0].event_id == log[1].event_id
    assert answer.replayed is (fault is Fault.LOST or (fault, arrives) == (Fault.LATE, "before"))


async def test_an_append_that_arrives_between_reading_and_the_retry_breaks_no_chain() -> None:
    """The retry's drafts have neither the same bytes nor the same ids."""

    class ArrivingStore(FaultyStore):
        async def append(
            self, stream: StreamName, drafts: Sequence[Draft], *, expected: Expected
        ) -> Position:
            if not self.faults:
                await self.arrive()
            return await super().append(stream, drafts, expected=expected)

    store = ArrivingStore()
    ledger = Ledger(store, clock=Clock(), attempts_max=1)
    await ledger.submit(place())
    store.faults.extend([Fault.LATE, Fault.DROPPED])
    with pytest.raises(OutcomeUnknown):
        await ledger.submit(note(1))

    answer = await ledger.submit(note(1))
    await ledger.submit(note(2))

    assert answer.replayed
    assert len(await stored(store)) == 3


async def test_an_unexpected_error_leaves_the_ledger_consistent() -> None:
    store = FaultyStore([Fault.NONE, Fault.BROKEN])
    ledger = Ledger(store, clock=Clock())
    await ledger.submit(place())
    with pytest.raises(RuntimeError):
        await ledger.submit(note(1))

    assert (await ledger.submit(note(1))).replayed
    await ledger.submit(note(2))
    assert len(await stored(store)) == 3


async def test_a_full_store_after_a_lost_answer_is_an_unknown_outcome() -> None:
    store = FaultyStore()
    ledger = Ledger(store, clock=Clock())
    await ledger.submit(place())
    store.faults.extend([Fault.LOST, Fault.FULL])

    with pytest.raises(OutcomeUnknown):
        await ledger.submit(note(1))

    assert (await ledger.submit(note(1))).replayed


async def test_a_full_store_is_reported_and_later_commands_succeed() -> None:
    store = FaultyStore()
    ledger = Ledger(store, clock=Clock())
    await ledger.submit(place())
    store.faults.append(Fault.FULL)

    with pytest.raises(StorageFull):
        await ledger.submit(note(1))

    assert (await ledger.submit(note(1))).replayed is False


async def test_a_cancelled_command_is_stored_once_and_its_retry_is_a_replay() -> None:
    store = GatedStore(stream_name("o-1"))
    ledger = Ledger(store, clock=Clock())
    call = asyncio.create_task(ledger.submit(place()))
    await store.waiting.wait()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call

    retry = asyncio.create_task(ledger.submit(place()))
    await asyncio.sleep(0)
    store.gate.set()

    assert (await retry).replayed
    assert len(await stored(store)) == 1


async def test_a_command_after_a_cancelled_one_is_stored_after_it() -> None:
    store = GatedStore(stream_name("o-1"))
    ledger = Ledger(store, clock=Clock())
    store.gate.set()
    await ledger.submit(place())
    store.gate.clear()
    store.waiting.clear()
    call = asyncio.create_task(ledger.submit(note(1)))
    await store.waiting.wait()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call

    following = asyncio.create_task(ledger.submit(note(2)))
    await asyncio.sleep(0)
    store.gate.set()

    assert (await following).revision == 2
    assert (await ledger.submit(note(1))).replayed
    assert [event.type for event in await stored(store)] == ["OrderPlaced", *2 * ["NoteAdded"]]
