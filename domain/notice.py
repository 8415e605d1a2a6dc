"""What is recorded besides the events of a command: odd reports, and bounds that are broken."""

from collections.abc import Iterable
from typing import Final, cast

from domain import events as e
from domain.anomalies import broken, evolve_anomalies
from domain.bounds import Books, Bound
from domain.facts import reference_of
from domain.fold_money import evolve_money
from domain.goods import evolve_goods
from domain.guards import require_in_range
from domain.references import Ids, reference
from domain.reports import reports
from domain.rules import BOUNDS
from domain.state import Order
from domain.status import evolve_status


def anomalies_after(order: Order, events: Iterable[e.Event]) -> tuple[e.AnomalyRecorded, ...]:
    """The anomalies of the events, which follow on the order.

    Raises OrderRefused if they take a total out of range.
    """
    books, anomalies = order.books, order.anomalies
    found: list[e.AnomalyRecorded] = []

    def notice(kind: str, refers_to: str, detail: str, after: Books) -> None:
        nonlocal anomalies
        anomaly = e.AnomalyRecorded(
            kind=kind, anomaly_id=anomalies.next_id(), refers_to=refers_to, detail=detail
        )
        anomalies = evolve_anomalies(anomalies, anomaly, after)
        found.append(anomaly)

    for event in events:
        before, books = books, _after(books, event)
        require_in_range(before.money, books.money)
        anomalies = evolve_anomalies(anomalies, event, books)
        for kind, detail in reports(event, before, books):
            notice(kind, reference_of(cast("e.FactEvent", event)), detail, books)
        for bound, ids in sorted(broken(anomalies, event, books), key=_place):
            notice(bound.kind, reference(bound.thing, ids), bound.detail(books, ids), books)
    return tuple(found)


def _place(found: tuple[Bound, Ids]) -> int:
    return _PLACE_OF[found[0].kind]


_PLACE_OF: Final = {kind: place for place, kind in enumerate(BOUNDS)}


def _after(books: Books, event: e.Event) -> Books:
    return Books(
        evolve_status(books.status, event),
        evolve_money(books.money, event),
        evolve_goods(books.goods, event),
    )
