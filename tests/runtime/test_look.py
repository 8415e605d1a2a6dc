"""Looking at what may not answer."""

import asyncio

import pytest

from runtime.look import Look, answered_within

NEVER_S = 0.02
LONG_S = 60.0


class Looked:
    def __init__(self) -> None:
        self.count = 0
        self.answer = asyncio.Event()

    async def __call__(self) -> int:
        self.count += 1
        count = self.count
        try:
            await self.answer.wait()
        except asyncio.CancelledError:
            await self.answer.wait()  # as a connection to a frozen server does
            raise
        if count == 2:
            raise KeyError
        return count


async def test_all_who_ask_at_once_share_a_look() -> None:
    looked = Looked()
    look = Look(looked, LONG_S)
    asking = [asyncio.create_task(look.now()) for _ in range(3)]
    await asyncio.sleep(0)
    looked.answer.set()

    assert await asyncio.gather(*asking) == [1, 1, 1]


async def test_each_who_asks_after_it_gets_a_new_one_and_its_error() -> None:
    looked = Looked()
    looked.answer.set()
    look = Look(looked, LONG_S)

    assert await look.now() == 1
    with pytest.raises(KeyError):
        await look.now()
    assert await look.now() == 3


async def test_one_that_takes_too_long_goes_on_for_the_next_who_asks() -> None:
    looked = Looked()
    look = Look(looked, NEVER_S)
    for _ in range(3):
        with pytest.raises(TimeoutError):
            await look.now()
    looked.answer.set()

    assert await look.now() == 1
    assert looked.count == 1


async def test_work_that_cannot_even_be_called_off_is_not_waited_for() -> None:
    looked = Looked()

    async with asyncio.timeout(LONG_S):
        with pytest.raises(TimeoutError):
            await answered_within(NEVER_S, looked())
    looked.answer.set()

    assert await answered_within(LONG_S, Looked.__call__(_third(looked))) == 3


def _third(looked: Looked) -> Looked:
    looked.count = 2
    return looked


async def test_who_is_called_off_calls_the_work_off() -> None:
    cancelled = asyncio.Event()

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    asking = asyncio.create_task(answered_within(LONG_S, work()))
    await asyncio.sleep(0.01)
    asking.cancel()

    async with asyncio.timeout(LONG_S):
        await cancelled.wait()
