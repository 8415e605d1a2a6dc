"""Immutable values, and how a changed copy of one is made without copying all of it.

An order keeps every fact and id to recognise a repeat, so adding one must not copy the rest, and
older states must stay as they were. PersistentMap does this by Baker's method: the version that was
used last owns the dict, every other version stores how it differs from the next one. Changing the
version used last is O(1). Using another one first rewrites the dict, one step for each difference.
"""

# ruff: noqa: SLF001  (versions of one map know each other)

from abc import abstractmethod
from collections.abc import Callable, Hashable, Iterator, Mapping
from typing import Any, Generic, TypeAlias, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
T = TypeVar("T")

_MISSING: Any = object()
_new, _set = object.__new__, object.__setattr__


def with_fields(old: T, **changes: object) -> T:
    """A copy of a frozen dataclass without slots, with other values in some fields.

    dataclasses.replace takes six times as long (it runs __init__ field by field), and this runs
    once or twice for each event. mypy cannot check the field names: the tests of each fold do.
    """
    new = _new(type(old))
    _set(new, "__dict__", old.__dict__ | changes)
    return new


class ImmutableMap(Mapping[K, V]):
    """A map whose changed copies share the entries that did not change."""

    __slots__ = ()

    @abstractmethod
    def with_entry(self, key: K, value: V) -> "ImmutableMap[K, V]": ...

    @abstractmethod
    def without(self, key: K) -> "ImmutableMap[K, V]":
        """The map without this entry; KeyError if it has none."""


class PersistentMap(ImmutableMap[K, V], Generic[K, V]):
    """An immutable map. Not for two threads at once: reading a version may rewrite the dict."""

    __slots__ = ("_key", "_next", "_owned", "_value")

    # If _owned is None, this version equals `_next`, except for `_value` under `_key`; else these
    # three are not set.
    _owned: dict[K, V] | None
    _next: "PersistentMap[K, V]"
    _key: K
    _value: V

    def __init__(self, owned: dict[K, V] | None = None) -> None:
        self._owned = {} if owned is None else owned

    def with_entry(self, key: K, value: V) -> "PersistentMap[K, V]":
        entries = self._owned
        if entries is None:
            entries = self._entries()
        new: PersistentMap[K, V] = _new(PersistentMap)  # as __init__ would; this runs most often
        new._owned = entries
        self._owned, self._next = None, new
        self._key, self._value = key, entries.get(key, _MISSING)
        entries[key] = value
        return new

    def without(self, key: K) -> "PersistentMap[K, V]":
        """The map without this entry; KeyError if it has none.

        In older versions of the map the entry moves to the end of the iteration order.
        """
        entries = self._entries()
        new = PersistentMap(entries)
        self._differs_from(new, key, entries)
        del entries[key]
        return new

    def _differs_from(self, other: "PersistentMap[K, V]", key: K, entries: dict[K, V]) -> None:
        self._owned, self._next = None, other
        self._key, self._value = key, entries.get(key, _MISSING)

    def _entries(self) -> dict[K, V]:
        """The dict, rewritten to this version."""
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
            version._owned = entries
            del version._next  # it is newer now, and would be kept
        return entries

    def get(self, key: K, default: Any = None) -> Any:
        entries = self._owned
        return (self._entries() if entries is None else entries).get(key, default)

    def __getitem__(self, key: K) -> V:
        return self._entries()[key]

    def __iter__(self) -> Iterator[K]:
        return iter(self._entries())

    def __len__(self) -> int:
        return len(self._entries())


# The maps of a fold. An order's are persistent; those of a stored view are plain dicts, as JSON is,
# while the order is short.
NewMap: TypeAlias = Callable[[], Mapping[str, Any]]


def with_entry(entries: Mapping[K, V], key: K, value: V) -> Mapping[K, V]:
    """The map with one entry more, or with another value under the key."""
    if type(entries) is dict:  # isinstance with an abstract class takes longer
        return {**entries, key: value}
    if isinstance(entries, (PersistentMap, ImmutableMap)):  # nearly always the first
        return entries.with_entry(key, value)
    return {**entries, key: value}


def without_entry(entries: Mapping[K, V], key: K) -> Mapping[K, V]:
    """The map without the entry under the key; the same object if it has none."""
    if key not in entries:
        return entries
    if isinstance(entries, ImmutableMap):
        return entries.without(key)
    return {other: value for other, value in entries.items() if other != key}


def empty_like(entries: Mapping[Any, Any]) -> Mapping[Any, Any]:
    """An empty map of the same kind, for a map that is nested in this one."""
    return PersistentMap() if isinstance(entries, PersistentMap) else {}
