"""What one client may use of the server, so that others are served."""

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from api.app import create_app
from runtime.http.connections import OPERATIONS_ONLY
from tests.api.conftest import BASE_URL, Api, kind, order


async def test_a_head_may_have_100_fields(api: Api) -> None:
    response = await api.client.get("/healthz", headers={f"x{n}": "x" for n in range(101)})

    assert response.status_code == 431
    assert kind(response) == "head-too-large"


@pytest.mark.parametrize("address", [f"/v1/orders?{'a&' * 8192}", f"/v1/orders/{'%61' * 5462}"])
async def test_an_address_has_a_length(api: Api, address: str) -> None:
    response = await api.client.get(address)

    assert response.status_code == 414
    assert kind(response) == "address-too-long"


async def test_the_last_connections_are_for_operations(api: Api) -> None:
    app = create_app(api.services)

    async def on_such_a_connection(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, "state": {OPERATIONS_ONLY: True}}, receive, send)

    transport = httpx.ASGITransport(on_such_a_connection)
    async with httpx.AsyncClient(transport=transport, base_url=BASE_URL) as client:
        refused = await client.post("/v1/orders", json=order())
        health = await client.get("/healthz")

    assert kind(refused) == "too-many-connections"
    assert refused.headers["retry-after"] == "1"
    assert health.status_code == 200
