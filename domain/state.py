"""The state of an order: the fold of its events. No rules here; domain.order has those."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Final, assert_never

from domain import events as e
from domain.goods import Goods, evolve_goods, place_goods
from domain.money import Money, evolve_money, place_money
from domain.persistent import NewMap, PersistentMap, with_entry, with_fields, without_entry


@dataclass(frozen=True)
class OrderStatus:
    """Whether the order is confirmed, cancelled, on hold.

    holds: those in force, id -> kind. hold_count: how many they are.
    """

    holds: Mapping[str, str]
    confirmed: bool = False
    cancelled: bool = False
    hold_count: int = 0

    @property
    def state(self) -> str:
        """cancelled, confirmed or placed; the first that applies."""
        if self.cancelled:
            return "cancelled"
        return "confirmed" if self.confirmed else "placed"

    @property
    def on_hold(self) -> bool:
        return self.hold_count > 0


def place_status(new_map: NewMap = dict) -> OrderStatus:
    """The status of an order that was just placed. new_map: the kind of its map."""
    return OrderStatus(new_map())


def evolve_status(status: OrderStatus | None, event: e.Event) -> OrderStatus:
    """The status after the event; None before OrderPlaced. The same object if nothing changed."""
    if status is None:
        return place_status()
    return _after(status, event) if isinstance(event, e.StatusEvent) else status


def _after(status: OrderStatus, event: e.StatusEvent) -> OrderStatus:
    match event:
        case e.OrderConfirmed():
            return with_fields(status, confirmed=True)
        case e.OrderCancelled():
            return with_fields(status, cancelled=True)
        case e.HoldPlaced():
            return _held(status, event)
        case e.HoldReleased():
            return _released(status, event)
        case _:
            assert_never(event)


def _held(status: OrderStatus, event: e.HoldPlaced) -> OrderStatus:
    count = status.hold_count + (event.hold_id not in status.holds)
    holds = with_entry(status.holds, event.hold_id, event.kind)
    return with_fields(status, holds=holds, hold_count=count)


def _released(status: OrderStatus, event: e.HoldReleased) -> OrderStatus:
    count = status.hold_count - (event.hold_id in status.holds)
    holds = without_entry(status.holds, event.hold_id)
    return with_fields(status, holds=holds, hold_count=count)


@dataclass(frozen=True, slots=True)
class Order:
    """seen_events: the first event of each identity, to recognise it when it comes again."""

    placed: e.OrderPlaced
    status: OrderStatus
    money: Money
    goods: Goods
    seen_events: PersistentMap[Hashable, e.Event]

    def find_same(self, event: e.Event) -> e.Event | None:
        """The event of the same identity that the order has already; None if it has none."""
        same: e.Event | None = self.seen_events.get(identity_of(event))
        return same

    def has_event(self, kind: type[e.Event], id_: str) -> bool:
        """True if the order has an event of this kind, whose identity is one id, under this id."""
        return (kind, id_) in self.seen_events


def evolve(order: Order | None, event: e.Event) -> Order:
    """The order after an event. Total: no event that can follow in a stream is refused."""
    if order is None:
        return _place(e.require_placed(event))
    key = identity_of(event)
    return Order(
        order.placed,
        evolve_status(order.status, event),
        evolve_money(order.money, event),
        evolve_goods(order.goods, event),
        order.seen_events if key is None else order.seen_events.with_entry(key, event),
    )


def _place(placed: e.OrderPlaced) -> Order:
    return Order(
        placed,
        place_status(PersistentMap),
        place_money(placed, PersistentMap),
        place_goods(placed, PersistentMap),
        PersistentMap(),
    )


def fold(events: Iterable[e.Event], order: Order | None = None) -> Order | None:
    """The order after all of them; None for no events."""
    for event in events:
        order = evolve(order, event)
    return order


_IDENTITY_OF: Final[dict[type[e.Event], Callable[[e.Event], Hashable]]] = {
    kind: attrgetter(*kind.identity) for kind in e.EVENTS.values() if kind.identity
}


def identity_of(event: e.Event) -> Hashable:
    """The key of an event in Order.seen_events; None if the event has no identity."""
    identity = _IDENTITY_OF.get(type(event))
    return None if identity is None else (type(event), identity(event))
