"""A follower of the live stream: it has to get every event of the log once and in order."""

import asyncio
import sqlite3
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path

from daybook_client import AsyncClient, Retrying
from tests.waiting import HUNG_S

RETRYING = Retrying(first_pause_s=0.1, pause_max_s=0.5)
GIVE_UP_AFTER_S = 600.0


@dataclass(slots=True)
class Follower:
    """got: the positions, as they came."""

    url: str
    got: list[int] = field(default_factory=list)

    async def run(self) -> None:
        """Until it is cancelled."""
        async with AsyncClient(self.url, retrying=RETRYING) as client:
            live = client.follow(after=0, give_up_after_s=GIVE_UP_AFTER_S)
            async with aclosing(live) as events:
                async for event in events:
                    self.got.append(event.position)

    async def wrong(self, log: Path) -> int:
        """How many events were not followed once, in their order; 0 when all were.

        Call it when nobody writes: it waits for the last one.
        """
        stored = positions(log)
        try:
            async with asyncio.timeout(HUNG_S):
                while not self.got or self.got[-1] < stored[-1]:  # noqa: ASYNC110 (as in tests.waiting)
                    await asyncio.sleep(0.05)
        except TimeoutError:
            pass
        twice_or_back = sum(a >= b for a, b in zip(self.got, self.got[1:], strict=False))
        return twice_or_back + len(set(stored) ^ set(self.got))


def positions(log: Path) -> list[int]:
    connection = sqlite3.connect(f"file:{log}?mode=ro", uri=True)
    try:
        rows = connection.execute("SELECT position FROM events ORDER BY position")
        return [position for (position,) in rows]
    finally:
        connection.close()
