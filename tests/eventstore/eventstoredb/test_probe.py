"""A wrong setting or a wrong server: for each, a sentence that says what to do."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("esdbclient")

from eventstore.eventstoredb import EventStoreDb, Timing, probe
from eventstore.eventstoredb.connection import version_in
from eventstore.port import NO_STREAM, StoreUnavailable
from tests.contracts.event_store import draft, fresh_stream
from tests.esdb_stub.certificate import Certificate
from tests.esdb_stub.faults import Call, Fault
from tests.esdb_stub.server import FOLLOWER, LEADER, REPLICA, Stub
from tests.esdb_stub.services import Member

QUICK = Timing(append_s=2.0, settle_s=3.0, patience_s=0.2, read_s=10.0)
"""A server that answers at all does so in time, also on a busy machine."""
SOON = replace(QUICK, read_s=1.0)
"""For one that does not."""


@pytest.fixture
async def secure(tmp_path: Path) -> AsyncIterator[tuple[Stub, Path]]:
    """A server with TLS that knows one user; and the certificate to trust."""
    certificate = Certificate(tmp_path)
    server = Stub()
    server.door.credentials = "ops:r@ght/1"
    await server.start(certificate=certificate.pair)
    yield server, certificate.path
    await server.stop()


async def error_of(url: str, *, timing: Timing = QUICK) -> str:
    with pytest.raises(StoreUnavailable) as error:
        await probe(url, timing=timing)
    return str(error.value)


async def test_a_healthy_server_passes_the_probe_and_nothing_is_stored(server: Stub) -> None:
    store = EventStoreDb(server.uri)
    await store.append(fresh_stream(), [draft()], expected=NO_STREAM)
    before = list(server.log.events)

    await probe(server.uri, timing=QUICK)

    assert server.log.events == before
    await store.aclose()


async def test_an_empty_log_passes_the_probe(server: Stub) -> None:
    await probe(server.uri, timing=QUICK)


async def test_a_server_that_is_not_running() -> None:
    server = Stub()
    await server.start()
    await server.stop()

    assert "cannot be reached: is it started" in await error_of(server.uri)


async def test_a_host_that_cannot_be_resolved() -> None:
    assert "cannot be resolved" in await error_of("esdb://no-such-host.invalid:2113?Tls=false")


async def test_a_server_that_does_not_answer(server: Stub) -> None:
    server.hooks.freeze()

    assert "does not answer in time" in await error_of(server.uri, timing=SOON)


async def test_credentials_that_are_right_may_hold_odd_characters(
    secure: tuple[Stub, Path],
) -> None:
    server, certificate = secure

    await probe(
        f"esdb://ops:r%40ght%2F1@127.0.0.1:{server.port}?TlsCaFile={certificate}", timing=QUICK
    )


async def test_a_wrong_password_which_is_not_repeated(secure: tuple[Stub, Path]) -> None:
    server, certificate = secure

    sentence = await error_of(f"esdb://ops:hunter2@127.0.0.1:{server.port}?TlsCaFile={certificate}")

    assert "rejects the user or the password" in sentence
    assert "hunter2" not in sentence


async def test_a_certificate_that_is_not_trusted(secure: tuple[Stub, Path]) -> None:
    server, _ = secure

    sentence = await error_of(f"esdb://ops:right@127.0.0.1:{server.port}")

    assert "TlsCaFile=" in sentence


async def test_tls_to_a_server_without_it(server: Stub) -> None:
    sentence = await error_of(f"esdb://ops:right@127.0.0.1:{server.port}")

    assert "does not use TLS: add ?Tls=false" in sentence


async def test_no_tls_to_a_server_that_needs_it(secure: tuple[Stub, Path]) -> None:
    server, _ = secure

    assert "expects TLS" in await error_of(f"esdb://127.0.0.1:{server.port}?Tls=false")


async def test_a_node_that_is_not_the_leader_names_the_one_that_is(server: Stub) -> None:
    server.door.leader = ("10.1.2.3", 2113)

    sentence = await error_of(server.uri)

    assert "is not the leader of its cluster, 10.1.2.3:2113 is" in sentence
    assert "esdb+discover://" in sentence


async def test_a_cluster_without_a_leader(server: Stub) -> None:
    server.cluster = [Member(FOLLOWER, "127.0.0.1", server.port)] * 2

    assert "no leader is found" in await error_of(in_cluster(server))


async def test_a_leader_that_advertises_an_unreachable_address(server: Stub) -> None:
    gone = Stub()
    await gone.start()
    await gone.stop()
    server.cluster = [
        Member(FOLLOWER, "127.0.0.1", server.port),
        Member(LEADER, "127.0.0.1", gone.port),
    ]

    sentence = await error_of(in_cluster(server))

    assert f"(leader 127.0.0.1:{gone.port})" in sentence
    assert "can the address that the leader advertises be reached from here?" in sentence


async def test_a_cluster_with_only_a_replica_left(server: Stub) -> None:
    server.cluster = [Member(REPLICA, "127.0.0.1", server.port)]

    assert "no leader is found" in await error_of(in_cluster(server))


@pytest.mark.parametrize(
    ("call", "stream", "right"),
    [
        ("append", "order-", "write ($w) on the streams order-*"),
        ("append", "daybook-", "write ($w) on the streams daybook-*"),
        ("read", "order-", "read ($r) on the streams order-*"),
        ("read", "daybook-", "read ($r) on the streams daybook-*"),
        ("read", "$$order-", "reading of metadata ($mr) on the streams order-*"),
    ],
)
async def test_a_right_that_is_missing_is_named(
    server: Stub, call: Call, stream: str, right: str
) -> None:
    server.hooks.add(Fault.ACCESS_DENIED, on=call, stream=stream)

    sentence = await error_of(server.uri)

    assert f"does not allow this user {right}: grant it" in sentence


async def test_all_rights_that_are_missing_are_named_at_once(server: Stub) -> None:
    server.hooks.add(Fault.ACCESS_DENIED, on="read")
    server.hooks.add(Fault.ACCESS_DENIED, on="append", stream="order-")

    sentence = await error_of(server.uri)

    for right in ("$r) on $all", "$mr) on the streams order-*", "$w) on the streams order-*"):
        assert right in sentence


async def test_a_server_that_is_read_but_does_not_take_writes(server: Stub) -> None:
    server.hooks.add(Fault.TIMED_OUT, on="append")

    assert "takes no appends" in await error_of(server.uri)


async def test_a_server_that_starts(server: Stub) -> None:
    server.hooks.add(Fault.NOT_READY, on="read")

    assert "closed the connection: it is stopping or starting" in await error_of(server.uri)


async def test_the_version_of_the_server_is_returned(server: Stub) -> None:
    assert await probe(server.uri, timing=QUICK) == "23.10.7.0"


@pytest.mark.parametrize("version", ["21.10.9.0", "22.6.0.0-ee", "5.0.11"])
async def test_a_server_that_is_too_old_is_refused_with_its_version(
    server: Stub, version: str
) -> None:
    server.version = version

    sentence = await error_of(server.uri)

    assert f"is EventStoreDB {version}, which is too old: it needs to be 22.10 or newer" in sentence


@pytest.mark.parametrize("version", ["22.10.0.0", "24.10.4.2-ee", "25.0.0", "nightly", ""])
async def test_a_server_that_is_new_enough_or_of_unreadable_version_passes(
    server: Stub, version: str
) -> None:
    server.version = version

    assert await probe(server.uri, timing=QUICK) == version


async def test_a_server_that_does_not_report_its_version_passes(server: Stub) -> None:
    server.version = None

    assert await probe(server.uri, timing=QUICK) == ""


def test_the_version_is_found_after_any_number_of_methods() -> None:
    methods = b"".join(b"\n\xac\x02" + bytes(300) for _ in range(40))

    assert version_in(methods + b"\x12\x0723.10.7") == "23.10.7"
    assert version_in(methods) == ""


def test_an_answer_that_is_cut_off_has_no_version() -> None:
    assert version_in(b"\x12\x0723") == ""


def in_cluster(server: Stub) -> str:
    return f"esdb+discover://127.0.0.1:{server.port}?Tls=false&MaxDiscoverAttempts=2"
