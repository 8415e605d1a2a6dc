"""What of the log a read model has not applied."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from projections.fold import Item
from projections.monitor import status as status_module
from projections.monitor.status import status
from projections.sources.log import LOG
from projections.storage.database import ReadDatabase
from projections.worker.lag import Lag, LagOfModel
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
async def looking(
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
    async with looking(tmp_path, log) as lag:
        assert await lag.look(NOW) == Lag()


async def test_an_empty_log_has_nobody_behind(tmp_path: Path, log: Log) -> None:
    async with writer_of(tmp_path):
        pass
    async with looking(tmp_path, log) as lag:
        assert await lag.look(NOW) == Lag()


async def test_events_orders_money_and_the_age_of_the_oldest_wait(tmp_path: Path, log: Log) -> None:
    await log.append("o-1", placed(cents=1_000))
    items = await log.items()
    await log.append("o-1", captured(cents=400), CONFIRMED)
    await log.append("o-2", placed("o-2", cents=50))
    await apply(tmp_path, items)
    async with looking(tmp_path, log) as lag:
        found = await lag.look(NOW)
    assert found == Lag(events=3, seconds=AGE_S, orders=2, money=found.money)
    assert found.money == {"EUR": 450}


async def test_what_is_applied_ahead_of_the_logs_checkpoint_does_not_wait(
    tmp_path: Path, log: Log
) -> None:
    """As with Kafka: progress decides, the log's checkpoint comes behind."""
    await log.append("o-1", placed(), note())
    await log.append("o-2", placed("o-2"))
    first, second, other = await log.items()
    await apply(tmp_path, [first, second], checkpoint=-1)
    async with looking(tmp_path, log) as lag:
        assert await lag.look(NOW) == Lag(
            events=1,
            seconds=AGE_S,
            orders=1,
            money={"EUR": 1_000},  # type: ignore[arg-type]
        )
        await apply(tmp_path, [other], checkpoint=-1)
        assert await lag.look(NOW) == Lag()


async def test_an_order_that_is_parked_is_counted_as_that_and_nowhere_else(
    tmp_path: Path, log: Log
) -> None:
    await log.append("o-1", placed(), UNDECODABLE, captured())
    await apply(tmp_path, await log.items(), checkpoint=-1)
    async with looking(tmp_path, log) as lag:
        assert await lag.look(NOW) == Lag(parked=1)


@pytest.mark.parametrize(("dense", "events"), [(True, 30), (False, 20)])
async def test_no_more_than_the_window_is_looked_at(
    dense: bool, events: int, tmp_path: Path, log: Log
) -> None:
    async with writer_of(tmp_path):
        pass
    await log.append("o-1", placed(), *[note()] * 29)
    async with looking(tmp_path, log, dense=dense, window=20) as lag:
        found = await lag.look(NOW)
    assert (found.events, found.orders, found.seconds) == (events, 1, AGE_S)


async def test_what_is_applied_is_passed_over_however_small_the_window(
    tmp_path: Path, log: Log
) -> None:
    await log.append("o-1", placed(), *[note()] * 39)
    items = await log.items()
    await apply(tmp_path, items[:35], checkpoint=-1)
    async with looking(tmp_path, log, window=10) as lag:
        assert (await lag.look(NOW)).events == 5
        await apply(tmp_path, items[35:], checkpoint=-1)
        assert await lag.look(NOW) == Lag()


async def test_where_a_look_ends_before_the_head_the_next_one_goes_on_behind_it(
    tmp_path: Path, log: Log
) -> None:
    await log.append("o-1", placed(), *[note()] * 29)
    await apply(tmp_path, await log.items(), checkpoint=-1)
    async with looking(tmp_path, log, passed_max=20) as lag:
        # The last ten may be applied or not: they count until they have been looked at.
        assert (await lag.look(NOW)).events == 10
        assert await lag.look(NOW) == Lag()


async def test_the_status_counts_as_lag_what_waits_and_not_what_the_sweep_has_not_passed(
    tmp_path: Path, log: Log
) -> None:
    for number in range(12):
        await log.append(f"o-{number}", placed(f"o-{number}"))
    items = await log.items()
    await apply(tmp_path, items[:10], checkpoint=3)
    database = ReadDatabase(TALLY, url_of(tmp_path))

    async def told(*, exact: bool, dense: bool = True) -> tuple[bool | None, int | None]:
        [model] = await status([database], log.store, tmp_path, NOW, dense=dense, exact=exact)
        assert model.position == 3
        return model.behind, model.lag

    assert await told(exact=True) == (True, 9)
    assert await told(exact=False) == (True, 2)
    assert await told(exact=False, dense=False) == (True, None)
    await apply(tmp_path, items[10:], checkpoint=3)
    assert await told(exact=False) == (False, 0)
    assert await told(exact=False, dense=False) == (False, 0)
    await database.aclose()


@pytest.mark.parametrize(("dense", "lag"), [(True, 10), (False, None)])
async def test_the_status_says_behind_where_it_did_not_look_as_far_as_the_head(
    dense: bool, lag: int | None, tmp_path: Path, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What waits may stand there: a log that does not count its events tells no number then."""
    monkeypatch.setattr(status_module, "LagOfModel", partial(LagOfModel, passed_max=20))
    await log.append("o-1", placed(), *[note()] * 29)
    await apply(tmp_path, (await log.items())[:25], checkpoint=-1)
    database = ReadDatabase(TALLY, url_of(tmp_path))

    [model] = await status([database], log.store, tmp_path, NOW, dense=dense, exact=False)

    assert (model.behind, model.lag) == (True, lag)
    await database.aclose()
