"""A realistic order, and what every query answers about it: the examples of the documentation.

`python -m tests.api.answers` prints api/docs/answers.json; a test compares that file with it.
"""

import asyncio
import json
import tempfile
from contextlib import aclosing
from pathlib import Path
from typing import Any

from api.docs.examples import BODIES
from api.http.guards import STREAM_PATH, Limits
from api.stream.routes import OF_ORDER
from eventstore.sqlite import SqliteStore
from projections.models import MODELS
from projections.monitor.status import ModelStatus
from runtime.terminal import put
from tests.api.conftest import Api, api_of

STORY = (
    "confirm-order",
    "authorize-payment",
    "capture-payment",
    "plan-shipment",
    "dispatch-shipment",
    "deliver-shipment",
    "grant-refund",
    "refund-payment",
)
UNGRANTED = {"payment_id": "p1", "payout_id": "o2", "amount_cents": 100}
"""A payout that nobody granted: recorded, and flagged."""
PARAMETERS = {
    "/v1/orders/{order_id}/events": "?limit=1",
    "/v1/audit": "?limit=1",
    "/v1/audit/export": "?order_id=1001",
}
"""Parameters for the queries whose example would be long without them."""
IDS = {"order_id": "1001", "shipment_id": "s1", "payment_id": "p1", "customer_id": "ada"}
STREAMS = {STREAM_PATH, OF_ORDER}
METRICS_SHOWN = ("daybook_commands_total{", "daybook_projection_lag{")


async def answers() -> dict[str, Any]:
    """By path: the JSON answer, or the beginning of a text."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with (
            aclosing(SqliteStore.open(folder / "ledger.db")) as store,
            api_of(folder, store, Limits()) as api,
        ):
            await tell(api)
            return {path: await _answer(api, path) for path in await _queries(api)}


async def _queries(api: Api) -> list[str]:
    """The paths of all queries, as the API declares them; but for streams, which have no end."""
    paths = (await api.client.get("/openapi.json")).json()["paths"]
    return [path for path, known in paths.items() if "get" in known and path not in STREAMS]


async def tell(api: Api) -> None:
    """The order's story, through the API, in every read model."""
    await _post(api, "/v1/orders", "place-order", dict(BODIES["place-order"]))
    for command in STORY:
        await _post(api, f"/v1/orders/1001/{command}", command, dict(BODIES[command]))
    await _post(api, "/v1/orders/1001/refund-payment", "ungranted", UNGRANTED)
    await api.catch_up()
    head = await api.stored()
    api.statuses += [_well(name, head) for name in MODELS]


async def _post(api: Api, path: str, key: str, body: dict[str, Any]) -> None:
    headers = {"Idempotency-Key": key, "Daybook-Actor": "ada"}
    answer = await api.client.post(path, json=body, headers=headers)
    assert answer.is_success, answer.text


def _well(name: str, head: int) -> ModelStatus:
    return ModelStatus(
        name=name,
        state="running",
        reason="",
        generation=1,
        position=head,
        head=head,
        behind=False,
        lag=0,
        parked=0,
        repaired=0,
        pid=4711,
        heartbeat_age_s=0.4,
    )


def address_of(path: str) -> str:
    """The path about the order of the story. Raises LookupError for an id without a value."""
    try:
        return path.format(**IDS) + PARAMETERS.get(path, "")
    except KeyError as missing:
        raise LookupError(f"{path}: {missing} has no value in IDS, tests/api/answers.py") from None


async def _answer(api: Api, path: str) -> Any:
    answer = await api.client.get(address_of(path))
    assert answer.status_code == 200, answer.text
    if path == "/metrics":
        lines = answer.text.splitlines()
        return "".join(f"{line}\n" for line in lines if line.startswith(METRICS_SHOWN))
    if path == "/v1/audit/export":
        first, *_, end = answer.text.splitlines()
        return f"{first}\n{end}\n"
    return answer.json()


if __name__ == "__main__":
    put(json.dumps(asyncio.run(answers()), indent=1))
