"""Parts of a log: together they are the log, and no event is in two of them."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from itertools import pairwise
from pathlib import Path

import pytest

from eventstore.part import PartOfLog, part_of
from eventstore.port import PAGE_MAX, Recorded
from eventstore.sqlite import SqliteReader, SqliteStore
from eventstore.verified import VerifiedLog
from tests.contracts.event_store import all_of
from tests.eventstore.filled import Writer, fill

EVENTS = 3 * PAGE_MAX


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteReader]:
    await fill(tmp_path / "log.db", EVENTS)
    reader = SqliteReader.open(tmp_path / "log.db")
    yield reader
    await reader.aclose()


async def log_of(store: SqliteReader) -> list[Recorded]:
    return await all_of(store.read_all())


def parts(store: SqliteReader, of: int, until: int = EVENTS) -> list[PartOfLog]:
    return [PartOfLog(store, part, of=of, until=until) for part in range(of)]


@pytest.mark.parametrize("of", [1, 2, 3, 8])
@pytest.mark.parametrize("until", [1, PAGE_MAX, EVENTS - 1, EVENTS])
async def test_together_the_parts_are_the_log_up_to_the_position(
    store: SqliteReader, of: int, until: int
) -> None:
    found = [await all_of(VerifiedLog(part).read_all()) for part in parts(store, of, until)]

    events = sorted((event for part in found for event in part), key=lambda event: event.position)
    assert events == (await log_of(store))[:until]
    streams = [{event.stream for event in part} for part in found]
    assert sum(map(len, streams)) == len(set().union(*streams))


async def test_each_part_has_about_as_many_orders() -> None:
    for of in (2, 3, 8):
        counts = [0] * of
        for n in range(10_000):
            counts[part_of(f"order-{n}", of)] += 1
        assert min(counts) > 0.9 * 10_000 / of


async def test_the_head_of_a_part_is_its_last_event_however_far_back(store: SqliteReader) -> None:
    for part in parts(store, 97):
        mine = await all_of(part.read_all())
        assert await part.head() == (mine[-1].position if mine else None)


async def test_a_part_without_events_has_no_head_and_no_pages(store: SqliteReader) -> None:
    of = 1_000
    taken = {part_of(event.stream.removeprefix("order-"), of) for event in await log_of(store)}
    part = next(part for part in range(of) if part not in taken)
    empty = PartOfLog(store, part, of=of, until=EVENTS)

    assert await empty.head() is None
    assert await all_of(empty.read_all()) == []


async def test_the_pages_of_a_part_are_full_except_the_last(store: SqliteReader) -> None:
    for part in parts(store, 3):
        pages = [page async for page in part.read_all()]
        assert {len(page) for page in pages[:-1]} <= {PAGE_MAX}
        assert 0 < len(pages[-1]) <= PAGE_MAX


async def test_a_followed_part_reaches_its_head_without_waiting_for_later_events(
    store: SqliteReader, tmp_path: Path
) -> None:
    for part in parts(store, 2):
        found: list[Recorded] = []
        async with aclosing(part.follow()) as pages:  # type: ignore[type-var]
            async for page in pages:
                found += page
                if found[-1].position == await part.head():
                    break
        assert found == await all_of(part.read_all())
        assert all(before.position < after.position for before, after in pairwise(found))

    writer = SqliteStore.open(tmp_path / "log.db")
    await Writer(writer).write(20, prefix="later")
    await writer.aclose()
    assert sum([len(await all_of(part.read_all())) for part in parts(store, 2)]) == EVENTS
