"""What streams share: places for lines in progress, and turns on the thread that answers all."""

import asyncio
from dataclasses import dataclass, field
from math import ceil
from types import TracebackType
from typing import Final

TURN_S: Final = 0.002
"""How long a stream may block all other requests at once; a line is never interrupted."""
PAUSE_S_MAX: Final = 0.1


class Turns:
    """Streams work one after the other, and other requests run in between: after work that took
    longer than a turn, for as long as it exceeded the turn.
    """

    def __init__(self) -> None:
        self._next = asyncio.Lock()
        self.worked_s = 0.0
        """Time that the current turn has worked since it began."""

    def new(self) -> "Turn":
        return Turn(self)

    async def next(self) -> None:
        async with self._next:
            over_s, self.worked_s = self.worked_s - TURN_S, 0.0
            await asyncio.sleep(min(max(over_s, 0.0), PAUSE_S_MAX))


class Turn:
    """The turns of one stream. `with turn:` encloses work that blocks all other requests."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns
        self._time = asyncio.get_running_loop().time
        self._began_s = 0.0
        self._ends_s = 0.0

    async def go_on(self) -> None:
        """Await this before each piece of work: it returns at once while the turn lasts."""
        if self._time() >= self._ends_s:
            await self._turns.next()
            self._ends_s = self._time() + TURN_S

    def __enter__(self) -> None:
        self._began_s = self._time()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._turns.worked_s += self._time() - self._began_s


class Places:
    """Limits the lines in progress of all streams together. While several streams want places, each
    gets an equal share.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._taken: dict[Share, int] = {}
        self._waiting: dict[Share, asyncio.Future[None]] = {}  # the longest first
        self._free = most

    def new(self) -> "Share":
        return Share(self)

    async def take(self, share: "Share") -> None:
        """Take a place, once there is one. A stream takes one place after the other, never two at
        once.
        """
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
        if not self._waiting and self._taken.keys() <= {share}:
            return True
        wanting = len(self._taken.keys() | self._waiting.keys() | {share})
        return self._taken.get(share, 0) < ceil(self._most / wanting)

    def _give(self, share: "Share") -> None:
        self._free -= 1
        self._taken[share] = self._taken.get(share, 0) + 1


class Share:
    """The places of one stream."""

    def __init__(self, places: Places) -> None:
        self._places = places

    async def take(self) -> None:
        await self._places.take(self)

    def give_back(self) -> None:
        self._places.give_back(self)


@dataclass(frozen=True, slots=True)
class Sharing:
    """The places and turns that all streams of one server share."""

    places: Places
    turns: Turns = field(default_factory=Turns)
