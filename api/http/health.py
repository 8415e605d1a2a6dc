"""How the server is: what its own routes say, and what it says on a port that may be public."""

import asyncio
import math
from collections.abc import Sequence

from api.services import Services
from projections.monitor.status import ModelStatus
from runtime.disk import FULL
from runtime.probes import Probes


def probes_of(services: Services) -> Probes:
    """For METRICS_PORT: as the routes of the same names, without reasons, which may name orders."""

    async def briefly_troubles() -> list[str]:
        unwell, trouble = await _unwell(services), services.log_trouble()
        brief = FULL if trouble and trouble.startswith(FULL) else "has failed"
        log = [] if trouble is None else [f"log: {brief}"]
        return log + [f"{model.name}: {model.trouble}" for model in unwell]

    async def briefly_not_ready() -> list[str]:
        return [trouble.partition(": ")[0] for trouble in await not_ready(services)]

    return Probes(briefly_troubles, briefly_not_ready, lambda: metrics_text(services))


async def troubles(services: Services) -> list[str]:
    """What is wrong; empty while the log takes commands, every worker lives and works, and no order
    is parked.
    """
    unwell = await _unwell(services)
    return _log(services) + [f"{model.name}: {model.explanation}" for model in unwell]


async def not_ready(services: Services) -> list[str]:
    """What cannot be asked yet."""
    models = await services.status(lag=False)
    not_read = [f"{model.name}: {model.reason}" for model in models if not model.is_readable]
    log = [trouble for trouble in _log(services) if FULL not in trouble]  # it can be asked
    return log + not_read


async def metrics_text(services: Services) -> bytes:
    """Of this server and the workers beside it, in Prometheus' text format."""
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


async def _unwell(services: Services) -> Sequence[ModelStatus]:
    """Looks at the log too, for services.log_trouble()."""
    models = await services.status(lag=False)
    return [model for model in models if not model.healthy] if services.watched else []
