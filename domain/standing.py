"""How an order stands: confirmed, cancelled, held. A fold beside the ones of money and goods."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from domain.events import Event, HoldPlaced, HoldReleased, OrderCancelled, OrderConfirmed
from domain.folding import changed
from domain.persistent import with_entry, without_entry


@dataclass(frozen=True)
class Standing:
    """holds: those not released, hold_id -> kind."""

    holds: Mapping[str, str]
    confirmed: bool = False
    cancelled: bool = False


def evolve_standing(standing: Standing | None, event: Event) -> Standing:
    """None before OrderPlaced. The same object if nothing changed."""
    if standing is None:
        return Standing({})
    step = _STEPS.get(type(event))
    return standing if step is None else step(standing, event)


def _confirmed(standing: Standing, _event: OrderConfirmed) -> Standing:
    return changed(standing, confirmed=True)


def _cancelled(standing: Standing, _event: OrderCancelled) -> Standing:
    return changed(standing, cancelled=True)


def _held(standing: Standing, event: HoldPlaced) -> Standing:
    return changed(standing, holds=with_entry(standing.holds, event.hold_id, event.kind))


def _released(standing: Standing, event: HoldReleased) -> Standing:
    return changed(standing, holds=without_entry(standing.holds, event.hold_id))


_STEPS: dict[type[Event], Callable[[Standing, Any], Standing]] = {
    OrderConfirmed: _confirmed,
    OrderCancelled: _cancelled,
    HoldPlaced: _held,
    HoldReleased: _released,
}
