"""Small orders as a shop plays them, through HTTP: each ends as it was worked out by hand."""

import json
from typing import Any

import pytest

from tests.api.conftest import Api
from tests.domain.field_cases import CASES


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
async def test_a_case_ends_right(api: Api, case: dict[str, Any]) -> None:
    lines = [{"order_id": case["id"], "actor": "ann", **line} for line in case["commands"]]
    body = "\n".join(map(json.dumps, lines))

    answered = await api.client.post(
        "/v1/commands", content=body, headers={"content-type": "application/x-ndjson"}
    )
    order = (await api.client.get(f"/v1/orders/{case['id']}")).json()

    statuses = [json.loads(line)["status"] for line in answered.text.splitlines()]
    assert set(statuses) <= {200, 201}, answered.text
    opened = [one["kind"] for one in order["anomalies"] if one["state"] == "open"]
    figures = {**order, "open_anomalies": opened}
    assert {name: figures[name] for name in case["expect"]} == case["expect"]
