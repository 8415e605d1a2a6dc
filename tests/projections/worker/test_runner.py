import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventstore.port import Position, StoreUnavailable
from projections.fold import Item
from projections.sources.log import LOG, Batch, SharedLog
from projections.worker.runner import apply, catch_up, run
from projections.worker.writer import Writer
from tests.projections.toy import (
    CONFIRMED,
    Log,
    captured,
    contents,
    note,
    placed,
    writer_of,
)
from tests.waiting import HUNG_S

pytestmark = pytest.mark.usefixtures("kind")


class Given:
    """A source that brings given events, as a topic would: in any order, some not at all."""

    def __init__(self, *batches: Sequence[Item]) -> None:
        self._batches = batches

    async def batches(
        self, after: Mapping[str, int], *, stop_at_tail: bool
    ) -> AsyncGenerator[Batch, None]:
        for items in self._batches:
            yield Batch(items, {LOG: items[-1].position})


async def go_on() -> bool:
    return True


async def brought_up(writer: Writer, log: Log) -> None:
    source = SharedLog(log.store)
    await run(writer, source, log.store, stop_at_tail=True, between=go_on)
    await source.aclose()


@pytest.fixture
async def log() -> Log:
    log = Log()
    await log.append("o-1", placed(), captured("a"), captured("b"), note())
    await log.append("o-2", placed("o-2"), CONFIRMED)
    return log


@pytest.fixture
async def right(tmp_path: Path, log: Log) -> dict[str, list[tuple[object, ...]]]:
    async with writer_of(tmp_path / "right") as writer:
        await brought_up(writer, log)
    return contents(tmp_path / "right")


async def test_it_brings_a_read_model_to_the_tail(tmp_path: Path, log: Log) -> None:
    async with writer_of(tmp_path) as writer:
        await brought_up(writer, log)

    assert [row[:2] for row in contents(tmp_path)["views"]] == [("o-1", 3), ("o-2", 1)]
    assert contents(tmp_path)["checkpoint"] == [("log", 18)]


@pytest.mark.parametrize("order", [[5, 4, 3, 2, 1, 0], [3], [1, 5], [0, 3, 5, 0, 1, 2, 4]])
async def test_events_that_a_source_skips_or_disorders_are_read_from_the_store(
    tmp_path: Path, log: Log, right: dict[str, list[tuple[object, ...]]], order: list[int]
) -> None:
    items = await log.items()
    everything = [*order, 0, 1, 2, 3, 4, 5]
    async with writer_of(tmp_path) as writer:
        source = Given(*([items[place]] for place in everything))
        await run(writer, source, log.store, stop_at_tail=True, between=go_on)

    assert contents(tmp_path) == right


async def test_a_hole_in_a_batch_is_filled_before_the_checkpoint_is_saved(
    tmp_path: Path, log: Log, right: dict[str, list[tuple[object, ...]]]
) -> None:
    items = await log.items()
    async with writer_of(tmp_path) as writer:
        await apply(writer, Batch([items[0], items[3], items[5]], {LOG: 18}), log.store)

    assert contents(tmp_path) == right


async def test_a_hole_that_the_log_has_too_is_never_skipped(tmp_path: Path, log: Log) -> None:
    items = await log.items()
    async with writer_of(tmp_path) as writer:
        await apply(writer, Batch([items[0], items[3], items[5]], {LOG: 18}), Log().store)

    assert [row[:2] for row in contents(tmp_path)["views"]] == [("o-1", 0)]
    parked = {row[0]: (row[1], row[4]) for row in contents(tmp_path)["parked"]}
    assert parked.keys() == {"o-1", "o-2"}
    assert parked["o-1"][0] == 1
    assert "does not have o-1 from revision 1 on" in parked["o-1"][1]


async def test_events_of_a_parked_order_wait_and_all_others_are_applied(
    tmp_path: Path, log: Log
) -> None:
    await log.append("o-1", note("poison"), note())
    await log.append("o-2", note())
    async with writer_of(tmp_path) as writer:
        await brought_up(writer, log)
        await log.append("o-1", note())
        await log.append("o-2", note())
        await brought_up(writer, log)
        assert writer.parked == {"o-1"}

    assert [row[:2] for row in contents(tmp_path)["views"]] == [("o-1", 3), ("o-2", 3)]
    assert [row[:2] for row in contents(tmp_path)["parked"]] == [("o-1", 4)]


async def test_catch_up_without_unpark_leaves_a_parked_order_as_it_is(
    tmp_path: Path, log: Log
) -> None:
    await log.append("o-1", note("poison"))
    async with writer_of(tmp_path) as writer:
        await brought_up(writer, log)

        assert await catch_up(writer, "o-1", log.store) == 3
        assert writer.parked == {"o-1"}


async def test_between_is_called_after_each_batch_and_ends_the_run(
    tmp_path: Path, log: Log
) -> None:
    items = await log.items()
    asked = 0

    async def twice() -> bool:
        nonlocal asked
        asked += 1
        return asked < 2

    async with writer_of(tmp_path) as writer:
        source = Given(*([item] for item in items))
        await run(writer, source, log.store, stop_at_tail=False, between=twice)

    assert contents(tmp_path)["checkpoint"] == [("log", items[1].position)]


async def test_between_is_called_while_nothing_comes_and_no_event_is_lost_by_it(
    tmp_path: Path, log: Log
) -> None:
    asked = 0

    async def until_applied() -> bool:
        nonlocal asked
        asked += 1
        if asked == 5:
            await log.append("o-1", note())
        return len(contents(tmp_path)["lines"]) < 7

    async with writer_of(tmp_path) as writer:
        source = SharedLog(log.store)
        async with asyncio.timeout(HUNG_S):
            await run(
                writer,
                source,
                log.store,
                stop_at_tail=False,
                between=until_applied,
                tick_s=0.01,
            )
        await source.aclose()
    assert asked >= 5


async def test_an_error_of_the_source_ends_the_run_and_keeps_what_was_committed(
    tmp_path: Path, log: Log
) -> None:
    items = await log.items()

    class Breaking(Given):
        async def batches(
            self, after: Mapping[str, int], *, stop_at_tail: bool
        ) -> AsyncGenerator[Batch, None]:
            yield Batch(items[:1], {LOG: Position(3)})
            raise StoreUnavailable("gone")

    async with writer_of(tmp_path) as writer:
        with pytest.raises(StoreUnavailable, match="gone"):
            await run(writer, Breaking(), log.store, stop_at_tail=False, between=go_on)

    assert contents(tmp_path)["checkpoint"] == [("log", 3)]


places = st.lists(st.lists(st.integers(0, 9), min_size=1, max_size=6), max_size=8)


@pytest.mark.kinds("sqlite")  # a database for each example
@settings(max_examples=40)
@given(batches=places)
async def test_however_events_come_each_is_applied_once_and_in_order(
    tmp_path_factory: pytest.TempPathFactory, batches: list[list[int]]
) -> None:
    log = Log()
    for n in (1, 2):
        await log.append(f"o-{n}", placed(), captured("a"), captured("b"), note(), CONFIRMED)
    items = await log.items()
    folder = tmp_path_factory.mktemp("any")
    async with writer_of(folder) as writer:
        source = Given(*([items[place] for place in batch] for batch in batches))
        await run(writer, source, log.store, stop_at_tail=True, between=go_on)
        now = contents(folder)
        await run(writer, Given(items), log.store, stop_at_tail=True, between=go_on)

    # Complete and without repetition up to progress, and progress is what was brought.
    reached = {row[0]: row[1] for row in now["views"]}
    for order_id, revision in reached.items():
        assert [row[1] for row in now["lines"] if row[0] == order_id] == list(range(revision + 1))
    brought = [items[place] for batch in batches for place in batch]
    assert all(reached[item.order_id] >= item.revision for item in brought)
    assert [row[1:] for row in contents(folder)["orders"]] == [(1_000, 1), (1_000, 1)]
