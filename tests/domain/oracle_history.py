"""What can be read from a history directly: events of a kind, cancelled or not, holds."""

from typing import TypeAlias, TypeVar

from domain import events as e
from domain.events import Event

History: TypeAlias = tuple[Event, ...]
E = TypeVar("E")


def all_of(history: History, kind: type[E]) -> list[E]:
    return [event for event in history if isinstance(event, kind)]


def the_order(history: History) -> e.OrderPlaced:
    placed = history[0]
    assert isinstance(placed, e.OrderPlaced)
    return placed


def is_cancelled(history: History) -> bool:
    return any(all_of(history, e.OrderCancelled))


def open_holds(history: History) -> set[str]:
    released = {event.hold_id for event in all_of(history, e.HoldReleased)}
    return {event.hold_id for event in all_of(history, e.HoldPlaced)} - released


def cancelled_on(history: History, line: int) -> int:
    cancellations = all_of(history, e.ItemsCancelled)
    return sum(
        p.quantity for cancellation in cancellations for p in cancellation.lines if p.line == line
    )


def find(history: History, kind: type[Event], **ids: str) -> Event | None:
    for event in history:
        if type(event) is kind and all(getattr(event, k) == v for k, v in ids.items()):
            return event
    return None
