import pytest

from eventstore.memory import MemoryStore
from eventstore.port import NO_STREAM, Revision, StoreUnavailable, StreamName
from tests.contracts.event_store import EventStoreContract, draft, events


class TestMemoryStore(EventStoreContract):
    @pytest.fixture
    def store(self) -> MemoryStore:
        return MemoryStore()


async def test_ids_are_not_compared_if_the_expected_revision_is_the_last_one() -> None:
    store, stream, one = MemoryStore(), StreamName("order-1"), draft()
    await store.append(stream, [one], expected=NO_STREAM)

    await store.append(stream, [one], expected=Revision(0))

    assert [recorded.event_id for recorded in await events(store, stream)] == [one.event_id] * 2


async def test_an_empty_log_has_no_head() -> None:
    assert await MemoryStore().head() is None


async def test_positions_have_gaps_so_that_no_test_relies_on_none() -> None:
    store = MemoryStore()

    await store.append(StreamName("order-1"), [draft(), draft()], expected=NO_STREAM)

    assert [recorded.position for recorded in await events(store, StreamName("order-1"))] == [3, 6]


async def test_a_closed_store_refuses_calls_and_ends_its_followers() -> None:
    store = MemoryStore()
    following = store.follow()
    await store.aclose()

    with pytest.raises(StoreUnavailable, match="closed"):
        await anext(following)
    with pytest.raises(StoreUnavailable, match="closed"):
        await store.append(StreamName("order-1"), [draft()], expected=NO_STREAM)
    with pytest.raises(StoreUnavailable, match="closed"):
        await anext(store.read_all())
