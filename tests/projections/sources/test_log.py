import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing

import pytest

from eventstore.memory import MemoryStore
from eventstore.port import EventStore, Page, Position, Recorded, StoreUnavailable
from projections.fold import Item
from projections.sources import log as source_module
from projections.sources.log import LOG, SharedLog, Source
from tests.contracts.source import SOON_S, SourceContract, until_tail
from tests.projections.toy import Log, note, placed


class CountingStore(MemoryStore):
    """Counts readings of pages, and can fail one of them."""

    def __init__(self) -> None:
        super().__init__()
        self.followed = 0
        self.read = 0
        self.fails = False

    async def follow(self, *, after: Position | None = None) -> AsyncGenerator[Page, None]:
        async for page in super().follow(after=after):
            if self.fails:
                self.fails = False
                raise StoreUnavailable("gone for a moment")
            self.followed += 1
            yield page

    async def read_all(self, *, after: Position | None = None) -> AsyncGenerator[Page, None]:
        async for page in super().read_all(after=after):
            self.read += 1
            yield page


@pytest.fixture
def store() -> CountingStore:
    return CountingStore()


@pytest.fixture
def log(store: EventStore) -> Log:
    return Log(store)


@pytest.fixture
async def shared(log: Log) -> AsyncIterator[SharedLog]:
    shared = SharedLog(log.store, ring_max=3)
    yield shared
    await shared.aclose()


class TestSharedLog(SourceContract):
    @pytest.fixture
    async def source(self, log: Log) -> AsyncIterator[Source]:
        shared = SharedLog(log.store, ring_max=3)
        yield shared
        await shared.aclose()


async def filled(log: Log, events: int) -> None:
    await log.append("o-1", placed())
    for n in range(events - 1):
        await log.append("o-1", note(str(n)))


async def test_readers_side_by_side_share_one_read_and_one_decode(
    shared: SharedLog, log: Log, store: CountingStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded = []

    def counting(recorded: Recorded) -> Item:
        decoded.append(recorded.position)
        return decode_item(recorded)

    decode_item = source_module.decode_item
    monkeypatch.setattr(source_module, "decode_item", counting)
    await filled(log, 2_000)

    answers = await asyncio.gather(*(until_tail(shared, {}) for _ in range(4)))

    assert [len(items) for items in answers] == [2_000] * 4
    assert len(decoded) == 2_000


async def test_a_reader_before_the_ring_reads_its_own_pages_until_it_reaches_the_ring(
    shared: SharedLog, log: Log, store: CountingStore
) -> None:
    await filled(log, 4_000)
    await until_tail(shared, {})
    followed = store.followed
    everything = await log.items()
    store.read = 0

    assert await until_tail(shared, {}) == everything
    # Eight pages; the last three are in the ring.
    assert (store.read, store.followed - followed) == (5, 0)


async def test_small_pages_that_came_meanwhile_are_one_batch(shared: SharedLog, log: Log) -> None:
    async with (
        aclosing(shared.batches({}, stop_at_tail=False)) as slow,
        aclosing(shared.batches({}, stop_at_tail=False)) as quick,
    ):
        for n in range(3):
            await log.append(f"o-{n}", placed(f"o-{n}"))
            await anext(quick)

        assert len((await anext(slow)).items) == 3


async def test_the_ring_moves_with_the_reader_that_is_farthest(
    shared: SharedLog, log: Log, store: CountingStore
) -> None:
    await filled(log, 3_000)
    everything = await log.items()
    ahead = {LOG: everything[-2].position}

    assert await until_tail(shared, ahead) == everything[-1:]
    assert store.followed == 1
    assert await until_tail(shared, {}) == everything


@pytest.mark.parametrize("ahead_first", [True, False])
@pytest.mark.parametrize("behind_by", [1, 9, 20, 1_500])
async def test_a_model_behind_another_one_is_served_though_nobody_writes(
    shared: SharedLog, log: Log, behind_by: int, *, ahead_first: bool
) -> None:
    await filled(log, 1_600)
    everything = await log.items()
    places = [everything[-1].position, everything[-1 - behind_by].position]
    async with (
        aclosing(shared.batches({LOG: places[not ahead_first]}, stop_at_tail=False)) as first,
        aclosing(shared.batches({LOG: places[ahead_first]}, stop_at_tail=False)) as second,
    ):
        ahead, behind = (first, second) if ahead_first else (second, first)
        waiting = {first: asyncio.create_task(anext(first))}
        waiting[second] = asyncio.create_task(anext(second))
        got: list[Item] = []
        async with asyncio.timeout(SOON_S):
            while len(got) < behind_by:
                got += (await waiting[behind]).items
                waiting[behind] = asyncio.create_task(anext(behind))
            assert got == everything[-behind_by:]
            await log.append("o-1", note("both get it"))
            [new] = (await waiting.pop(ahead)).items
            assert (await waiting.pop(behind)).items == [new]


async def test_an_error_of_the_store_is_raised_to_waiting_readers_and_the_next_one_asks_again(
    shared: SharedLog, log: Log, store: CountingStore
) -> None:
    await filled(log, 10)
    store.fails = True
    both = await asyncio.gather(
        until_tail(shared, {}), until_tail(shared, {}), return_exceptions=True
    )

    assert all(isinstance(answer, StoreUnavailable) for answer in both)
    assert len(await until_tail(shared, {})) == 10


async def test_closing_it_wakes_waiting_readers(log: Log) -> None:
    shared = SharedLog(log.store)
    waiting = asyncio.ensure_future(anext(shared.batches({}, stop_at_tail=False)))
    await asyncio.sleep(0.02)
    await shared.aclose()

    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(waiting, SOON_S)


async def test_up_to_the_tail_batches_are_as_large_as_they_may_be(
    log: Log, store: CountingStore
) -> None:
    await filled(log, 3_200)
    shared = SharedLog(log.store, bulk_max=1_000)

    async with aclosing(shared.batches({}, stop_at_tail=True)) as batches:
        sizes = [len(batch.items) async for batch in batches]
    await shared.aclose()

    assert sizes == [1_000, 1_000, 1_000, 200]
    assert store.followed == 7


async def test_a_batch_of_small_pages_is_limited(log: Log) -> None:
    shared = SharedLog(log.store, batch_max=2)
    async with (
        aclosing(shared.batches({}, stop_at_tail=False)) as slow,
        aclosing(shared.batches({}, stop_at_tail=False)) as quick,
    ):
        for n in range(5):
            await log.append(f"o-{n}", placed(f"o-{n}"))
            await anext(quick)

        async with asyncio.timeout(SOON_S):
            assert [len((await anext(slow)).items) for _ in range(3)] == [2, 2, 1]
    await shared.aclose()
