"""What the log itself answers about one order: the fold of its events, and the events."""

from datetime import datetime

from api.documents import Document, event_document, order_document
from api.http.problems import Rejected
from domain.rules import OrderRefused
from eventstore.ledger.ledger import Ledger


async def order_in_log(
    ledger: Ledger,
    order_id: str,
    *,
    revision: int | None = None,
    as_of: datetime | None = None,
    occurred_as_of: datetime | None = None,
) -> Document:
    """The order as the fold of its events: now, at a revision, or as of a time.

    Raises OrderRefused (unknown-order), Rejected (no-such-revision).
    """
    try:
        folded = await ledger.order(
            order_id, revision=revision, as_of=as_of, occurred_as_of=occurred_as_of
        )
    except OrderRefused:
        now = await ledger.order(order_id)  # raises where there is no such order
        raise Rejected("no-such-revision", f"the order is at revision {now.revision}") from None
    return order_document(folded)


async def events_in_log(
    ledger: Ledger, order_id: str, *, after: int | None = None, limit: int
) -> Document:
    """A page of the order's events, as `items` and `next`: the revision to continue after.

    Raises OrderRefused (unknown-order).
    """
    found = await ledger.events(order_id, after=after, limit=limit + 1)
    items = [event_document(event) for event in found[:limit]]
    more = len(found) > limit
    return {"items": items, "next": str(items[-1]["revision"]) if more else None}
