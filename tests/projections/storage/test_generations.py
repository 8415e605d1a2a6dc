"""What generations promise, on each kind of read database."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import pytest

from projections.storage.database import ReadDatabase
from projections.storage.errors import BeingBuilt, NotBuilt, ReadModelError
from projections.storage.generations import Generations, Pointer, ensure_built
from projections.storage.open import open_generations
from projections.worker.writer import open_writer
from replay.rebuild import rebuild
from tests.projections.toy import TALLY, Log, contents, numbers, placed, url_of, writer_of
from tests.projections.worker.test_runner import brought_up

pytestmark = pytest.mark.usefixtures("kind")


@pytest.fixture
async def found(tmp_path: Path) -> AsyncIterator[Generations]:
    async with aclosing(open_generations(url_of(tmp_path))) as found:
        yield found


@pytest.fixture
async def other(tmp_path: Path) -> AsyncIterator[Generations]:
    """As another process would see them."""
    async with aclosing(open_generations(url_of(tmp_path))) as other:
        yield other


async def build(found: Generations) -> int:
    number = await found.claim()
    await found.create(TALLY, number)
    return number


async def test_without_a_pointer_there_is_nothing_built(found: Generations) -> None:
    assert await found.pointer() == Pointer()
    with pytest.raises(NotBuilt, match="start its worker or replay it"):
        await found.live()


async def test_a_switch_is_seen_by_others_and_keeps_the_previous_number(
    found: Generations, other: Generations
) -> None:
    async with found.building():
        for number in (await build(found), await build(found)):
            await found.switch(number)
            assert await other.live() == number

    assert await other.pointer() == Pointer(live=2, previous=1, last=2)


async def test_switching_to_what_is_live_keeps_the_previous_one(found: Generations) -> None:
    async with found.building():
        await found.switch(await build(found))
        await found.switch(await build(found))
        await found.switch(2)

    assert (await found.pointer()).previous == 1


async def test_a_number_is_never_used_twice(found: Generations) -> None:
    async with found.building():
        await found.switch(await build(found))
        abandoned = await build(found)
        assert await found.delete_unused() == [abandoned]

        assert await found.claim() == abandoned + 1


async def test_a_generation_is_never_built_over_another(found: Generations) -> None:
    async with found.building():
        number = await build(found)
        with pytest.raises(Exception, match="exists"):
            await found.create(TALLY, number)


async def test_the_live_the_previous_and_a_written_generation_are_not_deleted(
    found: Generations, other: Generations
) -> None:
    async with found.building():
        for _ in range(3):
            await found.switch(await build(found))
        written = await build(found)
        async with open_writer(TALLY, other, written):
            assert await found.delete_unused() == [1]
            assert await found.numbers() == [2, 3, written]
        assert await found.delete_unused() == [written]
        assert await found.numbers() == [2, 3]


async def test_one_process_builds_at_a_time(found: Generations, other: Generations) -> None:
    async with found.building():
        with pytest.raises(BeingBuilt, match="try again when it is done"):
            await other.building().__aenter__()
    async with other.building():
        pass


async def test_a_generation_that_is_gone_is_not_written(found: Generations) -> None:
    async with found.building():
        await found.claim()
        with pytest.raises(ReadModelError, match="is gone: run `daybook replay tally`"):
            await open_writer(TALLY, found, 1).__aenter__()


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:///a.db",
        "sqlite+aiosqlite://",
        "sqlite+aiosqlite:///:memory:",
        "postgresql://host/db",
        "postgresql+asyncpg://host",
        "nonsense",
    ],
)
def test_another_kind_of_url_is_refused_with_the_known_kinds(url: str) -> None:
    with pytest.raises(ReadModelError, match=r"URL is sqlite.* or postgresql"):
        open_generations(url)


async def test_a_generation_of_another_read_model_is_refused_by_all_that_use_it(
    tmp_path: Path,
) -> None:
    log = Log()
    await log.append("o-1", placed())
    async with writer_of(tmp_path) as writer:
        await brought_up(writer, log)
    before = contents(tmp_path)
    other = replace(TALLY, name="other")
    says = "belongs to the read model tally, not to other: give each a database of its own"
    async with aclosing(open_generations(url_of(tmp_path))) as found:
        await ensure_built(other, found)
        with pytest.raises(ReadModelError, match="tally, not"):
            async with open_writer(other, found, 1):
                pass
    with pytest.raises(ReadModelError, match=says):
        await rebuild(other, url_of(tmp_path), log.store)
    async with aclosing(ReadDatabase(other, url_of(tmp_path))) as database:
        with pytest.raises(ReadModelError, match=says):
            await database.ask(lambda conn: conn.info)

    assert contents(tmp_path) == before
    assert numbers(tmp_path) == [1]
