import asyncio

import pytest

from api.http.limits import RequestDeadlines


async def test_a_request_that_takes_too_long_is_cancelled() -> None:
    deadlines = RequestDeadlines(0.05)
    with pytest.raises(TimeoutError):
        await deadlines.wait_for(asyncio.Event().wait)  # type: ignore[arg-type]


async def test_a_request_in_time_is_not_cancelled_and_neither_is_its_task_afterwards() -> None:
    deadlines = RequestDeadlines(0.05)
    await deadlines.wait_for(lambda: asyncio.sleep(0))
    await asyncio.sleep(0.1)


async def test_the_requests_own_errors_are_raised() -> None:
    async def fails() -> None:
        raise KeyError

    with pytest.raises(KeyError):
        await RequestDeadlines(1).wait_for(fails)


async def test_a_cancellation_from_outside_is_no_time_out() -> None:
    waiting = asyncio.create_task(RequestDeadlines(10).wait_for(asyncio.Event().wait))  # type: ignore[arg-type]
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_the_task_of_a_cancelled_request_can_continue() -> None:
    async def answers() -> str:
        with pytest.raises(TimeoutError):
            await RequestDeadlines(0.02).wait_for(asyncio.Event().wait)  # type: ignore[arg-type]
        await asyncio.sleep(0.05)
        return "answered"

    assert await asyncio.create_task(answers()) == "answered"
