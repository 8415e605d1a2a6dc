"""Views in a generation's tables: loaded, compared with their rows, written where they differ."""

from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from sqlalchemy import Connection, Table

from projections.fold import Progress
from projections.projection import Projection, Row, Rows
from projections.storage.statements import Key, Statements, key_of
from projections.storage.tables import VIEWS

KEPT_MAX = 2_000
"""Views, with their rows, that are remembered: to load and parse them again costs most."""

_Changes: TypeAlias = dict[Table, list[Any]]


class _Kept(NamedTuple):
    progress: Progress
    rows: Rows


class Views:
    """Views of one generation, behind a bounded memory of those used last.

    The memory is right as long as nobody else writes the generation and every transaction that
    store() was part of is told to settle() or, when it failed, to forget().
    """

    def __init__(
        self, projection: Projection[Any], statements: Statements, *, kept_max: int = KEPT_MAX
    ) -> None:
        self._projection = projection
        self._statements = statements
        self._kept_max = kept_max
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._unsettled: dict[str, _Kept] = {}

    def load(self, conn: Connection, order_ids: Iterable[str]) -> dict[str, Progress]:
        """Progress of those orders of which anything is applied."""
        wanted = dict.fromkeys(order_ids)
        missing = [order_id for order_id in wanted if order_id not in self._kept]
        if missing:
            for order_id, revision, text, hash_ in self._statements.known(conn, missing):
                self._keep(order_id, revision, text, hash_)
        return self._known(wanted)

    def _keep(self, order_id: str, revision: int, text: str, hash_: str) -> None:
        view = self._projection.view.validate_json(text)
        self._kept[order_id] = _Kept(Progress(revision, view, hash_), self._projection.rows(view))

    def _known(self, wanted: Iterable[str]) -> dict[str, Progress]:
        return {
            order_id: self._kept[order_id].progress for order_id in wanted if order_id in self._kept
        }

    def store(self, conn: Connection, progress: Mapping[str, Progress]) -> None:
        """Write views, and of their rows what is not there as it should be; load()ed before."""
        adds: _Changes = {}
        upserts: _Changes = {}
        removals: _Changes = {}
        new: list[Row] = []
        views: list[Row] = []
        moved: list[tuple[int, str, str]] = []
        dump, kept = self._projection.view.serializer.to_json, self._kept
        for order_id, now in progress.items():
            before = kept.get(order_id)
            if before is not None and now.view is before.progress.view:
                self._unsettled[order_id] = _Kept(now, before.rows)
                moved.append((now.revision, now.hash, order_id))
                continue
            rows = self._projection.rows(now.view)
            _compare(before.rows if before else {}, rows, upserts if before else adds, removals)
            # Without defaults it is half as long: fewer pages to write, and nothing more to read.
            text = dump(now.view, exclude_defaults=True).decode()
            view = {
                "order_id": order_id,
                "revision": now.revision,
                "view": text,
                "hash": now.hash,
            }
            (views if before else new).append(view)
            self._unsettled[order_id] = _Kept(now, rows)
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

    def remove(self, conn: Connection, order_ids: Collection[str]) -> None:
        """Delete all that there is of these orders."""
        for order_id in order_ids:
            self._kept.pop(order_id, None)
        for table in (VIEWS, *self._projection.tables.sorted_tables):
            conn.execute(table.delete().where(table.c.order_id.in_(order_ids)))

    def settle(self) -> None:
        """What was stored is committed."""
        for order_id, kept in self._unsettled.items():
            self._kept[order_id] = kept
            self._kept.move_to_end(order_id)
        self._unsettled.clear()
        while len(self._kept) > self._kept_max:
            self._kept.popitem(last=False)

    def forget(self) -> None:
        """What was stored may not be there."""
        self._unsettled.clear()
        self._kept.clear()


def _compare(before: Rows, after: Rows, upserts: _Changes, removals: _Changes) -> None:
    for table, rows in after.items():
        old = before.get(table)
        if not old:
            if rows:
                upserts.setdefault(table, []).extend(rows)
        elif rows != old:
            _compare_table(table, _keyed(table, old), rows, upserts, removals)
    for table, old in before.items():
        if old and table not in after:
            removals.setdefault(table, []).extend(_keyed(table, old))


def _compare_table(
    table: Table,
    old: Mapping[Key, Row],
    rows: Sequence[Row],
    upserts: _Changes,
    removals: _Changes,
) -> None:
    new = _keyed(table, rows)
    changed = [row for key, row in new.items() if old.get(key) != row]
    upserts.setdefault(table, []).extend(changed)
    gone = old.keys() - new.keys()
    if gone:
        removals.setdefault(table, []).extend(gone)


def _keyed(table: Table, rows: Sequence[Row]) -> dict[Key, Row]:
    key = key_of(table)
    return {key(row): row for row in rows}
