"""The currency of each order, which its first event alone tells."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Final

from pydantic_core import from_json

from eventstore.lookup import event_at
from eventstore.port import EventReader, Recorded, StreamDeleted
from eventstore.record.chain import ChainBroken
from eventstore.record.codec import order_id_of, stream_name

ORDERS_KEPT: Final = 50_000
"""Some 10 MB."""


class Currencies:
    """Of the orders whose events were read last; of others it is looked up."""

    def __init__(self, store: EventReader, *, kept_max: int = ORDERS_KEPT) -> None:
        self._store = store
        self._kept_max = kept_max
        self._kept: OrderedDict[str, str] = OrderedDict()

    async def of(self, page: Sequence[Recorded]) -> Mapping[str, str]:
        """Those of the page's orders, "" where the log does not tell. Raises StoreError."""
        found: dict[str, str] = {}
        for event in page:
            order_id = order_id_of(event.stream)
            if order_id not in found:
                found[order_id] = await self._of(order_id, event)
        return found

    async def _of(self, order_id: str, event: Recorded) -> str:
        currency = self._kept.pop(order_id, None)
        if currency is None:
            currency = _told_by(event if event.revision == 0 else await self._first(order_id))
        self._kept[order_id] = currency
        if len(self._kept) > self._kept_max:
            self._kept.popitem(last=False)
        return currency

    async def _first(self, order_id: str) -> Recorded | None:
        try:
            return await event_at(self._store, stream_name(order_id), 0)
        except (StreamDeleted, ChainBroken):
            return None


def _told_by(event: Recorded | None) -> str:
    if event is None:
        return ""
    try:
        told = from_json(event.data)
    except ValueError:
        return ""
    currency = told.get("currency") if isinstance(told, dict) else None
    return currency if isinstance(currency, str) else ""
