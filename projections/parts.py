"""The parts of a view: the entries of its maps, which a long order stores each in a row of its own.

An order may have thousands of payments and shipments, and an event is about one or two of them. Of
a long order only the head of the view (sums, words and lines) is loaded and written with every
event, and of the parts those that the event is about (docs/decisions/0034).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import is_dataclass
from functools import cache, partial
from types import UnionType
from typing import (
    Any,
    Final,
    NamedTuple,
    NoReturn,
    TypeAlias,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

from pydantic import TypeAdapter

from domain.persistent import ImmutableMap, with_fields

V = TypeVar("V")
Load: TypeAlias = Callable[[str], Any]
"""An entry of a map by its key; None: there is none."""
Keys: TypeAlias = str | Callable[[Any], Iterable[str]]
"""How the entries of a map are found that an event is about: the field with their key, or a
function of the event.
"""
NOTHING: Final[dict[str, Any]] = {}


class LazyMap(ImmutableMap[str, V]):
    """A map whose entries are loaded one by one, when they are asked for.

    changed: the entries set since; None for one that was taken out. Nobody knows all entries, so it
    has no length and cannot be iterated over: a fold that wants a sum keeps it beside the map.
    """

    __slots__ = ("_load", "changed")

    def __init__(self, load: Load, changed: Mapping[str, V | None] = NOTHING) -> None:
        self._load = load
        self.changed = changed

    def with_changed(self, changed: Mapping[str, V | None]) -> "LazyMap[V]":
        """The map as it was loaded, and these changes."""
        return LazyMap(self._load, changed)

    def with_entry(self, key: str, value: V) -> "LazyMap[V]":
        # As many as a batch has of one order: to copy so few takes less than a PersistentMap does.
        return LazyMap(self._load, {**self.changed, key: value})

    def without(self, key: str) -> "LazyMap[V]":
        if key not in self:
            raise KeyError(key)
        return LazyMap(self._load, {**self.changed, key: None})

    def get(self, key: str, default: Any = None) -> Any:
        value = self.changed[key] if key in self.changed else self._load(key)
        return default if value is None else value

    def __getitem__(self, key: str) -> V:
        value: V | None = self.get(key)
        if value is None:
            raise KeyError(key)
        return value

    def __contains__(self, key: object) -> bool:
        return self.get(str(key)) is not None

    def __iter__(self) -> Iterator[str]:
        self._refuse()

    def __len__(self) -> int:  # noqa: PLE0303 (it raises)
        self._refuse()

    def _refuse(self) -> NoReturn:
        raise TypeError(
            "not all entries of this map are loaded: a fold keeps a count or a sum of them in a"
            " field of its own, and rows() goes through changed_entries()"
        )


def changed_entries(entries: Mapping[str, V]) -> Mapping[str, V]:
    """The entries to make rows of: those that may differ from what is stored."""
    if type(entries) is LazyMap:  # isinstance takes four times as long, and ordinary maps are dicts
        return {key: value for key, value in entries.changed.items() if value is not None}
    return entries


class PartMap(NamedTuple):
    """A map in a view. prefix: of the keys of its rows."""

    prefix: str
    values: TypeAdapter[Any]

    def part(self, key: str) -> str:
        """The key of an entry's row. Without NUL, which PostgreSQL does not take."""
        if "\0" in key or "\\" in key:
            key = key.replace("\\", "\\\\").replace("\0", "\\0")
        return self.prefix + key


class Change(NamedTuple):
    """An entry that may differ from what is stored. text: None where it was taken out."""

    part: str
    text: str | None


_Tree: TypeAlias = dict[str, Any]
"""By field of a view: a PartMap, or the _Tree of what is in the field."""


class ViewParts:
    """The maps of one projection's views."""

    def __init__(self, name: str, view: type[Any], keys: Mapping[str, Keys]) -> None:
        """keys: by map, how the entries are found that an event is about.

        Raises TypeError where one of the view's maps is left out.
        """
        found = dict(_maps_in(view))
        if found.keys() != keys.keys():
            raise TypeError(
                f"the view of {name} has the maps {sorted(found)}, and its projection's `parts`"
                f" names {sorted(keys)}: name each map, and the field of events that has the"
                " key of the entry they are about"
            )
        self._tree: _Tree = {}
        self._by_field: dict[str, list[PartMap]] = defaultdict(list)
        self._by_function: list[tuple[Callable[[Any], Iterable[str]], PartMap]] = []
        for path, values in found.items():
            each, of = PartMap(f"{path}/", _adapter(values)), keys[path]
            if isinstance(of, str):
                self._by_field[of].append(each)
            else:
                self._by_function.append((of, each))
            tree, fields = self._tree, path.split(".")
            for field in fields[:-1]:
                tree = tree.setdefault(field, {})
            tree[fields[-1]] = each

    def about(self, event: object) -> Iterator[tuple[PartMap, str]]:
        """The entries that an event is about: those to load before it is folded."""
        for field, maps in self._by_field.items():
            key = getattr(event, field, None)
            if key is not None:
                for each in maps:
                    yield each, key
        for keys_of, each in self._by_function:
            for key in keys_of(event):
                yield each, key

    def lazy(self, view: V, load: Callable[[PartMap, str], Any]) -> V:
        """The view with maps that load their entries, and that have no change."""
        return _replaced(view, self._tree, lambda each, _: LazyMap(partial(load, each)))

    def head(self, view: V) -> V:
        """The view without the entries of its maps."""
        return _replaced(view, self._tree, lambda *_: NOTHING)

    def before(self, view: V, after: V) -> V:
        """The view before a change, as if it had changed in the same entries as `after`: so that
        rows() makes the same rows of both, as they were and as they are.
        """
        changed: dict[str, Any] = {
            each.prefix: entries for each, entries in _maps(after, self._tree)
        }

        def entries_of(each: PartMap, old: LazyMap[Any]) -> LazyMap[Any]:
            new = changed[each.prefix]
            return old.with_changed({key: old.get(key) for key in new.changed})

        return _replaced(view, self._tree, entries_of)

    def changes(self, view: Any) -> Iterator[Change]:
        """What of the parts is to be stored: of maps that are whole every entry."""
        for each, entries in _maps(view, self._tree):
            changed = entries.changed if isinstance(entries, LazyMap) else entries
            to_json = each.values.serializer.to_json
            for key, value in changed.items():
                text = None if value is None else to_json(value, exclude_defaults=True).decode()
                yield Change(each.part(key), text)


@cache
def _adapter(values: Any) -> TypeAdapter[Any]:
    """Made once: it takes a millisecond, and a writer is opened often in tests and replays."""
    return TypeAdapter(values)


def _maps(view: Any, tree: _Tree) -> Iterator[tuple[PartMap, Mapping[str, Any]]]:
    """The maps of a view; none in what it does not have yet."""
    for field, below in tree.items():
        value = getattr(view, field)
        if isinstance(below, PartMap):
            yield below, value
        elif value is not None:
            yield from _maps(value, below)


def _replaced(view: V, tree: _Tree, entries_of: Callable[[PartMap, Any], Mapping[str, Any]]) -> V:
    fields: dict[str, Any] = {}
    for field, below in tree.items():
        value = getattr(view, field)
        if isinstance(below, PartMap):
            fields[field] = entries_of(below, value)
        elif value is not None:
            fields[field] = _replaced(value, below, entries_of)
    return with_fields(view, **fields)


def _maps_in(kind: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """The maps of a dataclass and of dataclasses in it: path, and the type of their values."""
    if not is_dataclass(kind):
        return
    for name, hint in get_type_hints(kind).items():
        options = get_args(hint) if get_origin(hint) in {Union, UnionType} else (hint,)
        for each in options:
            if get_origin(each) in {dict, Mapping}:
                yield prefix + name, get_args(each)[1]
            else:
                yield from _maps_in(each, f"{prefix}{name}.")
