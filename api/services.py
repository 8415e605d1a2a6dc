"""What the API needs: composed by api.serve (and by tests), and given to create_app."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from api.http.guards import Limits
from api.live.log import LiveLog
from eventstore.ledger.ledger import Ledger
from eventstore.port import EventStore
from projections.monitor.status import ModelStatus
from projections.storage.database import ReadDatabase
from runtime.telemetry import Telemetry


def _no_trouble() -> str | None:
    return None


async def _no_metrics() -> bytes:
    return b""


class AskStatus(Protocol):
    async def __call__(self, *, lag: bool = True) -> Sequence[ModelStatus]:
        """lag: see projections.monitor.observed.ObservedModels.now."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """databases: by the name of the read model.

    status: the state of the read models (ObservedModels.now).
    watched: this server runs the workers, so that one that does not run makes it unhealthy.
    live: the events of the log as they are stored, for streams.
    log_trouble: why the log takes no commands; None while it does.
    graphql_introspection: whether GraphQL tells its schema, and there is the page GraphiQL.
    worker_metrics: the metrics of the workers of this server, as text.
    currency: of an order that the small gRPC interface places without one.
    """

    ledger: Ledger
    store: EventStore
    databases: Mapping[str, ReadDatabase]
    status: AskStatus
    clock: Callable[[], datetime]
    live: LiveLog
    watched: bool = True
    log_trouble: Callable[[], str | None] = _no_trouble
    worker_metrics: Callable[[], Awaitable[bytes]] = _no_metrics
    telemetry: Telemetry = field(default_factory=Telemetry)
    limits: Limits = field(default_factory=Limits)
    currency: str = "EUR"
    graphql_introspection: bool = True
