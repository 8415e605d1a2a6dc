"""The state of an order: the fold of its events. No rules here; domain.order has those."""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from operator import attrgetter

from domain.events import (
    AnomalyRecorded,
    AuthorizationExpired,
    ChargebackReversed,
    Event,
    HoldPlaced,
    ItemsCancelled,
    NoteAdded,
    OrderPlaced,
    PaymentAuthorized,
    PaymentCaptured,
    PaymentChargedBack,
    PaymentFailed,
    PaymentRefunded,
    PaymentVoided,
    RefundFailed,
    RefundGranted,
    ReturnReceived,
    ReturnRequested,
    ShipmentDelivered,
    ShipmentLost,
    ShipmentPlanned,
    ShipmentReturnedToSender,
)
from domain.folding import changed, first
from domain.goods import Goods, evolve_goods
from domain.money import Money, evolve_money
from domain.persistent import PersistentMap
from domain.standing import Standing, evolve_standing


@dataclass(frozen=True, slots=True)
class Order:
    """told: the first event of each identity, to recognise it when it is told again."""

    placed: OrderPlaced
    standing: Standing
    money: Money
    goods: Goods
    told: PersistentMap[Hashable, Event]

    def known(self, event: Event) -> Event | None:
        """The event that has this event's identity already."""
        known: Event | None = self.told.get(identity(event))
        return known

    def knows(self, kind: type[Event], name: str) -> bool:
        """True if an event of this kind was told under this one id."""
        return (kind, name) in self.told


def evolve(order: Order | None, event: Event) -> Order:
    """The order after an event. Total: no event that can follow in a stream is refused."""
    if order is None:
        return _placed(first(event))
    key = identity(event)
    return Order(
        order.placed,
        evolve_standing(order.standing, event),
        evolve_money(order.money, event),
        evolve_goods(order.goods, event),
        order.told if key is None else order.told.with_entry(key, event),
    )


def _placed(event: OrderPlaced) -> Order:
    money = changed(evolve_money(None, event), payments=PersistentMap(), refunds=PersistentMap())
    goods = changed(evolve_goods(None, event), shipments=PersistentMap(), returns=PersistentMap())
    standing = changed(evolve_standing(None, event), holds=PersistentMap())
    return Order(event, standing, money, goods, PersistentMap())


def fold(events: Iterable[Event], order: Order | None = None) -> Order | None:
    """The order after all of them; None for no events."""
    for event in events:
        order = evolve(order, event)
    return order


# What makes an event the same one when it is told again. An amount in another currency is another
# fact; so is a carrier's or provider's report with a report_id of its own.
IDENTITIES: dict[type[Event], tuple[str, ...]] = {
    HoldPlaced: ("hold_id",),
    NoteAdded: ("note_id",),
    ItemsCancelled: ("cancellation_id",),
    RefundGranted: ("refund_id",),
    ShipmentPlanned: ("shipment_id",),
    ReturnRequested: ("return_id",),
    ReturnReceived: ("return_id", "receipt_id"),
    PaymentAuthorized: ("payment_id", "currency"),
    PaymentCaptured: ("payment_id", "capture_id", "currency"),
    PaymentVoided: ("payment_id", "void_id", "currency"),
    AuthorizationExpired: ("payment_id", "report_id"),
    PaymentFailed: ("payment_id", "report_id"),
    PaymentRefunded: ("payment_id", "payout_id", "currency"),
    RefundFailed: ("refund_id", "payment_id", "payout_id"),
    PaymentChargedBack: ("payment_id", "chargeback_id", "currency"),
    ChargebackReversed: ("payment_id", "chargeback_id"),
    ShipmentDelivered: ("shipment_id", "report_id"),
    ShipmentLost: ("shipment_id", "report_id"),
    ShipmentReturnedToSender: ("shipment_id", "report_id"),
    AnomalyRecorded: ("kind", "refers_to", "detail"),
}
_IDENTITY: dict[type[Event], Callable[[Event], Hashable]] = {
    event: attrgetter(*names) for event, names in IDENTITIES.items()
}


def identity(event: Event) -> Hashable:
    """The key of an event in Order.told; None for what is not kept there."""
    getter = _IDENTITY.get(type(event))
    return None if getter is None else (type(event), getter(event))
