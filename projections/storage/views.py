"""Views in a generation's tables: loaded, compared with their rows, written where they differ."""

from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import partial
from math import inf
from typing import Any, NamedTuple, TypeAlias

from sqlalchemy import Connection, Table

from projections.fold import Item, Progress
from projections.parts import PartMap, ViewParts
from projections.projection import Projection, Row, Rows
from projections.storage.statements import Key, Statements, key_of
from projections.storage.tables import VIEW_PARTS, VIEWS
from projections.storage.totals import Changes, TotalsWriter

KEPT_MAX = 2_000
"""Views, with their rows, that are remembered: to load and parse them again costs most."""

_Changes: TypeAlias = dict[Table, list[Any]]


class _Kept(NamedTuple):
    """rows: of a view that is whole; none of one that is head and parts."""

    progress: Progress
    rows: Rows


class Views:
    """Views of one generation, with a bounded memory of those used last.

    The memory is right as long as nobody else writes the generation and every transaction that
    store() was part of is followed by settle() or, if it failed, by forget().
    """

    def __init__(
        self,
        projection: Projection[Any],
        statements: Statements,
        totals: TotalsWriter,
        *,
        kept_max: int = KEPT_MAX,
    ) -> None:
        self._projection = projection
        self._statements = statements
        self._totals = totals
        self._kept_max = kept_max
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._unsettled: dict[str, _Kept] = {}
        view_type = type(projection.initial(""))
        self._parts = ViewParts(projection.name, view_type, projection.parts)
        self._split_at = projection.split_at if projection.parts else inf
        self._has_split = False  # since forget(): ordinary orders are not to be asked one by one
        self._conn: Connection | None = None
        self._loaded: dict[tuple[str, str], Any] = {}

    def load(self, conn: Connection, order_ids: Iterable[str]) -> dict[str, Progress]:
        """Progress of those orders of which anything is applied."""
        self._conn = conn
        wanted = dict.fromkeys(order_ids)
        missing = [order_id for order_id in wanted if order_id not in self._kept]
        if missing:
            for order_id, revision, text, hash_ in self._statements.known(conn, missing):
                self._keep(order_id, revision, text, hash_)
        return self._known(wanted)

    def load_parts(self, items: Iterable[Item]) -> None:
        """Load what of long orders these events are about, at once; load()ed before.

        What else a fold asks for is loaded when it does.
        """
        if not self._has_split:
            return
        wanted: dict[tuple[str, str], PartMap] = {}
        for item in items:
            kept = self._kept.get(item.order_id)
            if kept is not None and kept.progress.revision >= self._split_at:
                for each, key in self._parts.about(getattr(item, "event", None)):
                    wanted[item.order_id, each.part(key)] = each
        if wanted:
            self._load(wanted)

    def _load(self, wanted: Mapping[tuple[str, str], PartMap]) -> None:
        assert self._conn is not None
        self._loaded |= dict.fromkeys(wanted)
        for order_id, part, text in self._statements.parts(self._conn, list(wanted)):
            at = order_id, part
            self._loaded[at] = wanted[at].values.validate_json(text)

    def _entry(self, order_id: str, each: PartMap, key: str) -> Any:
        at = order_id, each.part(key)
        if at not in self._loaded:
            self._load({at: each})
        return self._loaded[at]

    def _keep(self, order_id: str, revision: int, text: str, hash_: str) -> None:
        view = self._projection.view.validate_json(text)
        rows: Rows = {}
        if revision >= self._split_at:
            view = self._lazy(order_id, view)
        else:
            rows = self._projection.rows(view)
        self._kept[order_id] = _Kept(Progress(revision, view, hash_), rows)

    def _lazy(self, order_id: str, view: Any) -> Any:
        self._has_split = True
        return self._parts.lazy(view, partial(self._entry, order_id))

    def _known(self, wanted: Iterable[str]) -> dict[str, Progress]:
        return {
            order_id: self._kept[order_id].progress for order_id in wanted if order_id in self._kept
        }

    def store(self, conn: Connection, progress: Mapping[str, Progress], changes: Changes) -> None:
        """Write views, and of their rows what is not there as it should be; load()ed before.

        changes: of totals, to which what the rows contribute is added.
        """
        adds: _Changes = {}
        upserts: _Changes = {}
        removals: _Changes = {}
        new: list[Row] = []
        views: list[Row] = []
        moved: list[tuple[int, str, str]] = []
        dump, kept = self._projection.view.serializer.to_json, self._kept
        for order_id, now in progress.items():
            before = kept.get(order_id)
            is_split = now.revision >= self._split_at
            if (
                before is not None
                and now.view is before.progress.view
                and (not is_split or before.progress.revision >= self._split_at)
            ):
                self._unsettled[order_id] = _Kept(now, before.rows)
                moved.append((now.revision, now.hash, order_id))
                continue
            writes, stored = upserts if before else adds, now.view
            old, rows = before.rows if before else {}, self._rows(before, now.view)
            self._unsettled[order_id] = _Kept(now, rows)
            if is_split:
                old = self._rows_before(before, now)
                self._change_parts(order_id, now.view, writes, removals)
                stored = self._parts.head(now.view)
                after = now._replace(view=self._lazy(order_id, now.view))
                self._unsettled[order_id] = _Kept(after, {})
            _compare(old, rows, writes, removals, changes)
            # Without defaults it is half as long: fewer pages to write, and nothing more to read.
            text = dump(stored, exclude_defaults=True).decode()
            view = {
                "order_id": order_id,
                "revision": now.revision,
                "view": text,
                "hash": now.hash,
            }
            (views if before else new).append(view)
        # Views first: another writer that is ahead with one of these orders shows here.
        self._statements.add(conn, VIEWS, new)
        self._statements.upsert(conn, VIEWS, views)
        self._statements.move(conn, moved)
        for table, keys in removals.items():
            self._statements.remove(conn, table, keys)
        for table, added in adds.items():
            self._statements.add(conn, table, added)
        for table, changed in upserts.items():
            self._statements.upsert(conn, table, changed)

    def _rows(self, before: _Kept | None, view: Any) -> Rows:
        same = self._projection.same_rows
        if same and before and before.rows and same(before.progress.view, view):
            return before.rows
        return self._projection.rows(view)

    def remove(self, conn: Connection, order_ids: Collection[str]) -> None:
        """Delete all that there is of these orders."""
        if self._totals.contributions.all:
            self.load(conn, order_ids)  # nobody else changes their rows until the end
            self._totals.remove_orders(conn, order_ids)
        self._loaded.clear()
        for order_id in order_ids:
            self._kept.pop(order_id, None)
        for table in (VIEWS, VIEW_PARTS, *self._projection.tables.sorted_tables):
            conn.execute(table.delete().where(table.c.order_id.in_(order_ids)))

    def _rows_before(self, before: _Kept | None, now: Progress) -> Rows:
        """What may be stored of the rows that a view has now."""
        if before is None or before.progress.revision < self._split_at:
            return before.rows if before else {}
        return self._projection.rows(self._parts.before(before.progress.view, now.view))

    def _change_parts(
        self, order_id: str, view: Any, changed: _Changes, removals: _Changes
    ) -> None:
        rows = changed.setdefault(VIEW_PARTS, [])
        gone = removals.setdefault(VIEW_PARTS, [])
        for part, text in self._parts.changes(view):
            if text is None:
                gone.append((order_id, part))
            else:
                rows.append({"order_id": order_id, "part": part, "view": text})

    def settle(self) -> None:
        """What was stored is committed."""
        self._loaded.clear()
        for order_id, kept in self._unsettled.items():
            self._kept[order_id] = kept
            self._kept.move_to_end(order_id)
        self._unsettled.clear()
        while len(self._kept) > self._kept_max:
            self._kept.popitem(last=False)

    def forget(self) -> None:
        """What was stored may not be there."""
        self._loaded.clear()
        self._unsettled.clear()
        self._kept.clear()
        self._has_split = False


def _compare(
    before: Rows, after: Rows, upserts: _Changes, removals: _Changes, changes: Changes
) -> None:
    for table, rows in after.items():
        old = before.get(table)
        if not old:
            if rows:
                upserts.setdefault(table, []).extend(rows)
                changes.added(table, rows)
        elif len(rows) == len(old) == 1 and key_of(table)(rows[0]) == key_of(table)(old[0]):
            # Of most tables: the one row of the order.
            if rows[0] != old[0]:
                upserts.setdefault(table, []).append(rows[0])
                changes.replaced(table, old[0], rows[0])
        elif rows != old:
            keyed = _keyed(table, old)
            changed, gone = _compare_table(table, keyed, rows)
            upserts.setdefault(table, []).extend(changed)
            changes.changed(table, keyed, changed)
            if gone:
                removals.setdefault(table, []).extend(gone)
                changes.removed(table, [keyed[key] for key in gone])
    for table, old in before.items():
        if old and table not in after:
            removals.setdefault(table, []).extend(_keyed(table, old))
            changes.removed(table, old)


def _compare_table(
    table: Table, old: Mapping[Key, Row], rows: Sequence[Row]
) -> tuple[list[Row], Collection[Key]]:
    """The rows that are new or changed, and the keys of those that are gone."""
    new = _keyed(table, rows)
    return [row for key, row in new.items() if old.get(key) != row], old.keys() - new.keys()


def _keyed(table: Table, rows: Sequence[Row]) -> dict[Key, Row]:
    key = key_of(table)
    return {key(row): row for row in rows}
