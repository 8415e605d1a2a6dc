"""The protocol stub's faults, as esdbclient sees them. No real server is asked here."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, TypeAlias
from uuid import uuid4

import pytest
from esdbclient import AsyncEventStoreDBClient, NewEvent, StreamState
from esdbclient.exceptions import (
    AccessDeniedError,
    AppendDeadlineExceeded,
    ConsumerTooSlow,
    EventStoreDBClientException,
    GrpcDeadlineExceeded,
    GrpcError,
    NodeIsNotLeader,
    NotFound,
    ServiceUnavailable,
)

from tests.esdb_stub import extras
from tests.esdb_stub.certificate import Certificate
from tests.esdb_stub.faults import Call, Fault, Faults
from tests.esdb_stub.relay import relay
from tests.esdb_stub.server import FOLLOWER, LEADER, Stub, stub
from tests.esdb_stub.services import Member

ROOT = Path(__file__).parents[2]
SOON_S = 10.0
SHORT_S = 0.3
PINGS = (
    ("grpc.keepalive_time_ms", 1000),
    ("grpc.keepalive_timeout_ms", 500),
    ("grpc.http2.max_pings_without_data", 0),
    ("grpc.http2.ping_timeout_ms", 500),
)
NO_STREAM = StreamState.NO_STREAM
Client: TypeAlias = AsyncEventStoreDBClient


@pytest.fixture
async def server() -> AsyncIterator[Stub]:
    async with stub() as server:
        yield server


@pytest.fixture
async def client(server: Stub) -> AsyncIterator[Client]:
    async with connected(server.uri) as client:
        yield client


@pytest.fixture
def stream() -> str:
    return f"stub-{uuid4()}"


@asynccontextmanager
async def connected(uri: str, *options: tuple[str, int], **more: bytes) -> AsyncIterator[Client]:
    """A client with a connection of its own."""
    client = AsyncEventStoreDBClient(uri, **more)
    client.grpc_options += (*options, ("grpc.use_local_subchannel_pool", 1))
    await client.connect()
    try:
        yield client
    finally:
        await client.close()


def events(count: int = 1) -> list[NewEvent]:
    return [NewEvent(type="Happened", data=b'{"n":%d}' % n) for n in range(count)]


async def held(client: Client, stream: str) -> list[Any]:
    """Ids of the stream, in order."""
    try:
        return [event.id for event in await client.get_stream(stream)]
    except NotFound:
        return []


async def taken(subscription: Any, count: int) -> list[Any]:
    """The next messages of a subscription."""
    async with asyncio.timeout(SOON_S):
        return [await anext(subscription) for _ in range(count)]


async def drained(messages: AsyncIterator[Any], seen: list[Any]) -> None:
    """Keeps in seen what came before the end, whatever the end is."""
    async for message in messages:
        seen.append(message)  # noqa: PERF401  a comprehension would lose it


# One append that goes wrong


async def test_a_lost_request_was_never_carried_out(
    server: Stub, client: Client, stream: str
) -> None:
    server.hooks.add(Fault.SILENCE, on="append", times=2)
    one = events()

    with pytest.raises(GrpcDeadlineExceeded):
        await client.append_to_stream(
            stream, current_version=NO_STREAM, events=one, timeout=SHORT_S
        )

    assert await held(client, stream) == []
    await client.append_to_stream(stream, current_version=NO_STREAM, events=one)
    assert await held(client, stream) == [one[0].id]


async def test_a_lost_answer_is_of_a_request_that_was_carried_out(
    server: Stub, client: Client, stream: str
) -> None:
    server.hooks.add(Fault.SILENCE, on="append", processed=True, times=2)
    one = events()

    with pytest.raises(GrpcDeadlineExceeded):
        await client.append_to_stream(
            stream, current_version=NO_STREAM, events=one, timeout=SHORT_S
        )

    assert await held(client, stream) == [one[0].id]
    position = await client.append_to_stream(stream, current_version=NO_STREAM, events=one)
    [stored] = await client.get_stream(stream)
    assert stored.commit_position == position


async def test_a_late_request_is_carried_out_when_nobody_waits_any_more(
    server: Stub, client: Client, stream: str
) -> None:
    server.hooks.add(Fault.LATE, on="append", delay_s=1.0, times=2)
    one = events()

    with pytest.raises(GrpcDeadlineExceeded):
        await client.append_to_stream(
            stream, current_version=NO_STREAM, events=one, timeout=SHORT_S
        )
    assert await held(client, stream) == []

    await asyncio.sleep(1.2)
    assert await held(client, stream) == [one[0].id]


@pytest.mark.parametrize("processed", [False, True])
async def test_a_connection_that_is_gone_leaves_open_whether_it_was_carried_out(
    server: Stub, client: Client, stream: str, *, processed: bool
) -> None:
    server.hooks.add(Fault.UNAVAILABLE, on="append", processed=processed, times=4)
    one = events()

    with pytest.raises(ServiceUnavailable):
        await client.append_to_stream(stream, current_version=NO_STREAM, events=one)

    assert server.hooks.met[Fault.UNAVAILABLE] == 4
    assert len(await held(client, stream)) == processed


@pytest.mark.parametrize(
    ("fault", "seen"),
    [
        (Fault.TIMED_OUT, AppendDeadlineExceeded),
        (Fault.ACCESS_DENIED, AccessDeniedError),
        (Fault.NOT_READY, ServiceUnavailable),
        (Fault.UNAUTHENTICATED, GrpcError),
    ],
)
async def test_an_append_is_refused_in_the_servers_words(
    server: Stub, client: Client, stream: str, fault: Fault, seen: type[Exception]
) -> None:
    server.hooks.add(fault, on="append")

    with pytest.raises(seen):
        await client.append_to_stream(stream, current_version=NO_STREAM, events=events())

    server.hooks.clear()
    assert await held(client, stream) == []


# Rules


async def test_a_rule_strikes_where_it_says_and_as_often_as_it_says() -> None:
    faults = Faults()
    faults.add(Fault.UNAVAILABLE, on="append", stream="order-", skip=1, times=2)

    outcomes = [await struck(faults, "append", "order-1") for _ in range(5)]

    assert outcomes == [False, True, True, False, False]
    assert not await struck(faults, "read", "order-1")
    assert not await struck(faults, "append", "other-1")


async def test_chance_repeats_itself_with_the_same_seed() -> None:
    async def outcomes(seed: int) -> list[bool]:
        faults = Faults(seed)
        faults.add(Fault.NOT_READY, on="append", probability=0.5)
        return [await struck(faults, "append", "s") for _ in range(40)]

    assert await outcomes(7) == await outcomes(7)
    assert await outcomes(7) != await outcomes(8)
    assert 5 < sum(await outcomes(7)) < 35


async def struck(faults: Faults, call: Call, stream: str) -> bool:
    try:
        await faults.carry_out(call, stream, lambda: None)
    except Exception:  # noqa: BLE001  whatever the fault is
        return True
    return False


# Reads and subscriptions that end


async def test_a_read_can_be_cut_off_in_the_middle(
    server: Stub, client: Client, stream: str
) -> None:
    await client.append_to_stream(stream, current_version=NO_STREAM, events=events(10))
    server.hooks.add(Fault.UNAVAILABLE, on="event", stream=stream, skip=4, times=1)
    seen: list[Any] = []

    with pytest.raises(ServiceUnavailable):
        await drained(await client.read_stream(stream), seen)

    assert [event.stream_position for event in seen] == [0, 1, 2, 3]


async def test_a_read_can_end_too_early_without_an_error(
    server: Stub, client: Client, stream: str
) -> None:
    await client.append_to_stream(stream, current_version=NO_STREAM, events=events(10))
    server.hooks.add(Fault.ENDED, on="event", stream=stream, skip=4, times=1)

    assert len(await client.get_stream(stream)) == 4
    assert len(await client.get_stream(stream)) == 10


async def test_a_slow_consumer_has_got_a_prefix_without_a_gap(
    server: Stub, client: Client, stream: str
) -> None:
    await client.append_to_stream(stream, current_version=NO_STREAM, events=events(10))
    server.hooks.add(Fault.CONSUMER_TOO_SLOW, on="event", skip=5, times=1)
    subscription = await client.subscribe_to_all()
    seen: list[Any] = []

    with pytest.raises(ConsumerTooSlow):
        await drained(subscription, seen)

    assert [event.stream_position for event in seen] == [0, 1, 2, 3, 4]
    again = await client.subscribe_to_all(commit_position=seen[-1].commit_position)
    assert [event.stream_position for event in await taken(again, 5)] == [5, 6, 7, 8, 9]


async def test_a_subscription_can_fall_silent_while_others_go_on(
    server: Stub, client: Client, stream: str
) -> None:
    silent = await client.subscribe_to_stream(stream)
    server.hooks.add(Fault.SILENCE, on="event", stream=stream, times=1)
    other = await client.subscribe_to_all()

    await client.append_to_stream(stream, current_version=NO_STREAM, events=events())

    assert len(await taken(other, 1)) == 1
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(asyncio.shield(asyncio.ensure_future(anext(silent))), SHORT_S)
    await silent.stop()


@pytest.mark.parametrize(
    ("extra", "position"),
    [
        (extras.checkpoint_at_the_end, lambda server: server.log.end),
        (extras.checkpoint_of_all_ones, lambda _: 2**64 - 1),
        (extras.checkpoint_of_long_ago, lambda server: server.log.events[0].position),
    ],
)
async def test_a_checkpoint_may_lie(
    server: Stub,
    client: Client,
    extra: Callable[[Any], Sequence[Any]],
    position: Callable[[Stub], int],
) -> None:
    server.extras = extra

    subscription = await client.subscribe_to_all(include_checkpoints=True)

    [first] = await taken(subscription, 1)
    assert first.is_checkpoint
    assert first.commit_position == position(server)


async def test_who_resumes_behind_a_lying_checkpoint_never_sees_the_next_event(
    server: Stub, client: Client, stream: str
) -> None:
    server.extras = extras.checkpoint_at_the_end
    [lie] = await taken(await client.subscribe_to_all(include_checkpoints=True), 1)
    server.extras = lambda _log: ()
    await client.append_to_stream(stream, current_version=NO_STREAM, events=events(2))

    resumed = await client.subscribe_to_all(commit_position=lie.commit_position)

    assert [event.stream_position for event in await taken(resumed, 1)] == [1]


async def test_caught_up_may_be_said_again(server: Stub, client: Client, stream: str) -> None:
    server.extras = extras.caught_up_again
    subscription = await client.subscribe_to_all(include_caught_up=True)
    await client.append_to_stream(stream, current_version=NO_STREAM, events=events(2))

    messages = await taken(subscription, 7)

    assert sum(message.is_caught_up for message in messages) >= 3


# The node that goes, stands still, or is not the leader


async def test_after_a_restart_the_log_is_there_and_only_exact_versions_know_a_repeat(
    server: Stub, client: Client, stream: str
) -> None:
    pair = events(2)
    await client.append_to_stream(stream, current_version=NO_STREAM, events=pair)
    port = server.port

    await server.restart()

    assert server.port == port
    await client.append_to_stream(stream, current_version=NO_STREAM, events=pair)
    assert len(await held(client, stream)) == 2
    await client.append_to_stream(stream, current_version=StreamState.ANY, events=pair)
    assert len(await held(client, stream)) == 4


async def test_a_restart_as_a_fault_cuts_subscriptions_and_comes_back(
    server: Stub, client: Client, stream: str
) -> None:
    subscription = await client.subscribe_to_all()
    server.hooks.add(Fault.RESTART, on="append", processed=True, times=1, delay_s=0.1)
    one = events()

    async with connected(server.uri) as other:
        await other.append_to_stream(stream, current_version=NO_STREAM, events=one)
        assert await held(other, stream) == [one[0].id]

    with pytest.raises(ServiceUnavailable):
        await taken(subscription, 2)


async def test_a_frozen_server_answers_nothing_until_it_thaws(
    server: Stub, client: Client, stream: str
) -> None:
    subscription = await client.subscribe_to_all()
    server.hooks.freeze()

    with pytest.raises(GrpcDeadlineExceeded):
        await client.append_to_stream(
            stream, current_version=NO_STREAM, events=events(), timeout=SHORT_S
        )

    server.hooks.thaw()
    await client.append_to_stream(stream, current_version=NO_STREAM, events=events())
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


async def test_a_cut_connection_is_seen_at_once_and_a_new_one_is_let_in(server: Stub) -> None:
    async with relay(server.port) as between, connected(between.uri) as client:
        subscription = await client.subscribe_to_all()

        between.cut()

        with pytest.raises(ServiceUnavailable):
            await taken(subscription, 1)
        assert await held(client, "stub-nothing") == []


async def test_a_follower_says_where_the_leader_is(server: Stub, client: Client) -> None:
    server.door.leader = ("127.0.0.1", 4711)

    with pytest.raises(NodeIsNotLeader) as refusal:
        await client.append_to_stream("s", current_version=NO_STREAM, events=events())

    assert refusal.value.leader_grpc_target == "127.0.0.1:4711"


async def test_a_client_of_a_cluster_goes_to_the_leader_and_follows_it(stream: str) -> None:
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(stub())
        second = await stack.enter_async_context(stub())
        in_turn(first, second)
        both = f"esdb://127.0.0.1:{first.port},127.0.0.1:{second.port}?Tls=false"
        client = await stack.enter_async_context(connected(both))

        await client.append_to_stream(stream, current_version=NO_STREAM, events=events())
        in_turn(second, first)
        await client.append_to_stream(f"{stream}-2", current_version=NO_STREAM, events=events())

        assert first.log.last(stream) == 0
        assert second.log.last(f"{stream}-2") == 0


def in_turn(leader: Stub, follower: Stub) -> None:
    """Makes a cluster of two; their logs stay two, as nothing is copied between stubs."""
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
            await client.append_to_stream(stream, current_version=NO_STREAM, events=events())
        async with connected(f"esdb://ops:wrong@{address}", **trusted) as client:
            with pytest.raises(GrpcError, match="401"):
                await client.append_to_stream(stream, current_version=NO_STREAM, events=events())
        async with connected(f"esdb://ops:right@{address}") as client:
            with pytest.raises(EventStoreDBClientException):
                await client.append_to_stream(stream, current_version=NO_STREAM, events=events())
    finally:
        await server.stop()


# What it does not know, and its process


async def test_what_no_real_server_was_asked_is_refused(client: Client, stream: str) -> None:
    await client.append_to_stream(stream, current_version=NO_STREAM, events=events(2))
    await client.delete_stream(stream, current_version=1)

    with pytest.raises(GrpcError, match="UNIMPLEMENTED"):
        await client.delete_stream(stream, current_version=1)
    with pytest.raises(GrpcError, match="UNIMPLEMENTED"):
        [event async for event in await client.read_all(limit=0)]


@pytest.mark.e2e
async def test_the_process_keeps_its_log_when_it_is_killed_and_drops_a_torn_line(
    tmp_path: Path, stream: str
) -> None:
    log = tmp_path / "log.jsonl"
    pair = events(2)
    process, uri = started(log)
    async with connected(uri) as client:
        position = await client.append_to_stream(stream, current_version=NO_STREAM, events=pair)
    process.send_signal(signal.SIGKILL)
    ended(process)
    with log.open("ab") as torn:
        torn.write(b'[["torn",')

    process, uri = started(log)
    async with connected(uri) as client:
        [first, last] = await client.get_stream(stream)
        assert [first.id, last.id] == [one.id for one in pair]
        assert last.commit_position == position
        await client.append_to_stream(stream, current_version=1, events=events())
    process.send_signal(signal.SIGTERM)
    ended(process)
    assert b"torn" not in log.read_bytes()


def started(log: Path) -> tuple[subprocess.Popen[bytes], str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.esdb_stub", "--data", str(log)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdout is not None
    return process, process.stdout.readline().decode().strip()


def ended(process: subprocess.Popen[bytes]) -> None:
    process.communicate(timeout=SOON_S)
