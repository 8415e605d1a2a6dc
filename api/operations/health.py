"""The health of the server, for its own routes and, without details, for METRICS_PORT."""

import asyncio
import math
from collections.abc import Sequence
from typing import Final

from api.services import Services
from eventstore.port import RIGHTS_MISSING
from projections.monitor.status import ModelStatus
from runtime.disk import FULL
from runtime.probes import Probes

_READABLE: Final = (FULL, RIGHTS_MISSING)
"""Troubles of a log that takes no commands, and can be read: if not, that is reported itself."""


def probes_of(services: Services) -> Probes:
    """The probes for METRICS_PORT, which may be public: without reasons, which may name orders."""

    async def briefly_troubles() -> list[str]:
        unwell, trouble = await _unhealthy(services), services.log_trouble()
        brief = next((known for known in _READABLE if known in (trouble or "")), "has failed")
        log = [] if trouble is None else [f"log: {brief}"]
        return log + [f"{model.name}: {model.trouble}" for model in unwell]

    async def briefly_not_ready() -> list[str]:
        return [trouble.partition(": ")[0] for trouble in await not_ready(services)]

    return Probes(briefly_troubles, briefly_not_ready, lambda: metrics_text(services))


async def troubles(services: Services) -> list[str]:
    """What is wrong. Empty while the log takes commands, every worker is alive and applies events,
    and no order is parked.
    """
    unwell = await _unhealthy(services)
    return _log(services) + [f"{model.name}: {model.explanation}" for model in unwell]


async def not_ready(services: Services) -> list[str]:
    """What cannot be read yet."""
    models = await services.status(lag=False)
    not_read = [f"{model.name}: {model.reason}" for model in models if not model.is_readable]
    log = [one for one in _log(services) if not any(known in one for known in _READABLE)]
    return log + not_read


async def metrics_text(services: Services) -> bytes:
    """The metrics of this server and its workers, in Prometheus' text format."""
    models, of_workers = await asyncio.gather(services.status(), services.worker_metrics())
    metrics = services.telemetry.metrics
    metrics.log_healthy.set(services.log_trouble() is None)
    for model in models:
        if model.head is not None:
            metrics.head.set(model.head)
        metrics.healthy.labels(model.name).set(model.works)
        metrics.lag.labels(model.name).set(_number(model.lag))
        metrics.behind.labels(model.name).set(_number(model.behind))
        metrics.parked.labels(model.name).set(_number(model.parked))
    return metrics.text() + of_workers


def _number(value: float | None) -> float:
    return math.nan if value is None else value


def _log(services: Services) -> list[str]:
    trouble = services.log_trouble()
    return [] if trouble is None else [f"log: {trouble}"]


async def _unhealthy(services: Services) -> Sequence[ModelStatus]:
    """The unhealthy read models. Also reads the log, for services.log_trouble()."""
    models = await services.status(lag=False)
    return [model for model in models if not model.healthy] if services.watched else []
