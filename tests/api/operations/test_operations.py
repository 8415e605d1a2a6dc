"""Health, readiness, metrics, the state of the read models; and the guards under load."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import httpx
import pytest

from api.app import create_app
from api.http.guards import Limits
from api.http.problems import of_error
from api.operations.health import probes_of
from eventstore.memory import MemoryStore
from eventstore.port import (
    RIGHTS_MISSING,
    Draft,
    Expected,
    OutcomeUnknown,
    Position,
    StorageFull,
    StoreError,
    StoreUnavailable,
    StreamDeleted,
    StreamName,
)
from projections.monitor.status import ModelStatus
from tests.api.conftest import BASE_URL, Api, kind, order, problem

WELL = ModelStatus(
    name="order",
    state="running",
    reason="",
    generation=1,
    position=7,
    head=9,
    behind=True,
    lag=2,
    parked=0,
    repaired=0,
    pid=1,
    heartbeat_age_s=0.5,
)


def served(api: Api, **changes: Any) -> httpx.AsyncClient:
    """A client of the same server with other services."""
    app = create_app(replace(api.services, **changes))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE_URL)


# Health --------------------------------------------------------------------------------------


async def test_health_is_ok_while_every_worker_runs_whatever_its_lag(api: Api) -> None:
    api.statuses[:] = [replace(WELL, lag=10**6)]

    response = await api.client.get("/healthz")

    assert (response.status_code, response.json()) == (200, {"status": "ok", "troubles": []})


@pytest.mark.parametrize("state", ["paused", "stopped", "wedged", "dead", "never started"])
async def test_health_is_unwell_when_a_worker_does_not_run_even_at_lag_0(
    api: Api, state: Any
) -> None:
    api.statuses[:] = [WELL, replace(WELL, name="audit", state=state, reason="why", lag=0)]

    response = await api.client.get("/healthz")

    assert response.status_code == 503
    assert response.json()["troubles"] == [f"audit: {state}, why"]


PARKED = {"order_id": "o-7", "revision": 3, "type": "OrderTeleported", "error": "UpgradeNeeded: x"}


async def test_health_is_unwell_while_an_order_is_parked_and_names_it(api: Api) -> None:
    api.statuses[:] = [WELL, replace(WELL, name="audit", parked=2, parked_orders=[PARKED])]

    response = await api.client.get("/healthz")
    public = await probes_of(api.services).troubles()
    [well, ill] = (await api.client.get("/v1/projections")).json()["items"]
    metrics = (await api.client.get("/metrics")).text

    assert response.status_code == 503
    [trouble] = response.json()["troubles"]
    assert trouble.startswith("audit: 2 orders parked (o-7, ...)")
    assert list(public) == ["audit: 2 orders parked"]
    assert (well["healthy"], ill["healthy"], ill["parked_orders"]) == (True, False, [PARKED])
    # Its worker works: this alone alerts nobody.
    assert 'daybook_projection_healthy{projection="audit"} 1.0' in metrics
    assert 'daybook_projection_parked_orders{projection="audit"} 2.0' in metrics


async def test_workers_of_others_are_not_this_servers_health(api: Api) -> None:
    api.statuses[:] = [replace(WELL, state="dead")]

    async with served(api, watched=False) as client:
        assert (await client.get("/healthz")).status_code == 200


async def test_health_is_unwell_when_the_log_has_stopped(api: Api) -> None:
    async with served(api, log_trouble=lambda: "failed sync") as client:
        response = await client.get("/healthz")

    assert response.status_code == 503
    assert response.json()["troubles"] == ["log: failed sync"]


async def test_a_right_to_write_that_is_missing_leaves_the_server_ready_to_read(api: Api) -> None:
    trouble = f"{RIGHTS_MISSING}: log.example:2113 does not allow this user write ($w)"
    api.statuses[:] = [WELL]

    async with served(api, log_trouble=lambda: trouble) as client:
        health, ready = await client.get("/healthz"), await client.get("/readyz")
        public = await probes_of(replace(api.services, log_trouble=lambda: trouble)).troubles()

    assert (health.status_code, health.json()["troubles"]) == (503, [f"log: {trouble}"])
    assert ready.status_code == 200
    assert list(public) == [f"log: {RIGHTS_MISSING}"]


async def test_ready_is_when_every_read_model_can_be_asked(api: Api) -> None:
    api.statuses[:] = [WELL]
    ready = await api.client.get("/readyz")
    api.statuses[:] = [replace(WELL, generation=None, parked=None, reason="not built")]
    not_ready = await api.client.get("/readyz")

    assert (ready.status_code, not_ready.status_code) == (200, 503)
    assert not_ready.json()["troubles"] == ["order: not built"]


async def test_a_read_model_that_is_named_but_cannot_be_asked_is_not_ready(api: Api) -> None:
    """Its pointer names a generation whose tables do not answer."""
    api.statuses[:] = [replace(WELL, parked=None, position=None, reason="no such table")]

    response = await api.client.get("/readyz")

    assert response.status_code == 503
    assert response.json()["troubles"] == ["order: no such table"]


async def test_the_read_models_report_their_state(api: Api) -> None:
    api.statuses[:] = [WELL]

    [model] = (await api.client.get("/v1/projections")).json()["items"]

    assert (model["name"], model["lag"], model["parked"], model["healthy"]) == ("order", 2, 0, True)


async def test_metrics_count_requests_and_answers(api: Api) -> None:
    api.statuses[:] = [WELL]
    await api.place()
    await api.send(
        "plan-shipment", shipment_id="s", location="x", lines=[{"line": 1, "quantity": 1}]
    )

    text = (await api.client.get("/metrics")).text

    assert 'daybook_commands_total{command="place-order",status="201"} 1.0' in text
    assert 'daybook_refusals_total{rule="not-confirmed"} 1.0' in text
    assert 'daybook_http_requests_total{route="/v1/orders",status="201"} 1.0' in text
    assert 'daybook_projection_lag{projection="order"} 2.0' in text


async def test_metrics_have_routes_and_no_ids(api: Api) -> None:
    await api.client.get("/v1/orders/SECRET")
    await api.client.get("/SECRET")

    text = (await api.client.get("/metrics")).text

    assert "SECRET" not in text
    assert 'route="/v1/orders/{order_id}",status="404"' in text
    assert 'route="none",status="404"' in text


# The store's errors --------------------------------------------------------------------------


class FailingStore(MemoryStore):
    error: StoreError | Exception | None = None

    async def append(self, stream: StreamName, drafts: Any, *, expected: Expected) -> Position:
        if self.error is not None:
            raise self.error
        return await super().append(stream, drafts, expected=expected)


class TestAStoreThatFails:
    @pytest.fixture
    def store(self) -> FailingStore:
        return FailingStore()

    @pytest.mark.parametrize(
        ("error", "status", "named"),
        [
            (StorageFull("XYZZY"), 503, "storage-full"),
            (StoreUnavailable("XYZZY"), 503, "store-unavailable"),
            (OutcomeUnknown("XYZZY"), 503, "outcome-unknown"),
            (StreamDeleted("XYZZY"), 409, "stream-was-deleted"),
            (ZeroDivisionError("XYZZY"), 500, "internal-error"),
        ],
    )
    async def test_is_a_problem_that_leaks_nothing(
        self, api: Api, store: FailingStore, error: Exception, status: int, named: str
    ) -> None:
        store.error = error

        response = await api.place()

        assert response.status_code == status
        assert kind(response) == named
        assert "XYZZY" not in response.text
        assert ("retry-after" in response.headers) == (status == 503)

    async def test_goes_on_when_the_error_is_gone(self, api: Api, store: FailingStore) -> None:
        store.error = StorageFull("full")
        await api.place()
        store.error = None

        assert (await api.place()).status_code == 201


async def test_an_unknown_error_of_a_query_is_500_with_an_incident_that_is_logged(
    api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    async def failing() -> Any:
        raise ZeroDivisionError("XYZZY")

    async with served(api, status=failing) as client:
        response = await client.get("/v1/projections")

    assert response.status_code == 500
    assert kind(response) == "internal-error"
    assert "XYZZY" not in response.text
    assert problem(response)["incident"] in caplog.text


def test_every_answer_to_an_error_has_its_advice() -> None:
    found = of_error(TimeoutError())

    assert found.status == 503
    assert found.members["detail"]


# Load ----------------------------------------------------------------------------------------


class GatedStore(MemoryStore):
    def __init__(self) -> None:
        super().__init__()
        self.gate = asyncio.Event()
        self.waiting = 0

    async def append(
        self, stream: StreamName, drafts: Sequence[Draft], *, expected: Expected
    ) -> Position:
        self.waiting += 1
        # As in the SQLite log, a requested append is executed even if nobody waits for it.
        self.last = asyncio.ensure_future(self._append(stream, drafts, expected))
        return await asyncio.shield(self.last)

    async def _append(
        self, stream: StreamName, drafts: Sequence[Draft], expected: Expected
    ) -> Position:
        await self.gate.wait()
        return await super().append(stream, drafts, expected=expected)


class TestASlowStore:
    @pytest.fixture
    def store(self) -> GatedStore:
        return GatedStore()

    @pytest.fixture
    def limits(self) -> Limits:
        return Limits(commands_max=2)

    async def test_lets_so_many_in_and_refuses_the_next_but_not_health(
        self, api: Api, store: GatedStore
    ) -> None:
        first = [asyncio.create_task(api.place(f"o{n}")) for n in range(2)]
        while store.waiting < 2:  # noqa: ASYNC110 (a count, not an event)
            await asyncio.sleep(0)

        refused = await api.place("o9")
        health = await api.client.get("/healthz")
        store.gate.set()
        answered = await asyncio.gather(*first)

        assert refused.status_code == 503
        assert kind(refused) == "overloaded"
        assert refused.headers["retry-after"] == "1"
        assert health.status_code == 200
        assert [response.status_code for response in answered] == [201, 201]
        assert (await api.place("o10")).status_code == 201


class TestAStoreSlowerThanTheDeadline:
    @pytest.fixture
    def store(self) -> GatedStore:
        return GatedStore()

    @pytest.fixture
    def limits(self) -> Limits:
        return Limits(request_s=0.2)

    async def test_is_cancelled_in_time_and_the_same_key_returns_its_answer(
        self, api: Api, store: GatedStore
    ) -> None:
        headers = {"Idempotency-Key": "k1"}

        slow = await api.client.post("/v1/orders", json=order(), headers=headers)
        store.gate.set()
        await store.last
        again = await api.client.post("/v1/orders", json=order(), headers=headers)

        assert slow.status_code == 503
        assert kind(slow) == "timed-out"
        assert again.status_code == 201
        assert again.json()["replayed"] is True
        assert await api.stored() == 1
