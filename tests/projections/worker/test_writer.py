from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from eventstore.memory import MemoryStore
from eventstore.record.chain import hashes_of
from eventstore.record.codec import OrderEvent
from projections.fold import Item, Undecoded
from projections.projection import Projection
from projections.storage.views import Views
from tests.contracts.projection import ProjectionContract
from tests.projections.toy import (
    CONFIRMED,
    RAW_TALLY,
    TALLY,
    UNDECODABLE,
    Log,
    captured,
    contents,
    note,
    placed,
    voided,
    writer_of,
)

TROUBLED = {"o-1", "o-2", "o-3"}

pytestmark = pytest.mark.usefixtures("kind")


async def a_log() -> Log:
    log = Log(MemoryStore())
    for n in range(6):
        order_id = f"o-{n}"
        await log.append(order_id, placed(order_id), captured("a", n), CONFIRMED)
        await log.append(order_id, captured("b"), voided("a"), note())
    await log.append("o-1", note("poison"), note())
    await log.append("o-2", note("too big a number"), note())
    await log.append("o-3", UNDECODABLE, note())
    return log


class TestTally(ProjectionContract):
    @pytest.fixture
    def projection(self) -> Projection[Any]:
        return TALLY

    @pytest.fixture
    async def log(self) -> Log:
        return await a_log()

    @pytest.fixture
    async def folding(self, items: Sequence[Item]) -> Sequence[Item]:
        return [item for item in items if item.order_id not in TROUBLED]


class TestTallyThatTakesRawEvents(ProjectionContract):
    @pytest.fixture
    def projection(self) -> Projection[Any]:
        return RAW_TALLY

    @pytest.fixture
    async def log(self) -> Log:
        return await a_log()

    @pytest.fixture
    async def folding(self, items: Sequence[Item]) -> Sequence[Item]:
        return [item for item in items if item.order_id not in TROUBLED]


async def test_rows_removed_from_the_view_are_removed_from_the_table(tmp_path: Path) -> None:
    log = Log()
    await log.append("o-1", placed(), captured("a", 1), captured("b", 2), voided("a"))
    items = await log.items()
    async with writer_of(tmp_path) as writer:
        await writer.commit(items[:3], {})
        assert contents(tmp_path)["captures"] == [("o-1", "a", 1), ("o-1", "b", 2)]
        await writer.commit(items[3:], {})
    assert contents(tmp_path)["captures"] == [("o-1", "b", 2)]


async def test_a_view_in_memory_and_one_from_the_table_give_the_same_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    items = await (await a_log()).items()
    with monkeypatch.context() as patched:
        patched.setattr(Views.__init__, "__kwdefaults__", {"kept_max": 2})
        async with writer_of(tmp_path / "little") as writer:
            for item in sorted(items, key=lambda item: item.revision):
                await writer.commit([item], {})
    async with writer_of(tmp_path / "much") as writer:
        await writer.commit(items, {})

    assert contents(tmp_path / "little") == contents(tmp_path / "much")


async def test_checkpoints_of_several_sources_are_kept_side_by_side(tmp_path: Path) -> None:
    async with writer_of(tmp_path) as writer:
        await writer.commit((), {"topic/0": 5})
        await writer.commit((), {"topic/1": 7})
        await writer.commit((), {"topic/0": 6})
        assert writer.checkpoints == {"topic/0": 6, "topic/1": 7}
    async with writer_of(tmp_path) as writer:
        assert writer.checkpoints == {"topic/0": 6, "topic/1": 7}


async def test_no_checkpoint_is_saved_for_a_batch_with_a_hole(tmp_path: Path) -> None:
    log = Log()
    await log.append("o-1", placed(), captured("a"), captured("b"))
    await log.append("o-2", placed("o-2"))
    first, _, third, other = await log.items()
    async with writer_of(tmp_path) as writer:
        assert await writer.commit([first, third, other], {"log": 9}) == {"o-1": 0}
        assert writer.checkpoints == {}
    assert contents(tmp_path)["checkpoint"] == []
    assert [row[:2] for row in contents(tmp_path)["views"]] == [("o-1", 0), ("o-2", 0)]


@pytest.mark.parametrize("trouble", ["too big a number", "below zero"])
async def test_rows_that_the_database_refuses_park_their_order_alone(
    tmp_path: Path, trouble: str
) -> None:
    log = Log()
    await log.append("o-1", placed(), note(trouble), note())
    await log.append("o-2", placed("o-2"), captured())
    items = await log.items()
    async with writer_of(tmp_path) as writer:
        assert await writer.commit(items, {"log": 15}) == {}
        assert writer.parked == {"o-1"}

    tables = contents(tmp_path)
    assert [row[:4] for row in tables["parked"]] == [("o-1", 1, items[1].position, "NoteAdded")]
    assert [row[:2] for row in tables["views"]] == [("o-1", 0), ("o-2", 1)]
    assert tables["orders"] == [("o-1", 1_000, 0), ("o-2", 1_000, 0)]
    assert tables["checkpoint"] == [("log", 15)]


async def test_a_parked_order_continues_when_its_events_are_given_again(tmp_path: Path) -> None:
    log = Log()
    await log.append("o-1", placed(), UNDECODABLE, note())
    first, damaged, last = await log.items()
    assert isinstance(damaged, Undecoded)
    async with writer_of(tmp_path) as writer:
        await writer.commit([first, damaged, last], {})
    await log.append("o-2", placed("o-1"), CONFIRMED)
    good = (await log.items())[-1]
    assert isinstance(good, OrderEvent)
    hashes = hashes_of(damaged.recorded)
    assert hashes is not None
    repaired = good._replace(
        order_id="o-1",
        revision=damaged.revision,
        metadata=replace(good.metadata, prev_hash=hashes.prev_hash, hash=hashes.hash),
    )
    async with writer_of(tmp_path) as writer:
        assert writer.parked == {"o-1"}
        await writer.commit([repaired, last], {}, unpark="o-1")
        assert writer.parked == frozenset()
    assert contents(tmp_path)["parked"] == []
    assert [row[:2] for row in contents(tmp_path)["views"]] == [("o-1", 2)]
