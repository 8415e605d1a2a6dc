"""What is recorded besides the events of a command: odd reports, and bounds that are broken."""

from collections.abc import Iterable, Sequence
from typing import Final, cast

from domain import events as e
from domain.anomalies import broken
from domain.bounds import Bound
from domain.facts import reference_of
from domain.guards import require_in_range
from domain.references import Ids, reference
from domain.reports import reports
from domain.rules import BOUNDS
from domain.state import Order, foresee


def with_anomalies(order: Order, events: Sequence[e.Event]) -> tuple[e.Event, ...]:
    """The events, which follow on the order, and the anomalies that they are recorded with: reports
    as each event comes, bounds as they are after all of them.

    Raises OrderRefused if the events take a total out of range.
    """
    first, odd = order, []
    for event in events:
        before, order = order, foresee(order, event)
        for kind, detail in reports(event, before, order):
            odd.append((kind, reference_of(cast("e.FactEvent", event)), detail))
    require_in_range(first.money, order.money)
    found: list[e.Event] = []
    for kind, refers_to, detail in odd:
        found.append(_anomaly(order, kind, refers_to, detail))
        order = foresee(order, found[-1])
    for event in events:
        for bound, ids in _in_order(broken(order.anomalies, event, order)):
            detail = bound.detail(order, ids)
            found.append(_anomaly(order, bound.kind, reference(bound.thing, ids), detail))
            order = foresee(order, found[-1])
    return (*events, *found)


def _anomaly(order: Order, kind: str, refers_to: str, detail: str) -> e.AnomalyRecorded:
    return e.AnomalyRecorded(
        kind=kind, anomaly_id=order.anomalies.next_id(), refers_to=refers_to, detail=detail
    )


def _in_order(found: Iterable[tuple[Bound, Ids]]) -> list[tuple[Bound, Ids]]:
    """As they are in the table."""
    return sorted(found, key=lambda each: _PLACE_OF[each[0].kind])


_PLACE_OF: Final = {kind: place for place, kind in enumerate(BOUNDS)}
