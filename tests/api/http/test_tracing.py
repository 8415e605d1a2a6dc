"""The spans of the command side, and the traceparent that its events store."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from starlette.types import Message, Receive, Scope, Send

from api.app import create_app
from api.http.tracing import TracedRequests
from eventstore.port import Recorded
from eventstore.record.codec import decode_metadata
from runtime.telemetry import Telemetry
from tests.api.conftest import BASE_URL, Api, order
from tests.spans import CALLER, TRACE, TRACEPARENT, Kept, id_of, parent_of, trace_of

CALLED = {"traceparent": TRACEPARENT}


@pytest.fixture
def kept() -> Kept:
    return Kept()


@pytest.fixture
async def client(api: Api, kept: Kept) -> AsyncIterator[httpx.AsyncClient]:
    """A server that traces."""
    services = replace(api.services, telemetry=Telemetry(tracing=kept.tracing))
    transport = httpx.ASGITransport(create_app(services))
    async with httpx.AsyncClient(transport=transport, base_url=BASE_URL) as client:
        yield client


async def _events(api: Api) -> list[Recorded]:
    return [event async for page in api.services.store.read_all() for event in page]


async def _traceparents(api: Api) -> list[str | None]:
    return [decode_metadata(event).traceparent for event in await _events(api)]


async def test_a_request_is_the_callers_child_and_the_append_is_the_requests(
    client: httpx.AsyncClient, kept: Kept
) -> None:
    await client.post("/v1/orders", json=order(), headers=CALLED)
    request, append = kept.named("POST /v1/orders"), kept.named("append place-order")
    assert (trace_of(request), parent_of(request)) == (TRACE, CALLER)
    assert (trace_of(append), parent_of(append)) == (TRACE, id_of(request))
    assert dict(request.attributes or {}) == {
        "http.request.method": "POST",
        "http.route": "/v1/orders",
        "http.response.status_code": 201,
    }
    about = append.attributes or {}
    assert (about["daybook.order_id"], about["daybook.revision"]) == ("o1", 0)
    assert (about["daybook.events"], about["daybook.replayed"]) == (1, False)


async def test_an_event_names_the_span_that_wrote_it(
    client: httpx.AsyncClient, kept: Kept, api: Api
) -> None:
    await client.post("/v1/orders", json=order(), headers=CALLED)
    await client.post("/v1/orders/o1/confirm-order", json={})
    placed, confirmed = kept.named("append place-order"), kept.named("append confirm-order")
    assert [str(parent)[:-3] for parent in await _traceparents(api)] == [
        f"00-{trace_of(span)}-{id_of(span)}" for span in (placed, confirmed)
    ]
    assert trace_of(confirmed) != TRACE


async def test_apart_from_the_traceparent_and_the_hash_an_event_is_the_same_without_traces(
    client: httpx.AsyncClient, api: Api
) -> None:
    headers = CALLED | {"idempotency-key": "k"}
    await client.post("/v1/orders", json=order(order_id="o1"), headers=headers)
    await api.client.post("/v1/orders", json=order(order_id="o2"), headers=headers)
    traced, plain = [_told(event) for event in await _events(api)]
    assert traced == plain
    assert (await _traceparents(api))[1] == TRACEPARENT


async def test_each_line_of_a_stream_is_a_separate_span(
    client: httpx.AsyncClient, kept: Kept
) -> None:
    other = f"00-{'a' * 32}-{'b' * 16}-01"
    lines = [
        {"command": "place-order", **order(order_id="o1")},
        {"command": "place-order", **order(order_id="o2"), "traceparent": other},
    ]
    body = b"".join(httpx.Request("POST", "x:", json=line).content + b"\n" for line in lines)
    headers = {"content-type": "application/x-ndjson"}
    answer = await client.post("/v1/commands", content=body, headers=headers)
    assert answer.status_code == 200
    request = kept.named("POST /v1/commands")
    appends = {
        (span.attributes or {})["daybook.order_id"]: span
        for span in kept.all
        if span.name == "append place-order"
    }
    assert parent_of(appends["o1"]) == id_of(request)
    # A line that names its own parent is a child of that.
    assert (trace_of(appends["o2"]), parent_of(appends["o2"])) == ("a" * 32, "b" * 16)


async def test_a_retry_is_a_span_that_wrote_nothing(client: httpx.AsyncClient, kept: Kept) -> None:
    for _ in range(2):
        await client.post("/v1/orders", json=order(), headers={"idempotency-key": "k"})
    written = [
        (span.attributes or {})["daybook.events"]
        for span in kept.all
        if span.name == "append place-order"
    ]
    assert written == [1, 0]


async def test_a_refusal_is_named_and_is_no_error_of_the_span(
    client: httpx.AsyncClient, kept: Kept
) -> None:
    answer = await client.post("/v1/orders/none/confirm-order", json={})
    assert answer.status_code == 404
    append = kept.named("append confirm-order")
    assert (append.attributes or {})["error.type"] == "OrderRefused"
    assert kept.where(lambda span: not span.status.is_unset) == []


async def test_a_query_is_a_span_and_a_health_check_is_none(
    client: httpx.AsyncClient, kept: Kept
) -> None:
    for path in ("/v1/orders/none/events", "/healthz", "/readyz", "/metrics"):
        await client.get(path)
    assert [span.name for span in kept.all] == ["GET /v1/orders/{order_id}/events"]


async def test_an_answer_can_still_be_aborted(kept: Kept) -> None:
    """The guards find the connection through `send`."""
    found = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        found.append(send.__self__.transport)  # type: ignore[attr-defined]

    class Connection:
        transport = object()

        async def send(self, message: Message) -> None: ...

    connection = Connection()
    scope = {"type": "http", "method": "GET", "path": "/x", "headers": []}
    await TracedRequests(app, kept.tracing)(scope, _nothing, connection.send)
    assert found == [connection.transport]


async def _nothing() -> Message:
    return {}


def _told(event: Recorded) -> dict[str, Any]:
    """An event's metadata, without what may differ."""
    metadata = decode_metadata(event)
    fields = {name: getattr(metadata, name) for name in metadata.__slots__}
    for name in ("traceparent", "hash", "request_hash", "occurred_at", "recorded_at"):
        del fields[name]
    return fields
