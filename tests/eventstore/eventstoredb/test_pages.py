"""Reading streams and $all: reads that are cut off, foreign events, and changes by hand."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.waiting import HUNG_S, until

pytest.importorskip("esdbclient")

from esdbclient import AsyncEventStoreDBClient, NewEvent, StreamState

from eventstore.eventstoredb import EventStoreDb, log_reader, requests
from eventstore.port import (
    NO_STREAM,
    PAGE_MAX,
    Position,
    PositionUnknown,
    Revision,
    StoreUnavailable,
    StreamDeleted,
    StreamName,
)
from tests.contracts.event_store import all_of, draft, drafts, events, fresh_stream
from tests.esdb_stub.faults import Fault
from tests.esdb_stub.server import Stub, stub
from tests.eventstore.esdb import FAST, GIVES_UP, lead, store_on

ANY = StreamState.ANY


@pytest.fixture
async def store(server: Stub) -> AsyncIterator[EventStoreDb]:
    async with store_on(server) as store:
        yield store


@pytest.fixture
def stream() -> StreamName:
    return fresh_stream()


# Reads that are cut off


@pytest.mark.parametrize("fault", [Fault.UNAVAILABLE, Fault.RESTART])
async def test_a_read_that_breaks_off_in_the_middle_is_tried_again(
    server: Stub, store: EventStoreDb, stream: StreamName, fault: Fault
) -> None:
    await store.append(stream, drafts(PAGE_MAX + 10), expected=NO_STREAM)
    server.hooks.add(fault, on="event", skip=100, times=1)
    revisions = [event.revision for event in await events(store, stream)]
    server.hooks.add(fault, on="event", skip=100, times=1)
    log = [event.revision for event in await all_of(store.read_all())]

    assert revisions == log == list(range(PAGE_MAX + 10))
    assert server.hooks.met[fault] == 2


async def test_a_server_that_stays_away_is_reported_in_time(
    server: Stub, store: EventStoreDb, stream: StreamName
) -> None:
    await store.append(stream, [draft()], expected=NO_STREAM)
    server.hooks.freeze()

    async with store_on(server, timing=GIVES_UP) as hasty:
        with pytest.raises(StoreUnavailable, match="does not answer in time"):
            await asyncio.wait_for(events(hasty, stream), HUNG_S)


async def test_a_read_that_another_call_ends_is_tried_again(stream: StreamName) -> None:
    """Replacing the client of a cluster ends its reads under way, without an error."""
    async with stub() as leader, stub() as follower:
        lead(leader, follower)
        url = f"esdb://127.0.0.1:{leader.port},127.0.0.1:{follower.port}?Tls=false"
        store = EventStoreDb(url, timing=FAST)
        await store.append(stream, drafts(400), expected=NO_STREAM)
        leader.hooks.add(Fault.SILENCE, on="event", skip=50, times=1)
        under_way = asyncio.ensure_future(events(store, stream))
        await until(lambda: leader.hooks.met[Fault.SILENCE] == 1)

        await store._connection.discard(await store._connection.client())

        assert len(await under_way) == 400
        await store.aclose()


async def test_a_cancelled_read_is_cancelled(
    server: Stub, store: EventStoreDb, stream: StreamName
) -> None:
    """The client swallows it: the loop would end as if everything had been read."""
    await store.append(stream, drafts(100), expected=NO_STREAM)
    server.hooks.add(Fault.SILENCE, on="event", skip=50, times=1)
    under_way = asyncio.ensure_future(events(store, stream))
    await until(lambda: server.hooks.met[Fault.SILENCE] == 1)
    under_way.cancel()

    with pytest.raises(asyncio.CancelledError):
        await under_way


async def test_a_read_that_takes_too_long_times_out(
    server: Stub, store: EventStoreDb, stream: StreamName
) -> None:
    await store.append(stream, drafts(100), expected=NO_STREAM)
    server.hooks.add(Fault.SILENCE, on="event", skip=50, times=1)

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await events(store, stream)


# Positions of another log


async def test_a_position_after_the_end_is_not_taken_for_the_tail(
    store: EventStoreDb, stream: StreamName
) -> None:
    """The server itself returns nothing, as at the tail."""
    await store.append(stream, [draft()], expected=NO_STREAM)
    head = await store.head()
    assert head is not None

    for after in (head + 1_000_000, head + 1, head - 1):
        with pytest.raises(PositionUnknown, match="daybook replay --all"):
            await all_of(store.read_all(after=Position(after)))
        with pytest.raises(PositionUnknown):
            await anext(aiter(store.follow(after=Position(after))))


async def test_a_position_of_a_foreign_event_is_refused(
    store: EventStoreDb, stream: StreamName, client: AsyncEventStoreDBClient
) -> None:
    theirs = await client.append_to_stream(
        "invoice-1", current_version=ANY, events=[NewEvent(type="Sent", data=b"{}")]
    )
    await store.append(stream, [draft()], expected=NO_STREAM)

    with pytest.raises(PositionUnknown):
        await all_of(store.read_all(after=Position(theirs)))


# Foreign events


@pytest.mark.parametrize("at_the_server", [True, False])
async def test_only_events_of_orders_come_out_of_the_log(
    store: EventStoreDb,
    stream: StreamName,
    client: AsyncEventStoreDBClient,
    monkeypatch: pytest.MonkeyPatch,
    *,
    at_the_server: bool,
) -> None:
    """Filtered by the server and again in code, as servers have let other streams through."""
    if not at_the_server:
        monkeypatch.setattr(requests, "OURS", "")  # lets everything through
    await store.append(stream, drafts(2), expected=NO_STREAM)
    ours = await events(store, stream)
    theirs = NewEvent(type="OrderPlaced", data=b"{}")
    for name in ("invoice-1", "orders", "my-order-1", "xorder-1", "order"):
        await client.append_to_stream(name, current_version=ANY, events=[theirs])
    await client.set_stream_metadata(stream, metadata={"$acl": {}})
    link = NewEvent(type="$>", data=f"0@{stream}".encode())
    await client.append_to_stream("$ce-order", current_version=ANY, events=[link])
    gone = fresh_stream()
    await store.append(gone, [draft()], expected=NO_STREAM)
    await client.tombstone_stream(gone, current_version=ANY)

    log = await all_of(store.read_all())
    following = aiter(store.follow())

    assert [event for event in log if event.stream != gone] == ours
    assert [event.type for event in log if event.stream == gone] == ["NoteAdded"]
    assert await anext(following) == log
    assert await store.head() == log[-1].position
    await following.aclose()  # type: ignore[attr-defined]


async def test_the_head_is_found_before_any_number_of_foreign_events(
    store: EventStoreDb, stream: StreamName, client: AsyncEventStoreDBClient
) -> None:
    position = await store.append(stream, [draft()], expected=NO_STREAM)
    for _ in range(2 * log_reader.HEADS_MAX):
        await client.tombstone_stream(fresh_stream(), current_version=ANY)

    assert await store.head() == position


async def test_a_log_without_orders_has_no_head_and_no_events(
    store: EventStoreDb, client: AsyncEventStoreDBClient
) -> None:
    await client.append_to_stream(
        "invoice-1", current_version=ANY, events=[NewEvent(type="Sent", data=b"{}")]
    )

    assert await store.head() is None
    assert await all_of(store.read_all()) == []


# Changes by hand


async def test_a_deleted_stream_is_not_a_missing_one(
    store: EventStoreDb, stream: StreamName, client: AsyncEventStoreDBClient
) -> None:
    await store.append(stream, drafts(2), expected=NO_STREAM)
    await client.delete_stream(stream, current_version=ANY)

    for after in (None, Revision(0), Revision(1)):
        with pytest.raises(StreamDeleted):
            await all_of(store.read_stream(stream, after=after))
    assert len(await all_of(store.read_all())) == 2


async def test_a_deleted_stream_that_was_started_again_is_refused(
    store: EventStoreDb, stream: StreamName, client: AsyncEventStoreDBClient
) -> None:
    await store.append(stream, drafts(2), expected=NO_STREAM)
    await client.delete_stream(stream, current_version=ANY)
    again = NewEvent(type="OrderPlaced", data=b"{}")
    await client.append_to_stream(stream, current_version=ANY, events=[again])

    with pytest.raises(StreamDeleted, match="truncated"):
        await events(store, stream)


async def test_a_tombstoned_stream_is_refused(
    store: EventStoreDb, stream: StreamName, client: AsyncEventStoreDBClient
) -> None:
    await store.append(stream, drafts(2), expected=NO_STREAM)
    await client.tombstone_stream(stream, current_version=ANY)

    with pytest.raises(StreamDeleted):
        await events(store, stream)


@pytest.mark.parametrize("metadata", [{"$maxCount": 1}, {"$tb": 2}, {"$maxAge": 1}])
async def test_a_truncated_stream_is_refused_and_its_rest_can_be_read(
    store: EventStoreDb,
    stream: StreamName,
    client: AsyncEventStoreDBClient,
    metadata: dict[str, int],
) -> None:
    await store.append(stream, drafts(3), expected=NO_STREAM)
    await client.set_stream_metadata(stream, metadata=metadata)
    if "$maxAge" in metadata:
        await asyncio.sleep(1.5)

    with pytest.raises(StreamDeleted, match="truncated"):
        await events(store, stream)
    assert await all_of(store.read_stream(stream, after=Revision(2))) == []
