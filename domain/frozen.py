"""Changed copies of frozen dataclasses, fast enough for the fold."""

from typing import TypeVar

T = TypeVar("T")


def changed(old: T, **changes: object) -> T:
    """A copy of a frozen dataclass without slots, some fields changed.

    dataclasses.replace costs six times as much (it runs __init__ field by field), and this is
    called once or twice per event. mypy cannot check the names: the tests of each fold do.
    """
    new = object.__new__(type(old))
    fields = new.__dict__
    fields.update(old.__dict__)
    fields.update(changes)
    return new
