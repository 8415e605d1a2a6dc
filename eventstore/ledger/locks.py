"""One command at a time on each order."""

import asyncio
from types import TracebackType


class OrderLocks:
    """A fair lock for each order: `async with locks.of(order_id):`.

    An order takes memory only while somebody holds its lock or waits for it.
    """

    def __init__(self) -> None:
        self._locks: dict[str, OrderLock] = {}

    def __len__(self) -> int:
        """How many orders are locked."""
        return len(self._locks)

    def of(self, order_id: str) -> "OrderLock":
        """The order's lock, to be entered at once."""
        lock = self._locks.get(order_id)
        if lock is None:
            lock = self._locks[order_id] = OrderLock(self._locks, order_id)
        return lock


class OrderLock:
    """The lock of one order."""

    __slots__ = ("_all", "_lock", "_order_id", "_users")

    def __init__(self, all_: dict[str, "OrderLock"], order_id: str) -> None:
        self._all = all_
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
            del self._all[self._order_id]
