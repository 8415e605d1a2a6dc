"""One command at a time on each order."""

import asyncio
from contextlib import suppress

from eventstore.ledger.ledger import OrderLocks
from tests.waiting import HUNG_S


async def test_callers_hold_the_lock_of_an_order_one_at_a_time_in_the_order_of_asking() -> None:
    locks, seen = OrderLocks(), []

    async def take(name: str) -> None:
        async with locks.of("o-1"):
            seen.append(f"{name} begins")
            await asyncio.sleep(0)
            seen.append(f"{name} ends")

    await asyncio.gather(take("a"), take("b"), take("c"))

    assert seen == [f"{name} {what}" for name in "abc" for what in ("begins", "ends")]
    assert len(locks) == 0


async def test_orders_do_not_wait_for_each_other() -> None:
    locks = OrderLocks()

    async with locks.of("o-1"), asyncio.timeout(HUNG_S), locks.of("o-2"):
        assert len(locks) == 2


async def test_a_caller_that_gives_up_waiting_lets_the_others_continue() -> None:
    locks, had = OrderLocks(), []

    async def take(name: str) -> None:
        async with locks.of("o-1"):
            had.append(name)

    async with locks.of("o-1"):
        gone, patient = asyncio.create_task(take("gone")), asyncio.create_task(take("patient"))
        await asyncio.sleep(0)
        gone.cancel()
        with suppress(asyncio.CancelledError):
            await gone
        assert len(locks) == 1
    await patient

    assert had == ["patient"]
    assert len(locks) == 0


async def test_an_error_ends_the_turn() -> None:
    locks = OrderLocks()

    with suppress(RuntimeError):
        async with locks.of("o-1"):
            raise RuntimeError

    assert len(locks) == 0
