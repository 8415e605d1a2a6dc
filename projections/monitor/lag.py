"""What of the log a read model has not applied: events, seconds, orders and money.

Measured when somebody asks, by the progress of each order, so that it holds for every source and
for all instances of a worker: from the log's checkpoint on, applied events are passed over
(PASSED_MAX at most), and the oldest WINDOW events from the first unapplied one on are counted. What
was seen to be applied is not read again. Nothing here is on the path of an event.
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
"""Events read from the oldest unapplied one on: four pages, and as many queries."""
PASSED_MAX: Final = 20_000
"""With a bus, the checkpoint lags by as much at a SWEEP_S of 5 and 2,000 events a second."""


@dataclass(slots=True)
class Lag:
    """events, seconds: unapplied events and the age of the oldest. Beyond the window they are
    counted by position; without dense positions only the window counts. orders, money: of the
    unapplied events in the window; money in minor units by currency. parked: parked orders, which
    count nowhere else. more: the log continues after what was read. waiting: positions of the
    unapplied events in the window.
    """

    events: int = 0
    seconds: float = 0.0
    orders: int = 0
    money: Counter[str] = field(default_factory=Counter)
    parked: int = 0
    more: bool = False
    waiting: frozenset[int] = field(default=frozenset(), compare=False)


class LagOfModel:
    """Of one read model. It remembers up to where everything was seen to be applied."""

    def __init__(
        self,
        database: ReadDatabase,
        store: EventReader,
        *,
        dense: bool,
        window: int = WINDOW,
        passed_max: int = PASSED_MAX,
    ) -> None:
        """dense: the store uses every position."""
        self._database = database
        self._store = store
        self._dense = dense
        self._window = window
        self._passed_max = passed_max
        self._seen: tuple[int, int] = (0, START)

    async def measure(self, now: datetime) -> Lag:
        """The lag now. Raises StoreError, ReadModelError, the database's errors."""
        head = await self._store.head()
        checkpoint, parked = await self._database.ask(_checkpoint_and_parked)
        lag = Lag(parked=len(parked))
        start = await self._start(START if checkpoint is None else checkpoint)
        if head is None or head <= start:
            return lag
        return await self._walk(lag, start, head, parked, now)

    async def _start(self, checkpoint: int) -> int:
        """The checkpoint, or a later position up to which all was seen to be applied."""
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
    """The event's currency and amount; none of an event that cannot be decoded."""
    item = decode_unverified(recorded)
    match item.event if isinstance(item, OrderEvent) else None:
        case OrderPlaced() as placed:
            return placed.currency, placed.total_cents
        case PaymentCaptured() | PaymentRefunded() | PaymentChargedBack() as paid:
            return paid.currency, paid.amount_cents
        case _:
            return "", 0
