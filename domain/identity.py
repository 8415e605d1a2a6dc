"""By what an event is recognised when it is told again (events.Identity)."""

from collections.abc import Callable, Hashable
from operator import attrgetter
from typing import Any, Final

from domain import events as e


def _of_failure(event: Any) -> Hashable:
    """The refund tells failures apart that name no payout; beside a payout it is not compared."""
    named = event.payment_id is not None and event.payout_id is not None
    refund_id = None if named else event.refund_id
    return (refund_id, event.payment_id, event.payout_id, event.report_id)


_IDENTITY_OF: Final[dict[type[e.Event], Callable[[Any], Hashable]]] = {
    kind: attrgetter(*kind.identity) for kind in e.EVENTS.values() if kind.identity
} | {e.RefundFailed: _of_failure}


def identity_of(event: e.Event) -> Hashable:
    """The key of an event in Order.seen_events; None if the event has no identity."""
    identity = _IDENTITY_OF.get(type(event))
    return None if identity is None else (type(event), identity(event))
