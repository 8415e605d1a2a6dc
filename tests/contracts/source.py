"""What every source promises the runner."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing

import pytest

from projections.fold import Item, Undecoded
from projections.sources.log import Batch, LogPage, Source
from tests.projections.toy import CONFIRMED, FROM_A_NEWER_DAYBOOK, UNDECODABLE, Log, note, placed
from tests.waiting import HUNG_S

SOON_S = HUNG_S


class SourceContract:
    @pytest.fixture
    def log(self) -> Log:
        return Log()

    @pytest.fixture
    async def source(self, log: Log) -> Source:
        raise NotImplementedError

    @pytest.fixture
    def nowhere(self) -> Mapping[str, int]:
        """Checkpoints of a model that has read nothing."""
        return {}

    async def test_brings_every_event_in_the_order_of_the_log(
        self, source: Source, log: Log, nowhere: Mapping[str, int]
    ) -> None:
        for n in range(700):
            await log.append(f"o-{n % 7}", placed(f"o-{n % 7}"))

        assert await until_tail(source, nowhere) == await log.items()

    async def test_goes_on_behind_any_checkpoint_it_gave(
        self, source: Source, log: Log, nowhere: Mapping[str, int]
    ) -> None:
        for n in range(700):
            await log.append("o-1", note(str(n)))
        everything = await log.items()

        async with aclosing(source.batches(nowhere, stop_at_tail=True)) as batches:
            taken = 0
            async for batch in batches:
                taken += len(batch.items)
                assert await until_tail(source, batch.checkpoints) == everything[taken:]
        assert taken == len(everything)

    async def test_ends_at_the_tail_of_an_empty_log(
        self, source: Source, nowhere: Mapping[str, int]
    ) -> None:
        assert await until_tail(source, nowhere) == []

    async def test_waits_at_the_tail_for_more(
        self, source: Source, log: Log, nowhere: Mapping[str, int]
    ) -> None:
        await log.append("o-1", placed())
        async with aclosing(source.batches(nowhere, stop_at_tail=False)) as batches:
            first = await asyncio.wait_for(_next(batches), SOON_S)
            waiting = asyncio.ensure_future(_next(batches))
            await asyncio.sleep(0.02)
            assert not waiting.done()

            await log.append("o-1", CONFIRMED)
            second = await asyncio.wait_for(waiting, SOON_S)

        assert [*first.items, *second.items] == await log.items()

    async def test_what_does_not_decode_comes_in_its_place(
        self, source: Source, log: Log, nowhere: Mapping[str, int]
    ) -> None:
        await log.append("o-1", placed(), UNDECODABLE, FROM_A_NEWER_DAYBOOK, CONFIRMED)

        items = await until_tail(source, nowhere)

        assert [item.revision for item in items] == [0, 1, 2, 3]
        _, damaged, newer, _ = items
        assert isinstance(damaged, Undecoded)
        assert isinstance(newer, Undecoded)
        assert (damaged.kept_raw, newer.kept_raw) == (True, False)

    async def test_a_reader_that_is_cancelled_while_it_waits_disturbs_no_other(
        self, source: Source, log: Log, nowhere: Mapping[str, int]
    ) -> None:
        leaving = asyncio.ensure_future(_first(source, nowhere))
        staying = asyncio.ensure_future(_first(source, nowhere))
        await asyncio.sleep(0.02)
        leaving.cancel()
        await asyncio.sleep(0)
        await log.append("o-1", placed())

        assert await asyncio.wait_for(staying, SOON_S) == await log.items()
        assert leaving.cancelled()

    async def test_a_reader_that_stands_still_holds_up_no_other(
        self, source: Source, log: Log, nowhere: Mapping[str, int]
    ) -> None:
        await log.append("o-1", placed())
        async with aclosing(source.batches(nowhere, stop_at_tail=False)) as still:
            before = list((await anext(still)).items)
            for n in range(3_000):
                await log.append("o-1", note(str(n)))
            everything = await log.items()

            assert await asyncio.wait_for(until_tail(source, nowhere), SOON_S) == everything
            while len(before) < len(everything):
                before += (await asyncio.wait_for(anext(still), SOON_S)).items
        assert before == everything


async def until_tail(source: Source, after: Mapping[str, int]) -> list[Item]:
    async with aclosing(source.batches(after, stop_at_tail=True)) as batches:
        return [item async for batch in batches for item in batch.items]


async def _next(batches: AsyncGenerator[Batch | LogPage, None]) -> Batch | LogPage:
    """The next one with events: a source may say where it stands without any."""
    async for batch in batches:
        if batch.items:
            return batch
    raise AssertionError("the source has ended")


async def _first(source: Source, after: Mapping[str, int]) -> list[Item]:
    async with aclosing(source.batches(after, stop_at_tail=False)) as batches:
        return list((await anext(batches)).items)
