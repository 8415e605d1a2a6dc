"""A dry run gives what follows, and writes nothing."""

from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.http.guards import Limits
from domain.commands import PlaceHold
from eventstore.memory import MemoryStore
from tests.api.conftest import Api, api_of, order, problem
from tests.domain.field_cases import CASES
from tests.eventstore.ledgers import another, submission

COMMANDS = [command for case in CASES for command in case["commands"]]
"""A place-order is the first."""
STORED_ONLY = ("position", "hash", "recorded_at")
"""Members of an order that depend on when and where its events are stored."""


async def both(api: Api, command: dict[str, Any], key: str) -> None:
    """Sends a command as a dry run, then for good, and compares."""
    fields = {name: value for name, value in command.items() if name not in {"command", "actor"}}
    name, path = command["command"], f"/v1/orders/o1/{command['command']}"
    if name == "place-order":
        path, fields = "/v1/orders", {**fields, "order_id": "o1"}
    headers = {"idempotency-key": key, "daybook-actor": "ann"}
    before = await api.stored()

    dry = await api.client.post(f"{path}?dry_run=true", json=fields, headers=headers)
    assert await api.stored() == before
    real = await api.client.post(path, json=fields, headers=headers)

    assert dry.status_code == real.status_code
    if real.is_error:
        assert dry.json() == real.json()
        return
    foreseen, done = dry.json(), real.json()
    assert foreseen.pop("dry_run") is True
    order_foreseen = foreseen.pop("order")
    data = [event.pop("data") for event in foreseen["events"]]
    stored = (await api.client.get("/v1/orders/o1/events", params={"limit": 200})).json()["items"]
    assert data == [event["data"] for event in stored[len(stored) - len(data) :]]
    if done["events"]:
        assert foreseen.pop("position") is None
        done.pop("position")
        # An id names the content of its event, the time at which it was recorded included.
        for event in (*foreseen["events"], *done["events"]):
            event.pop("event_id")
    assert foreseen == done
    now = (await api.client.get("/v1/orders/o1")).json()
    assert without(order_foreseen, STORED_ONLY) == without(now, STORED_ONLY)


def without(members: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if name not in names}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
@given(st.lists(st.sampled_from(COMMANDS), min_size=1, max_size=20))
async def test_it_gives_what_follows(tmp_path: Path, commands: list[dict[str, Any]]) -> None:
    async with api_of(tmp_path, MemoryStore(), Limits()) as api:
        await both(api, COMMANDS[0], "first")
        for index, command in enumerate(commands):
            await both(api, command, f"key-{index}")


async def test_it_sees_what_another_process_appended(api: Api, store: MemoryStore) -> None:
    await api.place()
    hold = PlaceHold(hold_id="h1", kind="fraud", reason="look")
    await another(store).submit(submission(hold, "elsewhere", "o1"))

    response = await api.client.post("/v1/orders/o1/confirm-order?dry_run=true", json={})

    assert problem(response)["rule"] == "on-hold"


async def test_what_the_same_key_wrote_is_answered_as_replayed(api: Api) -> None:
    headers = {"idempotency-key": "k1"}
    first = await api.client.post("/v1/orders", json=order(), headers=headers)

    again = await api.client.post("/v1/orders?dry_run=true", json=order(), headers=headers)

    assert again.status_code == 201
    members = again.json()
    assert members["replayed"] is True
    assert members["position"] == first.json()["position"]
    assert members["order"]["revision"] == 0


async def test_a_precondition_is_checked(api: Api) -> None:
    await api.place()
    response = await api.client.post(
        "/v1/orders/o1/confirm-order?dry_run=true", json={}, headers={"if-match": '"7"'}
    )
    assert response.status_code == 412
    assert problem(response)["revision"] == 0


async def test_its_answer_names_no_place_and_no_tag(api: Api) -> None:
    response = await api.client.post("/v1/orders?dry_run=true", json=order())
    assert response.status_code == 201
    assert "location" not in response.headers
    assert "etag" not in response.headers
    assert (await api.client.get("/v1/orders/o1")).status_code == 404


async def test_it_is_not_counted_as_a_command(api: Api) -> None:
    await api.client.post("/v1/orders?dry_run=true", json=order())
    await api.client.post("/v1/orders/o9/confirm-order?dry_run=true", json={})
    metrics = (await api.client.get("/metrics")).text
    assert "daybook_commands_total{" not in metrics
    assert "daybook_refusals_total{" not in metrics


async def test_dry_run_false_writes(api: Api) -> None:
    response = await api.client.post("/v1/orders?dry_run=false", json=order())
    assert "dry_run" not in response.json()
    assert await api.stored() == 1
