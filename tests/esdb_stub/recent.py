"""The server's memory of event ids: all that an append at ANY or EXISTS is checked against."""

from uuid import UUID

MEMORY_BYTES = 16 * 1024 * 1024
ID_BYTES = 140
"""Of an id beside its stream's name. With names of 16 letters a real server forgot an id between
90,000 and 100,000 events later."""


class RecentIds:
    """Bounded in bytes, the oldest goes first; of two places with one id the first is kept."""

    def __init__(self) -> None:
        self._numbers: dict[UUID, tuple[str, int]] = {}
        self._bytes = 0

    def add(self, event_id: UUID, stream: str, number: int) -> None:
        if event_id in self._numbers:
            return
        self._bytes += ID_BYTES + 2 * len(stream)
        self._numbers[event_id] = (stream, number)
        while self._bytes > MEMORY_BYTES:
            oldest = next(iter(self._numbers))
            name, _ = self._numbers.pop(oldest)
            self._bytes -= ID_BYTES + 2 * len(name)

    def number_of(self, event_id: UUID, stream: str) -> int | None:
        """Where the id stands in this stream, as far as remembered."""
        known = self._numbers.get(event_id)
        return known[1] if known is not None and known[0] == stream else None
