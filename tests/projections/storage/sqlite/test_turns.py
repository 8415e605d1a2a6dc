"""The models of a process write one after the other; none waits long for one that hangs."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from itertools import pairwise
from pathlib import Path
from threading import Event

import pytest

from projections.storage.session import Session
from tests.projections.toy import writer_of
from tests.waiting import HUNG_S

WORKS_S = 0.01


@pytest.fixture
async def sessions(tmp_path: Path) -> AsyncIterator[list[Session]]:
    async with AsyncExitStack() as stack:
        yield [
            (await stack.enter_async_context(writer_of(tmp_path / name)))._session
            for name in ("one", "two", "three")
        ]


async def test_they_take_turns(sessions: list[Session]) -> None:
    spans: list[tuple[float, float]] = []

    def work() -> None:
        began_s = time.monotonic()
        time.sleep(WORKS_S)
        spans.append((began_s, time.monotonic()))

    await asyncio.gather(*(session.run(work) for session in sessions))

    spans.sort()
    assert all(earlier[1] <= later[0] for earlier, later in pairwise(spans))


async def test_one_that_hangs_delays_the_others_for_a_limited_time(
    sessions: list[Session],
) -> None:
    hanging, other, another = sessions
    goes_on = Event()
    hangs = asyncio.create_task(hanging.run(lambda: goes_on.wait(HUNG_S)))
    await asyncio.sleep(WORKS_S)

    await asyncio.gather(other.run(lambda: None), another.run(lambda: None))

    assert not hangs.done()
    goes_on.set()
    assert await hangs
