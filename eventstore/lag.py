"""Lag: how much of the log comes after a position, and how old an event is."""

from contextlib import suppress
from datetime import datetime
from typing import NamedTuple

import orjson

from eventstore.port import EventReader, Position, Recorded


class Lag(NamedTuple):
    """Of the log after a position. events: how many; a lower bound if positions have gaps.

    seconds: age of the oldest of them.
    """

    events: int
    seconds: float


async def lag_after(store: EventReader, position: int | None, now: datetime, *, dense: bool) -> Lag:
    """dense: the store's positions have no gaps. Reads at most one page. Raises StoreError."""
    head = await store.head()
    if head is None or (position is not None and position >= head):
        return Lag(0, 0.0)
    async for page in store.read_all(after=None if position is None else Position(position)):
        events = head - page[0].position + 1 if dense else len(page)
        return Lag(events, age_s(page[0], now))
    return Lag(0, 0.0)


def age_s(recorded: Recorded, now: datetime) -> float:
    """Seconds since it was written; 0 if its metadata does not contain the time."""
    with suppress(ValueError, KeyError, TypeError):
        written = datetime.fromisoformat(orjson.loads(recorded.metadata)["recorded_at"])
        return max(0.0, (now - written).total_seconds())
    return 0.0
