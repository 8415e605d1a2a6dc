"""What of the log a read model has not applied."""

from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from projections.fold import Item
from projections.monitor import status as status_module
from projections.monitor.lag import Lag, LagOfModel
from projections.monitor.status import status
from projections.sources.log import LOG
from projections.storage.database import ReadDatabase
from tests.eventstore.recorded import METADATA
from tests.projections.toy import (
    CONFIRMED,
    TALLY,
    UNDECODABLE,
    Log,
    captured,
    note,
    placed,
    url_of,
    writer_of,
)

AGE_S = 60.0
NOW = datetime.fromisoformat(METADATA.recorded_at) + timedelta(seconds=AGE_S)
ALL = 2_000

pytestmark = pytest.mark.usefixtures("kind")


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Log:
    """Small pages, and positions without gaps, as in a file."""
    monkeypatch.setattr("eventstore.memory.PAGE_MAX", 10)
    monkeypatch.setattr("eventstore.memory.POSITION_STEP", 1)
    return Log()


@asynccontextmanager
async def measuring(
    folder: Path, log: Log, *, dense: bool = True, window: int = ALL, passed_max: int = ALL
) -> AsyncIterator[LagOfModel]:
    database = ReadDatabase(TALLY, url_of(folder))
    try:
        yield LagOfModel(database, log.store, dense=dense, window=window, passed_max=passed_max)
    finally:
        await database.aclose()


async def apply(folder: Path, items: Sequence[Item], *, checkpoint: int | None = None) -> None:
    """checkpoint: of the log; None: of the last item, as a worker on the log has it."""
    async with writer_of(folder) as writer:
        at = items[-1].position if checkpoint is None else checkpoint
        await writer.commit(items, {LOG: at} if at >= 0 else {})


async def test_a_model_that_has_applied_everything_is_not_behind(tmp_path: Path, log: Log) -> None:
    await log.append("o-1", placed(), note())
    await apply(tmp_path, await log.items())
    async with measuring(tmp_path, log) as lag:
        assert await lag.measure(NOW) == Lag()


async def test_with_an_empty_log_nothing_is_unapplied(tmp_path: Path, log: Log) -> None:
    async with writer_of(tmp_path):
        pass
    async with measuring(tmp_path, log) as lag:
        assert await lag.measure(NOW) == Lag()


async def test_unapplied_events_are_counted_with_their_orders_money_and_age(
    tmp_path: Path, log: Log
) -> None:
    await log.append("o-1", placed(cents=1_000))
    items = await log.items()
    await log.append("o-1", captured(cents=400), CONFIRMED)
    await log.append("o-2", placed("o-2", cents=50))
    await apply(tmp_path, items)
    async with measuring(tmp_path, log) as lag:
        found = await lag.measure(NOW)
    assert found == Lag(events=3, seconds=AGE_S, orders=2, money=found.money)
    assert found.money == {"EUR": 450}


async def test_events_applied_after_the_logs_checkpoint_do_not_count(
    tmp_path: Path, log: Log
) -> None:
    """As with Kafka: the progress of each order decides, the log's checkpoint is moved later."""
    await log.append("o-1", placed(), note())
    await log.append("o-2", placed("o-2"))
    first, second, other = await log.items()
    await apply(tmp_path, [first, second], checkpoint=-1)
    async with measuring(tmp_path, log) as lag:
        assert await lag.measure(NOW) == Lag(
            events=1,
            seconds=AGE_S,
            orders=1,
            money={"EUR": 1_000},  # type: ignore[arg-type]
        )
        await apply(tmp_path, [other], checkpoint=-1)
        assert await lag.measure(NOW) == Lag()


async def test_a_parked_order_is_counted_as_parked_only(tmp_path: Path, log: Log) -> None:
    await log.append("o-1", placed(), UNDECODABLE, captured())
    await apply(tmp_path, await log.items(), checkpoint=-1)
    async with measuring(tmp_path, log) as lag:
        assert await lag.measure(NOW) == Lag(parked=1)


@pytest.mark.parametrize(("dense", "events"), [(True, 30), (False, 20)])
async def test_beyond_the_window_events_are_counted_by_dense_positions_only(
    dense: bool, events: int, tmp_path: Path, log: Log
) -> None:
    async with writer_of(tmp_path):
        pass
    await log.append("o-1", placed(), *[note()] * 29)
    async with measuring(tmp_path, log, dense=dense, window=20) as lag:
        found = await lag.measure(NOW)
    assert (found.events, found.orders, found.seconds) == (events, 1, AGE_S)


async def test_applied_events_are_passed_over_even_if_they_exceed_the_window(
    tmp_path: Path, log: Log
) -> None:
    await log.append("o-1", placed(), *[note()] * 39)
    items = await log.items()
    await apply(tmp_path, items[:35], checkpoint=-1)
    async with measuring(tmp_path, log, window=10) as lag:
        assert (await lag.measure(NOW)).events == 5
        await apply(tmp_path, items[35:], checkpoint=-1)
        assert await lag.measure(NOW) == Lag()


async def test_a_measurement_that_ends_before_the_head_is_continued_by_the_next_one(
    tmp_path: Path, log: Log
) -> None:
    await log.append("o-1", placed(), *[note()] * 29)
    await apply(tmp_path, await log.items(), checkpoint=-1)
    async with measuring(tmp_path, log, passed_max=20) as lag:
        # Whether the last ten are applied is not known yet: they count until they were read.
        assert (await lag.measure(NOW)).events == 10
        assert await lag.measure(NOW) == Lag()


async def test_the_status_counts_unapplied_events_and_not_those_after_the_checkpoint(
    tmp_path: Path, log: Log
) -> None:
    for number in range(12):
        await log.append(f"o-{number}", placed(f"o-{number}"))
    items = await log.items()
    await apply(tmp_path, items[:10], checkpoint=3)
    async with aclosing(ReadDatabase(TALLY, url_of(tmp_path))) as database:

        async def lag_of(*, exact: bool, dense: bool = True) -> tuple[bool | None, int | None]:
            [model] = await status([database], log.store, tmp_path, NOW, dense=dense, exact=exact)
            assert model.position == 3
            return model.behind, model.lag

        assert await lag_of(exact=True) == (True, 9)
        assert await lag_of(exact=False) == (True, 2)
        assert await lag_of(exact=False, dense=False) == (True, None)
        await apply(tmp_path, items[10:], checkpoint=3)
        assert await lag_of(exact=False) == (False, 0)
        assert await lag_of(exact=False, dense=False) == (False, 0)


@pytest.mark.parametrize(("dense", "lag"), [(True, 10), (False, None)])
async def test_the_status_is_behind_if_the_head_was_not_reached(
    dense: bool, lag: int | None, tmp_path: Path, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unapplied events may follow: their number is known with dense positions only."""
    monkeypatch.setattr(status_module, "LagOfModel", partial(LagOfModel, passed_max=20))
    await log.append("o-1", placed(), *[note()] * 29)
    await apply(tmp_path, (await log.items())[:25], checkpoint=-1)
    async with aclosing(ReadDatabase(TALLY, url_of(tmp_path))) as database:
        [model] = await status([database], log.store, tmp_path, NOW, dense=dense, exact=False)

        assert (model.behind, model.lag) == (True, lag)
