"""Routes for operators: health, readiness, metrics, the state of read models."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Final

from fastapi import APIRouter, Response
from fastapi.responses import PlainTextResponse

from api.docs.responses import LOG, Health, problems, queried
from api.http.asgi import answer
from api.operations.health import metrics_text, not_ready, troubles
from api.services import Services
from projections.monitor.status import ModelStatus
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


def _model(model: ModelStatus) -> dict[str, Any]:
    return {**asdict(model), "healthy": model.healthy}


def _judged(found: Sequence[str]) -> Response:
    status, body = judged(found)
    return Response(body, status_code=status, media_type="application/json")
