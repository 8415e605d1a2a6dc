"""What the folds of money, goods and standing share."""

from typing import TypeVar

from domain.events import Event, OrderPlaced

T = TypeVar("T")

_new, _set = object.__new__, object.__setattr__


def changed(old: T, **changes: object) -> T:
    """A copy of a frozen dataclass without slots, some fields changed.

    dataclasses.replace costs six times as much (it runs __init__ field by field), and this is
    called once or twice per event. mypy cannot check the names: the tests of each fold do.
    """
    new = _new(type(old))
    _set(new, "__dict__", old.__dict__ | changes)
    return new


def first(event: Event) -> OrderPlaced:
    """The event a stream starts with; TypeError for any other."""
    if not isinstance(event, OrderPlaced):
        raise TypeError(f"a stream starts with OrderPlaced, not {type(event).__name__}")
    return event
