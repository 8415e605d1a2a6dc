"""How old an event is, and how much of the log is behind a position."""

from contextlib import suppress
from datetime import datetime
from typing import NamedTuple

import orjson

from eventstore.port import EventReader, Position, Recorded


class Lag(NamedTuple):
    """What of the log is behind a position. events: at least so many, where the log does not count
    them. seconds: age of the oldest.
    """

    events: int
    seconds: float


async def lag_after(store: EventReader, position: int | None, now: datetime, *, dense: bool) -> Lag:
    """dense: the store gives every position. Reads a page at most. Raises StoreError."""
    head = await store.head()
    if head is None or (position is not None and position >= head):
        return Lag(0, 0.0)
    async for page in store.read_all(after=None if position is None else Position(position)):
        events = head - page[0].position + 1 if dense else len(page)
        return Lag(events, age_s(page[0], now))
    return Lag(0, 0.0)


def age_s(recorded: Recorded, now: datetime) -> float:
    """Seconds since it was written; 0 where its metadata does not tell."""
    with suppress(ValueError, KeyError, TypeError):
        written = datetime.fromisoformat(orjson.loads(recorded.metadata)["recorded_at"])
        return max(0.0, (now - written).total_seconds())
    return 0.0
