"""The protocol stub as a node that stops, freezes, is not the leader, or requires credentials."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from esdbclient.exceptions import (
    EventStoreDBClientException,
    GrpcDeadlineExceeded,
    GrpcError,
    NodeIsNotLeader,
    ServiceUnavailable,
)

from tests.esdb_stub.asked import ANY, NO_STREAM, Client, connected, fresh, ids, some, taken
from tests.esdb_stub.certificate import Certificate
from tests.esdb_stub.faults import Fault
from tests.esdb_stub.relay import relay
from tests.esdb_stub.server import FOLLOWER, LEADER, Stub, stub
from tests.esdb_stub.services import Member

SHORT_S = 0.3
PINGS = (
    ("grpc.keepalive_time_ms", 1000),
    ("grpc.keepalive_timeout_ms", 500),
    ("grpc.http2.max_pings_without_data", 0),
    ("grpc.http2.ping_timeout_ms", 500),
)


@pytest.fixture
def stream() -> str:
    return fresh()


async def test_after_a_restart_the_log_is_kept_and_only_exact_versions_recognise_a_repeat(
    server: Stub, client: Client, stream: str
) -> None:
    pair = some(2)
    await client.append_to_stream(stream, current_version=NO_STREAM, events=pair)
    port = server.port

    await server.restart()

    assert server.port == port
    await client.append_to_stream(stream, current_version=NO_STREAM, events=pair)
    assert len(await ids(client, stream)) == 2
    await client.append_to_stream(stream, current_version=ANY, events=pair)
    assert len(await ids(client, stream)) == 4


async def test_a_restart_as_a_fault_cuts_subscriptions_and_comes_back(
    server: Stub, client: Client, stream: str
) -> None:
    subscription = await client.subscribe_to_all()
    server.hooks.add(Fault.RESTART, on="append", processed=True, times=1, delay_s=0.1)
    one = some()

    async with connected(server.uri) as other:
        await other.append_to_stream(stream, current_version=NO_STREAM, events=one)
        assert await ids(other, stream) == [one[0].id]

    with pytest.raises(ServiceUnavailable):
        await taken(subscription, 2)


async def test_a_frozen_server_answers_nothing_until_it_thaws(
    server: Stub, client: Client, stream: str
) -> None:
    subscription = await client.subscribe_to_all()
    server.hooks.freeze()

    with pytest.raises(GrpcDeadlineExceeded):
        await client.append_to_stream(
            stream, current_version=NO_STREAM, events=some(), timeout=SHORT_S
        )

    server.hooks.thaw()
    await client.append_to_stream(stream, current_version=NO_STREAM, events=some())
    assert len(await taken(subscription, 1)) == 1


async def test_a_black_hole_is_noticed_with_pings_only(server: Stub) -> None:
    async with (
        relay(server.port) as between,
        connected(between.uri) as plain,
        connected(between.uri, *PINGS) as pinging,
    ):
        silent, watched = await plain.subscribe_to_all(), await pinging.subscribe_to_all()

        between.freeze()

        with pytest.raises(ServiceUnavailable, match="ping timeout"):
            await taken(watched, 1)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.shield(asyncio.ensure_future(anext(silent))), SHORT_S)
        between.thaw()


async def test_a_cut_connection_is_noticed_at_once_and_a_new_one_accepted(server: Stub) -> None:
    async with relay(server.port) as between, connected(between.uri) as client:
        subscription = await client.subscribe_to_all()

        between.cut()

        with pytest.raises(ServiceUnavailable):
            await taken(subscription, 1)
        assert await ids(client, "stub-nothing") == []


async def test_a_follower_node_names_the_leader(server: Stub, client: Client) -> None:
    server.door.leader = ("127.0.0.1", 4711)

    with pytest.raises(NodeIsNotLeader) as refusal:
        await client.append_to_stream("s", current_version=NO_STREAM, events=some())

    assert refusal.value.leader_grpc_target == "127.0.0.1:4711"


async def test_a_client_of_a_cluster_goes_to_the_leader_and_follows_it(stream: str) -> None:
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(stub())
        second = await stack.enter_async_context(stub())
        in_turn(first, second)
        both = f"esdb://127.0.0.1:{first.port},127.0.0.1:{second.port}?Tls=false"
        client = await stack.enter_async_context(connected(both))

        await client.append_to_stream(stream, current_version=NO_STREAM, events=some())
        in_turn(second, first)
        await client.append_to_stream(f"{stream}-2", current_version=NO_STREAM, events=some())

        assert first.log.last(stream) == 0
        assert second.log.last(f"{stream}-2") == 0


def in_turn(leader: Stub, follower: Stub) -> None:
    """Creates a cluster of two; their logs stay separate, as nothing is copied between stubs."""
    members = [
        Member(LEADER, "127.0.0.1", leader.port),
        Member(FOLLOWER, "127.0.0.1", follower.port),
    ]
    for node in (leader, follower):
        node.cluster = members
    leader.door.leader = None
    follower.door.leader = ("127.0.0.1", leader.port)


async def test_credentials_are_asked_for_over_tls(tmp_path: Path, stream: str) -> None:
    certificate = Certificate(tmp_path)
    server = Stub()
    server.door.credentials = "ops:right"
    await server.start(certificate=certificate.pair)
    address = f"localhost:{server.port}?Tls=true"
    try:
        trusted = {"root_certificates": certificate.path.read_bytes()}
        async with connected(f"esdb://ops:right@{address}", **trusted) as client:
            await client.append_to_stream(stream, current_version=NO_STREAM, events=some())
        async with connected(f"esdb://ops:wrong@{address}", **trusted) as client:
            with pytest.raises(GrpcError, match="401"):
                await client.append_to_stream(stream, current_version=NO_STREAM, events=some())
        async with connected(f"esdb://ops:right@{address}") as client:
            with pytest.raises(EventStoreDBClientException):
                await client.append_to_stream(stream, current_version=NO_STREAM, events=some())
    finally:
        await server.stop()
