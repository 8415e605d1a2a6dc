"""The goods of one order: a fold from events to quantities per line, shipments and returns.

Every counter of a line is a sum over the parts of its shipments and returns: an event changes one
shipment or one return, and the counters by the difference that this makes.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from operator import sub
from typing import Final, TypeAlias, assert_never

from domain import events as e
from domain import returns, shipments
from domain.frozen import dataclass
from domain.persistent import NewMap, empty_like, with_entry, with_fields
from domain.returns import CLOSED, DECLINED, NO_RETURN, OPEN, Return
from domain.shipments import (
    CANCELLED,
    DELIVERED,
    LOST,
    NO_SHIPMENT,
    RETURNED_TO_SENDER,
    Shipment,
)


@dataclass(frozen=True)
class Line:
    """Quantities. planned: not yet dispatched; requested: in open returns, not yet received.

    extra: what is planned or out in place of goods that are out, too, as a replacement for broken
    goods is: it comes on top of what is wanted. delivered_extra: what of it was delivered.
    """

    ordered: int
    requires_shipping: bool = True
    cancelled: int = 0
    planned: int = 0
    dispatched: int = 0
    delivered: int = 0
    lost: int = 0
    returned_to_sender: int = 0
    requested: int = 0
    received: int = 0
    extra: int = 0
    delivered_extra: int = 0

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
        return self.wanted - self.planned - self.out + self.extra

    @property
    def open(self) -> int:
        return max(0, self.spare)

    @property
    def cancellable(self) -> int:
        """Open, where a replacement is counted as if it were sent for the first time."""
        return max(0, self.spare - self.extra)

    @property
    def overshipped(self) -> int:
        return max(0, -self.spare)

    @property
    def replaceable(self) -> int:
        """How much can be sent again for goods that are out."""
        return self.out - self.extra

    @property
    def returnable(self) -> int:
        return self.delivered - self.requested - self.received

    @property
    def received_above_delivered(self) -> int:
        return max(0, self.received - self.delivered)

    @property
    def kept(self) -> int:
        return max(0, self.delivered - self.received)

    @property
    def is_dispatched(self) -> bool:
        return self.out >= self.wanted + self.extra

    @property
    def is_delivered(self) -> bool:
        return min(self.kept, self.delivered - self.delivered_extra) >= self.wanted

    @property
    def is_back(self) -> bool:
        """Nothing is kept, to be sent or on its way."""
        if self.kept or self.planned or self.open:
            return False
        return self.out <= self.received

    @property
    def is_complete(self) -> bool:
        """Everything that is wanted arrived, or came back."""
        arrived = max(self.delivered, min(self.received, self.out))
        return self.planned == 0 and arrived >= self.wanted + self.extra


NO_LINE: Final = Line(0)


@dataclass(frozen=True)
class Goods:
    """lines: line 1 at index 0. open_returns: how many were requested and have not ended."""

    lines: tuple[Line, ...]
    shipments: Mapping[str, Shipment]
    returns: Mapping[str, Return]
    open_returns: int = 0

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
        """How far the lines that require shipping are; the first word that applies."""
        # Lists, as most orders have few lines: a generator takes twice as long.
        lines = [line for line in self.lines if line.requires_shipping]
        if not lines:
            return "unneeded"
        if not any([line.out for line in lines]):  # noqa: C419
            return "planned" if any([line.planned for line in lines]) else "none"  # noqa: C419
        came_back = any([line.received for line in lines])  # noqa: C419
        arrived = any([line.delivered for line in lines])  # noqa: C419
        if came_back and all(line.is_back for line in lines):
            return "returned"
        if arrived and all(line.is_delivered for line in lines):
            return "delivered"
        if came_back or arrived:
            return "partly_returned" if came_back else "partly_delivered"
        complete = all(line.is_dispatched for line in lines)
        return "dispatched" if complete else "partly_dispatched"

    @property
    def is_complete(self) -> bool:
        """Something is wanted, nothing of it is still to be sent, to arrive or to come back."""
        if self.open_returns or not any(line.wanted for line in self.lines):
            return False
        return all(line.is_complete for line in self.lines if line.requires_shipping)


def place_goods(placed: e.OrderPlaced, new_map: NewMap = dict) -> Goods:
    """The goods of an order that was just placed. new_map: the kind of its maps."""
    return Goods(_new_lines(placed.items), new_map(), new_map())


def _new_lines(items: Iterable[e.Item]) -> tuple[Line, ...]:
    return tuple(
        [
            with_fields(
                NO_LINE,
                ordered=item.quantity,
                requires_shipping=item.requires_shipping,
            )
            for item in items
        ]
    )


def evolve_goods(goods: Goods | None, event: e.Event) -> Goods:
    """The goods after the event; None before OrderPlaced. The same object if nothing changed."""
    if goods is None:
        return place_goods(e.require_placed(event))
    return _after(goods, event) if e.changes_goods(event) else goods


def _after(goods: Goods, event: e.GoodsEvent) -> Goods:  # noqa: C901, PLR0912 (a case per event)
    match event:  # the frequent ones first
        case e.ShipmentPlanned():
            return _planned(goods, event)
        case e.ShipmentDispatched():
            return _dispatched(goods, event)
        case e.ShipmentDelivered():
            return _with_outcome(goods, event, DELIVERED)
        case e.ShipmentLost():
            return _with_outcome(goods, event, LOST)
        case e.ShipmentReturnedToSender():
            return _with_outcome(goods, event, RETURNED_TO_SENDER)
        case e.ShipmentCancelled():
            return _shipment_cancelled(goods, event)
        case e.TrackingCorrected():
            return _tracking_corrected(goods, event)
        case e.ReturnRequested():
            new = returns.request(goods.return_(event.return_id), event.lines)
            return _with_return(goods, event.return_id, new)
        case e.ReturnReceived():
            return _received(goods, event)
        case e.FactRetracted():
            return _retracted(goods, event)
        case e.ReturnDeclined():
            new = returns.end(goods.return_(event.return_id), DECLINED)
            return _with_return(goods, event.return_id, new)
        case e.ReturnClosed():
            new = returns.end(goods.return_(event.return_id), CLOSED)
            return _with_return(goods, event.return_id, new)
        case e.ItemsAdded():
            return with_fields(goods, lines=goods.lines + _new_lines(event.items))
        case e.ItemsCancelled():
            return _items_cancelled(goods, event)
        case e.OrderCancelled():
            return _cancelled(goods)
        case _:
            assert_never(event)


def _cancelled(goods: Goods) -> Goods:
    """The planned shipments were cancelled before, each by its own event."""
    lines = tuple(with_fields(line, cancelled=line.ordered) for line in goods.lines)
    return with_fields(goods, lines=lines)


def _items_cancelled(goods: Goods, event: e.ItemsCancelled) -> Goods:
    lines = list(goods.lines)
    for part in event.lines:
        old = lines[part.line - 1]
        lines[part.line - 1] = with_fields(old, cancelled=old.cancelled + part.quantity)
    return with_fields(goods, lines=tuple(lines))


# Shipments ----------------------------------------------------------------------------------------


def _planned(goods: Goods, event: e.ShipmentPlanned) -> Goods:
    if event.replaced:
        goods = _with_settled(goods, event)
    return _with_shipment(goods, event.shipment_id, shipments.plan(event))


def _with_settled(goods: Goods, event: e.ShipmentPlanned) -> Goods:
    """What the replaced shipments lost, and is not open any more as it was sent by others or
    cancelled, is settled: the replacement does not take its place, but that of what is out.
    """
    for shipment_id, numbers in _by_replaced(event).items():
        old = goods.shipment(shipment_id)
        lines = []
        for part in old.lines:
            if part.line in numbers:
                settled = max(0, part.not_replaced - goods.line(part.line).open)
                part = with_fields(part, settled=part.settled + settled)  # noqa: PLW2901
            lines.append(part)
        goods = _with_shipment(goods, shipment_id, with_fields(old, lines=tuple(lines)))
    return goods


def _by_replaced(event: e.ShipmentPlanned) -> dict[str, set[int]]:
    numbers: dict[str, set[int]] = defaultdict(set)
    for part in event.replaced:
        numbers[part.shipment_id].add(part.line)
    return numbers


def _shipment_cancelled(goods: Goods, event: e.ShipmentCancelled) -> Goods:
    new = with_fields(goods.shipment(event.shipment_id), state=CANCELLED)
    return _with_shipment(goods, event.shipment_id, new)


def _dispatched(goods: Goods, event: e.ShipmentDispatched) -> Goods:
    """If a carrier's report came first, the quantities are counted already."""
    old = goods.shipment(event.shipment_id)
    new = shipments.dispatch(old, event)
    return _with_shipment(goods, event.shipment_id, new)


def _tracking_corrected(goods: Goods, event: e.TrackingCorrected) -> Goods:
    old = goods.shipment(event.shipment_id)
    new = with_fields(old, carrier=event.carrier, tracking=event.tracking)
    return _with_shipment(goods, event.shipment_id, new)


def _with_outcome(
    goods: Goods,
    event: e.ShipmentDelivered | e.ShipmentLost | e.ShipmentReturnedToSender,
    outcome: str,
) -> Goods:
    old = goods.shipment(event.shipment_id)
    new = shipments.with_outcome(old, outcome, event.lines)
    return goods if new is old else _with_shipment(goods, event.shipment_id, new)


def _with_shipment(goods: Goods, shipment_id: str, new: Shipment) -> Goods:
    """The goods after a step of a shipment: counters of its lines, and of what it replaces."""
    old = goods.shipment(shipment_id)
    lines = list(goods.lines)
    replaced: dict[str, dict[int, tuple[int, ...]]] = {}
    for before, after in shipments.changes(old, new):
        rises = shipments.counted(old.state, before, new.state, after)
        if rises:
            lines[after.line - 1] = _raised(lines[after.line - 1], rises)
        if after.replaces is not None:
            was = shipments.replacing(old.state, before)
            now = shipments.replacing(new.state, after)
            replaced.setdefault(after.replaces, {})[after.line] = tuple(map(sub, now, was))
    goods = with_fields(
        goods,
        lines=tuple(lines),
        shipments=with_entry(goods.shipments, shipment_id, new),
    )
    for replaced_id, of_lines in replaced.items():
        goods = _with_replacement(goods, replaced_id, of_lines)
    return goods


def _raised(line: Line, rises: dict[str, int]) -> Line:
    return with_fields(line, **{name: getattr(line, name) + rises[name] for name in rises})


Rises: TypeAlias = Mapping[int, tuple[int, ...]]
"""By line, of what replaces a shipment: held, out, delivered."""
NO_RISE: Final = (0, 0, 0)


def _with_replacement(
    goods: Goods, shipment_id: str, rises: Mapping[int, tuple[int, ...]]
) -> Goods:
    """rises: by line, of what replaces the shipment: held, out, delivered."""
    old = goods.shipment(shipment_id)
    lines = []
    for part in old.lines:
        held, out, delivered = rises.get(part.line, NO_RISE)
        if held or out or delivered:
            part = with_fields(  # noqa: PLW2901
                part,
                sent_again=part.sent_again + held,
                out_again=part.out_again + out,
                delivered_again=part.delivered_again + delivered,
            )
        lines.append(part)
    return _with_shipment(goods, shipment_id, with_fields(old, lines=tuple(lines)))


# Returns ------------------------------------------------------------------------------------------


def _received(goods: Goods, event: e.ReturnReceived) -> Goods:
    old = goods.return_(event.return_id)
    empty = empty_like(goods.returns)
    new = returns.receive(old, event.receipt_id, event.lines, empty)
    return _with_return(goods, event.return_id, new)


def _retracted(goods: Goods, event: e.FactRetracted) -> Goods:
    if event.return_id is None or event.receipt_id is None:
        return goods  # a fact about money
    old = goods.return_(event.return_id)
    empty = empty_like(goods.returns)
    new = returns.retract(old, event.receipt_id, event.lines, empty)
    return _with_return(goods, event.return_id, new)


def _with_return(goods: Goods, return_id: str, new: Return) -> Goods:
    old = goods.return_(return_id)
    was, is_ = old.counters(), new.counters()
    lines = list(goods.lines)
    for number, (requested, received) in is_.items():
        requested_before, received_before = was.get(number, (0, 0))
        line = lines[number - 1]
        lines[number - 1] = with_fields(
            line,
            requested=line.requested + requested - requested_before,
            received=line.received + received - received_before,
        )
    return with_fields(
        goods,
        lines=tuple(lines),
        returns=with_entry(goods.returns, return_id, new),
        open_returns=goods.open_returns + (new.state == OPEN) - (old.state == OPEN),
    )
