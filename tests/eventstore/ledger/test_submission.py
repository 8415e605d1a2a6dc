import json
from datetime import datetime, timedelta, timezone
from hashlib import sha256
from uuid import UUID

import pytest

from domain.commands import CancelOrder, CapturePayment, ConfirmOrder, GrantRefund
from eventstore.ledger.ledger import Ledger
from eventstore.ledger.submission import request_hash
from eventstore.memory import MemoryStore
from eventstore.port import NO_STREAM, Draft
from eventstore.record.codec import stream_name
from tests.eventstore.ledgers import PLAN, START, Clock, note, place, stored, submission


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

    capture = CapturePayment(payment_id="p-1", capture_id="k-1", amount_cents=100, currency="USD")
    answer = await ledger.submit(submission(capture, "capture"))

    assert [event.type for event in answer.events] == ["PaymentCaptured", "AnomalyRecorded"]
    assert [event.revision for event in answer.events] == [1, 2]
    log = await stored(store)
    assert [event.event_id for event in log[1:]] == [event.event_id for event in answer.events]
    assert (answer.revision, answer.position) == (2, log[2].position)


async def test_the_metadata_has_actor_reason_times_and_channel(
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
    assert metadata.schema == 3


async def test_the_commands_own_reason_is_the_one_reason(
    ledger: Ledger, store: MemoryStore
) -> None:
    await ledger.submit(place())
    await ledger.submit(submission(CancelOrder(reason="changed my mind"), "c", reason="other"))

    event = (await stored(store))[-1]

    assert event.metadata.reason == "changed my mind"


async def test_without_occurred_at_a_command_occurred_when_it_was_submitted(
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


async def test_what_is_stored_is_byte_for_byte_what_is_checked_in(
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


async def test_a_log_whose_ids_name_the_command_is_read_continued_and_replayed(
    pytestconfig: pytest.Config,
) -> None:
    """As events were named before their ids covered their content."""
    golden = pytestconfig.rootpath / "tests" / "eventstore" / "golden"
    written = json.loads((golden / "stream-ids-by-command.json").read_text(encoding="utf-8"))
    drafts = [
        Draft(UUID(e["event_id"]), e["type"], e["data"].encode(), e["metadata"].encode())
        for e in written
    ]
    store = MemoryStore()
    await store.append(stream_name("o-1"), drafts, expected=NO_STREAM)
    ledger = Ledger(store, clock=Clock(START))

    again = await ledger.submit(note(1, text="Grüße", occurred_at=START))
    await ledger.submit(note(2))

    assert again.replayed
    assert [event.event_id for event in again.events] == [drafts[1].event_id]
    assert [event.event_id for event in await stored(store)][:-1] == [d.event_id for d in drafts]


def test_the_request_hash_is_of_the_canonical_json_of_the_command() -> None:
    canonical = (
        '{"allowance_cents":null,"amount_cents":5,"command":"grant-refund","lines":[],'
        '"occurred_at":"2026-01-02T03:04:05.000006Z","order_id":"o-1","reason":"Grüße",'
        '"refund_id":"r-1"}'
    )
    command = GrantRefund(refund_id="r-1", amount_cents=5, reason="Grüße")

    hashed = request_hash(submission(command, "refund", occurred_at=START))

    assert hashed == sha256(canonical.encode()).hexdigest()


def test_an_allowance_is_hashed_by_the_name_that_it_was_sent_with() -> None:
    canonical = (
        '{"allowance_cents":3,"amount_cents":5,"command":"grant-refund","lines":[],'
        '"order_id":"o-1","reason":"late","refund_id":"r-1"}'
    )
    command = GrantRefund(refund_id="r-1", amount_cents=5, allowance_cents=3, reason="late")

    hashed = request_hash(submission(command, "refund"))

    assert hashed == sha256(canonical.encode()).hexdigest()
