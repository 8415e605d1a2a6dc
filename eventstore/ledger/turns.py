"""One command after the other on each order."""

import asyncio
from types import TracebackType


class Turns:
    """`async with turns.of(order_id):` waits until nobody else has the order's turn, in the order
    of asking. An order costs memory only while somebody has its turn or waits for it.
    """

    def __init__(self) -> None:
        self._turns: dict[str, Turn] = {}

    def __len__(self) -> int:
        """Orders of which somebody has the turn."""
        return len(self._turns)

    def of(self, order_id: str) -> "Turn":
        """To be entered at once."""
        turn = self._turns.get(order_id)
        if turn is None:
            turn = self._turns[order_id] = Turn(self._turns, order_id)
        return turn


class Turn:
    """Of one order."""

    __slots__ = ("_lock", "_order_id", "_turns", "_users")

    def __init__(self, turns: dict[str, "Turn"], order_id: str) -> None:
        self._turns = turns
        self._order_id = order_id
        self._lock = asyncio.Lock()
        self._users = 0
        """Those who have it or wait for it."""

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
