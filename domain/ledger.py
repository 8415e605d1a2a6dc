"""What was told so far, by identity: a map that only grows, and whose older versions stay true.

An order keeps every fact, note and id for ever to recognise a repeat, so adding one must not copy
the rest. All versions of a ledger share one dict; a version sees the first `size` entries. Adding
to the newest version is O(1); adding to an older one (a fold that went another way) copies what it
sees. Not for two threads at once.
"""

from collections.abc import Hashable
from typing import Generic, TypeVar

V = TypeVar("V")


class Ledger(Generic[V]):
    __slots__ = ("_entries", "_size")

    def __init__(self) -> None:
        self._entries: dict[Hashable, tuple[int, V]] = {}
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def get(self, key: Hashable) -> V | None:
        entry = self._entries.get(key)
        return None if entry is None or entry[0] >= self._size else entry[1]

    def with_entry(self, key: Hashable, value: V) -> "Ledger[V]":
        """A ledger with one entry more; the first value of a key stays, as the law has it."""
        if self.get(key) is not None:
            return self
        new: Ledger[V] = Ledger()
        is_newest = len(self._entries) == self._size
        new._entries = self._entries if is_newest else self._seen()
        new._entries[key] = (self._size, value)
        new._size = self._size + 1
        return new

    def _seen(self) -> dict[Hashable, tuple[int, V]]:
        entries = self._entries.items()
        return {key: entry for key, entry in entries if entry[0] < self._size}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Ledger) and self._seen() == other._seen()

    __hash__ = None  # type: ignore[assignment]
