"""Appends that fail on the way: none is lost or doubled, and unknown outcomes are reported."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import replace

import pytest

from tests.waiting import HUNG_S, until

pytest.importorskip("esdbclient")

from esdbclient import AsyncEventStoreDBClient, StreamState

from eventstore.eventstoredb import EventStoreDb
from eventstore.eventstoredb.reads import AppendCall
from eventstore.port import (
    NO_STREAM,
    AppendTooLarge,
    Draft,
    Expected,
    OutcomeUnknown,
    Revision,
    StoreUnavailable,
    StreamDeleted,
    StreamName,
    WrongExpectedRevision,
)
from tests.contracts.event_store import draft, drafts, events, fresh_stream
from tests.esdb_stub.faults import Fault
from tests.esdb_stub.server import Stub, stub
from tests.eventstore.esdb import FAST, GIVES_UP, is_stored_once, lead, store_on, stored

TOO_LATE_S = FAST.append_s * 2


@pytest.fixture
async def store(server: Stub) -> AsyncIterator[EventStoreDb]:
    async with store_on(server) as store:
        yield store


@pytest.fixture
def stream() -> StreamName:
    return fresh_stream()


@pytest.fixture
async def client(server: Stub) -> AsyncIterator[AsyncEventStoreDBClient]:
    """A plain client of the server, which shares connections as clients do by default."""
    client = AsyncEventStoreDBClient(server.uri)
    await client.connect()
    yield client
    await client.close()


# Sent again as they were


@pytest.mark.parametrize("processed", [False, True])
@pytest.mark.parametrize(
    "fault", [Fault.SILENCE, Fault.UNAVAILABLE, Fault.NOT_READY, Fault.TIMED_OUT, Fault.RESTART]
)
async def test_an_append_that_failed_once_is_stored_once(
    server: Stub, store: EventStoreDb, stream: StreamName, fault: Fault, *, processed: bool
) -> None:
    server.hooks.add(fault, on="append", processed=processed, times=1)
    pair = drafts(2)

    position = await store.append(stream, pair, expected=NO_STREAM)

    assert server.hooks.met[fault] == 1
    assert position == (await events(store, stream))[-1].position
    assert await is_stored_once(store, server, pair, stream)


@pytest.mark.parametrize("processed", [False, True])
async def test_an_append_that_arrives_late_is_stored_once(
    server: Stub, store: EventStoreDb, stream: StreamName, *, processed: bool
) -> None:
    server.hooks.add(Fault.LATE, on="append", delay_s=TOO_LATE_S, processed=processed, times=1)
    pair = drafts(2)

    await store.append(stream, pair, expected=NO_STREAM)
    await asyncio.sleep(2 * TOO_LATE_S)

    assert await is_stored_once(store, server, pair, stream)


async def test_a_stored_append_is_recognised_after_others_appended_after_it(
    server: Stub, store: EventStoreDb, stream: StreamName
) -> None:
    server.hooks.add(Fault.LATE, on="append", processed=True, delay_s=TOO_LATE_S, times=1)
    first, second = draft(), draft()
    appending = asyncio.ensure_future(store.append(stream, [first], expected=NO_STREAM))
    await until(lambda: server.hooks.met[Fault.LATE] == 1)
    await store.append(stream, [second], expected=Revision(0))

    assert await appending == (await events(store, stream))[0].position
    assert await is_stored_once(store, server, [first, second], stream)


async def test_an_append_that_lost_the_race_while_it_was_in_doubt_is_refused(
    server: Stub, store: EventStoreDb, stream: StreamName
) -> None:
    server.hooks.add(Fault.SILENCE, on="append", times=1)
    appending = asyncio.ensure_future(store.append(stream, [draft()], expected=NO_STREAM))
    await until(lambda: server.hooks.met[Fault.SILENCE] == 1)
    await store.append(stream, [draft()], expected=NO_STREAM)

    with pytest.raises(WrongExpectedRevision):
        await appending
    assert len(stored(server, stream)) == 1


# Appends that fail for good


@pytest.mark.parametrize("processed", [False, True])
async def test_an_outcome_that_stays_unknown_is_reported_and_a_resend_settles_it(
    server: Stub, store: EventStoreDb, stream: StreamName, *, processed: bool
) -> None:
    server.hooks.add(Fault.SILENCE, on="append", processed=processed)
    pair = drafts(2)

    async with store_on(server, timing=GIVES_UP) as hasty:
        with pytest.raises(OutcomeUnknown, match="does not answer in time"):
            await hasty.append(stream, pair, expected=NO_STREAM)
    assert bool(stored(server, stream)) is processed
    server.hooks.clear()
    await store.append(stream, pair, expected=NO_STREAM)

    assert await is_stored_once(store, server, pair, stream)


async def test_an_unknown_outcome_stays_unknown_when_the_server_goes_away(
    server: Stub, stream: StreamName
) -> None:
    server.hooks.add(Fault.SILENCE, on="append", processed=True, times=1)
    one = draft()
    async with store_on(server, timing=GIVES_UP) as store:
        appending = asyncio.ensure_future(store.append(stream, [one], expected=NO_STREAM))
        await until(lambda: server.hooks.met[Fault.SILENCE] == 1)
        await server.stop()

        with pytest.raises(OutcomeUnknown):
            await appending
    assert stored(server, stream) == [one.event_id]


async def test_an_append_that_was_never_sent_has_a_known_outcome(
    server: Stub, stream: StreamName
) -> None:
    async with store_on(server, timing=GIVES_UP) as store:
        await server.stop()

        with pytest.raises(StoreUnavailable, match="cannot be reached"):
            await store.append(stream, [draft()], expected=Revision(0))


async def test_an_append_that_is_not_allowed_has_a_known_outcome(
    server: Stub, stream: StreamName
) -> None:
    server.hooks.add(Fault.ACCESS_DENIED, on="append")

    async with store_on(server, timing=GIVES_UP) as store:
        with pytest.raises(StoreUnavailable, match="does not allow this user"):
            await store.append(stream, [draft()], expected=NO_STREAM)
    assert stored(server, stream) == []


async def test_appends_succeed_again_when_the_server_is_back(
    server: Stub, stream: StreamName
) -> None:
    async with store_on(server, timing=GIVES_UP) as store:
        pair = drafts(2)
        await append_in_the_end(store, stream, pair[:1], expected=NO_STREAM)
        await server.stop()
        with pytest.raises(StoreUnavailable):
            await store.append(stream, pair[1:], expected=Revision(0))
        await server.start(server.port)

        await append_in_the_end(store, stream, pair[1:], expected=Revision(0))
    assert len(stored(server, stream)) == 2


async def append_in_the_end(
    store: EventStoreDb, stream: StreamName, drafts: Sequence[Draft], *, expected: Expected
) -> None:
    """As a caller that tries again when the store gives up."""
    async with asyncio.timeout(HUNG_S):
        while True:
            with suppress(StoreUnavailable, OutcomeUnknown):
                await store.append(stream, drafts, expected=expected)
                return


async def test_an_append_that_is_too_large_is_refused_and_later_ones_succeed(
    server: Stub, stream: StreamName
) -> None:
    # A large append takes long; if the time runs out, its outcome is unknown.
    async with store_on(server, timing=replace(FAST, append_s=60.0)) as store:
        for megabytes in (2, 20):
            large = draft(b'{"x":"' + b"x" * megabytes * 2**20 + b'"}')
            with pytest.raises(AppendTooLarge):
                await store.append(stream, [large], expected=NO_STREAM)

        await store.append(stream, [draft()], expected=NO_STREAM)
    assert len(stored(server, stream)) == 1


async def test_an_append_that_the_server_rejects_as_malformed_is_an_error(
    server: Stub, store: EventStoreDb, stream: StreamName
) -> None:
    nameless = Draft(draft().event_id, "", b"{}", b"{}")

    with pytest.raises(StoreUnavailable, match="rejects the append as malformed"):
        await store.append(stream, [nameless], expected=NO_STREAM)


async def test_a_cancelled_append_is_cancelled(
    server: Stub, store: EventStoreDb, stream: StreamName
) -> None:
    server.hooks.add(Fault.SILENCE, on="append")
    appending = asyncio.ensure_future(store.append(stream, [draft()], expected=NO_STREAM))
    await until(lambda: server.hooks.met[Fault.SILENCE] == 1)
    appending.cancel()

    with pytest.raises(asyncio.CancelledError):
        await appending


@pytest.mark.parametrize("processed", [False, True])
async def test_an_append_whose_connection_is_replaced_is_sent_again(
    server: Stub, store: EventStoreDb, stream: StreamName, *, processed: bool
) -> None:
    """As another call of the same process does when it finds another leader."""
    pair = drafts(2)
    server.hooks.add(Fault.SILENCE, on="append", processed=processed, times=1)
    appending = asyncio.ensure_future(store.append(stream, pair, expected=NO_STREAM))
    await until(lambda: server.hooks.met[Fault.SILENCE] == 1)
    old, store._connection._client = store._connection._client, None
    assert old is not None
    await old.close()

    await appending
    assert await is_stored_once(store, server, pair, stream)


@pytest.mark.parametrize("processed", [False, True])
async def test_a_call_that_breaks_while_a_request_is_written_is_made_anew(
    monkeypatch: pytest.MonkeyPatch,
    server: Stub,
    store: EventStoreDb,
    stream: StreamName,
    *,
    processed: bool,
) -> None:
    write = AppendCall.write

    async def breaking(self: AppendCall, message: bytes) -> None:
        monkeypatch.undo()
        if processed:
            await write(self, message)
            await until(lambda: bool(stored(server, stream)))
        self.close()
        await write(self, message)

    monkeypatch.setattr(AppendCall, "write", breaking)
    pair = drafts(2)

    await store.append(stream, pair, expected=NO_STREAM)

    assert await is_stored_once(store, server, pair, stream)


# Streams that were deleted or truncated by hand


@pytest.fixture
async def deleted(
    store: EventStoreDb, stream: StreamName, client: AsyncEventStoreDBClient
) -> list[Draft]:
    """The events of the stream before it was deleted."""
    pair = drafts(2)
    await store.append(stream, pair, expected=NO_STREAM)
    await client.delete_stream(stream, current_version=StreamState.ANY)
    return pair


async def test_a_deleted_stream_does_not_begin_again(
    server: Stub, stream: StreamName, deleted: list[Draft]
) -> None:
    """Deleted before this store was opened, only the answer tells: the first one is stored."""
    async with store_on(server) as store:
        for again in (deleted, [draft()]):
            with pytest.raises(StreamDeleted):
                await store.append(stream, again, expected=NO_STREAM)
        # As soon as the change of its metadata has arrived, it is known before an append, too.
        with pytest.raises((WrongExpectedRevision, StreamDeleted)):
            await store.append(stream, [draft()], expected=NO_STREAM)

    assert len(stored(server, stream)) == 3


async def test_repeating_an_append_to_a_deleted_stream_is_refused(
    store: EventStoreDb, stream: StreamName, deleted: list[Draft]
) -> None:
    with pytest.raises(StreamDeleted):
        await store.append(stream, deleted[1:], expected=Revision(0))


async def test_a_tombstoned_stream_is_refused_whatever_is_expected(
    store: EventStoreDb, stream: StreamName, client: AsyncEventStoreDBClient
) -> None:
    await store.append(stream, drafts(2), expected=NO_STREAM)
    await client.tombstone_stream(stream, current_version=StreamState.ANY)

    expected: Expected
    for expected in (NO_STREAM, Revision(0), Revision(1)):
        with pytest.raises(StreamDeleted):
            await store.append(stream, [draft()], expected=expected)


# The same ids where EventStoreDB does not compare them


async def test_ids_are_not_compared_if_the_expected_revision_is_the_last_one(
    server: Stub, store: EventStoreDb, stream: StreamName
) -> None:
    one = draft()
    await store.append(stream, [one], expected=NO_STREAM)

    await store.append(stream, [one], expected=Revision(0))

    assert stored(server, stream) == [one.event_id] * 2


async def test_ids_are_recognised_after_a_restart(
    server: Stub, store: EventStoreDb, stream: StreamName
) -> None:
    pair = drafts(2)
    position = await store.append(stream, pair, expected=NO_STREAM)
    await server.restart()

    assert await store.append(stream, pair, expected=NO_STREAM) == position
    assert await is_stored_once(store, server, pair, stream)


# The connection


async def test_a_hundred_subscriptions_in_the_process_delay_no_append(
    server: Stub,
    store: EventStoreDb,
    stream: StreamName,
    client: AsyncEventStoreDBClient,
) -> None:
    """The server takes 100 calls at once on a connection, and clients share one by default."""
    subscriptions = [await client.subscribe_to_all() for _ in range(100)]

    await store.append(stream, [draft()], expected=NO_STREAM)

    for subscription in subscriptions:
        await subscription.stop()


async def test_appends_follow_the_leader_of_a_cluster() -> None:
    async with stub() as first, stub() as second:
        lead(first, second)
        second.log = first.log  # as replicated
        url = f"esdb://127.0.0.1:{first.port},127.0.0.1:{second.port}?Tls=false"
        store = EventStoreDb(url, timing=FAST)
        before, after = fresh_stream(), fresh_stream()
        await store.append(before, [draft()], expected=NO_STREAM)
        lead(second, first)

        await store.append(after, [draft()], expected=NO_STREAM)
        await store.aclose()

        assert (len(stored(first, before)), len(stored(second, after))) == (1, 1)
        assert second.counted["BatchAppend message"] == 1


async def test_a_closed_store_refuses_calls(server: Stub, stream: StreamName) -> None:
    store = EventStoreDb(server.uri, timing=FAST)
    await store.append(stream, [draft()], expected=NO_STREAM)
    waiting = asyncio.ensure_future(anext(aiter(store.follow(after=await store.head()))))
    await asyncio.sleep(0.1)

    async with asyncio.timeout(HUNG_S):
        await store.aclose()

    for refused in (
        waiting,
        store.append(stream, [draft()], expected=Revision(0)),
        events(store, stream),
        store.head(),
        anext(aiter(store.read_all())),
        anext(aiter(store.follow())),
    ):
        with pytest.raises(StoreUnavailable, match="closed"):
            await refused
