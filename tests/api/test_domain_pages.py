"""The examples of the pages about money, through HTTP: the figures, and the read models' too."""

from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from tests.api.conftest import Api
from tests.domain_pages import Example, examples

OF_THE_READ_MODEL = ("total_cents", "due_cents", "net_cents", "balance_cents", "payment", "state")


@pytest.mark.parametrize("example", list(examples()), ids=lambda example: example.title)
async def test_the_figures_of_an_example(api: Api, example: Example) -> None:
    shown: dict[str, Any] = {}
    for step in example.steps:
        for line in step.commands:
            answer = await sent(api.client, line)
            assert answer.is_success, (line, answer.text)
        shown = (await api.client.get("/v1/orders/o1")).json()
        assert {name: shown[name] for name in step.figures} == step.figures
    await api.catch_up()
    [row] = (await api.client.get("/v1/orders")).json()["items"]
    assert {name: row[name] for name in OF_THE_READ_MODEL} == {
        name: shown[name] for name in OF_THE_READ_MODEL
    }
    balance = await api.client.get("/v1/payments/trial-balance", params={"order_id": "o1"})
    accounts = balance.json()[shown["currency"]]
    assert {name: cents for name, cents in accounts.items() if cents} == shown["accounts"]


async def sent(client: httpx.AsyncClient, line: Mapping[str, Any]) -> httpx.Response:
    fields = {name: value for name, value in line.items() if name not in {"command", "actor"}}
    headers = {"Daybook-Actor": "ann@example.com"}
    if line["command"] == "place-order":
        return await client.post("/v1/orders", json={"order_id": "o1", **fields}, headers=headers)
    return await client.post(f"/v1/orders/o1/{line['command']}", json=fields, headers=headers)
