"""What the API answers while the database of the read models cannot be reached."""

import asyncio

import pytest

from api.http.guards import Limits
from tests.api.conftest import Api, kind
from tests.parts.postgres import Postgres
from tests.waiting import HUNG_S

PATHS = ("/v1/orders", "/v1/orders/summary", "/v1/orders/o1/payments", "/v1/audit")


@pytest.fixture(autouse=True)
def _away(stoppable_postgres: Postgres) -> None:
    """Runs before the fixture api."""


async def test_queries_are_503_with_retry_after_and_commands_are_accepted(
    stoppable_postgres: Postgres, api: Api
) -> None:
    await api.place()
    await api.catch_up()
    for path in PATHS:
        assert (await api.client.get(path)).status_code == 200

    await asyncio.to_thread(stoppable_postgres.stop)
    for path in PATHS:
        response = await api.client.get(path)
        assert (path, response.status_code) == (path, 503)
        assert kind(response) == "read-model-unavailable"
        assert response.headers["retry-after"] == "2"
    waiting = await api.client.get("/v1/orders/o1/payments?min_revision=0")
    assert (waiting.status_code, kind(waiting)) == (503, "read-model-unavailable")
    assert (await api.send("confirm-order")).status_code == 200
    assert (await api.client.get("/v1/orders/o1")).json()["state"] == "confirmed"

    await asyncio.to_thread(stoppable_postgres.start)
    for path in PATHS:
        assert (await api.client.get(path)).status_code == 200


async def test_a_restart_that_nobody_saw_costs_no_query(
    stoppable_postgres: Postgres, api: Api
) -> None:
    await api.place()
    await api.catch_up()
    for _ in range(2):
        answers = [asyncio.create_task(api.client.get(path)) for path in PATHS for _ in range(5)]
        assert {answer.status_code for answer in await asyncio.gather(*answers)} == {200}
        await asyncio.to_thread(stoppable_postgres.kill)
        await asyncio.to_thread(stoppable_postgres.start)


class TestAFrozenDatabase:
    """Its connections stay open, and nothing is answered."""

    @pytest.fixture
    def limits(self) -> Limits:
        return Limits(query_s=0.2, wait_s=0.2)

    async def test_queries_are_503_in_their_time_and_commands_are_accepted(
        self, stoppable_postgres: Postgres, api: Api
    ) -> None:
        await api.place()
        await api.catch_up()
        async with asyncio.timeout(HUNG_S):  # a busy machine may need more than query_s
            while (await api.client.get("/v1/orders/o1/payments")).status_code != 200:
                pass

        stoppable_postgres.pause()
        try:
            async with asyncio.timeout(25):  # its connections give up after 30
                for path in PATHS:
                    response = await api.client.get(path)
                    assert (path, kind(response)) == (path, "read-model-unavailable")
                waiting = await api.client.get("/v1/orders/o1/payments?min_revision=0")
                assert waiting.status_code == 503
                assert (await api.send("confirm-order")).status_code == 200
        finally:
            stoppable_postgres.resume()
