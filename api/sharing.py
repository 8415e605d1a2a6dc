"""What streams share: places for lines under way, and turns of the one thread that answers all."""

import asyncio
from dataclasses import dataclass, field
from math import ceil
from typing import Final

TURN_S: Final = 0.002
"""How long a stream may keep everybody else waiting at once; a line is never cut."""


class Turns:
    """Streams work one after the other, and what is no stream comes in between."""

    def __init__(self) -> None:
        self._next = asyncio.Lock()

    def new(self) -> "Turn":
        return Turn(self._next)


class Turn:
    """One stream's."""

    def __init__(self, next_: asyncio.Lock) -> None:
        self._next = next_
        self._ends_s = 0.0

    async def go_on(self) -> None:
        """To be awaited before each piece of work: returns at once while the turn lasts."""
        loop = asyncio.get_running_loop()
        if loop.time() < self._ends_s:
            return
        async with self._next:
            await asyncio.sleep(0)
        self._ends_s = loop.time() + TURN_S


class Places:
    """So many lines of all streams may be under way; while several streams want more, each has
    its even share.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._taken: dict[Share, int] = {}
        self._waiting: dict[Share, asyncio.Future[None]] = {}  # the longest first
        self._free = most

    def new(self) -> "Share":
        return Share(self)

    async def take(self, share: "Share") -> None:
        """One stream takes one place after the other, never two at once."""
        if self._has_room(share):
            self._give(share)
            return
        granted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[share] = granted
        try:
            await granted
        except asyncio.CancelledError:
            if granted.cancelled():
                del self._waiting[share]
                self._grant()
            else:
                self.give_back(share)
            raise

    def give_back(self, share: "Share") -> None:
        self._free += 1
        left = self._taken[share] - 1
        if left:
            self._taken[share] = left
        else:
            del self._taken[share]
        self._grant()

    def _grant(self) -> None:
        for share, granted in list(self._waiting.items()):
            if not granted.cancelled() and self._has_room(share):
                self._give(share)
                del self._waiting[share]
                granted.set_result(None)

    def _has_room(self, share: "Share") -> bool:
        if not self._free:
            return False
        wanting = len(self._taken.keys() | self._waiting.keys() | {share})
        return wanting == 1 or self._taken.get(share, 0) < ceil(self._most / wanting)

    def _give(self, share: "Share") -> None:
        self._free -= 1
        self._taken[share] = self._taken.get(share, 0) + 1


class Share:
    """One stream's of the places."""

    def __init__(self, places: Places) -> None:
        self._places = places

    async def take(self) -> None:
        await self._places.take(self)

    def give_back(self) -> None:
        self._places.give_back(self)


@dataclass(frozen=True, slots=True)
class Sharing:
    """What all streams of one server share."""

    places: Places
    turns: Turns = field(default_factory=Turns)
