"""The read models, kept by the runner: the contract of a projection on random lifecycles."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from domain.events import Event, OrderPlaced
from projections.fold import Item
from projections.models import MODELS
from projections.projection import Projection
from tests.contracts.projection import ProjectionContract
from tests.projections.histories import LENGTH_MAX, history_of
from tests.projections.toy import UNDECODABLE, Log, contents, writer_of

ORDERS = 6
WHOLE = 10**9
Tables = dict[str, list[tuple[Any, ...]]]

pytestmark = pytest.mark.usefixtures("kind")


class TestReadModel(ProjectionContract):
    """With views that are stored whole, and with some that become head and parts on the way."""

    @pytest.fixture(params=[WHOLE, 5], ids=["whole", "split"])
    def split_at(self, request: pytest.FixtureRequest) -> int:
        at: int = request.param
        return at

    @pytest.fixture(params=MODELS)
    def projection(self, request: pytest.FixtureRequest, split_at: int) -> Projection[Any]:
        return replace(MODELS[request.param], split_at=split_at)

    async def test_head_and_parts_give_the_rows_of_a_whole_view(
        self, tmp_path: Path, projection: Projection[Any], items: Sequence[Item], live: Tables
    ) -> None:
        whole = replace(projection, split_at=WHOLE)
        async with writer_of(tmp_path / "whole", whole) as writer:
            await writer.commit(items, {"log": items[-1].position})

        assert _without_views(contents(tmp_path / "whole")) == _without_views(live)
        has_parts = projection.split_at != WHOLE and bool(projection.parts)
        assert bool(live["view_parts"]) == has_parts

    @pytest.fixture
    async def log(self) -> Log:
        """Lifecycles side by side, an event of each in turn; one order has a damaged event."""
        log = Log()
        lifecycles = {f"o-{n}": lifecycle(f"o-{n}", seed=n) for n in range(ORDERS)}
        for turn in range(max(map(len, lifecycles.values()))):
            for order_id, events in lifecycles.items():
                if turn < len(events):
                    await log.append(order_id, events[turn])
        await log.append("o-3", UNDECODABLE)
        return log


def _without_views(tables: Tables) -> Tables:
    return {name: rows for name, rows in tables.items() if name not in {"views", "view_parts"}}


def lifecycle(order_id: str, *, seed: int) -> list[Event]:
    return [
        replace(event, order_id=order_id) if isinstance(event, OrderPlaced) else event
        for event in history_of(seed, LENGTH_MAX // 4)
    ]
