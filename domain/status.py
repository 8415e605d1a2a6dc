"""The status of an order: confirmed, cancelled, on hold; its customer and attributes."""

from collections.abc import Mapping
from typing import Final, assert_never

from domain import events as e
from domain.frozen import dataclass
from domain.persistent import NewMap, with_entry, with_fields, without_entry


@dataclass(frozen=True)
class Attribute:
    key: str
    value: str


@dataclass(frozen=True)
class OrderStatus:
    """Whether the order is confirmed, cancelled, on hold; whose it is; its attributes.

    holds: those in force, id -> kind. hold_count: how many they are. attributes: sorted by key.
    """

    holds: Mapping[str, str]
    customer_id: str = ""
    attributes: tuple[Attribute, ...] = ()
    confirmed: bool = False
    cancelled: bool = False
    hold_count: int = 0

    @property
    def on_hold(self) -> bool:
        return self.hold_count > 0 and not self.cancelled


def place_status(placed: e.OrderPlaced, new_map: NewMap = dict) -> OrderStatus:
    """The status of an order that was just placed. new_map: the kind of its map."""
    status = with_fields(_NOT_PLACED, holds=new_map(), customer_id=placed.customer_id)
    if not placed.attributes:
        return status
    return with_fields(status, attributes=merged((), placed.attributes))


_NOT_PLACED: Final = OrderStatus({})


def evolve_status(status: OrderStatus | None, event: e.Event) -> OrderStatus:
    """The status after the event; None before OrderPlaced. The same object if nothing changed."""
    if status is None:
        return place_status(e.require_placed(event))
    return _after(status, event) if e.changes_status(event) else status


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
        case e.CustomerChanged():
            return with_fields(status, customer_id=event.customer_id)
        case e.AttributesSet():
            return with_fields(status, attributes=merged(status.attributes, event.attributes))
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


def merged(old: tuple[Attribute, ...], changes: Mapping[str, str | None]) -> tuple[Attribute, ...]:
    """The attributes with other values; without those that are None in changes."""
    if not changes:
        return old
    pairs = {each.key: each.value for each in old} | dict(changes)
    return tuple(
        [Attribute(key, value) for key, value in sorted(pairs.items()) if value is not None]
    )
