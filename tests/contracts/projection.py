"""What every projection promises: it is kept right by the runner, and a replay makes it again."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table

from eventstore.port import EventStore
from eventstore.record.codec import OrderEvent
from projections.fold import Item
from projections.projection import Projection, Row
from replay.rebuild import rebuild
from tests.projections.toy import Log, contents, url_of, writer_of


class DiskIsFull(sqlite3.OperationalError):
    pass


class ProjectionContract:
    """Subclass it, and give the projection and a log that shows all it can do."""

    @pytest.fixture
    def projection(self) -> Projection[Any]:
        raise NotImplementedError

    @pytest.fixture
    async def log(self) -> Log:
        raise NotImplementedError

    @pytest.fixture
    def store(self, log: Log) -> EventStore:
        return log.store

    @pytest.fixture
    async def items(self, log: Log) -> Sequence[Item]:
        return await log.items()

    @pytest.fixture
    async def folding(self, items: Sequence[Item]) -> Sequence[Item]:
        """Those of the items that are of orders without trouble."""
        return items

    @pytest.fixture
    async def live(
        self, tmp_path: Path, projection: Projection[Any], items: Sequence[Item]
    ) -> dict[str, list[tuple[Any, ...]]]:
        """The tables after all events in one batch."""
        async with writer_of(tmp_path, projection) as writer:
            assert await writer.commit(items, {"log": items[-1].position}) == {}
        return contents(tmp_path)

    def test_every_table_is_keyed_by_order_first(self, projection: Projection[Any]) -> None:
        for table in projection.tables.tables.values():
            assert next(iter(table.primary_key)).name == "order_id"

    def test_a_view_is_the_same_after_a_trip_through_json(
        self, projection: Projection[Any], folding: Sequence[Item]
    ) -> None:
        for view in _views(projection, folding):
            text = projection.view.dump_json(view)
            again = projection.view.validate_json(text)

            assert again == view
            assert projection.view.dump_json(again) == text
            assert projection.rows(again) == projection.rows(view)

    def test_rows_name_every_column_once_per_key(
        self, projection: Projection[Any], folding: Sequence[Item]
    ) -> None:
        for view in _views(projection, folding):
            for table, rows in projection.rows(view).items():
                assert all(row.keys() == set(table.columns.keys()) for row in rows)
                assert len({_key(table, row) for row in rows}) == len(rows)

    def test_an_order_of_which_nothing_is_known_has_rows_too(
        self, projection: Projection[Any]
    ) -> None:
        projection.rows(projection.initial("o-1"))

    async def test_a_batch_applied_twice_changes_nothing(
        self,
        tmp_path: Path,
        projection: Projection[Any],
        items: Sequence[Item],
        live: dict[str, list[tuple[Any, ...]]],
    ) -> None:
        async with writer_of(tmp_path, projection) as writer:
            await writer.commit(items, {"log": items[-1].position})
            await writer.commit(items, {"log": items[-1].position})

        assert contents(tmp_path) == live

    async def test_event_by_event_gives_the_rows_of_one_batch(
        self,
        tmp_path: Path,
        projection: Projection[Any],
        items: Sequence[Item],
        live: dict[str, list[tuple[Any, ...]]],
    ) -> None:
        folder = tmp_path / "singly"
        async with writer_of(folder, projection) as writer:
            for item in items:
                await writer.commit([item], {"log": item.position})
                # So that views come from the tables, never from memory.
                writer.views.forget()

        assert contents(folder) == live

    async def test_a_crash_ahead_of_the_commit_leaves_neither_rows_nor_progress(
        self,
        tmp_path: Path,
        projection: Projection[Any],
        items: Sequence[Item],
        live: dict[str, list[tuple[Any, ...]]],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        folder = tmp_path / "crash"
        async with writer_of(folder, projection) as writer:
            empty = contents(folder)
            with monkeypatch.context() as patched:
                patched.setattr(type(writer.statements), "save_checkpoints", _failing)
                with pytest.raises(DiskIsFull):
                    await writer.commit(items, {"log": items[-1].position})

            assert contents(folder) == empty
            await writer.commit(items, {"log": items[-1].position})
        assert contents(folder) == live

    async def test_a_replay_gives_the_live_rows_in_every_table(
        self,
        tmp_path: Path,
        projection: Projection[Any],
        store: EventStore,
        live: dict[str, list[tuple[Any, ...]]],
    ) -> None:
        rebuilt = await rebuild(projection, url_of(tmp_path), store)

        assert (rebuilt.previous, rebuilt.generation) == (1, 2)
        assert contents(tmp_path, 2) == live
        assert any(rows for table, rows in live.items() if table in projection.tables.tables)


def _views(projection: Projection[Any], items: Sequence[Item]) -> list[Any]:
    views: dict[str, Any] = {}
    seen = []
    for item in items:
        if isinstance(item, OrderEvent):
            before = views.get(item.order_id, projection.initial(item.order_id))
            views[item.order_id], _ = projection.evolve(before, item)
            seen.append(views[item.order_id])
    return seen


def _key(table: Table, row: Row) -> tuple[Any, ...]:
    return tuple(row[column.name] for column in table.primary_key)


def _failing(*_: object) -> None:
    raise DiskIsFull
