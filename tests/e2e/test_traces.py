"""One trace from the request to the rows: across the loops, across processes, across Kafka."""

import asyncio
import subprocess
from collections.abc import Iterator
from contextlib import AsyncExitStack, ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from api.app import create_app
from api.live.log import LiveLog
from api.services import Services
from eventstore.lease import FileLease
from eventstore.ledger.ledger import Ledger
from eventstore.memory import MemoryStore
from eventstore.relay.monitor import TracedBus
from eventstore.relay.relay import Relay
from projections.composition import keep_up, monitoring_workers
from projections.models import MODELS
from runtime.metrics import WorkerMetrics
from runtime.settings import Settings
from runtime.telemetry import Telemetry
from tests.api.conftest import BASE_URL, order
from tests.e2e.probing import is_well, metrics_at
from tests.e2e.relays import relaying
from tests.e2e.running import PROGRAM, Running, environment, serving
from tests.eventstore.buses import MemoryBus
from tests.parts.collector import Collector, Span, collecting
from tests.parts.ports import free_ports
from tests.spans import CALLER, TRACE, TRACEPARENT, Kept, id_of, parent_of, trace_of
from tests.waiting import HUNG_S, wait_until

APPLIED = {f"apply {name}" for name in MODELS}


async def test_one_trace_through_every_loop_of_one_process(tmp_path: Path) -> None:
    kept, bus, store = Kept(), MemoryBus(), MemoryStore()
    settings = Settings(data_dir=tmp_path, store="memory://")
    stop = asyncio.Event()

    def clock() -> datetime:
        return datetime(2026, 11, 23, 9, 0, tzinfo=UTC)

    async def status() -> list[object]:
        return []

    services = Services(
        ledger=Ledger(store, clock=clock),
        store=store,
        databases={},
        status=status,  # type: ignore[arg-type]
        clock=clock,
        live=LiveLog(store),
        telemetry=Telemetry(tracing=kept.tracing),
    )
    relay = Relay(
        store,
        TracedBus(bus, kept.tracing, "orders"),
        FileLease(tmp_path / "lock"),
        buffer_bytes=2**20,
    )
    async with AsyncExitStack() as stack:
        monitor = await stack.enter_async_context(
            monitoring_workers(settings, store, WorkerMetrics(), kept.tracing, clock=clock)
        )
        loops = asyncio.gather(
            relay.run(stop),
            keep_up(MODELS, settings, store, clock=clock, stop=stop, monitor=monitor),
        )
        http = await stack.enter_async_context(
            httpx.AsyncClient(
                transport=httpx.ASGITransport(create_app(services)), base_url=BASE_URL
            )
        )
        await http.post("/v1/orders", json=order(), headers={"traceparent": TRACEPARENT})
        async with asyncio.timeout(HUNG_S):
            while len(kept.all) < 3 + len(MODELS):  # noqa: ASYNC110 (spans notify nobody)
                await asyncio.sleep(0.02)
        stop.set()
        await loops
    assert {trace_of(span) for span in kept.all} == {TRACE}
    request, append = kept.named("POST /v1/orders"), kept.named("append place-order")
    assert (parent_of(request), parent_of(append)) == (CALLER, id_of(request))
    parents = {span.name: parent_of(span) for span in kept.all if span not in (request, append)}
    assert parents == dict.fromkeys({"publish orders", *APPLIED}, id_of(append))


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    """Where the processes that a test starts export to."""
    with collecting() as collector:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
        monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "100")
        # What is sent again because an answer was late would be counted twice.
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", f"{HUNG_S:g}")
        yield collector


@pytest.mark.e2e
def test_one_trace_across_the_servers_process_and_the_workers(
    tmp_path: Path, collector: Collector
) -> None:
    with serving(tmp_path, TRACES="otlp") as running:
        _place(running)
        wait_until(lambda: len(collector.of(TRACE)) >= 2 + len(MODELS))
    spans = _checked(collector)
    assert {span.service for span in spans.values()} == {"daybook-api", "daybook-worker"}
    assert set(spans) == {"POST /v1/orders", "append place-order"} | APPLIED


@pytest.mark.e2e
def test_without_traces_nothing_is_exported_and_the_event_names_the_caller(
    tmp_path: Path, collector: Collector
) -> None:
    with serving(tmp_path) as running:
        _place(running)
        running.caught_up()
        assert _stored(running) == TRACEPARENT
    assert collector.spans == []


@pytest.mark.e2e
@pytest.mark.slow
def test_one_trace_across_four_processes_and_kafka(
    tmp_path: Path, collector: Collector, kafka_url: str, topic: str
) -> None:
    ports = dict(zip(("serve", "relay", "worker"), free_ports(3), strict=True))
    bus = {"BUS": kafka_url, "TOPIC": topic, "TRACES": "otlp"}
    relay_at = {"TRACES": "otlp", "METRICS_PORT": str(ports["relay"])}
    with ExitStack() as stack:
        running = stack.enter_context(serving(tmp_path, **bus, METRICS_PORT=str(ports["serve"])))
        relay = stack.enter_context(relaying(tmp_path, kafka_url, topic, **relay_at))
        relay.await_role("leader")
        stack.enter_context(_worker(tmp_path, **bus, METRICS_PORT=str(ports["worker"])))
        wait_until(lambda: is_well(ports["worker"]))
        _place(running)
        wait_until(lambda: len(collector.of(TRACE)) >= 3 + len(MODELS))
        wait_until(lambda: all(map(is_well, ports.values())))
        found = {name: metrics_at(port) for name, port in ports.items()}
        assert _stored(running).startswith(f"00-{TRACE}-")
        relay.stop()
    spans = _checked(collector)
    services = {"daybook-api", "daybook-relay", "daybook-worker"}
    assert {span.service for span in spans.values()} == services
    assert set(spans) == {"POST /v1/orders", "append place-order", f"publish {topic}"} | APPLIED
    assert found["relay"]["daybook_relay_published_total"] == 1
    assert found["relay"]["daybook_relay_epoch"] == 1
    for name in MODELS:
        assert found["worker"][f'daybook_worker_applied_events_total{{projection="{name}"}}'] == 1
    assert not [name for name in found["serve"] if name.startswith("daybook_relay")]


def _checked(collector: Collector) -> dict[str, Span]:
    """The spans of the caller's trace by name; each but the request's is a child of another one."""
    spans = {span.name: span for span in collector.of(TRACE)}
    assert len(spans) == len(collector.of(TRACE))
    request, append = spans["POST /v1/orders"], spans["append place-order"]
    assert (request.parent, append.parent) == (CALLER, request.id)
    caused = [span for span in spans.values() if span not in (request, append)]
    assert {span.parent for span in caused} == {append.id}
    assert {span.attributes["daybook.order_id"] for span in caused} == {"o1"}
    return spans


def _place(running: Running) -> None:
    headers = {"traceparent": TRACEPARENT}
    answer = httpx.post(f"{running.url}/v1/orders", json=order(), headers=headers, timeout=HUNG_S)
    assert answer.status_code == 201


def _stored(running: Running) -> str:
    [event] = running.get("/v1/orders/o1/events")["items"]
    return str(event["traceparent"])


@contextmanager
def _worker(folder: Path, **settings: str) -> Iterator[None]:
    with (folder / "worker.err").open("w") as errors:
        child = subprocess.Popen(
            [*PROGRAM, "worker"], env=environment(folder, **settings), stderr=errors
        )
    try:
        yield
    finally:
        child.terminate()
        assert child.wait(HUNG_S) == 0
