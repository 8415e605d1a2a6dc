"""The queries of one server: so many at the same time, each within its time."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from api.http.guards import Limits
from api.http.limits import ConcurrencyLimit, RequestDeadlines

T = TypeVar("T")


class Reads:
    def __init__(self, limits: Limits) -> None:
        self._limit = ConcurrencyLimit(limits.queries_max, "queries")
        self._deadlines = RequestDeadlines(limits.request_s)

    async def within(self, read: Callable[[], Awaitable[T]]) -> T:
        """What a query answers. Raises Rejected (overloaded), TimeoutError, and what it raises."""
        with self._limit:
            return await self._deadlines.wait_for(read)
