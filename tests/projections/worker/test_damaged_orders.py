"""Damage to one order in the log affects that order alone: it is parked, all others continue."""

from collections.abc import AsyncGenerator, Callable
from pathlib import Path

import pytest

from eventstore.memory import MemoryStore
from eventstore.port import Page, Position, Recorded, Revision, StreamDeleted, StreamName
from eventstore.record.codec import stream_name
from projections.projection import Projection
from projections.worker.parked import Discard, Retry, ask
from tests.projections.toy import (
    CONFIRMED,
    FROM_A_NEWER_DAYBOOK,
    RAW_TALLY,
    TALLY,
    Log,
    contents,
    note,
    placed,
    url_of,
    writer_of,
)
from tests.projections.worker.test_runner import brought_up

pytestmark = pytest.mark.usefixtures("kind")


class DamagedStore(MemoryStore):
    """A log in which a person has been at work."""

    def __init__(self) -> None:
        super().__init__()
        self.lost: Callable[[Recorded], bool] = lambda _: False
        self.deleted: StreamName | None = None

    async def read_stream(
        self, stream: StreamName, *, after: Revision | None = None
    ) -> AsyncGenerator[Page, None]:
        if stream == self.deleted:
            raise StreamDeleted(f"{stream}: the stream was deleted in the log by hand")
        async for page in super().read_stream(stream, after=after):
            if left := self._left(page):
                yield left

    async def read_all(self, *, after: Position | None = None) -> AsyncGenerator[Page, None]:
        async for page in super().read_all(after=after):
            if left := self._left(page):
                yield left

    def _left(self, page: Page) -> Page:
        return [recorded for recorded in page if not self.lost(recorded)]


def of(order_id: str, *revisions: int) -> Callable[[Recorded], bool]:
    return lambda it: it.stream == stream_name(order_id) and it.revision in revisions


@pytest.fixture
def store() -> DamagedStore:
    return DamagedStore()


@pytest.fixture
def log(store: DamagedStore) -> Log:
    return Log(store)


def revisions(folder: Path, name: str = "tally") -> dict[str, int]:
    return {row[0]: row[1] for row in contents(folder, name=name)["views"]}


def parked(folder: Path) -> dict[str, tuple[int, str]]:
    return {row[0]: (row[1], row[4]) for row in contents(folder)["parked"]}


async def filled(log: Log) -> None:
    await log.append("o-1", placed(), CONFIRMED, note(), note())
    await log.append("o-2", placed("o-2"), CONFIRMED)


@pytest.mark.parametrize("lost", [(0,), (0, 1), (1,), (1, 2), (2,)])
@pytest.mark.parametrize("projection", [TALLY, RAW_TALLY])
async def test_a_hole_or_a_truncated_begin_parks_its_order(
    tmp_path: Path,
    store: DamagedStore,
    log: Log,
    lost: tuple[int, ...],
    projection: Projection[object],
) -> None:
    await filled(log)
    store.lost = of("o-1", *lost)
    async with writer_of(tmp_path, projection) as writer:
        await brought_up(writer, log)
        await log.append("o-1", note())
        await log.append("o-2", note())
        await brought_up(writer, log)

    expected = {"o-2": 2} | ({"o-1": lost[0] - 1} if lost[0] else {})
    assert revisions(tmp_path) == expected
    assert parked(tmp_path)["o-1"][0] == lost[0]
    assert f"does not have o-1 from revision {lost[0]} on" in parked(tmp_path)["o-1"][1]
    assert parked(tmp_path).keys() == {"o-1"}


@pytest.mark.parametrize("scavenged", [(), (0, 1)])
async def test_a_deleted_stream_parks_its_order_at_most(
    tmp_path: Path, store: DamagedStore, log: Log, scavenged: tuple[int, ...]
) -> None:
    await filled(log)
    store.lost, store.deleted = of("o-1", *scavenged), stream_name("o-1")
    async with writer_of(tmp_path) as writer:
        await brought_up(writer, log)
        await log.append("o-2", note())
        await brought_up(writer, log)

    assert revisions(tmp_path)["o-2"] == 2
    if scavenged:
        assert "was deleted in the log by hand" in parked(tmp_path)["o-1"][1]
    else:
        assert (revisions(tmp_path)["o-1"], parked(tmp_path)) == (3, {})


@pytest.mark.parametrize("at", [0, 1])
async def test_an_unknown_type_parks_its_order_in_the_audit_trail_as_well(
    tmp_path: Path, log: Log, at: int
) -> None:
    events = [placed(), note()]
    events.insert(at, FROM_A_NEWER_DAYBOOK)  # type: ignore[arg-type]
    await log.append("o-1", *events)
    await log.append("o-2", placed("o-2"))
    async with writer_of(tmp_path, RAW_TALLY) as writer:
        await brought_up(writer, log)

    assert revisions(tmp_path) == {"o-2": 0} | ({"o-1": 0} if at else {})
    assert parked(tmp_path)["o-1"][0] == at
    assert "UpgradeNeeded" in parked(tmp_path)["o-1"][1]


async def test_missing_events_that_are_restored_are_applied_by_a_retry(
    tmp_path: Path, store: DamagedStore, log: Log
) -> None:
    await filled(log)
    store.lost = of("o-1", 1)
    async with writer_of(tmp_path) as writer:
        await brought_up(writer, log)
    outcome = await ask(TALLY, url_of(tmp_path), store, Retry(order_id="o-1"))
    assert not outcome.done
    assert "does not have o-1 from revision 1 on" in outcome.message

    store.lost = of("o-1")
    assert (await ask(TALLY, url_of(tmp_path), store, Retry(order_id="o-1"))).done
    assert (revisions(tmp_path), parked(tmp_path)) == ({"o-1": 3, "o-2": 1}, {})


@pytest.mark.parametrize("projection", [TALLY, RAW_TALLY])
async def test_an_operator_can_discard_what_is_missing(
    tmp_path: Path, store: DamagedStore, log: Log, projection: Projection[object]
) -> None:
    await filled(log)
    store.lost = of("o-1", 1)
    async with writer_of(tmp_path, projection) as writer:
        await brought_up(writer, log)
    request = Discard(order_id="o-1", revision=1, who="alice", why="it is gone")
    assert (await ask(projection, url_of(tmp_path), store, request)).done

    assert (revisions(tmp_path), parked(tmp_path)) == ({"o-1": 3, "o-2": 1}, {})
    # No entry for an event of which nothing is known.
    assert [row[1] for row in contents(tmp_path)["lines"] if row[0] == "o-1"] == [0, 2, 3]
