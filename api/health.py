"""How the server is: what its own routes say, and what it says on a port that may be public."""

import math
from collections.abc import Sequence

from api.services import Services
from eventstore.port import StoreError
from projections.states import parked_words
from projections.status import ModelStatus
from runtime.probes import Probes


def probes_of(services: Services) -> Probes:
    """For METRICS_PORT: as the routes of the same names, without reasons, which may name orders."""

    async def briefly_troubles() -> list[str]:
        log = [] if services.log_trouble() is None else ["log: has failed"]
        return log + [f"{model.name}: {model.trouble}" for model in await _unwell(services)]

    async def briefly_not_ready() -> list[str]:
        return [trouble.partition(": ")[0] for trouble in await not_ready(services)]

    return Probes(briefly_troubles, briefly_not_ready, lambda: metrics_text(services))


async def troubles(services: Services) -> list[str]:
    """What is wrong; empty while the log takes commands, every worker lives and works, and no order
    is parked.
    """
    trouble = services.log_trouble()
    log = [] if trouble is None else [f"log: {trouble}"]
    return log + [f"{model.name}: {_told(model)}" for model in await _unwell(services)]


async def not_ready(services: Services) -> list[str]:
    """What cannot be asked yet."""
    try:
        models = await services.status()
    except StoreError:
        return ["log: cannot be read"]
    # Without a number of parked orders its tables did not answer, though a pointer names them.
    return [f"{model.name}: {model.reason}" for model in models if model.parked is None]


async def metrics_text(services: Services) -> bytes:
    """Of this server and the workers beside it, in Prometheus' text format."""
    metrics = services.telemetry.metrics
    for model in await services.status():
        metrics.head.set(model.head or 0)
        metrics.healthy.labels(model.name).set(model.works)
        metrics.lag.labels(model.name).set(math.nan if model.lag is None else model.lag)
        if model.behind is not None:
            metrics.behind.labels(model.name).set(model.behind)
        if model.parked is not None:
            metrics.parked.labels(model.name).set(model.parked)
    return metrics.text() + await services.worker_metrics()


def _told(model: ModelStatus) -> str:
    named = ", ".join(str(row["order_id"]) for row in model.parked_orders)
    more = ", ..." if len(model.parked_orders) < (model.parked or 0) else ""
    which = f" ({named}{more}): see `daybook parked list`" if named else ""
    parked = f"{parked_words(model.parked or 0)}{which}"
    return ", ".join(
        part
        for part in ("" if model.works else model.state, model.reason, parked if named else "")
        if part
    )


async def _unwell(services: Services) -> Sequence[ModelStatus]:
    if not services.watched:
        return []
    return [model for model in await services.status() if not model.healthy]
