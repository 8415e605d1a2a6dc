"""The state of an order: the fold of its events. No rules here; domain.order has those."""

from collections.abc import Hashable, Iterable
from dataclasses import field

from domain import events as e
from domain.anomalies import Anomalies, evolve_anomalies, place_anomalies
from domain.bounds import Folds
from domain.facts import retracted_event
from domain.fold_money import evolve_money, place_money
from domain.frozen import dataclass
from domain.goods import Goods, evolve_goods, place_goods
from domain.identity import identity_of
from domain.money import Money
from domain.persistent import PersistentMap, with_fields
from domain.status import OrderStatus, evolve_status, place_status


@dataclass(frozen=True, slots=True)
class Retracted:
    """What stands in Order.seen_events for a fact that was retracted: its last event."""

    event: e.Event


@dataclass(frozen=True)
class Order:
    """items: as they were ordered; line 1 at index 0, as in the lines of money and goods.

    seen_events: the first event of each identity, to recognise it when it comes again.

    foreseen: an event that was tried on the order, and the order after it (foresee).
    """

    placed: e.OrderPlaced
    status: OrderStatus
    money: Money
    goods: Goods
    anomalies: Anomalies
    items: tuple[e.Item, ...]
    seen_events: PersistentMap[Hashable, e.Event | Retracted]
    foreseen: "tuple[e.Event, Order] | None" = field(default=None, compare=False, repr=False)

    def find_same(self, event: e.Event) -> e.Event | None:
        """The event of the same identity that the order has already; None if it has none, or if
        it was retracted.
        """
        same = self.seen_events.get(identity_of(event))
        return None if isinstance(same, Retracted) else same

    def seen_grant(self, refund_id: str) -> e.RefundGranted | None:
        same = self.seen_events.get((e.RefundGranted, refund_id))
        return same if isinstance(same, e.RefundGranted) else None

    def has_event(self, kind: type[e.Event], id_: str) -> bool:
        """True if the order has an event of this kind, whose identity is one id, under this id."""
        return (kind, id_) in self.seen_events


def evolve(order: Order | None, event: e.Event) -> Order:
    """The order after an event. Total: no event that can follow in a stream is refused."""
    if order is None:
        return _place(e.require_placed(event))
    if order.foreseen is not None and order.foreseen[0] is event:
        return order.foreseen[1]
    status = evolve_status(order.status, event)
    money = evolve_money(order.money, event)
    goods = evolve_goods(order.goods, event)
    anomalies = order.anomalies
    if anomalies.count or type(event) is e.AnomalyRecorded:
        anomalies = evolve_anomalies(anomalies, event, Folds(status, money, goods))
    return with_fields(
        order,
        status=status,
        money=money,
        goods=goods,
        anomalies=anomalies,
        items=order.items + event.items if isinstance(event, e.ItemsAdded) else order.items,
        seen_events=_seen(order, event),
        foreseen=None,
    )


def foresee(order: Order, event: e.Event) -> Order:
    """As evolve, and the order keeps the result: a command is decided by what its events would do,
    and when they are recorded they need not be folded again.
    """
    after = evolve(order, event)
    object.__setattr__(order, "foreseen", (event, after))
    return after


def _seen(order: Order, event: e.Event) -> PersistentMap[Hashable, e.Event | Retracted]:
    key = identity_of(event)
    if key is not None:
        return order.seen_events.with_entry(key, event)
    if isinstance(event, e.FactRetracted):
        fact = retracted_event(event)
        recorded = order.find_same(fact) or fact
        return order.seen_events.with_entry(identity_of(fact), Retracted(recorded))
    return order.seen_events


def _place(placed: e.OrderPlaced) -> Order:
    return Order(
        placed,
        place_status(placed, PersistentMap),
        place_money(placed, PersistentMap),
        place_goods(placed, PersistentMap),
        place_anomalies(PersistentMap),
        placed.items,
        PersistentMap(),
    )


def fold(events: Iterable[e.Event], order: Order | None = None) -> Order | None:
    """The order after all of them; None for no events."""
    for event in events:
        order = evolve(order, event)
    return order
