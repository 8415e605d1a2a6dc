"""A subscription's stream, whatever the log does; test_graphql_stream.py follows a real log."""

import asyncio
import json
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest

from api.app import create_app
from api.http.guards import Limits
from api.live.event import Wanted
from api.live.log import Step
from eventstore.port import StoreUnavailable
from tests.api.conftest import Api, kind
from tests.api.graphql.conftest import PATH
from tests.api.graphql.test_http import client_of

QUERY = "subscription { events { position caughtUp events { type actor data unreadable } } }"
STREAM = {"Accept": "text/event-stream"}


@dataclass
class Event:
    document: dict[str, Any]


@dataclass
class Told:
    """A live log of these steps, then an error, the server's stop, or nothing for ever."""

    steps_: Sequence[Step]
    then: Exception | None = None
    ends: bool = True
    open: int = 0

    async def start(self, after: int | None) -> int:
        return after or 0

    async def steps(
        self, wanted: Wanted, after: int, *, beat_s: float = 15.0
    ) -> AsyncGenerator[Step, None]:
        self.open += 1
        try:
            for step in self.steps_:
                yield step
            if self.then is not None:
                raise self.then
            if not self.ends:
                await asyncio.Event().wait()
        finally:
            self.open -= 1


async def answered(api: Api, live: Any, query: str = QUERY) -> list[tuple[str, Any]]:
    """The messages of the whole stream."""
    async with client_of(api, live=live) as client:
        answer = await client.post(PATH, json={"query": query}, headers=STREAM)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/event-stream")
    assert answer.headers["cache-control"] == "no-store"
    found = []
    for message in answer.text.split("\n\n")[:-1]:
        event, data = message.split("\n")
        text = data.removeprefix("data:").strip()
        found.append((event.removeprefix("event: "), json.loads(text) if text else None))
    return found


async def test_an_event_that_cannot_be_read_is_sent_with_its_place_alone(api: Api) -> None:
    place = {"order_id": "o1", "revision": 1, "position": 2, "event_id": "e", "type": "Odd"}
    live = Told([Step([Event({**place, "unreadable": True})], 2, caught_up=True)])  # type: ignore[list-item]

    [(event, data)] = await answered(api, live)

    unreadable = {"type": "Odd", "actor": None, "data": None, "unreadable": True}
    sent = {"position": 2, "caughtUp": True, "events": [unreadable]}
    assert (event, data) == ("next", {"data": {"events": sent}})


async def test_a_log_that_fails_is_said_after_what_was_sent(api: Api) -> None:
    live = Told([Step([], 7, caught_up=True)], then=StoreUnavailable("gone"))

    first, failed, end = await answered(api, live)

    assert first[1]["data"]["events"]["position"] == 7
    assert failed[1]["errors"][0]["extensions"]["code"] == "store-unavailable"
    assert end == ("complete", None)


async def test_a_stream_that_the_server_ends_is_not_complete(api: Api) -> None:
    found = await answered(api, Told([Step([], 7, caught_up=True)]))

    assert [event for event, _ in found] == ["next"]


async def test_a_subscription_without_a_stream_is_refused(api: Api) -> None:
    answer = await api.client.post(PATH, json={"query": QUERY})

    [error] = answer.json()["errors"]
    assert error["extensions"]["problem"]["errors"][0]["field"] == "Accept"


async def test_a_query_in_a_stream_counts_as_an_operation(api: Api) -> None:
    async with client_of(api, limits=Limits(graphql_max=0)) as client:
        answer = await client.post(PATH, json={"query": "{ __typename }"}, headers=STREAM)

    assert '"code":"overloaded"' in answer.text
    assert answer.text.endswith("event: complete\ndata:\n\n")


async def test_more_streams_than_the_limit_are_told_to_come_later(api: Api) -> None:
    async with client_of(api, limits=Limits(graphql_streams_max=0)) as client:
        answer = await client.post(PATH, json={"query": QUERY}, headers=STREAM)

    assert kind(answer) == "overloaded"


@pytest.mark.parametrize("reads", [True, False])
async def test_a_client_that_hangs_up_or_does_not_read_ends_its_stream(
    api: Api, reads: bool
) -> None:
    live = Told([Step([], n, caught_up=True) for n in range(3)], ends=False)
    limits = Limits(write_s=0.05)
    app = create_app(replace(api.services, live=live, limits=limits))  # type: ignore[arg-type]
    headers = {"host": "localhost", "content-type": "application/json", **STREAM}
    scope = {
        "type": "http",
        "method": "POST",
        "path": PATH,
        "raw_path": PATH.encode(),
        "query_string": b"",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
    }
    told = asyncio.Event()
    body = iter([{"type": "http.request", "body": json.dumps({"query": QUERY}).encode()}])

    async def receive() -> Any:
        request = next(body, None)
        if request is None:
            await (told if reads else asyncio.Event()).wait()
            return {"type": "http.disconnect"}
        return request

    async def send(message: Any) -> None:
        if message["type"] == "http.response.body":
            if not reads:
                await asyncio.Event().wait()
            told.set()

    answering = asyncio.create_task(app(scope, receive, send))  # type: ignore[arg-type]
    if reads:
        async with asyncio.timeout(10):
            await answering
    else:
        async with asyncio.timeout(10):
            with pytest.raises(TimeoutError):  # the guards cut the connection
                await answering
    assert live.open == 0
