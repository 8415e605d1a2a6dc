"""The API over a log in memory, with real read models that each test brings up to date."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.app import create_app
from api.http.guards import Limits
from api.live.log import LiveLog
from api.services import Services
from eventstore.ledger.ledger import Ledger
from eventstore.memory import MemoryStore
from eventstore.port import EventStore
from projections.models import MODELS
from projections.monitor.status import ModelStatus
from projections.projection import Projection
from projections.sources.log import SharedLog
from projections.storage.database import ReadDatabase
from projections.storage.generations import ensure_built
from projections.storage.open import open_generations
from projections.worker.runner import run
from projections.worker.writer import open_writer
from tests.projections import kinds

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
BASE_URL = "http://localhost:8000"


@dataclass
class Clock:
    """Advances by a second each time it is read."""

    now: datetime = START

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@dataclass
class Api:
    """A server's services, and a client of it."""

    services: Services
    client: httpx.AsyncClient
    urls: dict[str, str]
    clock: Clock
    statuses: list[ModelStatus] = field(default_factory=list)

    async def catch_up(self, *, but_for: str = "") -> None:
        """Build every read model and bring it up to the log's head.

        but_for: the type of an event that none can apply, so that its order is parked.
        """
        source = SharedLog(self.services.store)
        for name, projection in MODELS.items():
            async with aclosing(open_generations(self.urls[name])) as found:
                await ensure_built(projection, found)
                able = _unable(projection, but_for) if but_for else projection
                async with open_writer(able, found, await found.live()) as writer:
                    await run(
                        writer, source, self.services.store, stop_at_tail=True, between=_go_on
                    )
        await source.aclose()

    async def place(self, order_id: str = "o1", **fields: Any) -> httpx.Response:
        return await self.client.post("/v1/orders", json=order(order_id=order_id, **fields))

    async def send(self, command: str, order_id: str = "o1", **fields: Any) -> httpx.Response:
        return await self.client.post(f"/v1/orders/{order_id}/{command}", json=fields)

    async def stored(self) -> int:
        """Events in the log."""
        return sum([len(page) async for page in self.services.store.read_all()])


def _unable(projection: Projection[Any], type_: str) -> Projection[Any]:
    def evolve(view: Any, event: Any) -> Any:
        if event.type == type_:
            raise ValueError("cannot be applied")
        return projection.evolve(view, event)

    return replace(projection, evolve=evolve)


async def _go_on() -> bool:
    return True


def order(**fields: Any) -> dict[str, Any]:
    """The body of a place-order, with some fields replaced; None removes one."""
    body: dict[str, Any] = {
        "order_id": "o1",
        "customer_id": "ada",
        "currency": "EUR",
        "items": [{"product_id": "teapot", "quantity": 2, "price_cents": 1000}],
    }
    return {name: value for name, value in (body | fields).items() if value is not None}


@pytest.fixture
def limits() -> Limits:
    return Limits(wait_s=0.2)


@pytest.fixture
def store() -> EventStore:
    return MemoryStore()


@pytest.fixture
async def api(tmp_path: Path, limits: Limits, store: EventStore) -> AsyncIterator[Api]:
    async with api_of(tmp_path, store, limits) as api:
        yield api


@asynccontextmanager
async def api_of(folder: Path, store: EventStore, limits: Limits) -> AsyncIterator[Api]:
    """folder: of the read models."""
    clock = Clock()
    urls = {name: kinds.kind.url(folder, name) for name in MODELS}
    databases = {name: ReadDatabase(projection, urls[name]) for name, projection in MODELS.items()}
    statuses: list[ModelStatus] = []

    async def status(*, lag: bool = True) -> list[ModelStatus]:
        return statuses

    live = LiveLog(store)
    services = Services(
        ledger=Ledger(store, clock=clock),
        store=store,
        databases=databases,
        status=status,
        clock=clock,
        live=live,
        limits=limits,
    )
    async with AsyncExitStack() as closing:
        await closing.enter_async_context(live)
        for database in databases.values():
            closing.push_async_callback(database.aclose)
        transport = httpx.ASGITransport(create_app(services))
        client = httpx.AsyncClient(transport=transport, base_url=BASE_URL)
        await closing.enter_async_context(client)
        yield Api(services, client, urls, clock, statuses)


def problem(response: httpx.Response) -> dict[str, Any]:
    """The problem in an answer; checks its media type, its status and that its members are
    complete.
    """
    assert response.headers["content-type"] == "application/problem+json"
    document: dict[str, Any] = response.json()
    assert document["status"] == response.status_code
    assert set(document) >= {"type", "title", "status", "detail"}
    return document


def kind(response: httpx.Response) -> str:
    """The last part of the problem's type."""
    return str(problem(response)["type"]).removeprefix("/problems#")
