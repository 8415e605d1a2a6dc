"""An order with many events costs as much per event as a new one. Counted, as times mean nothing
on a busy machine.
"""

import sys
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median
from types import FrameType

import pytest

from domain.persistent import PersistentMap
from eventstore.ledger.ledger import Ledger
from eventstore.memory import MemoryStore
from tests.eventstore.ledgers import Clock, authorize, note, place, stored
from tests.given import amount

LONG = amount("LONG_ORDER", quick=2_000, deep=10_000)
COMMANDS = 30


class Calls:
    """How many functions are called, in Python and in C."""

    count = 0

    def __call__(self, frame: FrameType, what: str, argument: object) -> None:
        self.count += what in {"call", "c_call"}


@contextmanager
def counted() -> Iterator[Calls]:
    calls = Calls()
    sys.setprofile(calls)
    try:
        yield calls
    finally:
        sys.setprofile(None)


async def cost(ledger: Ledger, order_id: str, first: int) -> tuple[float, float]:
    """For a command in the middle of some: functions called, and the most bytes allocated."""
    calls, peaks = [], []
    for number in range(first, first + COMMANDS):
        for submission in (note(number, order_id), authorize(number, order_id)):
            tracemalloc.start()
            with counted() as counting:
                await ledger.submit(submission)
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
            calls.append(counting.count)
    return median(calls), median(peaks)


async def ledger_with_a_long_order() -> Ledger:
    """And to a new one."""
    ledger = Ledger(MemoryStore(), clock=Clock())
    await ledger.submit(place("long"))
    for number in range(LONG // 2):
        await ledger.submit(note(number, "long"))
        await ledger.submit(authorize(number, "long"))
    await ledger.submit(place("new"))
    return ledger


async def test_a_long_order_costs_as_much_to_command_as_a_new_one() -> None:
    ledger = await ledger_with_a_long_order()

    new_calls, new_bytes = await cost(ledger, "new", 0)
    long_calls, long_bytes = await cost(ledger, "long", LONG)

    assert (await ledger.order("long")).revision >= LONG
    assert long_calls < 1.1 * new_calls
    assert long_bytes < 2 * new_bytes


async def test_a_fold_that_copies_what_an_order_has_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ledger = await ledger_with_a_long_order()
    monkeypatch.setattr(
        PersistentMap,
        "with_entry",
        lambda self, key, value: PersistentMap({**self._entries(), key: value}),
    )

    _, new_bytes = await cost(ledger, "new", 0)
    _, long_bytes = await cost(ledger, "long", LONG)

    assert long_bytes > 2 * new_bytes


async def test_reading_a_long_order_from_the_log_is_linear() -> None:
    store = MemoryStore()
    writing = Ledger(store, clock=Clock())
    for order_id, events in (("short", LONG // 4), ("long", LONG)):
        await writing.submit(place(order_id))
        for number in range(events):
            await writing.submit(note(number, order_id))

    async def cold(order_id: str) -> int:
        with counted() as calls:
            await Ledger(store, clock=Clock()).order(order_id)
        return calls.count

    assert await cold("long") < 1.2 * 4 * await cold("short")
    assert len(await stored(store)) == 2 + LONG // 4 + LONG
