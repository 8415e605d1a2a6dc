"""The lease as a stream, on the protocol stub."""

from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import uuid4

import pytest

pytest.importorskip("esdbclient")

from eventstore.eventstoredb import Timing
from eventstore.eventstoredb.lease import KEPT, STREAM, StreamLease, StreamLeaseReader
from eventstore.lease import LeaseLost, LeaseReader
from eventstore.port import OutcomeUnknown, StoreUnavailable
from tests.contracts.lease import DEAD_S, LeaseContract, OpenLease
from tests.esdb_stub.faults import Fault
from tests.esdb_stub.log import JSON, Proposed
from tests.esdb_stub.refusals import ANY
from tests.esdb_stub.server import Stub, stub
from tests.eventstore.esdb import store_on

FAST = Timing(append_s=0.2, settle_s=60.0, patience_s=60.0, read_s=1.0, pause_s=0.02)
GIVES_UP = replace(FAST, append_s=1.0, settle_s=3.0, patience_s=1.0)
"""For the error of a lease whose server is away."""


@pytest.fixture
async def server() -> AsyncIterator[Stub]:
    async with stub() as running:
        yield running


@pytest.fixture
def timing() -> Timing:
    return FAST


@pytest.fixture
async def another(server: Stub, timing: Timing) -> AsyncIterator[OpenLease]:
    leases: list[StreamLease] = []

    def make() -> StreamLease:
        leases.append(StreamLease(server.uri, timing=timing, dead_s=DEAD_S))
        return leases[-1]

    yield make
    for lease in leases:
        await lease.aclose()


class TestStreamLease(LeaseContract):
    @pytest.fixture
    async def reader(self, server: Stub) -> AsyncIterator[LeaseReader]:
        reader = StreamLeaseReader(server.uri, timing=FAST)
        yield reader
        await reader.aclose()

    @pytest.fixture
    def another(self, another: OpenLease) -> OpenLease:
        return another


async def test_no_reader_of_the_log_sees_it(server: Stub, another: OpenLease) -> None:
    lease = another()
    await lease.acquire()
    await lease.renew()
    async with store_on(server) as store:
        assert await store.head() is None
        assert [page async for page in store.read_all()] == []


async def test_the_server_keeps_the_last_entries_only(server: Stub, another: OpenLease) -> None:
    lease = another()
    await lease.acquire()
    for _ in range(2 * KEPT):
        await lease.renew()
    assert len(server.log.visible(STREAM)) == KEPT
    await lease.release()
    assert await another().acquire() == 2


@pytest.mark.parametrize("timing", [GIVES_UP])
async def test_an_entry_whose_answer_was_lost_is_recognised(
    server: Stub, another: OpenLease
) -> None:
    lease = another()
    await lease.acquire()
    server.hooks.add(Fault.SILENCE, on="append", processed=True)
    with pytest.raises(OutcomeUnknown):
        await lease.renew()
    server.hooks.clear()
    await lease.renew()
    await lease.raise_epoch(8)
    await lease.release()
    assert await another().acquire() == 9


@pytest.mark.parametrize("timing", [GIVES_UP])
async def test_a_server_that_is_away_is_not_a_lost_lease(server: Stub, another: OpenLease) -> None:
    lease, waiting = another(), another()
    await lease.acquire()
    assert await waiting.acquire() is None
    server.hooks.add(Fault.UNAVAILABLE, on="append")
    server.hooks.add(Fault.UNAVAILABLE, on="read")
    with pytest.raises(OutcomeUnknown):
        await lease.renew()
    with pytest.raises(StoreUnavailable):
        await waiting.acquire()
    server.hooks.clear()
    await lease.renew()
    assert await waiting.acquire() is None


async def test_an_entry_written_by_hand_stops_no_relay(server: Stub, another: OpenLease) -> None:
    lease = another()
    await lease.acquire()
    server.log.append(STREAM, [Proposed(uuid4(), "Typed", JSON, b"hello", b"")], ANY)
    with pytest.raises(LeaseLost):
        await lease.renew()
    assert await another().acquire() == 1


async def test_a_relay_that_may_not_write_metadata_leads_all_the_same(
    server: Stub, another: OpenLease, caplog: pytest.LogCaptureFixture
) -> None:
    server.hooks.add(Fault.ACCESS_DENIED, on="append", stream="$$daybook-")
    lease = another()

    assert await lease.acquire() is not None
    await lease.renew()

    assert server.hooks.met[Fault.ACCESS_DENIED] == 1
    assert "rights are missing" not in caplog.text
