"""The workers of a process: metrics, spans, health."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from domain.events import Event
from eventstore.port import Recorded, StoreUnavailable
from eventstore.record.codec import decode
from projections.monitor.metrics import WorkerMonitor
from projections.projection import Projection
from projections.sources.log import SharedLog
from projections.storage.open import open_generations
from projections.worker.worker import Worker
from projections.worker.writer import open_writer
from runtime.metrics import WorkerMetrics, new_registry
from tests.eventstore.recorded import METADATA
from tests.projections import toy
from tests.projections.toy import TALLY, UNDECODABLE, Log, note, placed, url_of, writer_of
from tests.spans import CALLER, TRACE, TRACEPARENT, Kept, parent_of, trace_of
from tests.waiting import HUNG_S, until

NOW = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture
def kept() -> Kept:
    return Kept()


@asynccontextmanager
async def monitored(
    folder: Path, log: Log, kept: Kept | None = None, projection: Projection[Any] = TALLY
) -> AsyncIterator[WorkerMonitor]:
    """A running worker and its monitor."""
    metrics = WorkerMetrics(new_registry(process=False))
    tracing = kept.tracing if kept else None
    source = SharedLog(log.store)
    monitor = WorkerMonitor(
        metrics, tracing, store=log.store, dense=True, clock=lambda: NOW, fresh_s=0.0
    )
    worker = Worker(
        projection,
        url_of(folder),
        source=source,
        store=log.store,
        folder=folder / "workers",
        clock=lambda: NOW,
        pause_min_s=0.02,
        watch=monitor.watch("tally"),
    )
    monitor.add(projection, url_of(folder), worker, source)
    stop = asyncio.Event()
    task = asyncio.create_task(worker.run(stop))
    try:
        yield monitor
    finally:
        stop.set()
        await asyncio.wait_for(task, HUNG_S)
        await monitor.aclose()
        await source.aclose()


async def metrics_of(monitor: WorkerMonitor) -> dict[str, float]:
    """The metrics by name; those of histograms that are not counts are left out."""
    families = text_string_to_metric_families((await monitor.text()).decode())
    return {
        sample.name: sample.value
        for family in families
        for sample in family.samples
        if not sample.name.endswith(("_bucket", "_created", "_sum"))
    }


async def until_applied(monitor: WorkerMonitor, events: int) -> dict[str, float]:
    async with asyncio.timeout(HUNG_S):
        while True:
            found = await metrics_of(monitor)
            if found.get("daybook_worker_applied_events_total") == events:
                return found
            await asyncio.sleep(0.02)


async def test_applied_events_are_counted_once_however_often_they_come(
    tmp_path: Path, log: Log
) -> None:
    await log.append("o-1", placed(), note())
    async with monitored(tmp_path, log) as watched:
        await until_applied(watched, 2)
        await log.append("o-1", note())
        found = await until_applied(watched, 3)
    assert found["daybook_worker_batch_seconds_count"] >= 2
    async with monitored(tmp_path, log) as watched:
        # Applied before: a worker that starts again counts from 0.
        found = await metrics_of(watched)
    assert found["daybook_worker_applied_events_total"] == 0


async def test_the_metrics_of_a_worker_that_is_up_to_date(tmp_path: Path, log: Log) -> None:
    await log.append("o-1", placed())
    await log.append("o-2", placed("o-2"), UNDECODABLE)
    async with monitored(tmp_path, log) as watched:
        await until_applied(watched, 2)
        found = await metrics_of(watched)
    del found["daybook_worker_batch_seconds_count"]
    # The lag may have been measured before the worker applied anything.
    assert found.pop("daybook_worker_lag_money_cents", 0) == 0
    assert found == {
        "daybook_worker_applied_events_total": 2,
        "daybook_worker_lag_seconds": 0,
        "daybook_worker_lag_events": 0,
        "daybook_worker_lag_orders": 0,
        "daybook_worker_parked_orders": 1,
        "daybook_worker_stalled": 0,
        "daybook_worker_repaired_orders_total": 0,
        "daybook_worker_generation": 1,
    }


async def test_a_paused_worker_is_behind_and_a_trouble(
    tmp_path: Path, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    await log.append("o-1", placed(), note())
    async with monitored(tmp_path, log) as watched:
        await until_applied(watched, 2)
        assert list(await watched.troubles()) == []
        assert list(await watched.not_ready()) == []
        worker = watched._models["tally"].worker

        async def fail(*_: object) -> None:
            raise StoreUnavailable("gone")

        monkeypatch.setattr("projections.worker.runner.apply", fail)
        await log.append("o-1", note(), toy.captured(cents=400))
        await until(lambda: worker.trouble() is not None)
        assert await watched.troubles() == ["tally: paused"]
        found = await metrics_of(watched)
        assert found["daybook_worker_lag_events"] == 2
        assert found["daybook_worker_lag_orders"] == 1
        assert found["daybook_worker_lag_money_cents"] == 400


async def test_money_that_is_not_unapplied_any_more_is_reported_as_0(
    tmp_path: Path, log: Log
) -> None:
    async with writer_of(tmp_path):
        pass
    await log.append("o-1", placed(cents=700))
    metrics = WorkerMetrics(new_registry(process=False))
    watched = WorkerMonitor(
        metrics, None, store=log.store, dense=True, clock=lambda: NOW, fresh_s=0.0
    )
    source = SharedLog(log.store)
    worker = Worker(
        TALLY, url_of(tmp_path), source=source, store=log.store, folder=tmp_path, clock=lambda: NOW
    )
    watched.add(TALLY, url_of(tmp_path), worker, source)
    try:
        assert (await metrics_of(watched))["daybook_worker_lag_money_cents"] == 700
        assert await watched.troubles() == ["tally: starting"]
        assert await watched.not_ready() == ["tally: not opened"]
        async with writer_of(tmp_path) as writer:
            await writer.commit(await log.items(), {})
        assert (await metrics_of(watched))["daybook_worker_lag_money_cents"] == 0
    finally:
        await watched.aclose()
        await source.aclose()


async def test_open_anomalies_are_reported_by_kind_and_as_0_once_there_are_none(
    tmp_path: Path, log: Log
) -> None:
    open_now = {"told-again": 2}
    projection = replace(TALLY, open_anomalies=lambda _: dict(open_now))
    await log.append("o-1", placed())
    async with monitored(tmp_path, log, projection=projection) as watched:
        found = await until_applied(watched, 1)
        assert found["daybook_open_anomalies"] == 2
        open_now.clear()
        found = await metrics_of(watched)
        assert found["daybook_open_anomalies"] == 0


async def test_records_that_were_left_out_are_counted_by_reason(tmp_path: Path, log: Log) -> None:
    async with monitored(tmp_path, log) as watched:
        source: Any = watched._models["tally"]._source
        source.skipped = {"foreign": 2}
        await metrics_of(watched)
        source.skipped = {"foreign": 3, "older epoch": 1}
        text = (await watched.text()).decode()
    name = "daybook_worker_rejected_records_total"
    assert f'{name}{{projection="tally",reason="foreign"}} 3.0' in text
    assert f'{name}{{projection="tally",reason="older epoch"}} 1.0' in text


async def test_a_second_worker_of_a_model_is_a_standby_and_no_trouble(
    tmp_path: Path, log: Log
) -> None:
    async with (
        aclosing(open_generations(url_of(tmp_path))) as found,
        writer_of(tmp_path),
        monitored(tmp_path, log) as watched,
    ):
        assert await found.live() == 1
        worker = watched._models["tally"].worker
        await until(lambda: worker._is_standby and worker.trouble() is None)
        assert list(await watched.troubles()) == []


async def test_each_applied_event_is_a_span_of_its_own_trace(
    tmp_path: Path, log: Log, kept: Kept
) -> None:
    other = f"00-{'a' * 32}-{'b' * 16}-01"
    unsampled = f"00-{'c' * 32}-{'d' * 16}-00"
    items = [
        decode(_with(traceparent, recorded))
        for traceparent, recorded in zip(
            [TRACEPARENT, other, None, unsampled],
            await _recorded(log, placed(), note(), note(), note()),
            strict=True,
        )
    ]
    watched = WorkerMonitor(
        WorkerMetrics(new_registry(process=False)),
        kept.tracing,
        store=log.store,
        dense=True,
        clock=lambda: NOW,
    )
    async with writer_of(tmp_path):
        pass
    async with (
        aclosing(open_generations(url_of(tmp_path))) as found,
        open_writer(TALLY, found, await found.live(), watch=watched.watch("tally")) as writer,
    ):
        await writer.commit(items, {})
        await writer.commit(items, {})
    assert [(trace_of(span), parent_of(span)) for span in kept.all] == [
        (TRACE, CALLER),
        ("a" * 32, "b" * 16),
    ]
    first = kept.all[0]
    assert first.name == "apply tally"
    assert dict(first.attributes or {}) == {
        "daybook.projection": "tally",
        "daybook.generation": 1,
        "daybook.order_id": "o-1",
        "daybook.revision": 0,
        "daybook.event": "OrderPlaced",
        "daybook.batch": 4,
    }
    assert first.start_time is not None
    assert first.end_time is not None
    assert first.start_time < first.end_time


async def _recorded(log: Log, *events: Event) -> Sequence[Recorded]:
    await log.append("o-1", *events)
    return [event async for page in log.store.read_all() for event in page]


def _with(traceparent: str | None, recorded: Recorded) -> Recorded:
    metadata = asdict(METADATA) | {"traceparent": traceparent}
    return replace(recorded, metadata=json.dumps(metadata).encode())
