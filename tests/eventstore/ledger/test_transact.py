import gc
import weakref
from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from domain.commands import CapturePayment, ConfirmOrder, PlaceOrder
from domain.rules import OrderRefused
from domain.values import Malformed
from eventstore.ledger.ledger import Ledger
from eventstore.ledger.submission import CommandIdReused
from eventstore.memory import MemoryStore
from eventstore.port import Draft, Expected, Page, Position, Revision, StreamName
from tests.eventstore.ledgers import (
    HOLD,
    PLAN,
    RELEASE,
    START,
    Clock,
    another,
    note,
    place,
    stored,
    submission,
)


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

    assert again == cold == first._replace(replayed=True)
    assert await stored(store) == before


async def test_the_order_before_a_command_is_not_kept(ledger: Ledger) -> None:
    await ledger.submit(place())
    history = ledger.cache.get("o-1")
    before = weakref.ref(history.order) if history and history.order else None
    del history

    await ledger.submit(HOLD)
    gc.collect()

    assert before is not None
    assert before() is None


async def test_a_retried_command_that_would_be_refused_now_is_still_answered(
    ledger: Ledger,
) -> None:
    await ledger.submit(place())
    first = await ledger.submit(HOLD)
    await ledger.submit(RELEASE)
    with pytest.raises(OrderRefused, match="id-ended"):
        await ledger.submit(HOLD._replace(command_id="hold-again"))

    assert await ledger.submit(HOLD) == first._replace(replayed=True)


async def test_a_retry_is_recognised_after_any_number_of_pages_of_events(
    store: MemoryStore,
) -> None:
    ledger = Ledger(store, clock=Clock())
    first = await ledger.submit(place())
    for number in range(1100):
        await ledger.submit(note(number))

    cold = another(store)

    assert await cold.submit(place()) == first._replace(replayed=True)
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
async def test_sender_and_channel_are_not_content(ledger: Ledger, changed: dict[str, str]) -> None:
    await ledger.submit(place())

    assert (await ledger.submit(place(**changed))).replayed


async def test_the_channel_that_the_edge_puts_into_a_place_order_is_not_content(
    ledger: Ledger,
) -> None:
    command = place().command
    assert isinstance(command, PlaceOrder)
    await ledger.submit(place()._replace(command=replace(command, channel="http")))

    again = await ledger.submit(place()._replace(command=replace(command, channel="bulk")))

    assert again.replayed


async def test_other_content_under_the_same_command_id_is_refused_and_not_stored(
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


async def test_a_time_that_was_sent_is_content_in_any_zone(ledger: Ledger) -> None:
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


async def test_a_command_that_wrote_nothing_is_decided_again(
    ledger: Ledger, store: MemoryStore
) -> None:
    await ledger.submit(place())
    await ledger.submit(submission(ConfirmOrder(), "confirm"))

    answer = await ledger.submit(submission(ConfirmOrder(), "again"))

    assert (answer.events, answer.revision, answer.replayed) == ((), 1, False)
    assert answer.position == (await stored(store))[-1].position


async def test_a_refused_command_leaves_nothing(ledger: Ledger, store: MemoryStore) -> None:
    await ledger.submit(place())

    with pytest.raises(OrderRefused, match="not-confirmed"):
        await ledger.submit(PLAN)

    assert len(await stored(store)) == 1


async def test_a_command_about_no_order_is_refused(ledger: Ledger, store: MemoryStore) -> None:
    with pytest.raises(OrderRefused, match="unknown-order"):
        await ledger.submit(note(1))

    assert await stored(store) == []


async def test_a_command_is_not_refused_on_a_stale_cache(
    store: MemoryStore,
) -> None:
    ledger = another(store)
    await ledger.submit(place())
    await another(store).submit(submission(ConfirmOrder(), "confirm"))

    answer = await ledger.submit(PLAN)

    assert answer.revision == 2


async def test_nothing_to_do_is_not_answered_from_a_stale_cache(
    store: MemoryStore,
) -> None:
    ledger = another(store)
    await ledger.submit(place())
    await ledger.submit(HOLD)
    await another(store).submit(note(1))

    answer = await ledger.submit(HOLD._replace(command_id="hold-again"))

    assert (answer.events, answer.revision) == ((), 2)


async def test_a_command_stored_by_another_writer_is_a_replay_and_not_refused(
    store: MemoryStore,
) -> None:
    ledger = another(store)
    await ledger.submit(place())
    elsewhere = another(store)
    held = await elsewhere.submit(HOLD)
    await elsewhere.submit(RELEASE)

    assert await ledger.submit(HOLD) == held._replace(replayed=True)


async def test_a_place_order_must_name_the_order_it_is_sent_to(ledger: Ledger) -> None:
    with pytest.raises(Malformed, match="order_id"):
        await ledger.submit(place("o-1")._replace(order_id="o-2"))


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 1, 1),  # noqa: DTZ001
        datetime.min.replace(tzinfo=timezone(timedelta(hours=14))),
        datetime.max.replace(tzinfo=timezone(timedelta(hours=-14))),
    ],
)
async def test_a_time_outside_of_utc_is_malformed(
    ledger: Ledger, store: MemoryStore, moment: datetime
) -> None:
    with pytest.raises(Malformed, match="occurred_at"):
        await ledger.submit(place(occurred_at=moment))

    assert await stored(store) == []


async def test_a_new_order_is_placed_without_reading_its_stream_first(
    ledger: Ledger, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as blind:
        blind.delattr(MemoryStore, "read_stream")
        placed = [await ledger.submit(place(f"new-{n}")) for n in range(3)]

    assert [answer.revision for answer in placed] == [0, 0, 0]
    assert len(await stored(store)) == 3


async def test_a_new_order_is_one_append_and_no_read() -> None:
    class Asked(MemoryStore):
        def __init__(self) -> None:
            super().__init__()
            self.calls: list[str] = []

        def read_stream(
            self, stream: StreamName, *, after: Revision | None = None
        ) -> AsyncGenerator[Page, None]:
            self.calls.append("read")
            return super().read_stream(stream, after=after)

        async def append(
            self, stream: StreamName, drafts: Sequence[Draft], *, expected: Expected
        ) -> Position:
            self.calls.append("append")
            return await super().append(stream, drafts, expected=expected)

    store = Asked()
    await Ledger(store, clock=Clock()).submit(place())

    assert store.calls == ["append"]


async def test_an_order_placed_again_from_a_cold_start_is_a_replay(store: MemoryStore) -> None:
    first = await Ledger(store, clock=Clock()).submit(place())
    later = Clock(START + timedelta(hours=1))
    again = await Ledger(store, clock=later).submit(place())

    assert again == first._replace(replayed=True)
    assert len(await stored(store)) == 1
