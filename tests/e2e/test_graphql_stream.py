"""Subscriptions of GraphQL: from a position, with filters, resumed after a cut."""

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.running import Running, serving
from tests.waiting import HUNG_S

pytestmark = pytest.mark.e2e
EVENTS = """subscription ($after: Long, $types: [EventType!], $order: ID, $customer: ID) {
  events(after: $after, types: $types, orderId: $order, customerId: $customer) {
    position caughtUp events { position orderId type }
  }
}"""
Message = tuple[str, Any]
"""The kind of a message, and its data."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """With three orders of two customers, of two events each."""
    with serving(tmp_path_factory.mktemp("graphql")) as server:
        for order_id, customer_id in (("a", "ada"), ("b", "bob"), ("c", "ada")):
            placed(server, order_id, customer_id)
            assert server.post(f"/v1/orders/{order_id}/confirm-order", {}).status_code == 200
        yield server


def placed(server: Running, order_id: str, customer_id: str = "ada") -> None:
    item = {"product_id": "teapot", "quantity": 1, "price_cents": 1000}
    order = {"customer_id": customer_id, "currency": "EUR", "items": [item]}
    assert server.post("/v1/orders", {"order_id": order_id, **order}).status_code == 201


@contextmanager
def streamed(server: Running, query: str, **variables: Any) -> Iterator[Iterator[Message]]:
    """The messages of a stream, until the block ends."""
    request = httpx.stream(
        "POST",
        f"{server.url}/v1/graphql",
        json={"query": query, "variables": variables},
        headers={"Accept": "text/event-stream"},
        timeout=HUNG_S,
    )
    with request as response:
        assert response.status_code == 200, response.read()
        assert response.headers["content-type"] == "text/event-stream"
        yield messages(response)


def messages(response: httpx.Response) -> Iterator[Message]:
    kind = ""
    for line in response.iter_lines():
        name, _, value = line.partition(":")
        if name == "event":
            kind = value.strip()
        elif name == "data":
            yield kind, json.loads(value) if value.strip() else None


def steps(found: Iterator[Message]) -> Iterator[dict[str, Any]]:
    """What each message says of the log."""
    for kind, data in found:
        assert kind == "next"
        assert "errors" not in data, data
        yield data["data"]["events"]


def until_caught_up(found: Iterator[Message]) -> tuple[list[dict[str, Any]], int]:
    """The events until the log's end, and the position there."""
    events: list[dict[str, Any]] = []
    for step in steps(found):
        events += step["events"]
        if step["caughtUp"]:
            return events, step["position"]
    raise AssertionError("the stream ended")


def test_a_subscription_begins_after_a_position_and_follows_the_log(server: Running) -> None:
    with streamed(server, EVENTS, after=0) as found:
        events, position = until_caught_up(found)
        placed(server, "new")
        live = next(step["events"] for step in steps(found) if step["events"])

    assert [event["type"] for event in events[:2]] == ["OrderPlaced", "OrderConfirmed"]
    positions = [event["position"] for event in events]
    assert positions == sorted(set(positions))
    assert position == positions[-1]
    assert [(event["orderId"], event["type"]) for event in live] == [("new", "OrderPlaced")]


def test_after_a_cut_nothing_is_missed_or_sent_twice(server: Running) -> None:
    with streamed(server, EVENTS, after=0) as found:
        whole, _ = until_caught_up(found)
    with streamed(server, EVENTS, after=0) as found:
        first = next(step for step in steps(found) if step["events"])
    before = [event for event in whole if event["position"] <= first["position"]]
    with streamed(server, EVENTS, after=first["position"]) as found:
        rest, _ = until_caught_up(found)

    assert before == first["events"]
    assert before + rest == whole


def test_filters_narrow_what_is_sent(server: Running) -> None:
    asked = {
        "types": ({"types": ["OrderConfirmed"]}, lambda it: it["type"] == "OrderConfirmed"),
        "order": ({"order": "b"}, lambda it: it["orderId"] == "b"),
    }
    with streamed(server, EVENTS, after=0) as found:
        whole, end = until_caught_up(found)
    for variables, wanted in asked.values():
        with streamed(server, EVENTS, after=0, **variables) as found:
            events, position = until_caught_up(found)
        assert events == [event for event in whole if wanted(event)]
        assert events
        assert position >= end
    with streamed(server, EVENTS, after=0, customer="bob") as found:
        events, _ = until_caught_up(found)
    assert {event["orderId"] for event in events} == {"b"}


def test_without_a_position_it_begins_at_the_end(server: Running) -> None:
    with streamed(server, EVENTS) as found:
        events, _ = until_caught_up(found)
        placed(server, "newest")
        live = next(step["events"] for step in steps(found) if step["events"])

    assert events == []
    assert [event["orderId"] for event in live] == ["newest"]


def test_what_is_wrong_is_said_in_the_stream_which_then_ends(server: Running) -> None:
    cases = {
        "subscription { nonsense }": "malformed",
        "subscription { events(types: [OrderNonsense]) { position } }": "malformed",
        "subscription { events(after: -1) { position } }": "malformed",
        "subscription { events(after: 999999999) { position } }": "unknown-position",
        'subscription { events(orderId: "") { position } }': "malformed",
        "subscription { a: events { position } b: events { position } }": "malformed",
        "{ " + "".join(f"a{n}: projections {{ name }} " for n in range(51)) + "}": "too-complex",
    }
    for query, code in cases.items():
        with streamed(server, query) as found:
            [(kind, answer), (end, nothing)] = list(found)
        assert (kind, end, nothing) == ("next", "complete", None)
        assert {error["extensions"]["code"] for error in answer["errors"]} == {code}, query
        assert answer.get("data") is None


def test_a_query_is_answered_once_in_a_stream(server: Running) -> None:
    with streamed(server, '{ order(orderId: "a") { state } }') as found:
        assert list(found) == [
            ("next", {"data": {"order": {"state": "confirmed"}}}),
            ("complete", None),
        ]


def test_a_server_that_stops_ends_the_stream_without_saying_that_it_is_complete(
    tmp_path: Path,
) -> None:
    with serving(tmp_path) as server:
        placed(server, "a")
        with streamed(server, EVENTS, after=0) as found:
            until_caught_up(found)
            server.child.terminate()
            rest = []
            with suppress(httpx.TransportError):
                rest = list(found)
        assert ("complete", None) not in rest
        assert server.child.wait(HUNG_S) == 0
