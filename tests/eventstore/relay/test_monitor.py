"""Health, metrics and spans of a relay."""

import asyncio
import json
import math
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from eventstore.lag import age_s, lag_after
from eventstore.lease import FileLease
from eventstore.memory import MemoryStore
from eventstore.port import Recorded, StoreUnavailable
from eventstore.relay.bus import TooLarge, Unpublished
from eventstore.relay.monitor import RelayMonitor, TracedBus
from eventstore.relay.relay import Relay, RelayState
from runtime.metrics import RelayMetrics, new_registry
from tests.eventstore.buses import MemoryBus
from tests.eventstore.filled import Writer
from tests.eventstore.leases import SECRET
from tests.eventstore.recorded import METADATA, sealed_stream
from tests.eventstore.running import running
from tests.projections.toy import placed
from tests.spans import CALLER, TRACE, TRACEPARENT, Kept, parent_of, trace_of
from tests.waiting import HUNG_S

AGE_S = 60.0
NOW = datetime.fromisoformat(METADATA.recorded_at) + timedelta(seconds=AGE_S)


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> MemoryStore:
    """Positions without gaps, as in a file."""
    monkeypatch.setattr("eventstore.memory.POSITION_STEP", 1)
    return MemoryStore()


def watching(state: RelayState, store: MemoryStore, *, dense: bool = True) -> RelayMonitor:
    metrics = RelayMetrics(new_registry(process=False))
    return RelayMonitor(metrics, state, store, dense=dense, clock=lambda: NOW)


async def values(watched: RelayMonitor) -> dict[str, float]:
    families = text_string_to_metric_families((await watched.text()).decode())
    return {
        sample.name.removeprefix("daybook_relay_"): sample.value
        for family in families
        for sample in family.samples
        if not sample.name.endswith("_created")
    }


async def test_the_metrics_have_what_a_leader_published_and_its_lag(store: MemoryStore) -> None:
    await Writer(store).write(100)
    state = RelayState(
        role="leader", epoch=7, published_through=60, published=60, in_flight_bytes=9, rebuilds=2
    )
    state.refused = 1
    watched = watching(state, store)
    assert await values(watched) == {
        "leading": 1,
        "epoch": 7,
        "published_total": 60,
        "lag_seconds": AGE_S,
        "lag_events": 40,
        "inflight_bytes": 9,
        "rebuilds_total": 2,
        "refused_events": 1,
    }
    state.published, state.published_through = 100, 100
    found = await values(watched)
    assert (found["published_total"], found["lag_events"], found["lag_seconds"]) == (100, 0, 0)


async def test_without_dense_positions_the_lag_is_at_most_a_page(
    store: MemoryStore,
) -> None:
    await Writer(store).write(600)
    watched = watching(RelayState(role="leader"), store, dense=False)
    assert (await values(watched))["lag_events"] == 500


async def test_a_standby_leads_nothing_and_knows_no_lag(store: MemoryStore) -> None:
    await Writer(store).write(20)
    found = await values(watching(RelayState(role="standby"), store))
    assert found["leading"] == 0
    assert math.isnan(found["lag_events"])
    assert math.isnan(found["lag_seconds"])


async def test_with_an_unreachable_log_the_lag_is_unknown(
    store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away() -> None:
        raise StoreUnavailable("gone")

    monkeypatch.setattr(store, "head", away)
    watched = watching(RelayState(role="leader"), store)
    assert math.isnan((await values(watched))["lag_events"])
    assert list(await watched.troubles()) == []


@pytest.mark.parametrize(
    ("state", "troubles", "not_ready"),
    [
        (RelayState(role="starting"), ["relay: starting"], ["relay: starting"]),
        (RelayState(role="standby", reason="another relay leads"), [], []),
        (RelayState(role="leader"), [], []),
        (RelayState(role="leader", reason="order-o1 is odd"), ["relay: cannot publish"], []),
        (RelayState(role="fenced"), ["relay: fenced"], []),
    ],
)
async def test_a_relay_that_publishes_or_stands_by_is_healthy(
    state: RelayState, troubles: list[str], not_ready: list[str], store: MemoryStore
) -> None:
    watched = watching(state, store)
    assert list(await watched.troubles()) == troubles
    assert list(await watched.not_ready()) == not_ready


async def test_a_leader_without_progress_is_unhealthy(
    store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eventstore.relay.monitor.WEDGED_S", 0.05)
    state = RelayState(role="leader", published_through=10)
    watched = watching(state, store)
    await Writer(store).write(20)
    assert list(await watched.troubles()) == []
    await asyncio.sleep(0.1)
    assert await watched.troubles() == ["relay: makes no progress"]
    state.published_through = 11
    assert list(await watched.troubles()) == []
    state.published_through = await store.head() or 0
    await asyncio.sleep(0.1)
    # With nothing to publish it needs no progress.
    assert list(await watched.troubles()) == []


async def test_each_event_that_is_acknowledged_is_a_span_of_its_own_trace(
    store: MemoryStore, tmp_path: Path
) -> None:
    kept, bus = Kept(), MemoryBus()
    publisher = await TracedBus(bus, kept.tracing, "orders").open(SECRET)
    first, *_ = sealed_stream(placed())
    events = [_with(traceparent, first) for traceparent in (TRACEPARENT, None)]
    partition = publisher.partition_of("o-1")
    await publisher.publish(partition, events, epoch=3, published_through=-1)
    assert [record.recorded for record in bus.partitions[partition]] == events
    [span] = kept.all
    assert (span.name, trace_of(span), parent_of(span)) == ("publish orders", TRACE, CALLER)
    about = span.attributes or {}
    assert (about["daybook.order_id"], about["daybook.epoch"]) == ("o-1", 3)
    assert about["messaging.destination.partition.id"] == str(partition)


@pytest.mark.parametrize("error", [Unpublished("lost"), TooLarge("much")])
async def test_an_event_that_is_not_acknowledged_has_no_span(error: Unpublished | TooLarge) -> None:
    kept, bus = Kept(), MemoryBus()
    bus.failures.append(error)
    publisher = await TracedBus(bus, kept.tracing, "orders").open(SECRET)
    events = [_with(TRACEPARENT, sealed_stream(placed())[0])]
    with pytest.raises(type(error)):
        await publisher.publish(
            publisher.partition_of("o-1"), events, epoch=3, published_through=-1
        )
    assert kept.all == ()
    await publisher.aclose()
    assert bus.closed == 1


async def test_a_relay_works_on_a_traced_bus(store: MemoryStore, tmp_path: Path) -> None:
    kept, bus = Kept(), MemoryBus()
    await Writer(store).write(20)
    lease = FileLease(tmp_path / "lock")
    relay = Relay(store, TracedBus(bus, kept.tracing, "orders"), lease, buffer_bytes=2**20)
    async with running(relay), asyncio.timeout(HUNG_S):
        while len(bus.events) < 20:  # noqa: ASYNC110 (a bus has no event for it)
            await asyncio.sleep(0.01)
    # Written without a trace, they belong to none.
    assert kept.all == ()


async def test_damaged_metadata_has_no_age_and_no_trace(store: MemoryStore) -> None:
    event = replace(sealed_stream(placed())[0], metadata=b"damaged")
    assert age_s(event, NOW) == 0
    kept = Kept()
    publisher = await TracedBus(MemoryBus(), kept.tracing, "orders").open(SECRET)
    await publisher.publish(publisher.partition_of("o-1"), [event], epoch=1, published_through=-1)
    assert kept.all == ()


async def test_after_the_head_there_is_no_lag(store: MemoryStore) -> None:
    assert await lag_after(store, None, NOW, dense=True) == (0, 0)
    await Writer(store).write(20)
    head = await store.head()
    assert await lag_after(store, head, NOW, dense=True) == (0, 0)
    assert await lag_after(store, None, NOW, dense=True) == (20, AGE_S)


def _with(traceparent: str | None, recorded: Recorded) -> Recorded:
    metadata = asdict(METADATA) | {"traceparent": traceparent}
    return replace(recorded, metadata=json.dumps(metadata).encode())
