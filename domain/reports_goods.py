"""Carriers' reports that are odd in themselves."""

from collections.abc import Callable, Iterator
from typing import Any, Final

from domain import events as e
from domain.bounds import Books

GOODS_REPORTS: Final[
    dict[type[e.Event], Callable[[Any, Books, Books], Iterator[tuple[str, str]]]]
] = {}
"""By event; given the event, the books before it and after it: kind and detail of each anomaly."""
