"""How many requests of a kind may be under way, so that those of another kind always have room."""

from types import TracebackType

from api.http.problems import Rejected


class Room:
    """`with room:` takes a place in it for the block. Raises Rejected (overloaded) if none is left.

    of: what it is for, in the plural.
    """

    def __init__(self, most: int, of: str) -> None:
        self._most = most
        self._of = of
        self._taken = 0

    def __enter__(self) -> None:
        if self._taken >= self._most:
            raise Rejected("overloaded", f"{self._most} {self._of} are under way")
        self._taken += 1

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._taken -= 1
