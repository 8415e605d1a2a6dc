"""What of the log a read model has not applied: events, seconds, orders and money.

Looked at when somebody asks, by progress, so that it holds for every source and for all instances
of a worker: behind the log's checkpoint what is applied is passed over, PASSED_MAX events at most,
and of what waits the oldest WINDOW are looked at. Nothing here is on the path of an event.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Final

from sqlalchemy import Connection, select

from domain.events import OrderPlaced, PaymentCaptured, PaymentChargedBack, PaymentRefunded
from eventstore.lag import age_s
from eventstore.port import EventReader, Page, Recorded
from eventstore.record.codec import OrderEvent, order_id_of
from projections.fold import NOT_APPLIED
from projections.sources.log import LOG, START, decode_unverified, position_of
from projections.storage.database import ReadDatabase
from projections.storage.tables import CHECKPOINT, PARKED, applied_of

WINDOW: Final = 2_000
"""Events looked at from the oldest that waits: four pages, as many questions to the database."""
PASSED_MAX: Final = 20_000
"""All that the checkpoint is behind by at a SWEEP_S of 5, of a log of 2,000 events a second."""


@dataclass(slots=True)
class Lag:
    """events, seconds: of what waits, and of what is behind the window (of a log that does not
    count its events: of the window alone). orders, money: of what waits in the window; money in
    minor units by currency. parked: orders that wait behind an event of theirs; they count nowhere
    else. more: the log goes on behind what was looked at. waiting: positions of what waits in the
    window.
    """

    events: int = 0
    seconds: float = 0.0
    orders: int = 0
    money: Counter[str] = field(default_factory=Counter)
    parked: int = 0
    more: bool = False
    waiting: frozenset[int] = field(default=frozenset(), compare=False)


class LagOfModel:
    """Of one read model. It remembers how far everything was seen to be applied."""

    def __init__(
        self,
        database: ReadDatabase,
        store: EventReader,
        *,
        dense: bool,
        window: int = WINDOW,
        passed_max: int = PASSED_MAX,
    ) -> None:
        """dense: the store gives every position."""
        self._database = database
        self._store = store
        self._dense = dense
        self._window = window
        self._passed_max = passed_max
        self._seen: tuple[int, int] = (0, START)

    async def look(self, now: datetime) -> Lag:
        """As it is now. Raises StoreError, ReadModelError, the database's errors."""
        head = await self._store.head()
        checkpoint, parked = await self._database.ask(_checkpoint_and_parked)
        lag = Lag(parked=len(parked))
        start = await self._start(START if checkpoint is None else checkpoint)
        if head is None or head <= start:
            return lag
        return await self._walk(lag, start, head, parked, now)

    async def _start(self, checkpoint: int) -> int:
        """Behind the checkpoint, or further on where all was seen to be applied before."""
        generation = await self._database.generations.live()
        if self._seen[0] != generation:
            self._seen = (generation, START)
        return max(checkpoint, self._seen[1])

    async def _walk(
        self, lag: Lag, start: int, head: int, parked: Collection[str], now: datetime
    ) -> Lag:
        waiting: list[Recorded] = []
        last: Recorded | None = None
        left, passing = self._window, self._passed_max
        async for page in self._store.read_all(after=position_of(start)):
            order_ids = {order_id_of(event.stream) for event in page}
            progress = await self._database.ask(partial(applied_of, order_ids=order_ids))
            waiting += _waiting(page, progress, parked)
            last = page[-1]
            if waiting:
                left -= len(page)
            else:
                self._seen = (self._seen[0], last.position)
                passing -= len(page)
            if left <= 0 or passing <= 0 or last.position >= head:
                break
        _sum(lag, waiting)
        lag.more = last is not None and last.position < head
        if last is not None and lag.more and self._dense:
            lag.events += head - last.position
        if last is not None and (waiting or lag.more):
            lag.seconds = age_s(waiting[0] if waiting else last, now)
        return lag


def _checkpoint_and_parked(conn: Connection) -> tuple[int | None, frozenset[str]]:
    position = select(CHECKPOINT.c.position).where(CHECKPOINT.c.source == LOG)
    checkpoint = conn.execute(position).scalar_one_or_none()
    return checkpoint, frozenset(conn.execute(select(PARKED.c.order_id)).scalars())


def _waiting(page: Page, progress: Mapping[str, int], parked: Collection[str]) -> list[Recorded]:
    return [
        event
        for event in page
        if (order_id := order_id_of(event.stream)) not in parked
        and event.revision > progress.get(order_id, NOT_APPLIED)
    ]


def _sum(lag: Lag, waiting: list[Recorded]) -> None:
    lag.events = len(waiting)
    lag.waiting = frozenset(event.position for event in waiting)
    lag.orders = len({event.stream for event in waiting})
    for event in waiting:
        if event.type in _MONEY:
            currency, cents = _money(event)
            lag.money[currency] += cents


_MONEY: Final = frozenset(
    kind.__name__ for kind in (OrderPlaced, PaymentCaptured, PaymentRefunded, PaymentChargedBack)
)


def _money(recorded: Recorded) -> tuple[str, int]:
    """What the event tells of, in the currency it names; nothing of one that cannot be read."""
    item = decode_unverified(recorded)
    match item.event if isinstance(item, OrderEvent) else None:
        case OrderPlaced() as placed:
            return placed.currency, placed.total_cents
        case PaymentCaptured() | PaymentRefunded() | PaymentChargedBack() as paid:
            return paid.currency, paid.amount_cents
        case _:
            return "", 0
