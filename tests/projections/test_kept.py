"""The read models, kept by the runner: the contract of a projection on random lifecycles."""

from dataclasses import replace
from typing import Any

import pytest

from domain.events import Event, OrderPlaced
from projections.models import MODELS
from projections.projection import Projection
from tests.contracts.projection import ProjectionContract
from tests.projections.histories import LENGTH_MAX, history_of
from tests.projections.toy import UNDECODABLE, Log

ORDERS = 6

pytestmark = pytest.mark.usefixtures("kind")


class TestReadModel(ProjectionContract):
    @pytest.fixture(params=MODELS)
    def projection(self, request: pytest.FixtureRequest) -> Projection[Any]:
        return MODELS[request.param]

    @pytest.fixture
    async def log(self) -> Log:
        """Lifecycles side by side, an event of each in turn; one order has a damaged event."""
        log = Log()
        told = {f"o-{n}": lifecycle(f"o-{n}", seed=n) for n in range(ORDERS)}
        for turn in range(max(map(len, told.values()))):
            for order_id, events in told.items():
                if turn < len(events):
                    await log.append(order_id, events[turn])
        await log.append("o-3", UNDECODABLE)
        return log


def lifecycle(order_id: str, *, seed: int) -> list[Event]:
    return [
        replace(event, order_id=order_id) if isinstance(event, OrderPlaced) else event
        for event in history_of(seed, LENGTH_MAX // 4)
    ]
