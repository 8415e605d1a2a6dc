"""An order with 10,000 events is as fast to command as a new one."""

from time import perf_counter

from eventstore.ledger.ledger import Ledger
from eventstore.memory import MemoryStore
from tests.eventstore.ledgers import Clock, authorize, note, place, stored

LONG = 10_000
BATCH = 200
BATCHES = 5


async def least_seconds_per_batch(ledger: Ledger, order_id: str, start: int) -> float:
    """The least of some batches: what else the machine does can only add to it."""
    seconds = []
    for batch in range(BATCHES):
        first = start + batch * BATCH
        submissions = [
            make(number, order_id)
            for number in range(first, first + BATCH)
            for make in (note, authorize)
        ]
        began = perf_counter()
        for submission in submissions:
            await ledger.submit(submission)
        seconds.append(perf_counter() - began)
    return min(seconds)


async def test_a_long_order_is_as_fast_to_command_as_a_new_one() -> None:
    ledger = Ledger(MemoryStore(), clock=Clock())
    await ledger.submit(place("long"))
    for number in range(LONG // 2):
        await ledger.submit(note(number, "long"))
        await ledger.submit(authorize(number, "long"))
    await ledger.submit(place("new"))

    new = await least_seconds_per_batch(ledger, "new", 0)
    long = await least_seconds_per_batch(ledger, "long", LONG)

    assert (await ledger.order("long")).revision >= LONG
    assert long < 2 * new


async def test_reading_a_long_order_from_the_log_is_linear() -> None:
    store = MemoryStore()
    writing = Ledger(store, clock=Clock())
    for order_id, events in (("short", LONG // 8), ("long", LONG // 2)):
        await writing.submit(place(order_id))
        for number in range(events):
            await writing.submit(note(number, order_id))

    async def cold_seconds(order_id: str) -> float:
        seconds = []
        for _ in range(3):
            ledger = Ledger(store, clock=Clock())
            began = perf_counter()
            await ledger.order(order_id)
            seconds.append(perf_counter() - began)
        return min(seconds)

    assert await cold_seconds("long") < 2 * 4 * await cold_seconds("short")
    assert len(await stored(store)) == 2 + LONG // 8 + LONG // 2
