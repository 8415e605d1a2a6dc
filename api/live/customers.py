"""Whose order it is, at each of its events."""

from collections import OrderedDict
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Final

from api.live.event import CUSTOMER_EVENTS, LiveEvent
from eventstore.port import EventReader, Revision
from eventstore.record.codec import stream_name

ORDERS_MAX: Final = 20_000
"""Orders whose customers are remembered."""


@dataclass(slots=True)
class _History:
    """through: the last revision known; -1 for none. changes: revision, and the customer since."""

    through: int = -1
    changes: list[tuple[int, str]] = field(default_factory=list)

    def add(self, event: LiveEvent) -> None:
        self.through = event.revision
        customer = event.customer()
        if customer is not None:
            self.changes.append((event.revision, customer))

    def at(self, revision: int) -> set[str]:
        """The customer before the event of that revision, and the one after it."""
        before = [name for since, name in self.changes if since < revision][-1:]
        after = [name for since, name in self.changes if since <= revision][-1:]
        return {*before, *after}


class Customers:
    """The customers of orders, read from the log where they are not known."""

    def __init__(self, store: EventReader) -> None:
        self._store = store
        self._orders: OrderedDict[str, _History] = OrderedDict()

    async def of(self, event: LiveEvent) -> set[str]:
        """The order's customer at the event; two where the event changes it.

        Raises StoreError.
        """
        history = self._orders.setdefault(event.order_id, _History())
        self._orders.move_to_end(event.order_id)
        if event.revision == history.through + 1:
            history.add(event)
        elif event.revision > history.through:
            history = await self._read(event, history.through)
        while len(self._orders) > ORDERS_MAX:
            self._orders.popitem(last=False)
        return history.at(event.revision)

    async def _read(self, event: LiveEvent, after: int) -> _History:
        """The order's history up to the event, in the map: another stream may have read it too."""
        found: list[LiveEvent] = []
        start = None if after < 0 else Revision(after)
        pages = self._store.read_stream(stream_name(event.order_id), after=start)
        async with aclosing(pages):
            async for page in pages:
                found += [LiveEvent(each) for each in page if each.revision <= event.revision]
                if page[-1].revision >= event.revision:
                    break
        history = self._orders.setdefault(event.order_id, _History())
        for each in found:
            if each.revision > history.through:
                if each.type in CUSTOMER_EVENTS:
                    history.add(each)
                history.through = each.revision
        return history
