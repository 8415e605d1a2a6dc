"""The goods of one order: a fold from events to quantities per line, shipments and returns."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeAlias

from domain.commands import LineQuantity
from domain.events import (
    Event,
    ItemsCancelled,
    OrderCancelled,
    ReturnClosed,
    ReturnDeclined,
    ReturnReceived,
    ReturnRequested,
    ShipmentCancelled,
    ShipmentDelivered,
    ShipmentDispatched,
    ShipmentLost,
    ShipmentPlanned,
    ShipmentReturnedToSender,
)
from domain.folding import changed, first
from domain.persistent import with_entry

# Shipments: UNKNOWN was named by a carrier and never planned. Outcomes are counters of Line too.
UNKNOWN: Final = "unknown"
PLANNED: Final = "planned"
CANCELLED: Final = "cancelled"
DISPATCHED: Final = "dispatched"
DELIVERED: Final = "delivered"
LOST: Final = "lost"
RETURNED_TO_SENDER: Final = "returned_to_sender"
# Returns.
OPEN: Final = "open"
DECLINED: Final = "declined"
CLOSED: Final = "closed"


@dataclass(frozen=True)
class Line:
    """Quantities. planned: and not dispatched; requested: in open returns and not yet received."""

    product_id: str
    ordered: int
    cancelled: int = 0
    planned: int = 0
    dispatched: int = 0
    delivered: int = 0
    lost: int = 0
    returned_to_sender: int = 0
    requested: int = 0
    received: int = 0

    @property
    def wanted(self) -> int:
        return self.ordered - self.cancelled

    @property
    def out(self) -> int:
        """With the carrier or the customer: a lost or returned parcel can be sent again."""
        return self.dispatched - self.lost - self.returned_to_sender

    @property
    def spare(self) -> int:
        """Wanted, and in no shipment yet; negative where more is in shipments than is wanted."""
        return self.wanted - self.planned - self.out

    @property
    def open(self) -> int:
        return max(0, self.spare)

    @property
    def overshipped(self) -> int:
        return max(0, -self.spare)

    @property
    def returnable(self) -> int:
        return self.delivered - self.requested - self.received


@dataclass(frozen=True)
class Shipment:
    """outcome: the last one told, None before. carrier, tracking: None until they are known."""

    state: str = UNKNOWN
    lines: tuple[LineQuantity, ...] = ()
    location: str | None = None
    carrier: str | None = None
    tracking: str | None = None
    outcome: str | None = None


@dataclass(frozen=True)
class ReturnLine:
    line: int
    requested: int
    received: int = 0

    @property
    def missing(self) -> int:
        return self.requested - self.received


@dataclass(frozen=True)
class Return:
    state: str = OPEN
    lines: tuple[ReturnLine, ...] = ()


Quantities: TypeAlias = Iterable[tuple[int, int]]  # (line, quantity)

NO_LINE = Line("", 0)
NO_SHIPMENT = Shipment()
NO_RETURN = Return()


@dataclass(frozen=True)
class Goods:
    """lines: line 1 stands at 0."""

    lines: tuple[Line, ...]
    shipments: Mapping[str, Shipment]
    returns: Mapping[str, Return]

    def line(self, number: int) -> Line:
        return self.lines[number - 1]

    def shipment(self, shipment_id: str) -> Shipment:
        return self.shipments.get(shipment_id, NO_SHIPMENT)

    def return_(self, return_id: str) -> Return:
        return self.returns.get(return_id, NO_RETURN)


def evolve_goods(goods: Goods | None, event: Event) -> Goods:
    """The goods after the event; None before OrderPlaced. The same object if nothing changed."""
    if goods is None:
        items = first(event).items
        lines = [
            changed(NO_LINE, product_id=item.product_id, ordered=item.quantity) for item in items
        ]
        return Goods(tuple(lines), {}, {})
    step = _STEPS.get(type(event))
    return goods if step is None else step(goods, event)


def _cancelled(goods: Goods, _event: OrderCancelled) -> Goods:
    """The planned shipments were cancelled just before, each by an event of its own."""
    lines = tuple(changed(line, cancelled=line.ordered, planned=0) for line in goods.lines)
    return changed(goods, lines=lines)


def _items_cancelled(goods: Goods, event: ItemsCancelled) -> Goods:
    return changed(goods, lines=_moved(goods.lines, _quantities(event.lines), {"cancelled": 1}))


def _quantities(parts: Iterable[LineQuantity]) -> Quantities:
    return ((part.line, part.quantity) for part in parts)


def _moved(lines: tuple[Line, ...], parts: Quantities, signs: dict[str, int]) -> tuple[Line, ...]:
    """The lines with each part's quantity added to (1) or taken from (-1) the named counters."""
    new = list(lines)
    for number, quantity in parts:
        old = new[number - 1]
        counters = {name: getattr(old, name) + sign * quantity for name, sign in signs.items()}
        new[number - 1] = changed(old, **counters)
    return tuple(new)


# Shipments ----------------------------------------------------------------------------------------


def _planned(goods: Goods, event: ShipmentPlanned) -> Goods:
    new = Shipment(PLANNED, event.lines, event.location)
    return _with_shipment(goods, event.shipment_id, new, {"planned": 1})


def _shipment_cancelled(goods: Goods, event: ShipmentCancelled) -> Goods:
    new = changed(goods.shipment(event.shipment_id), state=CANCELLED)
    return _with_shipment(goods, event.shipment_id, new, {"planned": -1})


def _dispatched(goods: Goods, event: ShipmentDispatched) -> Goods:
    """After a carrier's report has implied the dispatch, only carrier and tracking are news."""
    old = goods.shipment(event.shipment_id)
    new = changed(old, state=DISPATCHED, carrier=event.carrier, tracking=event.tracking)
    return _with_shipment(goods, event.shipment_id, new, _DISPATCH[old.state])


def _outcome(
    outcome: str,
    goods: Goods,
    event: ShipmentDelivered | ShipmentLost | ShipmentReturnedToSender,
) -> Goods:
    """A shipment has one outcome, the last one told; any outcome implies the dispatch."""
    old = goods.shipment(event.shipment_id)
    if old.outcome == outcome:
        return goods
    signs = {**_DISPATCH[old.state], outcome: 1}
    if old.outcome is not None:
        signs[old.outcome] = -1
    state = UNKNOWN if old.state == UNKNOWN else DISPATCHED
    new = changed(old, state=state, outcome=outcome)
    return _with_shipment(goods, event.shipment_id, new, signs)


# What leaving does to the counters, by the state the shipment was in.
_DISPATCH: dict[str, dict[str, int]] = {
    PLANNED: {"planned": -1, "dispatched": 1},
    CANCELLED: {"dispatched": 1},
    DISPATCHED: {},
    UNKNOWN: {},
}


def _with_shipment(goods: Goods, shipment_id: str, new: Shipment, signs: dict[str, int]) -> Goods:
    return changed(
        goods,
        lines=_moved(goods.lines, _quantities(new.lines), signs) if signs else goods.lines,
        shipments=with_entry(goods.shipments, shipment_id, new),
    )


# Returns ------------------------------------------------------------------------------------------


def _requested(goods: Goods, event: ReturnRequested) -> Goods:
    lines = tuple(ReturnLine(part.line, part.quantity) for part in event.lines)
    quantities = _quantities(event.lines)
    return _with_return(goods, event.return_id, Return(OPEN, lines), quantities, {"requested": 1})


def _received(goods: Goods, event: ReturnReceived) -> Goods:
    arrived: dict[int, int] = {}
    for part in event.lines:  # a line stands once per condition
        arrived[part.line] = arrived.get(part.line, 0) + part.quantity
    old = goods.return_(event.return_id)
    lines = tuple(
        changed(line, received=line.received + arrived.get(line.line, 0)) for line in old.lines
    )
    signs = {"requested": -1, "received": 1}
    new = changed(old, lines=lines)
    return _with_return(goods, event.return_id, new, arrived.items(), signs)


def _ended(state: str, goods: Goods, event: ReturnDeclined | ReturnClosed) -> Goods:
    """What was not received is free to be returned again."""
    old = goods.return_(event.return_id)
    missing = [(line.line, line.missing) for line in old.lines]
    new = changed(old, state=state)
    return _with_return(goods, event.return_id, new, missing, {"requested": -1})


def _with_return(
    goods: Goods, return_id: str, new: Return, quantities: Quantities, signs: dict[str, int]
) -> Goods:
    return changed(
        goods,
        lines=_moved(goods.lines, quantities, signs),
        returns=with_entry(goods.returns, return_id, new),
    )


_STEPS: dict[type[Event], Callable[[Goods, Any], Goods]] = {
    OrderCancelled: _cancelled,
    ItemsCancelled: _items_cancelled,
    ShipmentPlanned: _planned,
    ShipmentCancelled: _shipment_cancelled,
    ShipmentDispatched: _dispatched,
    ShipmentDelivered: partial(_outcome, DELIVERED),
    ShipmentLost: partial(_outcome, LOST),
    ShipmentReturnedToSender: partial(_outcome, RETURNED_TO_SENDER),
    ReturnRequested: _requested,
    ReturnReceived: _received,
    ReturnDeclined: partial(_ended, DECLINED),
    ReturnClosed: partial(_ended, CLOSED),
}
