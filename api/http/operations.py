"""Routes for operators: health, readiness, metrics, the state of read models, the audit export."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import asdict
from typing import Annotated, Any, Final
from urllib.parse import parse_qsl

from fastapi import APIRouter, Query, Response
from fastapi.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from api.docs.responses import LOG, Health, NdjsonResponse, problems, queried
from api.export.export import MEDIA_TYPES, Format, export
from api.http.asgi import AsgiRoute, ClientGone, disconnected, start_stream
from api.http.guards import EXPORT_PATH
from api.http.health import metrics_text, not_ready, troubles
from api.http.problems import malformed
from api.http.sharing import Turn, Turns
from api.queries.read_models import answer
from api.services import Services
from domain.values import is_id
from eventstore.port import EventReader
from projections.monitor.status import ModelStatus
from projections.query.filters import Name
from runtime.metrics import CONTENT_TYPE
from runtime.probes import judged

_HEALTH: Final = problems() | {503: {"model": Health, **problems()[503]}}


def operation_routes(services: Services) -> APIRouter:
    router = APIRouter(tags=["operations"])

    @router.get(
        "/v1/projections",
        summary="How far each read model is, and the state of its worker",
        responses=queried(LOG),
    )
    async def projections() -> Response:
        """Each read model: its worker, generation, position, lag, parked orders."""
        return answer({"items": [_model(model) for model in await services.status()]})

    @router.get(
        "/healthz",
        summary="Whether every loop of this server is well",
        response_model=Health,
        responses=_HEALTH,
    )
    async def healthz() -> Response:
        """200 while the log takes commands, the worker of every read model is alive and applies
        events, and no order is parked. To decide whether to send requests here, use /readyz.
        """
        return _judged(await troubles(services))

    @router.get(
        "/readyz",
        summary="Whether this server can take requests",
        response_model=Health,
        responses=_HEALTH,
    )
    async def readyz() -> Response:
        """200 once the log and every read model can be read."""
        return _judged(await not_ready(services))

    @router.get(
        "/metrics",
        summary="Figures in Prometheus text",
        response_class=PlainTextResponse,
        responses=problems(),
    )
    async def metrics() -> Response:
        """Prometheus' text format."""
        return Response(await metrics_text(services), media_type=CONTENT_TYPE)

    return router


def export_route(services: Services, turns: Turns) -> AsgiRoute:
    async def documented(
        format: Annotated[  # noqa: A002 (the parameter's name)
            Format | None, Query(description="Or by Accept: text/csv.")
        ] = None,
        order_id: Name | None = None,
    ) -> None: ...

    return AsgiRoute(
        EXPORT_PATH,
        documented,
        AuditExport(services.store, turns, services.limits.write_s),
        methods=["GET"],
        tags=["audit"],
        operation_id="audit-export",
        summary="The whole log, as NDJSON or CSV",
        description="Every event up to the head at the start, straight from the log. The last "
        "record is `end` with from, to and count: without it the export was cut off.",
        response_class=NdjsonResponse,
        response_description="The export.",
        responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}} | problems(LOG),
    )


class AuditExport:
    """GET /v1/audit/export: the log as NDJSON or CSV, by ?format= or Accept."""

    def __init__(self, store: EventReader, turns: Turns, write_s: float) -> None:
        self._store = store
        self._turns = turns
        self._write_s = write_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        kind, order_id = _requested(scope)
        name = b'attachment; filename="daybook-audit.%b"' % kind.encode()
        await start_stream(send, MEDIA_TYPES[kind], ((b"content-disposition", name),))
        if not scope.get("daybook.head"):
            turn = self._turns.new()
            exported = export(self._store, kind, order_id=order_id, working=turn)
            async with aclosing(exported) as pieces:
                await self._send(pieces, turn, receive, send)
        await send({"type": "http.response.body", "body": b""})

    async def _send(
        self, pieces: AsyncIterator[bytes], turn: Turn, receive: Receive, send: Send
    ) -> None:
        """Raises ClientGone, and TimeoutError where the client does not take what was sent."""
        gone = asyncio.create_task(disconnected(receive))
        try:
            async for piece in pieces:
                await turn.go_on()
                if gone.done():
                    raise ClientGone
                async with asyncio.timeout(self._write_s):
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
        finally:
            gone.cancel()


def _requested(scope: Scope) -> tuple[Format, str | None]:
    """Format and order of an export. Raises Rejected."""
    pairs = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    given = dict(pairs)
    if not given.keys() <= {"format", "order_id"} or len(given) < len(pairs):
        raise malformed("query", "takes format and order_id, once each")
    order_id = given.get("order_id")
    if order_id is not None and not is_id(order_id):
        raise malformed("order_id", "is not the id of an order")
    accept = dict(scope["headers"]).get(b"accept", b"").lower()
    match given.get("format", "csv" if b"text/csv" in accept else "ndjson"):
        case "csv":
            return "csv", order_id
        case "ndjson":
            return "ndjson", order_id
        case _:
            raise malformed("format", "must be ndjson or csv")


def _model(model: ModelStatus) -> dict[str, Any]:
    return {**asdict(model), "healthy": model.healthy}


def _judged(found: Sequence[str]) -> Response:
    status, body = judged(found)
    return Response(body, status_code=status, media_type="application/json")
