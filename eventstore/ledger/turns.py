"""One command at a time on each order."""

import asyncio
from types import TracebackType


class Turns:
    """A fair lock for each order: `async with turns.of(order_id):`.

    An order takes memory only while somebody holds its lock or waits for it.
    """

    def __init__(self) -> None:
        self._turns: dict[str, Turn] = {}

    def __len__(self) -> int:
        """How many orders are locked."""
        return len(self._turns)

    def of(self, order_id: str) -> "Turn":
        """The order's lock, to be entered at once."""
        turn = self._turns.get(order_id)
        if turn is None:
            turn = self._turns[order_id] = Turn(self._turns, order_id)
        return turn


class Turn:
    """The lock of one order."""

    __slots__ = ("_lock", "_order_id", "_turns", "_users")

    def __init__(self, turns: dict[str, "Turn"], order_id: str) -> None:
        self._turns = turns
        self._order_id = order_id
        self._lock = asyncio.Lock()
        self._users = 0
        """How many hold it or wait for it."""

    async def __aenter__(self) -> None:
        self._users += 1
        try:
            await self._lock.acquire()
        except BaseException:
            self._leave()
            raise

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._lock.release()
        self._leave()

    def _leave(self) -> None:
        self._users -= 1
        if not self._users:
            del self._turns[self._order_id]
