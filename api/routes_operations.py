"""For whoever runs it: health, readiness, metrics, the read models' state; and the audit export."""

import math
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import asdict
from typing import Any
from urllib.parse import parse_qsl

from fastapi import APIRouter, Response
from pydantic_core import to_json
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from api.export import MEDIA_TYPES, Format, export
from api.guards import EXPORT_PATH
from api.problems import malformed
from api.reading import answer
from api.services import Services
from api.wire import start_stream
from domain.values import is_id
from eventstore.port import EventStore, StoreError
from projections.status import ModelStatus
from runtime.telemetry import CONTENT_TYPE

OK = 200
UNWELL = 503


def operation_routes(services: Services) -> APIRouter:
    router = APIRouter(tags=["operations"])

    @router.get("/v1/projections")
    async def projections() -> Response:
        """Each read model: its worker, generation, position, how far behind, parked orders."""
        return answer({"items": [_model(model) for model in await services.status()]})

    @router.get("/healthz")
    async def healthz() -> Response:
        """200 while the log takes commands and every read model's worker lives and works."""
        return _judged(await _troubles(services))

    @router.get("/readyz")
    async def readyz() -> Response:
        """200 once the log and every read model can be asked."""
        return _judged(await _not_ready(services))

    @router.get("/metrics", response_class=Response)
    async def metrics() -> Response:
        """Prometheus' text format."""
        await _gauge(services)
        return Response(services.telemetry.metrics.text(), media_type=CONTENT_TYPE)

    return router


def export_route(services: Services) -> Route:
    return Route(EXPORT_PATH, AuditExport(services.store), methods=["GET"])


class AuditExport:
    """GET /v1/audit/export: the log as NDJSON or CSV, by ?format= or Accept."""

    def __init__(self, store: EventStore) -> None:
        self._store = store

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        del receive
        kind, order_id = _asked(scope)
        name = b'attachment; filename="daybook-audit.%b"' % kind.encode()
        await start_stream(send, MEDIA_TYPES[kind], ((b"content-disposition", name),))
        if not scope.get("daybook.head"):
            async with aclosing(export(self._store, kind, order_id=order_id)) as pieces:
                async for piece in pieces:
                    body = {"type": "http.response.body", "body": piece, "more_body": True}
                    await send(body)
        await send({"type": "http.response.body", "body": b""})


def _asked(scope: Scope) -> tuple[Format, str | None]:
    """Format and order of an export. Raises Rejected."""
    pairs = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    asked = dict(pairs)
    if not asked.keys() <= {"format", "order_id"} or len(asked) < len(pairs):
        raise malformed("query", "takes format and order_id, once each")
    order_id = asked.get("order_id")
    if order_id is not None and not is_id(order_id):
        raise malformed("order_id", "is no id of an order")
    accept = dict(scope["headers"]).get(b"accept", b"").lower()
    match asked.get("format", "csv" if b"text/csv" in accept else "ndjson"):
        case "csv":
            return "csv", order_id
        case "ndjson":
            return "ndjson", order_id
        case _:
            raise malformed("format", "must be ndjson or csv")


def _model(model: ModelStatus) -> dict[str, Any]:
    return {**asdict(model), "healthy": model.healthy}


def _judged(troubles: Sequence[str]) -> Response:
    document = {"status": "unwell" if troubles else "ok", "troubles": list(troubles)}
    status = UNWELL if troubles else OK
    return Response(to_json(document), status_code=status, media_type="application/json")


async def _troubles(services: Services) -> list[str]:
    trouble = services.log_trouble()
    troubles = [] if trouble is None else [f"log: {trouble}"]
    if services.watched:
        troubles += [
            f"{model.name}: {model.state}{f', {model.reason}' if model.reason else ''}"
            for model in await services.status()
            if not model.healthy
        ]
    return troubles


async def _not_ready(services: Services) -> list[str]:
    try:
        models = await services.status()
    except StoreError:
        return ["log: cannot be read"]
    return [f"{model.name}: {model.reason}" for model in models if model.generation is None]


async def _gauge(services: Services) -> None:
    metrics = services.telemetry.metrics
    for model in await services.status():
        metrics.head.set(model.head or 0)
        metrics.healthy.labels(model.name).set(model.healthy)
        metrics.lag.labels(model.name).set(math.nan if model.lag is None else model.lag)
        if model.behind is not None:
            metrics.behind.labels(model.name).set(model.behind)
        if model.parked is not None:
            metrics.parked.labels(model.name).set(model.parked)
