"""The relay's loop on a bus in memory, with failures of every kind."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from eventstore.lease import FileLease, LeaseLost
from eventstore.memory import MemoryStore
from eventstore.port import (
    Page,
    Position,
    PositionUnknown,
    Recorded,
    Revision,
    StoreUnavailable,
    StreamDeleted,
    StreamName,
)
from eventstore.relay import relay as module
from eventstore.relay.bus import BusUnavailable, Published, TooLarge, Unpublished
from eventstore.relay.relay import Relay, RelayState
from tests.eventstore.buses import MemoryBus, MemoryPublisher
from tests.eventstore.filled import Writer
from tests.eventstore.running import running
from tests.waiting import HUNG_S, until


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def bus() -> MemoryBus:
    return MemoryBus()


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAUSE_MIN_S", 0.01)
    monkeypatch.setattr(module, "PAUSE_MAX_S", 0.02)
    monkeypatch.setattr(module, "STANDBY_S", 0.01)
    # A busy machine does not make it lose its lease.
    monkeypatch.setattr(module, "DEAD_S", 3_600.0)
    monkeypatch.setattr(module, "FRESH_S", 1_800.0)


@pytest.fixture
def lease(tmp_path: Path) -> FileLease:
    return FileLease(tmp_path / "lock")


async def test_every_event_is_published_once_and_the_state_shows_it(
    store: MemoryStore, bus: MemoryBus, lease: FileLease
) -> None:
    await Writer(store).write(100)
    async with _running(store, bus, lease) as relay:
        await _published(relay, store)
        await Writer(store).write(100, prefix="p")
        await _published(relay, store)
        assert relay.state == RelayState(
            published_through=await store.head() or 0, published=200, role="leader", epoch=1
        )
    assert bus.events == await _log(store)
    assert (relay.state.role, bus.opened, bus.closed) == ("stopped", 1, 1)


async def test_after_any_failure_the_relay_continues_with_a_new_publisher(
    store: MemoryStore, bus: MemoryBus, lease: FileLease
) -> None:
    await Writer(store).write(200)
    bus.refusals.extend([BusUnavailable("no broker")] * 3)
    bus.failures.extend([None, Unpublished("lost"), Unpublished("lost"), None, Unpublished("lost")])
    reasons: list[str] = []
    async with _running(
        store, bus, lease, on_change=lambda state: reasons.append(state.reason)
    ) as relay:
        relay._limits.batch_max = 10
        await _published(relay, store)
        assert relay.state.rebuilds >= 5
        assert relay.state.reason == ""
    assert bus.events == await _log(store)
    assert bus.opened == bus.closed
    assert {"no broker", "lost"} <= set(reasons)


async def test_an_unreachable_log_is_waited_for(
    store: MemoryStore, bus: MemoryBus, lease: FileLease, monkeypatch: pytest.MonkeyPatch
) -> None:
    await Writer(store).write(20)
    follow, away = store.follow, [True, True]

    async def flaky(*, after: Position | None = None) -> AsyncGenerator[Page, None]:
        if away:
            away.pop()
            raise StoreUnavailable("the log is away")
        async for page in follow(after=after):
            yield page

    monkeypatch.setattr(store, "follow", flaky)
    async with _running(store, bus, lease) as relay:
        await _published(relay, store)
        assert relay.state.rebuilds == 2


async def test_an_event_that_is_too_large_is_skipped_and_counted(
    store: MemoryStore, bus: MemoryBus, lease: FileLease
) -> None:
    await Writer(store, orders=2).write(10)
    await Writer(store, orders=1, each=1, text="x" * 500).write(1, prefix="large")
    await Writer(store, orders=2).write(10, prefix="p")
    bus.bytes_max, bus.too_large = 400, TooLarge("more than a broker takes")
    async with _running(store, bus, lease) as relay:
        await _published(relay, store)
        assert relay.state.refused == 1
    expected = [event for event in await _log(store) if "large" not in event.stream]
    assert bus.events == expected


async def test_the_relay_reads_no_further_than_its_buffer(
    store: MemoryStore, bus: MemoryBus, lease: FileLease
) -> None:
    await Writer(store, text="x" * 1000).write(4_000)
    bus.gate.clear()
    async with _running(store, bus, lease, buffer_bytes=400_000) as relay:
        await until(lambda: bus.under_way == 2 and relay.state.in_flight_bytes > 400_000)
        await asyncio.sleep(0.05)
        page_bytes = 500 * 2_200
        assert relay.state.in_flight_bytes < 400_000 + page_bytes
        bus.gate.set()
        await _published(relay, store)
        assert relay.state.in_flight_bytes == 0
    assert bus.events == await _log(store)


async def test_a_topic_with_a_newer_epoch_raises_ours(
    store: MemoryStore, bus: MemoryBus, lease: FileLease
) -> None:
    await Writer(store).write(20)
    log = await _log(store)
    bus.partitions[1].append(Published(log[1], 7, -1))
    async with _running(store, bus, lease) as relay:
        await _published(relay, store)
        assert relay.state.epoch == 8
    assert bus.epochs == {7, 8}


async def test_a_newer_relay_in_the_topic_fences_this_one(
    store: MemoryStore, bus: MemoryBus, lease: FileLease
) -> None:
    await Writer(store).write(20)
    roles: list[str] = []
    async with _running(
        store, bus, lease, on_change=lambda state: roles.append(state.role)
    ) as relay:
        await _published(relay, store)
        log = await _log(store)
        bus.partitions[1].append(Published(log[1], 40, 0))
        bus.failures.append(Unpublished("lost"))
        await Writer(store).write(20, prefix="p")
        await _published(relay, store)
        assert relay.state.epoch == 41
    assert "fenced" in roles


async def test_added_partitions_start_a_new_epoch(
    store: MemoryStore, bus: MemoryBus, lease: FileLease
) -> None:
    """Records from a topic with fewer partitions prove nothing about the partitions now."""
    await Writer(store).write(20)
    async with _running(store, bus, lease) as relay:
        await _published(relay, store)
        bus.failures.append(Unpublished("lost"))
        await Writer(store).write(20, prefix="p")
        await _published(relay, store)
        assert relay.state.epoch == 1
        bus.partitions.append([])
        bus.failures.append(Unpublished("lost"))
        await Writer(store).write(20, prefix="q")
        await _published(relay, store)
        assert relay.state.epoch == 2
    assert {record.epoch for record in bus.partitions[2]} == {2}
    assert bus.events == await _log(store)


async def test_a_relay_that_loses_its_lease_stands_by_and_may_lead_again(
    store: MemoryStore, bus: MemoryBus, lease: FileLease, monkeypatch: pytest.MonkeyPatch
) -> None:
    await Writer(store).write(20)
    monkeypatch.setattr(module, "BEAT_S", 0.01)
    lost = [LeaseLost("another leads")]
    keep = lease.renew

    async def kept() -> None:
        if lost and bus.events:
            raise lost.pop()
        await keep()

    monkeypatch.setattr(lease, "renew", kept)
    async with _running(store, bus, lease) as relay:
        await until(lambda: relay.state.epoch == 2)
        await Writer(store).write(20, prefix="p")
        await _published(relay, store)
    assert bus.epochs == {1, 2}


async def test_a_lease_that_cannot_be_renewed_for_long_is_lost(
    store: MemoryStore, bus: MemoryBus, lease: FileLease, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BEAT_S", 0.01)
    monkeypatch.setattr(module, "DEAD_S", 0.1)
    roles: list[str] = []

    async def away() -> None:
        raise StoreUnavailable("the log is away")

    monkeypatch.setattr(lease, "renew", away)
    async with _running(store, bus, lease, on_change=lambda state: roles.append(state.role)):
        await until(lambda: "fenced" in roles)


async def test_nothing_is_sent_on_a_lease_that_was_not_renewed_lately(
    store: MemoryStore, bus: MemoryBus, lease: FileLease, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after a SIGSTOP: the relay first checks that it still leads."""
    async with _running(store, bus, lease) as relay:
        await until(lambda: relay.state.role == "leader")

        async def lost() -> None:
            raise LeaseLost("another leads")

        monkeypatch.setattr(lease, "renew", lost)
        relay._renewed_at -= 7_200
        await Writer(store).write(20)
        await until(lambda: relay.state.epoch >= 2)
    assert 1 not in bus.epochs


@pytest.mark.parametrize("known", [True, False])
async def test_nothing_is_published_to_a_topic_of_another_log(
    store: MemoryStore, bus: MemoryBus, lease: FileLease, *, known: bool
) -> None:
    await Writer(store).write(20)
    log = await _log(store)
    other = replace(log[3], data=b"{}") if known else replace(log[3], stream="order-elsewhere")
    bus.partitions[0].append(Published(other, 1, 0))
    async with _running(store, bus, lease) as relay:
        await until(lambda: "another log" in relay.state.reason)
        assert relay.state.published == 0
    assert bus.events == [other]


async def test_nothing_is_published_from_a_log_restored_from_an_older_copy(
    bus: MemoryBus, lease: FileLease
) -> None:
    """Its next events would get positions of other events, and be taken for published."""
    before, restored = MemoryStore(), MemoryStore()
    await Writer(before).write(40)
    async with _running(before, bus, lease) as relay:
        await _published(relay, before)
    await Writer(restored).write(20)
    async with _running(restored, bus, lease) as relay:
        await until(lambda: "older copy" in relay.state.reason)
        await Writer(restored).write(40, prefix="p")
        await asyncio.sleep(0.05)
        assert relay.state.published == 0


async def test_a_bug_is_reported_and_does_not_end_the_relay(
    store: MemoryStore, bus: MemoryBus, lease: FileLease, monkeypatch: pytest.MonkeyPatch
) -> None:
    await Writer(store).write(20)
    open_, bugs = bus.open, [ZeroDivisionError("a bug")]
    reasons: list[str] = []

    async def buggy(secret: bytes) -> MemoryPublisher:
        if bugs:
            raise bugs.pop()
        return await open_(secret)

    monkeypatch.setattr(bus, "open", buggy)
    async with _running(
        store, bus, lease, on_change=lambda state: reasons.append(state.reason)
    ) as relay:
        await _published(relay, store)
    assert "ZeroDivisionError: a bug" in reasons


async def test_the_relay_stops_while_it_opens_the_topic(
    store: MemoryStore, bus: MemoryBus, lease: FileLease, monkeypatch: pytest.MonkeyPatch
) -> None:
    opening = asyncio.Event()

    async def for_ever(_secret: bytes) -> None:
        opening.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(bus, "open", for_ever)
    async with asyncio.timeout(HUNG_S), _running(store, bus, lease):
        await opening.wait()


async def test_batches_under_way_at_the_stop_are_waited_for_a_bounded_time(
    store: MemoryStore, bus: MemoryBus, lease: FileLease, monkeypatch: pytest.MonkeyPatch
) -> None:
    for opens in (True, False):
        monkeypatch.setattr("eventstore.relay.publisher.DRAIN_S", HUNG_S if opens else 0.2)
        bus.gate.clear()
        await Writer(store).write(20, prefix=str(opens))
        async with _running(store, bus, lease):
            await until(lambda: bus.under_way == 2)
            if opens:
                asyncio.get_running_loop().call_later(0.05, bus.gate.set)
        assert (bus.under_way, len(bus.events)) == (0, 20)


async def test_a_second_relay_stands_by_until_the_first_stops(
    store: MemoryStore, bus: MemoryBus, lease: FileLease, tmp_path: Path
) -> None:
    await Writer(store).write(20)
    async with _running(store, bus, lease) as first:
        await _published(first, store)
        running = _running(store, bus, FileLease(tmp_path / "lock"))
        second = await running.__aenter__()
        await until(lambda: second.state.role == "standby")
    try:
        await Writer(store).write(20, prefix="p")
        await until(lambda: second.state.published == 20)
        assert (second.state.role, second.state.epoch) == ("leader", 2)
    finally:
        await running.__aexit__(None, None, None)
    assert bus.events == await _log(store)


@asynccontextmanager
async def _running(
    store: MemoryStore,
    bus: MemoryBus,
    lease: FileLease,
    *,
    on_change: Callable[[RelayState], object] = lambda _: None,
    buffer_bytes: int = 2**20,
) -> AsyncIterator[Relay]:
    relay = Relay(store, bus, lease, buffer_bytes=buffer_bytes, on_change=on_change)
    async with running(relay):
        yield relay


async def _published(relay: Relay, store: MemoryStore) -> None:
    head = await store.head()
    await until(lambda: relay.state.published_through == head)


async def _log(store: MemoryStore) -> list[Recorded]:
    return [event async for page in store.read_all() for event in page]


class Cut(MemoryStore):
    """A log with a stream that was deleted by hand and scavenged by the server."""

    deleted: str = ""
    scavenged: Position | None = None

    async def read_stream(
        self, stream: StreamName, *, after: Revision | None = None
    ) -> AsyncGenerator[Page, None]:
        if stream == self.deleted:
            raise StreamDeleted(f"{stream}: the stream was deleted in the log by hand")
        async for page in super().read_stream(stream, after=after):
            yield page

    async def read_all(self, *, after: Position | None = None) -> AsyncGenerator[Page, None]:
        if after is not None and after == self.scavenged:
            raise PositionUnknown("no event has this position")
        async for page in super().read_all(after=after):
            yield page


@pytest.mark.parametrize("is_scavenged", [False, True])
async def test_a_deleted_stream_of_the_event_published_last_does_not_stop_the_relay(
    bus: MemoryBus, lease: FileLease, *, is_scavenged: bool
) -> None:
    store = Cut()
    await Writer(store).write(100)
    async with _running(store, bus, lease) as relay:
        await _published(relay, store)
    before = len(bus.events)
    store.deleted = store._log[-1].stream
    store.scavenged = store._log[-1].position if is_scavenged else None
    await Writer(store).write(50, prefix="p")
    async with _running(store, bus, lease) as relay:
        await _published(relay, store)
    assert before == 100
    assert bus.events == await _log(store)
