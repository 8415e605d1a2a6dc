"""The goods of one order: a fold from events to quantities per line, shipments and returns."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias, assert_never

from domain import events as e
from domain.commands import LineQuantity
from domain.persistent import NewMap, with_entry, with_fields

# States of shipments. UNKNOWN: a carrier reported on it, but it was never planned. The outcomes are
# names of counters of Line, too.
UNKNOWN: Final = "unknown"
PLANNED: Final = "planned"
CANCELLED: Final = "cancelled"
DISPATCHED: Final = "dispatched"
DELIVERED: Final = "delivered"
LOST: Final = "lost"
RETURNED_TO_SENDER: Final = "returned_to_sender"
# States of returns.
OPEN: Final = "open"
DECLINED: Final = "declined"
CLOSED: Final = "closed"


@dataclass(frozen=True)
class Line:
    """Quantities. planned: not yet dispatched; requested: in open returns, not yet received."""

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
        """With the carrier or the customer. What was lost or returned can be shipped again."""
        return self.dispatched - self.lost - self.returned_to_sender

    @property
    def spare(self) -> int:
        """Wanted, and in no shipment yet; negative if more is in shipments than is wanted."""
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
    """outcome: the last one that was reported. None: not known yet."""

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


NO_LINE: Final = Line("", 0)
NO_SHIPMENT: Final = Shipment()
NO_RETURN: Final = Return()


@dataclass(frozen=True)
class Goods:
    """lines: line 1 at index 0."""

    lines: tuple[Line, ...]
    shipments: Mapping[str, Shipment]
    returns: Mapping[str, Return]

    def line(self, number: int) -> Line:
        return self.lines[number - 1]

    def shipment(self, shipment_id: str) -> Shipment:
        return self.shipments.get(shipment_id, NO_SHIPMENT)

    def return_(self, return_id: str) -> Return:
        return self.returns.get(return_id, NO_RETURN)

    def overshipped_lines(self, shipment: Shipment) -> tuple[int, ...]:
        """The lines of the shipment of which more is in shipments than is wanted."""
        return tuple(part.line for part in shipment.lines if self.line(part.line).overshipped)

    @property
    def fulfilment(self) -> str:
        """none, planned, delivered, partly_delivered, dispatched or partly_dispatched."""
        lines = self.lines
        # Lists, as an order has few lines: a generator takes twice as long.
        if not any([line.out for line in lines]):  # noqa: C419
            return "planned" if any([line.planned for line in lines]) else "none"  # noqa: C419
        if any(line.delivered for line in lines):
            complete = all(line.delivered >= line.wanted for line in lines)
            return "delivered" if complete else "partly_delivered"
        complete = all(line.out >= line.wanted for line in lines)
        return "dispatched" if complete else "partly_dispatched"


def place_goods(placed: e.OrderPlaced, new_map: NewMap = dict) -> Goods:
    """The goods of an order that was just placed. new_map: the kind of its maps."""
    lines = [
        with_fields(NO_LINE, product_id=item.product_id, ordered=item.quantity)
        for item in placed.items
    ]
    return Goods(tuple(lines), new_map(), new_map())


def evolve_goods(goods: Goods | None, event: e.Event) -> Goods:
    """The goods after the event; None before OrderPlaced. The same object if nothing changed."""
    if goods is None:
        return place_goods(e.require_placed(event))
    return _after(goods, event) if isinstance(event, e.GoodsEvent) else goods


def _after(goods: Goods, event: e.GoodsEvent) -> Goods:  # noqa: C901, PLR0912 (a case per event)
    match event:  # the frequent ones first
        case e.ShipmentPlanned():
            return _planned(goods, event)
        case e.ShipmentDispatched():
            return _dispatched(goods, event)
        case e.ShipmentDelivered():
            return _with_outcome(goods, event.shipment_id, DELIVERED)
        case e.ShipmentLost():
            return _with_outcome(goods, event.shipment_id, LOST)
        case e.ShipmentReturnedToSender():
            return _with_outcome(goods, event.shipment_id, RETURNED_TO_SENDER)
        case e.ShipmentCancelled():
            return _shipment_cancelled(goods, event)
        case e.ReturnRequested():
            return _requested(goods, event)
        case e.ReturnReceived():
            return _received(goods, event)
        case e.ReturnDeclined():
            return _ended(goods, event.return_id, DECLINED)
        case e.ReturnClosed():
            return _ended(goods, event.return_id, CLOSED)
        case e.ItemsCancelled():
            return _items_cancelled(goods, event)
        case e.OrderCancelled():
            return _cancelled(goods)
        case _:
            assert_never(event)


def _cancelled(goods: Goods) -> Goods:
    """The planned shipments were cancelled before, each by its own event."""
    lines = tuple(with_fields(line, cancelled=line.ordered, planned=0) for line in goods.lines)
    return with_fields(goods, lines=lines)


def _items_cancelled(goods: Goods, event: e.ItemsCancelled) -> Goods:
    lines = _counted(goods.lines, _quantities(event.lines), {"cancelled": 1})
    return with_fields(goods, lines=lines)


# The counters of lines: signs says which of them each quantity is added to (1) or taken from (-1).
Quantities: TypeAlias = Iterable[tuple[int, int]]  # (line, quantity)


def _quantities(parts: Iterable[LineQuantity]) -> Quantities:
    return ((part.line, part.quantity) for part in parts)


def _counted(lines: tuple[Line, ...], parts: Quantities, signs: dict[str, int]) -> tuple[Line, ...]:
    new = list(lines)
    for number, quantity in parts:
        old = new[number - 1]
        counters = {name: getattr(old, name) + sign * quantity for name, sign in signs.items()}
        new[number - 1] = with_fields(old, **counters)
    return tuple(new)


# Shipments ----------------------------------------------------------------------------------------


def _planned(goods: Goods, event: e.ShipmentPlanned) -> Goods:
    new = Shipment(PLANNED, event.lines, event.location)
    return _with_shipment(goods, event.shipment_id, new, {"planned": 1})


def _shipment_cancelled(goods: Goods, event: e.ShipmentCancelled) -> Goods:
    new = with_fields(goods.shipment(event.shipment_id), state=CANCELLED)
    return _with_shipment(goods, event.shipment_id, new, {"planned": -1})


def _dispatched(goods: Goods, event: e.ShipmentDispatched) -> Goods:
    """If a carrier's report came first, the quantities are counted already (_DISPATCH)."""
    old = goods.shipment(event.shipment_id)
    new = with_fields(old, state=DISPATCHED, carrier=event.carrier, tracking=event.tracking)
    return _with_shipment(goods, event.shipment_id, new, _DISPATCH[old.state])


def _with_outcome(goods: Goods, shipment_id: str, outcome: str) -> Goods:
    """A shipment has one outcome, the last one reported. Any outcome implies the dispatch."""
    old = goods.shipment(shipment_id)
    if old.outcome == outcome:
        return goods
    signs = {**_DISPATCH[old.state], outcome: 1}
    if old.outcome is not None:
        signs[old.outcome] = -1
    state = UNKNOWN if old.state == UNKNOWN else DISPATCHED
    new = with_fields(old, state=state, outcome=outcome)
    return _with_shipment(goods, shipment_id, new, signs)


# The signs of a dispatch, by the state that the shipment was in before.
_DISPATCH: dict[str, dict[str, int]] = {
    PLANNED: {"planned": -1, "dispatched": 1},
    CANCELLED: {"dispatched": 1},
    DISPATCHED: {},
    UNKNOWN: {},
}


def _with_shipment(goods: Goods, shipment_id: str, new: Shipment, signs: dict[str, int]) -> Goods:
    return with_fields(
        goods,
        lines=_counted(goods.lines, _quantities(new.lines), signs) if signs else goods.lines,
        shipments=with_entry(goods.shipments, shipment_id, new),
    )


# Returns ------------------------------------------------------------------------------------------


def _requested(goods: Goods, event: e.ReturnRequested) -> Goods:
    lines = tuple(ReturnLine(part.line, part.quantity) for part in event.lines)
    quantities = _quantities(event.lines)
    return _with_return(goods, event.return_id, Return(OPEN, lines), quantities, {"requested": 1})


def _received(goods: Goods, event: e.ReturnReceived) -> Goods:
    arrived: dict[int, int] = {}
    for part in event.lines:  # a line is named once per condition
        arrived[part.line] = arrived.get(part.line, 0) + part.quantity
    old = goods.return_(event.return_id)
    lines = tuple(
        with_fields(line, received=line.received + arrived.get(line.line, 0)) for line in old.lines
    )
    signs = {"requested": -1, "received": 1}
    new = with_fields(old, lines=lines)
    return _with_return(goods, event.return_id, new, arrived.items(), signs)


def _ended(goods: Goods, return_id: str, state: str) -> Goods:
    """What was not received may be returned again."""
    old = goods.return_(return_id)
    missing = [(line.line, line.missing) for line in old.lines]
    new = with_fields(old, state=state)
    return _with_return(goods, return_id, new, missing, {"requested": -1})


def _with_return(
    goods: Goods, return_id: str, new: Return, quantities: Quantities, signs: dict[str, int]
) -> Goods:
    return with_fields(
        goods,
        lines=_counted(goods.lines, quantities, signs),
        returns=with_entry(goods.returns, return_id, new),
    )
