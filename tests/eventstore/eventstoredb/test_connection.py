"""Connecting: over a slow network, at once by many, and to nodes that do not answer."""

import asyncio
from dataclasses import replace

import pytest

from tests.waiting import HUNG_S, until

pytest.importorskip("esdbclient")

from eventstore.eventstoredb import EventStoreDb
from eventstore.eventstoredb.connection import Client, Timing
from eventstore.port import NO_STREAM, StoreUnavailable
from tests.contracts.event_store import draft, fresh_stream, ids
from tests.esdb_stub.relay import relay
from tests.esdb_stub.server import FOLLOWER, LEADER, Stub, stub
from tests.esdb_stub.services import Member
from tests.eventstore.esdb import FAST, GIVES_UP, store_on, stored
from tests.parts.ports import free_port

SLOW_S = 0.5
PATIENT = Timing(append_s=20.0, settle_s=HUNG_S, patience_s=HUNG_S, read_s=20.0)


def led_by(port: int) -> list[Member]:
    return [Member(LEADER, "127.0.0.1", port), Member(FOLLOWER, "127.0.0.1", free_port())]


@pytest.mark.parametrize("named", ["a node", "a cluster"])
async def test_a_server_that_is_half_a_second_away_each_way(server: Stub, named: str) -> None:
    async with relay(server.port) as between:
        between.delay_s = SLOW_S
        server.cluster = led_by(between.port)
        hosts = [f"127.0.0.1:{between.port}"] * (1 if named == "a node" else 2)
        store = EventStoreDb(f"esdb://{','.join(hosts)}?Tls=false", timing=PATIENT)
        stream = fresh_stream()
        one = draft()
        async with asyncio.timeout(HUNG_S):
            await store.append(stream, [one], expected=NO_STREAM)

            assert await ids(store, stream) == [one.event_id]
        await store.aclose()


async def test_all_who_wait_share_one_discovery(monkeypatch: pytest.MonkeyPatch) -> None:
    """No node is there: each of them gets the error of the same few tries."""
    discoveries = 0
    connect = Client.connect

    async def counted(self: Client) -> None:
        nonlocal discoveries
        discoveries += 1
        await connect(self)

    monkeypatch.setattr(Client, "connect", counted)
    url = f"esdb://127.0.0.1:{free_port()},127.0.0.1:{free_port()}?Tls=false"
    store = EventStoreDb(url + "&MaxDiscoverAttempts=1", timing=GIVES_UP)

    async with asyncio.timeout(HUNG_S):
        outcomes = await asyncio.gather(
            *(store.append(fresh_stream(), [draft()], expected=NO_STREAM) for _ in range(32)),
            *(store.head() for _ in range(32)),
            return_exceptions=True,
        )
    await store.aclose()

    assert {type(outcome) for outcome in outcomes} == {StoreUnavailable}
    assert "no leader is found" in str(outcomes[0])
    assert discoveries < 16


async def test_a_frozen_leader_is_left_for_the_next_one() -> None:
    """Its connections stay open and nothing comes, not even the answer to a ping."""
    async with stub() as first, stub() as second, relay(first.port) as between:
        second.log = first.log  # as replicated
        first.cluster = second.cluster = led_by(between.port)
        url = (
            f"esdb://127.0.0.1:{second.port},127.0.0.1:{between.port}?Tls=false"
            "&KeepAliveInterval=300&KeepAliveTimeout=300"
        )
        store = EventStoreDb(url, timing=replace(FAST, append_s=0.5))
        await store.append(fresh_stream(), [draft()], expected=NO_STREAM)
        between.freeze()
        second.cluster = led_by(second.port)
        stream = fresh_stream()
        one = draft()

        async with asyncio.timeout(HUNG_S):
            await store.append(stream, [one], expected=NO_STREAM)

        assert stored(second, stream) == [one.event_id]
        assert second.counted["BatchAppend"] == 1
        await store.aclose()


async def test_a_network_that_goes_silent_is_noticed_and_a_new_connection_is_made(
    server: Stub,
) -> None:
    async with relay(server.port) as between:
        store = EventStoreDb(
            between.uri + "&KeepAliveInterval=300&KeepAliveTimeout=300", timing=FAST
        )
        await store.append(fresh_stream(), [draft()], expected=NO_STREAM)
        between.freeze()
        stream = fresh_stream()
        appending = asyncio.ensure_future(store.append(stream, [draft()], expected=NO_STREAM))
        await until(lambda: len(between.accepted) > 1)
        between.thaw()

        async with asyncio.timeout(HUNG_S):
            await appending
        assert len(stored(server, stream)) == 1
        await store.aclose()


async def test_closing_while_connecting(server: Stub) -> None:
    async with relay(server.port) as between:
        between.freeze()
        store = EventStoreDb(between.uri, timing=FAST)
        waiting = asyncio.ensure_future(store.append(fresh_stream(), [draft()], expected=NO_STREAM))
        await until(lambda: len(between.accepted) > 0)
        async with asyncio.timeout(HUNG_S):
            await store.aclose()
            with pytest.raises(StoreUnavailable):
                await waiting
    async with store_on(server) as store:
        await store.append(fresh_stream(), [draft()], expected=NO_STREAM)
