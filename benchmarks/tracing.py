"""What a trace costs: CPU of a command and of an applied event, with spans and without, in turns.

Spans are encoded as they are for a collector, and then dropped: sending them is its own process's
time as much as ours.
"""

import asyncio
import tempfile
import time
from collections.abc import Iterator
from contextlib import aclosing
from dataclasses import replace
from statistics import median
from typing import Any

from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import (
    BatchSpanProcessor,
    SpanExporter,
    SpanExportResult,
)
from pydantic_core import to_json

from api.app import create_app
from api.live.log import LiveLog
from api.services import Services
from benchmarks.figures import Figure
from domain.events import NoteAdded
from eventstore.ledger.ledger import Ledger
from eventstore.memory import MemoryStore
from eventstore.port import Position
from eventstore.record.codec import OrderEvent, decode
from projections.models import MODELS
from projections.monitor.metrics import WorkerMonitor
from projections.sources.log import LOG
from projections.storage.generations import ensure_built
from projections.storage.open import open_generations
from projections.worker.writer import open_writer
from runtime.clock import utc_now
from runtime.metrics import WorkerMetrics
from runtime.telemetry import Telemetry
from runtime.tracing import Tracing
from tests.eventstore.recorded import sealed_stream
from tests.projections.order_events import placed

ROUNDS = 5
BATCH = 100
SAMPLED = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
UNSAMPLED = SAMPLED[:-1] + "0"


class Dropped(SpanExporter):
    def export(self, spans: Any) -> SpanExportResult:
        encode_spans(spans).SerializeToString()
        return SpanExportResult.SUCCESS


def measure(count: int) -> Iterator[Figure]:
    """count: commands, and events, of each round."""
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(Dropped(), max_queue_size=10 * count))
    tracing = Tracing(provider)
    for what, measured, spans in (("a command", _commands, 2), ("an applied event", _applied, 1)):
        rounds: dict[str, list[float]] = {"off": [], "not recorded": [], "on": []}
        for _ in range(ROUNDS):
            for name, found in rounds.items():
                traced = None if name == "off" else tracing
                parent = UNSAMPLED if name == "not recorded" else SAMPLED
                found.append(asyncio.run(measured(count, traced, parent)))
                provider.force_flush()
        for name, found in rounds.items():
            yield Figure(f"CPU of {what}, traces {name}", 1e6 * median(found), "µs")
        cost = (median(rounds["on"]) - median(rounds["off"])) / spans
        yield Figure(f"a span of {what}", 1e6 * cost, "µs")
    provider.shutdown()


async def _commands(count: int, tracing: Tracing | None, parent: str) -> float:
    """Seconds of CPU for each, through the whole app, on a log in memory."""

    async def status() -> list[Any]:
        return []

    async def send(message: Any) -> None:
        del message

    store = MemoryStore()
    services = Services(
        ledger=Ledger(store, clock=utc_now),
        store=store,
        databases={},
        status=status,
        clock=utc_now,
        live=LiveLog(store),
        telemetry=Telemetry(tracing=tracing),
    )
    app = create_app(services)
    bodies = [_body(number) for number in range(count)]
    began = time.process_time()
    for body in bodies:

        async def receive(body: bytes = body) -> Any:
            return {"type": "http.request", "body": body}

        await app(_scope(body, parent), receive, send)
    return _ended(began, tracing, count)


async def _applied(count: int, tracing: Tracing | None, parent: str) -> float:
    """Seconds of CPU for each, folded and committed in batches into the order model."""
    model, events = MODELS["order"], list(_events(count, parent))
    with tempfile.TemporaryDirectory() as folder:
        watching = WorkerMonitor(
            WorkerMetrics(), tracing, store=MemoryStore(), dense=True, clock=utc_now
        )
        async with aclosing(open_generations(f"sqlite+aiosqlite:///{folder}/order.db")) as found:
            await ensure_built(model, found)
            watch = watching.watch(model.name)
            async with open_writer(model, found, await found.live(), watch=watch) as writer:
                began = time.process_time()
                for start in range(0, count, BATCH):
                    batch = events[start : start + BATCH]
                    await writer.commit(batch, {LOG: batch[-1].position})
                return _ended(began, tracing, count)


def _ended(began: float, tracing: Tracing | None, count: int) -> float:
    """The spans encoded too."""
    if tracing is not None:
        tracing._provider.force_flush()  # noqa: SLF001 (to know when)
    return (time.process_time() - began) / count


def _body(number: int) -> bytes:
    item = {"product_id": "tea", "quantity": 1, "price_cents": 990}
    order = {"order_id": f"o{number}", "customer_id": "c", "currency": "EUR", "items": [item]}
    return to_json(order)


def _scope(body: bytes, parent: str) -> dict[str, Any]:
    return {
        "type": "http",
        "method": "POST",
        "path": "/v1/orders",
        "query_string": b"",
        "root_path": "",
        "headers": [
            (b"host", b"127.0.0.1"),
            (b"content-type", b"application/json"),
            (b"content-length", b"%d" % len(body)),
            (b"traceparent", parent.encode()),
        ],
    }


def _events(count: int, parent: str) -> Iterator[OrderEvent]:
    position = 0
    while position < count:
        order_id = f"o{position}"
        notes = [NoteAdded(note_id=f"n{n}", text="seen") for n in range(4)]
        for recorded in sealed_stream(placed(order_id), *notes, order_id=order_id):
            position += 1
            event = decode(replace(recorded, position=Position(position)))
            metadata = replace(event.metadata, traceparent=parent)
            yield event._replace(metadata=metadata)
