"""The protocol stub's faults of single requests, as esdbclient sees them.

Tests of the stub itself: no real server is called.
"""

import asyncio
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from esdbclient.exceptions import (
    AccessDeniedError,
    AppendDeadlineExceeded,
    EventStoreDBClientException,
    GrpcDeadlineExceeded,
    GrpcError,
    ServiceUnavailable,
)

from tests.esdb_stub.asked import ANY, NO_STREAM, Client, Version, connected, fresh, ids, some
from tests.esdb_stub.faults import Call, Fault, Faults
from tests.esdb_stub.server import Stub

ROOT = Path(__file__).parents[3]
SHORT_S = 0.3
FAULTS = (Fault.SILENCE, Fault.UNAVAILABLE, Fault.TIMED_OUT, Fault.RESTART)


@pytest.fixture
def stream() -> str:
    return fresh()


async def test_a_lost_request_was_never_carried_out(
    server: Stub, client: Client, stream: str
) -> None:
    server.hooks.add(Fault.SILENCE, on="append", times=2)
    one = some()

    with pytest.raises(GrpcDeadlineExceeded):
        await client.append_to_stream(
            stream, current_version=NO_STREAM, events=one, timeout=SHORT_S
        )

    assert await ids(client, stream) == []
    await client.append_to_stream(stream, current_version=NO_STREAM, events=one)
    assert await ids(client, stream) == [one[0].id]


async def test_a_lost_answer_is_of_a_request_that_was_carried_out(
    server: Stub, client: Client, stream: str
) -> None:
    server.hooks.add(Fault.SILENCE, on="append", processed=True, times=2)
    one = some()

    with pytest.raises(GrpcDeadlineExceeded):
        await client.append_to_stream(
            stream, current_version=NO_STREAM, events=one, timeout=SHORT_S
        )

    assert await ids(client, stream) == [one[0].id]
    position = await client.append_to_stream(stream, current_version=NO_STREAM, events=one)
    [stored] = await client.get_stream(stream)
    assert stored.commit_position == position


async def test_a_late_request_is_carried_out_after_the_caller_gave_up(
    server: Stub, client: Client, stream: str
) -> None:
    server.hooks.add(Fault.LATE, on="append", delay_s=1.0, times=2)
    one = some()

    with pytest.raises(GrpcDeadlineExceeded):
        await client.append_to_stream(
            stream, current_version=NO_STREAM, events=one, timeout=SHORT_S
        )
    assert await ids(client, stream) == []

    await asyncio.sleep(1.2)
    assert await ids(client, stream) == [one[0].id]


@pytest.mark.parametrize("processed", [False, True])
async def test_a_cut_connection_leaves_open_whether_the_request_was_carried_out(
    server: Stub, client: Client, stream: str, *, processed: bool
) -> None:
    server.hooks.add(Fault.UNAVAILABLE, on="append", processed=processed, times=4)
    one = some()

    with pytest.raises(ServiceUnavailable):
        await client.append_to_stream(stream, current_version=NO_STREAM, events=one)

    assert server.hooks.met[Fault.UNAVAILABLE] == 4
    assert len(await ids(client, stream)) == processed


@pytest.mark.parametrize(
    ("fault", "seen"),
    [
        (Fault.TIMED_OUT, AppendDeadlineExceeded),
        (Fault.ACCESS_DENIED, AccessDeniedError),
        (Fault.NOT_READY, EventStoreDBClientException),
        (Fault.UNAUTHENTICATED, GrpcError),
    ],
)
async def test_an_append_is_refused_in_the_servers_words(
    server: Stub, client: Client, stream: str, fault: Fault, seen: type[Exception]
) -> None:
    server.hooks.add(fault, on="append")

    with pytest.raises(seen):
        await client.append_to_stream(stream, current_version=NO_STREAM, events=some())

    server.hooks.clear()
    assert await ids(client, stream) == []


# Rules


async def test_a_fault_rule_applies_where_and_as_often_as_stated() -> None:
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


# All of them at once


@pytest.mark.parametrize(("expected", "is_safe"), [(NO_STREAM, True), (ANY, False)])
async def test_whatever_goes_wrong_a_repeat_is_stored_once_at_an_exact_version_only(
    server: Stub, client: Client, expected: Version, *, is_safe: bool
) -> None:
    for fault in FAULTS:
        server.hooks.add(fault, on="append", processed=False, probability=0.03)
        server.hooks.add(fault, on="append", processed=True, probability=0.03)
    streams = [fresh() for _ in range(150)]

    await asyncio.gather(*(stubborn(client, streams[n::10], expected) for n in range(10)))

    lengths = {server.log.last(stream) + 1 for stream in streams}
    assert lengths == {2} if is_safe else max(lengths) > 2
    assert min(server.hooks.met[fault] for fault in FAULTS) > 0


async def stubborn(client: Client, streams: Sequence[str], expected: Version) -> None:
    """Appends two events to each, again and again until they are acknowledged."""
    for stream in streams:
        pair, is_told = some(2), False
        while not is_told:
            with suppress(EventStoreDBClientException):
                await client.append_to_stream(
                    stream, current_version=expected, events=pair, timeout=SHORT_S
                )
                is_told = True


# Calls that it refuses, and its process


async def test_calls_without_a_recorded_truth_are_refused(client: Client, stream: str) -> None:
    await client.append_to_stream(stream, current_version=NO_STREAM, events=some(2))
    await client.delete_stream(stream, current_version=1)

    with pytest.raises(GrpcError, match="UNIMPLEMENTED"):
        await client.delete_stream(stream, current_version=1)
    with pytest.raises(GrpcError, match="UNIMPLEMENTED"):
        [event async for event in await client.read_all(limit=0)]


@pytest.mark.e2e
async def test_the_process_keeps_its_log_when_it_is_killed_and_drops_a_torn_line(
    tmp_path: Path, stream: str
) -> None:
    log, pair = tmp_path / "log.jsonl", some(2)
    with running(log) as uri:
        async with connected(uri) as client:
            position = await client.append_to_stream(stream, current_version=NO_STREAM, events=pair)
    with log.open("ab") as torn:
        torn.write(b'[["torn",')

    with running(log) as uri:
        async with connected(uri) as client:
            [first, last] = await client.get_stream(stream)
            await client.append_to_stream(stream, current_version=1, events=some())

    assert [first.id, last.id] == [one.id for one in pair]
    assert last.commit_position == position
    assert b"torn" not in log.read_bytes()


@contextmanager
def running(log: Path) -> Iterator[str]:
    """The stub as a process, killed at the end."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.esdb_stub", "--data", str(log)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().decode().strip()
        finally:
            process.kill()
