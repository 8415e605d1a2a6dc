"""Refuses JSON that is larger than any command, before it is validated.

The validator creates an error for each unknown name and each wrong entry, and that is slow: a body
of 1 MB with an error in every place took 2.7 s. Parsing it takes 20 ms.
"""

from typing import Final

from pydantic_core import from_json

from api.http.problems import malformed
from domain.values import ITEMS_MAX, TEXT_MAX

COMMAS_FEW: Final = 1_000
"""Fewer commas cannot cause many errors. Most commands have fewer."""
COMMAS_MAX: Final = ITEMS_MAX * (TEXT_MAX + 50)
"""More than any command: the longest list, each entry with the longest text, all of commas."""
NAMES_MAX: Final = 50
"""More fields than any object of a command has."""


def refuse_excess(text: bytes) -> None:
    """Raises Rejected for the first list or object that is too long. Invalid JSON passes."""
    if len(text) <= COMMAS_FEW:
        return
    commas = text.count(b",")
    if commas <= COMMAS_FEW:
        return
    if commas > COMMAS_MAX:
        raise malformed("", "has more parts than any command")
    try:
        values = from_json(text)
    except ValueError:
        return
    _refuse_names(values)
    if isinstance(values, dict):
        for entries in values.values():
            if isinstance(entries, list):
                _refuse_entries(entries)


def _refuse_entries(entries: list[object]) -> None:
    if len(entries) > ITEMS_MAX:
        raise malformed("", f"a list may have {ITEMS_MAX} entries")
    for entry in entries:
        _refuse_names(entry)


def _refuse_names(values: object) -> None:
    if isinstance(values, dict) and len(values) > NAMES_MAX:
        raise malformed("", f"an object has more than {NAMES_MAX} fields, and no command so many")
