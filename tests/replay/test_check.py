"""The check of a whole log, without the command line."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from domain.commands import AddNote, OrderedItem, PlaceOrder
from eventstore.ledger.ledger import Ledger
from eventstore.ledger.submission import Submission
from eventstore.memory import MemoryStore
from eventstore.record.codec import UpgradeNeeded
from replay import check
from replay.check import Reader, check_log

NOW = datetime(2026, 3, 2, tzinfo=UTC)
ITEM = OrderedItem(product_id="tea", quantity=1, price_cents=990)


@pytest.fixture
async def store() -> MemoryStore:
    """Three orders whose events alternate, four events each."""
    store = MemoryStore()
    ledger = Ledger(store, clock=lambda: NOW)
    for turn in range(4):
        for order_id in ("o-1", "o-2", "o-3"):
            await ledger.submit(_submission(order_id, turn))
    return store


def _submission(order_id: str, turn: int) -> Submission:
    place = PlaceOrder(order_id=order_id, customer_id="c", currency="EUR", items=(ITEM,))
    return Submission(
        order_id=order_id,
        command=AddNote(note_id=f"n{turn}", text="hi") if turn else place,
        command_id=f"c{turn}",
        actor="a",
        channel="test",
        reason=None,
        correlation_id="x",
        causation_id=None,
        traceparent=None,
        occurred_at=None,
        precondition=None,
    )


async def test_a_whole_log_has_no_findings_and_its_progress_adds_up(store: MemoryStore) -> None:
    advanced: list[int] = []
    checked = await check_log(store, advanced.append, dense=False)
    assert (checked.events, checked.orders, checked.findings) == (12, 3, [])
    assert sum(advanced) == 12


@pytest.mark.parametrize("folded_max", [1, 2, 100])
async def test_an_order_that_was_dropped_is_read_again(store: MemoryStore, folded_max: int) -> None:
    reader = Reader(store, folded_max=folded_max)
    async for page in store.read_all():
        for recorded in page:
            await reader.take(recorded)
    assert len(reader._folded) == min(3, folded_max)


async def test_positions_that_are_missing_are_found_only_where_they_have_to_be_dense(
    store: MemoryStore,
) -> None:
    # In memory positions are 3, 6, 9, ...: so with dense=True there are gaps all the way.
    checked = await check_log(store, lambda _: None, dense=True)
    assert len(checked.findings) == 12
    assert checked.findings[0].message == "positions 1 to 2 are missing"


async def test_an_event_of_a_newer_daybook_is_distinguished_from_a_damaged_one(
    store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def newer(recorded: object) -> None:
        raise UpgradeNeeded(recorded, "an unknown event type")  # type: ignore[arg-type]

    monkeypatch.setattr(check, "decode", newer)
    checked = await check_log(store, lambda _: None, dense=False)
    assert {finding.next_step for finding in checked.findings} == {check.UPGRADE}


async def test_an_event_that_does_not_fold_is_named_with_the_error(
    store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("in evolve")

    monkeypatch.setattr(check, "apply_event", broken)
    checked = await check_log(store, lambda _: None, dense=False)
    assert [finding.position for finding in checked.findings] == [3, 6, 9]
    assert checked.findings[0].message == "ZeroDivisionError: in evolve"
    assert checked.findings[0].next_step == check.REPORT


async def test_an_event_altered_in_the_middle_of_an_order_is_found_and_the_others_are_checked(
    store: MemoryStore,
) -> None:
    _swap(store._log, 4, data=b'{"note_id":"n1","text":"no"}')
    checked = await check_log(store, lambda _: None, dense=False)
    assert [(finding.position, finding.stream) for finding in checked.findings] == [
        (15, "order-o-2")
    ]
    assert checked.events == 12


def _swap(log: Sequence[object], place: int, *, data: bytes) -> None:
    log[place] = replace(log[place], data=data)  # type: ignore[index,type-var]
