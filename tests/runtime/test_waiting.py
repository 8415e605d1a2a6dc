import asyncio

import pytest

from runtime.waiting import Backoff, done_or_set, run_until, sleep_or_stop

LONG_S = 600


def test_pauses_double_up_to_the_longest_and_begin_anew_after_success() -> None:
    backoff = Backoff(0.5, 3.0)

    assert [backoff.pause_s() for _ in range(5)] == [0.5, 1.0, 2.0, 3.0, 3.0]
    backoff.reset()
    assert backoff.pause_s() == 0.5


async def test_a_pause_ends_when_stop_is_set() -> None:
    stop = asyncio.Event()
    pausing = asyncio.create_task(sleep_or_stop(stop, LONG_S))
    await asyncio.sleep(0)
    assert not pausing.done()

    stop.set()

    await pausing


async def test_a_pause_that_is_over_is_no_error() -> None:
    await sleep_or_stop(asyncio.Event(), 0.001)


async def test_work_goes_on_when_the_event_is_set_first() -> None:
    event, work = asyncio.Event(), asyncio.get_running_loop().create_future()
    event.set()

    await done_or_set(work, event)
    assert not work.done()

    work.set_result(1)
    event.clear()
    await done_or_set(work, event)


async def test_work_that_ends_first_gives_its_result() -> None:
    async def work() -> int:
        return 7

    assert await run_until(asyncio.Event(), work()) == 7


async def test_work_that_fails_first_raises() -> None:
    async def work() -> None:
        raise KeyError("put there by the test")

    with pytest.raises(KeyError):
        await run_until(asyncio.Event(), work())


async def test_work_is_cancelled_and_ended_when_stop_is_set_first() -> None:
    stop, ended = asyncio.Event(), asyncio.Event()

    async def work() -> int:
        try:
            await asyncio.sleep(LONG_S)
        finally:
            await asyncio.sleep(0)
            ended.set()
        return 7

    running = asyncio.create_task(run_until(stop, work()))
    await asyncio.sleep(0)
    stop.set()

    assert await running is None
    assert ended.is_set()


async def test_work_is_ended_when_the_waiting_is_cancelled() -> None:
    ended = asyncio.Event()

    async def work() -> None:
        try:
            await asyncio.sleep(LONG_S)
        finally:
            ended.set()

    running = asyncio.create_task(run_until(asyncio.Event(), work()))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    running.cancel()

    with pytest.raises(asyncio.CancelledError):
        await running
    assert ended.is_set()
