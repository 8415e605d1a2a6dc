"""Maps of an order that grow for ever without costing more per entry.

An order keeps every fact and id to recognise a repeat, so adding one must not copy the rest, and
yet older states must stay what they were. Baker's trick: the version used last owns the dict, the
others know how they differ from the next one. Changing the version used last is O(1); using
another one first walks the dict over to it, one step per entry between them.
"""

# ruff: noqa: SLF001  (versions of one map know each other)

from collections.abc import Hashable, Iterator, Mapping
from typing import Any, Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

_MISSING: Any = object()


class PersistentMap(Mapping[K, V], Generic[K, V]):
    """An immutable map. Not for two threads at once, as reading one version moves the dict."""

    __slots__ = ("_key", "_next", "_owned", "_value")

    def __init__(self, owned: dict[K, V] | None = None) -> None:
        self._owned: dict[K, V] | None = {} if owned is None else owned
        # Where _owned is None: this version is `_next`, but for `_value` under `_key`.
        self._next: PersistentMap[K, V] = self
        self._key: K = _MISSING
        self._value: V = _MISSING

    def with_entry(self, key: K, value: V) -> "PersistentMap[K, V]":
        entries = self._entries()
        new = PersistentMap(entries)
        self._differs_from(new, key, entries)
        entries[key] = value
        return new

    def without(self, key: K) -> "PersistentMap[K, V]":
        """The map without an entry that it has. Older versions list that one last from now on."""
        entries = self._entries()
        new = PersistentMap(entries)
        self._differs_from(new, key, entries)
        del entries[key]
        return new

    def _differs_from(self, other: "PersistentMap[K, V]", key: K, entries: dict[K, V]) -> None:
        self._owned, self._next = None, other
        self._key, self._value = key, entries.get(key, _MISSING)

    def _entries(self) -> dict[K, V]:
        """The dict, walked over to this version."""
        version, path = self, []
        while (entries := version._owned) is None:
            path.append(version)
            version = version._next
        for version in reversed(path):
            key, value = version._key, version._value
            version._next._differs_from(version, key, entries)
            if value is _MISSING:
                del entries[key]
            else:
                entries[key] = value
            version._owned, version._next = entries, version
        return entries

    def get(self, key: K, default: Any = None) -> Any:
        return self._entries().get(key, default)

    def __getitem__(self, key: K) -> V:
        return self._entries()[key]

    def __iter__(self) -> Iterator[K]:
        return iter(self._entries())

    def __len__(self) -> int:
        return len(self._entries())


def with_entry(entries: Mapping[K, V], key: K, value: V) -> Mapping[K, V]:
    """The map with one entry more, or another value under the key.

    An order's maps are persistent; a view's are plain dicts, as it is written whole, as JSON.
    """
    if isinstance(entries, PersistentMap):
        return entries.with_entry(key, value)
    return {**entries, key: value}


def without_entry(entries: Mapping[K, V], key: K) -> Mapping[K, V]:
    """The map without the entry under the key; the same one where it has none."""
    if key not in entries:
        return entries
    if isinstance(entries, PersistentMap):
        return entries.without(key)
    return {other: value for other, value in entries.items() if other != key}


def empty_like(entries: Mapping[Any, Any]) -> Mapping[Any, Any]:
    """A new map of the same kind, for what stands in an entry of this one."""
    return PersistentMap() if isinstance(entries, PersistentMap) else {}
