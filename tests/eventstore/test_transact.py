import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from itertools import count

import pytest

from domain.commands import (
    CancelOrder,
    CapturePayment,
    ConfirmOrder,
    LineQuantity,
    PlaceHold,
    PlaceOrder,
    PlanShipment,
    ReleaseHold,
)
from domain.order import fold
from domain.rules import OrderRefused
from domain.values import Malformed
from eventstore.chain import ChainBroken
from eventstore.codec import UpgradeNeeded, decode, stream_name
from eventstore.memory import MemoryStore
from eventstore.port import (
    Draft,
    Expected,
    OutcomeUnknown,
    Position,
    Revision,
    StorageFull,
    StreamName,
)
from eventstore.transact import (
    CommandIdReused,
    Contended,
    Ledger,
    StaleRevision,
)
from tests.eventstore.ledgers import (
    START,
    Clock,
    CountingStore,
    Fault,
    FaultyStore,
    GatedStore,
    authorize,
    note,
    place,
    stored,
    submission,
)

PLAN = submission(
    PlanShipment(shipment_id="s-1", lines=(LineQuantity(line=1, quantity=1),), location="A"), "plan"
)
HOLD = submission(PlaceHold(hold_id="h-1", kind="fraud", reason="check"), "hold")
RELEASE = submission(ReleaseHold(hold_id="h-1", reason="fine"), "release")

OTHERS = count(1)


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def ledger(store: MemoryStore) -> Ledger:
    return Ledger(store, clock=Clock())


def another(store: MemoryStore) -> Ledger:
    """Another process on the same log, with nothing cached and another clock."""
    return Ledger(store, clock=Clock(START + timedelta(hours=next(OTHERS))), sole_writer=False)


# What is written ----------------------------------------------------------------------------------


async def test_a_command_writes_its_events_and_answers_where(
    ledger: Ledger, store: MemoryStore
) -> None:
    await ledger.submit(place())
    answer = await ledger.submit(note(1))

    _, event = await stored(store)
    assert (answer.order_id, answer.revision, answer.position) == ("o-1", 1, event.position)
    assert answer.replayed is False
    [answered] = answer.events
    assert (answered.event_id, answered.type, answered.revision) == (event.event_id, "NoteAdded", 1)


async def test_all_events_of_a_command_are_one_append(ledger: Ledger, store: MemoryStore) -> None:
    await ledger.submit(place())

    capture = CapturePayment(payment_id="p-1", capture_id="k-1", amount_cents=100)
    answer = await ledger.submit(submission(capture, "capture"))

    assert [event.type for event in answer.events] == ["PaymentCaptured", "AnomalyRecorded"]
    assert [event.revision for event in answer.events] == [1, 2]
    log = await stored(store)
    assert [event.event_id for event in log[1:]] == [event.event_id for event in answer.events]
    assert (answer.revision, answer.position) == (2, log[2].position)


async def test_the_metadata_says_who_why_when_and_through_what(
    ledger: Ledger, store: MemoryStore
) -> None:
    occurred_at = datetime(2026, 1, 1, 12, tzinfo=timezone(timedelta(hours=2)))
    await ledger.submit(
        place(
            actor="shop-7",
            channel="bulk",
            reason="phone call",
            correlation_id="corr",
            causation_id="cause",
            traceparent="00-aa-bb-01",
            occurred_at=occurred_at,
        )
    )

    [event] = await stored(store)

    metadata = event.metadata
    assert (metadata.command_id, metadata.actor, metadata.channel) == ("place", "shop-7", "bulk")
    assert (metadata.correlation_id, metadata.causation_id) == ("corr", "cause")
    assert (metadata.traceparent, metadata.reason) == ("00-aa-bb-01", "phone call")
    assert metadata.occurred_at == "2026-01-01T10:00:00.000000Z"
    assert metadata.recorded_at == "2026-01-02T03:04:05.000006Z"
    assert metadata.schema == 2


async def test_the_commands_own_reason_is_the_one_reason(
    ledger: Ledger, store: MemoryStore
) -> None:
    await ledger.submit(place())
    await ledger.submit(submission(CancelOrder(reason="changed my mind"), "c", reason="other"))

    event = (await stored(store))[-1]

    assert event.metadata.reason == "changed my mind"


async def test_what_occurred_without_a_time_occurred_when_it_was_submitted(
    ledger: Ledger, store: MemoryStore
) -> None:
    await ledger.submit(place())

    [event] = await stored(store)

    assert event.metadata.occurred_at == event.metadata.recorded_at


async def test_recorded_at_never_runs_backwards_in_a_stream(store: MemoryStore) -> None:
    clock = Clock()
    ledger = Ledger(store, clock=clock)
    await ledger.submit(place())
    clock.now = START - timedelta(days=1)
    await ledger.submit(note(1))
    await ledger.submit(place("o-2"))

    first, second, other = await stored(store)

    assert second.metadata.recorded_at == first.metadata.recorded_at
    assert second.metadata.occurred_at < second.metadata.recorded_at
    assert other.metadata.recorded_at < first.metadata.recorded_at


async def test_what_is_stored_is_byte_for_byte_what_it_was_in_the_first_release(
    ledger: Ledger, store: MemoryStore, pytestconfig: pytest.Config
) -> None:
    """The format: order of keys, ids, request hashes, chain. A change here is a new format."""
    await ledger.submit(place())
    await ledger.submit(note(1, text="Grüße", occurred_at=START))
    await ledger.submit(submission(ConfirmOrder(), "confirm", reason="phone call"))
    await ledger.submit(PLAN)
    await ledger.submit(submission(CancelOrder(reason="changed my mind"), "cancel"))

    written = [
        {
            "event_id": str(event.event_id),
            "type": event.type,
            "data": event.recorded.data.decode(),
            "metadata": event.recorded.metadata.decode(),
        }
        for event in await stored(store)
    ]

    golden = pytestconfig.rootpath / "tests" / "eventstore" / "golden" / "stream.json"
    assert written == json.loads(golden.read_text(encoding="utf-8"))


# The same command again ---------------------------------------------------------------------------


async def test_a_retry_is_answered_as_the_first_time_and_writes_nothing(
    ledger: Ledger, store: MemoryStore
) -> None:
    await ledger.submit(place())
    capture = submission(
        CapturePayment(payment_id="p-1", capture_id="k-1", amount_cents=100), "capture"
    )
    first = await ledger.submit(capture)
    await ledger.submit(note(1))
    before = await stored(store)

    again = await ledger.submit(capture)
    cold = await another(store).submit(capture)

    assert again == cold == replace(first, replayed=True)
    assert await stored(store) == before


async def test_a_retried_command_that_would_be_refused_now_is_still_answered(
    ledger: Ledger,
) -> None:
    await ledger.submit(place())
    first = await ledger.submit(HOLD)
    await ledger.submit(RELEASE)
    with pytest.raises(OrderRefused, match="id-ended"):
        await ledger.submit(replace(HOLD, command_id="hold-again"))

    assert await ledger.submit(HOLD) == replace(first, replayed=True)


async def test_a_retry_is_known_however_many_pages_of_events_lie_between(
    store: MemoryStore,
) -> None:
    ledger = Ledger(store, clock=Clock())
    first = await ledger.submit(place())
    for number in range(1100):
        await ledger.submit(note(number))

    cold = another(store)

    assert await cold.submit(place()) == replace(first, replayed=True)
    assert (await cold.submit(note(700))).revision == 701


@pytest.mark.parametrize(
    "changed",
    [
        {"actor": "bob"},
        {"channel": "bulk"},
        {"correlation_id": "another"},
        {"causation_id": "another"},
        {"traceparent": "00-cc-dd-01"},
        {"reason": "another"},
    ],
)
async def test_who_sent_it_and_through_what_is_not_content(
    ledger: Ledger, changed: dict[str, str]
) -> None:
    await ledger.submit(place())

    assert (await ledger.submit(place(**changed))).replayed


async def test_the_channel_that_the_edge_puts_into_a_place_order_is_not_content(
    ledger: Ledger,
) -> None:
    command = place().command
    assert isinstance(command, PlaceOrder)
    await ledger.submit(replace(place(), command=replace(command, channel="http")))

    again = await ledger.submit(replace(place(), command=replace(command, channel="bulk")))

    assert again.replayed


async def test_another_content_under_the_same_command_id_is_refused_and_not_stored(
    ledger: Ledger, store: MemoryStore
) -> None:
    await ledger.submit(place())
    await ledger.submit(note(1))
    before = await stored(store)

    for changed in (
        note(1, text="another"),
        submission(ConfirmOrder(), "note-1"),
        note(1, occurred_at=START),
    ):
        with pytest.raises(CommandIdReused):
            await ledger.submit(changed)
        with pytest.raises(CommandIdReused):
            await another(store).submit(changed)

    assert await stored(store) == before


async def test_a_moment_sent_is_content_whatever_zone_it_is_told_in(ledger: Ledger) -> None:
    await ledger.submit(place())
    await ledger.submit(note(1, occurred_at=START))

    elsewhere = START.astimezone(timezone(timedelta(hours=-5)))

    assert (await ledger.submit(note(1, occurred_at=elsewhere))).replayed
    with pytest.raises(CommandIdReused):
        await ledger.submit(note(1, occurred_at=START + timedelta(microseconds=1)))


async def test_another_order_may_use_the_same_command_id(ledger: Ledger) -> None:
    first = await ledger.submit(place("o-1", "c"))
    second = await ledger.submit(place("o-2", "c"))

    assert not second.replayed
    assert first.events[0].event_id != second.events[0].event_id


async def test_a_command_that_wrote_nothing_is_decided_anew(
    ledger: Ledger, store: MemoryStore
) -> None:
    await ledger.submit(place())
    await ledger.submit(submission(ConfirmOrder(), "confirm"))

    answer = await ledger.submit(submission(ConfirmOrder(), "again"))

    assert (answer.events, answer.revision, answer.replayed) == ((), 1, False)
    assert answer.position == (await stored(store))[-1].position


# Refusals -----------------------------------------------------------------------------------------


async def test_a_refused_command_leaves_nothing(ledger: Ledger, store: MemoryStore) -> None:
    await ledger.submit(place())

    with pytest.raises(OrderRefused, match="not-confirmed"):
        await ledger.submit(PLAN)

    assert len(await stored(store)) == 1


async def test_a_command_about_no_order_is_refused(ledger: Ledger, store: MemoryStore) -> None:
    with pytest.raises(OrderRefused, match="unknown-order"):
        await ledger.submit(note(1))

    assert await stored(store) == []


async def test_a_refusal_is_never_said_on_what_another_writer_has_changed(
    store: MemoryStore,
) -> None:
    ledger = another(store)
    await ledger.submit(place())
    await another(store).submit(submission(ConfirmOrder(), "confirm"))

    answer = await ledger.submit(PLAN)

    assert answer.revision == 2


async def test_nothing_to_do_is_never_said_on_what_another_writer_has_changed(
    store: MemoryStore,
) -> None:
    ledger = another(store)
    await ledger.submit(place())
    await ledger.submit(HOLD)
    await another(store).submit(note(1))

    answer = await ledger.submit(replace(HOLD, command_id="hold-again"))

    assert (answer.events, answer.revision) == ((), 2)


async def test_a_command_stored_by_another_writer_is_a_replay_and_no_refusal(
    store: MemoryStore,
) -> None:
    ledger = another(store)
    await ledger.submit(place())
    elsewhere = another(store)
    held = await elsewhere.submit(HOLD)
    await elsewhere.submit(RELEASE)

    assert await ledger.submit(HOLD) == replace(held, replayed=True)


async def test_a_place_order_must_name_the_order_it_is_sent_to(ledger: Ledger) -> None:
    with pytest.raises(Malformed, match="order_id"):
        await ledger.submit(replace(place("o-1"), order_id="o-2"))


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 1, 1),  # noqa: DTZ001
        datetime.min.replace(tzinfo=timezone(timedelta(hours=14))),
        datetime.max.replace(tzinfo=timezone(timedelta(hours=-14))),
    ],
)
async def test_a_moment_that_utc_cannot_say_is_malformed(
    ledger: Ledger, store: MemoryStore, moment: datetime
) -> None:
    with pytest.raises(Malformed, match="occurred_at"):
        await ledger.submit(place(occurred_at=moment))

    assert await stored(store) == []


# If-Match -----------------------------------------------------------------------------------------


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


async def test_a_retry_whose_own_write_moved_the_revision_is_a_replay(ledger: Ledger) -> None:
    await ledger.submit(place())
    first = await ledger.submit(note(1, if_match=Revision(0)))

    assert await ledger.submit(note(1, if_match=Revision(0))) == replace(first, replayed=True)


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


# Writers beside each other ------------------------------------------------------------------------


async def test_of_racing_writers_each_command_is_stored_once() -> None:
    store = FaultyStore()
    ledgers = [Ledger(store, clock=Clock(), attempts_max=100, sole_writer=False) for _ in range(4)]
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


async def test_of_two_racing_place_orders_one_places_and_the_other_is_answered() -> None:
    store = FaultyStore()

    first, second = await asyncio.gather(
        another(store).submit(place()), another(store).submit(place())
    )

    assert {first.replayed, second.replayed} == {True, False}
    assert first.events == second.events
    assert len(await stored(store)) == 1


async def test_another_content_under_the_same_command_id_is_refused_even_in_a_race() -> None:
    """The store takes the ids for the same events; only reading back tells."""
    store = FaultyStore()
    await another(store).submit(place())

    outcomes = await asyncio.gather(
        another(store).submit(note(1)),
        another(store).submit(note(1, text="another")),
        return_exceptions=True,
    )

    assert [type(outcome).__name__ for outcome in outcomes] == ["Answer", "CommandIdReused"]


async def test_a_cache_that_does_not_read_back_would_break_the_chain() -> None:
    """Why sole_writer is a promise: this is what breaks without it."""
    store = FaultyStore()
    first, second = (Ledger(store, clock=Clock()) for _ in range(2))
    await first.submit(place())
    await second.submit(note(1))
    await first.submit(note(1, text="another"))
    await first.submit(note(2))

    with pytest.raises(ChainBroken, match="prev_hash"):
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

    await asyncio.wait_for(ledger.submit(place("fast")), timeout=5)

    assert not slow.done()
    store.gate.set()
    await slow


async def test_queues_leave_nothing_behind() -> None:
    ledger = Ledger(FaultyStore(), clock=Clock())
    await asyncio.gather(*(ledger.submit(place(f"o-{number}")) for number in range(20)))
    with pytest.raises(OrderRefused):
        await ledger.submit(note(1, "unknown"))

    assert (len(ledger._turns), len(ledger._running)) == (0, 0)


# Outcomes nobody knows ----------------------------------------------------------------------------


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
async def test_an_outcome_that_stays_unknown_is_told_and_the_retry_is_right(
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
    """The retry's drafts have the same ids, but not the same bytes."""

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


async def test_a_full_store_after_a_lost_answer_does_not_say_that_nothing_was_stored() -> None:
    store = FaultyStore()
    ledger = Ledger(store, clock=Clock())
    await ledger.submit(place())
    store.faults.extend([Fault.LOST, Fault.FULL])

    with pytest.raises(OutcomeUnknown):
        await ledger.submit(note(1))

    assert (await ledger.submit(note(1))).replayed


async def test_a_full_store_is_told_as_it_is_and_the_ledger_goes_on() -> None:
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
    await ledger.drain()

    assert (await retry).replayed
    assert len(await stored(store)) == 1


# The cache ----------------------------------------------------------------------------------------


async def test_nothing_is_answered_from_what_is_not_durable() -> None:
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


async def test_what_failed_to_be_stored_is_in_no_answer() -> None:
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


async def test_the_cache_is_bounded_and_an_order_that_fell_out_is_read_again() -> None:
    store = CountingStore()
    ledger = Ledger(store, clock=Clock(), cache_max=30)
    for number in range(20):
        await ledger.submit(place(f"o-{number}"))
    assert store.events_read == 0
    assert len(ledger._histories._histories) == 10

    answer = await ledger.submit(note(1, "o-0"))

    assert (answer.revision, store.events_read) == (1, 1)
    assert ledger._histories._size <= 30


async def test_an_order_larger_than_the_cache_is_kept_while_it_is_the_last() -> None:
    store = CountingStore()
    ledger = Ledger(store, clock=Clock(), cache_max=5)
    await ledger.submit(place())
    for number in range(50):
        await ledger.submit(note(number))

    assert store.events_read == 0
    await ledger.submit(place("o-2"))
    assert list(ledger._histories._histories) == ["o-2"]


async def test_the_fold_kept_is_the_fold_of_the_log(ledger: Ledger, store: MemoryStore) -> None:
    await ledger.submit(place())
    for number in range(10):
        await ledger.submit(authorize(number))

    kept = await ledger.order("o-1")

    assert kept == await another(store).order("o-1")
    assert kept.order == fold([event.event for event in await stored(store)])


# Reading ------------------------------------------------------------------------------------------


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


async def test_a_revision_that_is_not_there_yet_is_unknown(ledger: Ledger) -> None:
    await ledger.submit(place())

    with pytest.raises(OrderRefused, match="unknown-order: the order is at revision 0"):
        await ledger.order("o-1", revision=1)


async def test_an_unknown_order_is_refused_and_leaves_nothing_behind(ledger: Ledger) -> None:
    for reading in (ledger.order("x"), ledger.order("x", revision=0), ledger.events("x")):
        with pytest.raises(OrderRefused, match="unknown-order"):
            await reading
    with pytest.raises(OrderRefused, match="unknown-order"):
        await ledger.events("x", after=3)

    assert len(ledger._histories._histories) == 0


async def test_an_order_reads_what_another_writer_has_just_written(store: MemoryStore) -> None:
    ledger = another(store)
    await ledger.submit(place())
    await another(store).submit(note(1))

    assert (await ledger.order("o-1")).revision == 1


async def test_events_read_behind_a_revision_and_to_a_limit(
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


# A log that cannot be continued -------------------------------------------------------------------


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
