"""A limit of concurrent requests of one kind, so that they leave capacity for other kinds."""

from types import TracebackType

from api.http.problems import Rejected


class ConcurrencyLimit:
    """`with limit:` counts the block. Raises Rejected (overloaded) where most of them are running.

    of: what is limited, in the plural.
    """

    def __init__(self, most: int, of: str) -> None:
        self._most = most
        self._of = of
        self._running = 0

    def __enter__(self) -> None:
        if self._running >= self._most:
            raise Rejected("overloaded", f"{self._most} {self._of} are in progress")
        self._running += 1

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._running -= 1
