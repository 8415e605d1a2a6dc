"""Live streams over a real server: what they send, resuming, and clients that go wrong."""

import asyncio
import socket
from typing import Any

import httpx
import pytest

from api.http.guards import Limits
from eventstore.port import StoreUnavailable
from tests.api.conftest import Api, kind
from tests.api.stream.conftest import Frame, Served
from tests.waiting import HUNG_S, until


def told(frames: list[Frame]) -> list[tuple[str, str, int]]:
    return [(one.event, one.data["order_id"], one.data["revision"]) for one in frames]


async def test_events_are_sent_as_they_are_stored_each_as_the_order_has_it(served: Served) -> None:
    api = served.api
    await api.place("before")
    async with served.stream() as stream:
        assert await stream.until("caught-up") == []
        await api.place("o1")
        await api.send("confirm-order", "o1")
        frames = [await stream.frame(), await stream.frame()]

    assert told(frames) == [("OrderPlaced", "o1", 0), ("OrderConfirmed", "o1", 1)]
    stored = (await api.client.get("/v1/orders/o1/events")).json()["items"]
    assert [frame.data for frame in frames] == stored
    assert [frame.id for frame in frames] == [event["position"] for event in stored]


async def test_a_stream_that_begins_at_a_position_sends_each_event_after_it_once(
    served: Served,
) -> None:
    for number in range(5):
        await served.api.place(f"o{number}")
    everything = await served.events(after=0)

    assert [frame.data["order_id"] for frame in everything] == [f"o{n}" for n in range(5)]
    for index, frame in enumerate(everything):
        assert await served.events(after=frame.id) == everything[index + 1 :]
        assert await served.events(after=0, last=frame.id) == everything[index + 1 :]


async def test_an_orders_stream_begins_with_its_first_event(served: Served) -> None:
    order_id = "A/7 é"
    await served.api.place("other")
    await served.api.place(order_id)
    path = "/v1/orders/A%2F7%20%C3%A9/stream"
    async with served.stream(path) as stream:
        assert told(await stream.until("caught-up")) == [("OrderPlaced", order_id, 0)]
        await served.api.send("confirm-order", "other")
        await served.api.send("add-note", "A%2F7%20%C3%A9", note_id="n", text="t")
        assert told([await stream.frame()]) == [("NoteAdded", order_id, 1)]


async def test_types_orders_and_customers_filter(served: Served) -> None:
    api = served.api
    await api.place("o1", customer_id="ada")
    await api.place("o2", customer_id="grace")
    await api.send("confirm-order", "o2")
    await api.send("confirm-order", "o1")
    await api.send("change-customer", "o1", customer_id="grace", reason="moved")
    await api.send("add-note", "o1", note_id="n", text="t")

    async def found(**query: Any) -> list[tuple[str, str, int]]:
        return told(await served.events(after=0, **query))

    assert await found(type="OrderConfirmed") == [
        ("OrderConfirmed", "o2", 1),
        ("OrderConfirmed", "o1", 1),
    ]
    assert await found(type=["OrderPlaced", "NoteAdded"], order_id="o1") == [
        ("OrderPlaced", "o1", 0),
        ("NoteAdded", "o1", 3),
    ]
    assert await found(customer_id="ada") == [
        ("OrderPlaced", "o1", 0),
        ("OrderConfirmed", "o1", 1),
        ("CustomerChanged", "o1", 2),
    ]
    assert await found(customer_id="grace", order_id="o1") == [
        ("CustomerChanged", "o1", 2),
        ("NoteAdded", "o1", 3),
    ]
    late = (await served.events(after=0, customer_id="grace", order_id="o1"))[0].id
    assert await found(customer_id="ada", last=late) == []


async def test_a_live_stream_of_a_customer_knows_orders_that_are_older_than_it(
    served: Served,
) -> None:
    api = served.api
    await api.place("o1", customer_id="ada")
    await api.place("o2", customer_id="grace")
    async with served.stream(customer_id="grace") as stream:
        await stream.until("caught-up")
        await api.send("confirm-order", "o1")
        await api.send("confirm-order", "o2")
        assert told([await stream.frame()]) == [("OrderConfirmed", "o2", 1)]


class TestHeartbeats:
    @pytest.fixture
    def limits(self) -> Limits:
        return Limits(beat_s=0.05)

    async def test_a_stream_without_events_says_how_far_it_is(self, served: Served) -> None:
        await served.api.place("o1")
        async with served.stream(order_id="o1") as stream:
            await stream.until("caught-up")
            await served.api.place("other")
            head = (await served.api.client.get("/v1/orders/other")).json()["position"]
            while (beat := await stream.frame()).id != head:
                assert beat.event == ""
        assert (beat.event, beat.data) == ("", None)


class TestViews:
    async def test_a_view_is_sent_once_its_read_model_has_it(self, served: Served) -> None:
        api = served.api
        async with served.stream(view="payment") as stream:
            await stream.until("caught-up")
            await api.place("o1")
            await api.send("capture-payment", payment_id="p", capture_id="c", amount_cents=500)
            await api.catch_up()
            frames = [await stream.frame()]
            while frames[-1].data["revision"] < 1:
                frames.append(await stream.frame())

        last = frames[-1]
        assert (last.event, last.data["captured_cents"]) == ("payment", 500)
        assert last.data == (await api.client.get("/v1/orders/o1/payments")).json()
        order = (await api.client.get("/v1/orders/o1")).json()
        assert last.id == order["position"]

    @pytest.mark.parametrize("view", ["order", "shipment"])
    async def test_each_read_model_has_one(self, served: Served, view: str) -> None:
        await served.api.place("o1")
        await served.api.catch_up()
        [frame] = await served.events(after=0, view=view)

        assert (frame.event, frame.data["order_id"], frame.data["revision"]) == (view, "o1", 0)

    async def test_of_several_changes_of_an_order_the_last_one_counts(self, served: Served) -> None:
        await served.api.place("o1")
        await served.api.place("o2")
        await served.api.send("confirm-order", "o1")
        await served.api.catch_up()
        frames = await served.events(after=0, view="order")

        assert [(one.id, one.data["order_id"]) for one in frames] == sorted(
            (one.id, one.data["order_id"]) for one in frames
        )
        assert {one.data["order_id"]: one.data["revision"] for one in frames} == {"o1": 1, "o2": 0}
        assert await served.events(after=0, view="order", last=frames[0].id) == frames[1:]

    async def test_of_a_parked_order_the_problem_is_sent_and_the_stream_goes_on(
        self, served: Served
    ) -> None:
        await served.api.place("o1")
        await served.api.send("confirm-order", "o1")
        await served.api.place("o2")
        await served.api.catch_up(but_for="OrderConfirmed")
        parked, view = await served.events(after=0, view="order")

        assert (parked.event, parked.data["order_id"]) == ("order-parked", "o1")
        assert parked.data["type"] == "/problems#order-parked"
        assert (view.event, view.data["order_id"]) == ("order", "o2")


@pytest.mark.parametrize(
    ("path", "query", "last", "status", "problem"),
    [
        ("/v1/stream", {"after": "-1"}, None, 422, "malformed"),
        ("/v1/stream", {"after": "1.0"}, None, 422, "malformed"),
        ("/v1/stream", {"after": "01"}, None, 422, "malformed"),
        ("/v1/stream", {"after": "9" * 30}, None, 422, "malformed"),
        ("/v1/stream", {"after": "999"}, None, 409, "unknown-position"),
        ("/v1/stream", {"after": "0"}, "999", 409, "unknown-position"),
        ("/v1/stream", {}, "abc", 422, "malformed"),
        ("/v1/stream", {}, "", 422, "malformed"),
        ("/v1/stream", {"type": "orderplaced"}, None, 422, "malformed"),
        ("/v1/stream", {"view": "audit"}, None, 422, "malformed"),
        ("/v1/stream", {"since": "1"}, None, 422, "malformed"),
        ("/v1/stream", {"order_id": ""}, None, 422, "malformed"),
        ("/v1/stream", {"customer_id": "x" * 500}, None, 422, "malformed"),
        ("/v1/orders/o1/stream", {"order_id": "o2"}, None, 422, "malformed"),
        ("/v1/orders/none/stream", {}, None, 404, "unknown-order"),
        ("/v1/orders/none/stream", {"view": "order"}, None, 404, "unknown-order"),
    ],
)
async def test_what_cannot_be_followed_is_refused(
    api: Api, path: str, query: dict[str, str], last: str | None, status: int, problem: str
) -> None:
    await api.place("o1")
    headers = {} if last is None else {"Last-Event-ID": last}
    answer = await api.client.get(path, params=query, headers=headers)

    assert (answer.status_code, kind(answer)) == (status, problem)
    assert len(api.services.live) == 0


async def test_other_methods_are_refused_and_head_answers_at_once(served: Served) -> None:
    async with httpx.AsyncClient(base_url=served.url, timeout=HUNG_S) as http:
        assert (await http.post("/v1/stream")).status_code == 405
        head = await http.head("/v1/stream")

    assert head.status_code == 200
    assert head.headers["content-type"] == "text/event-stream"


async def test_a_client_that_leaves_is_forgotten_at_once(served: Served) -> None:
    live = served.api.services.live
    async with served.stream() as stream:
        await stream.until("caught-up")
        assert len(live) == 1
    await until(lambda: len(live) == 0)


async def test_a_client_that_does_not_read_is_cut_and_resumes_where_it_was(served: Served) -> None:
    api = served.api
    for number in range(40):
        item = {"product_id": "x" * 100, "quantity": 1, "price_cents": 1, "name": "n" * 200}
        placed = await api.place(f"o{number}", items=[item] * 60)
        assert placed.status_code == 201, placed.text
    everything = await served.events(after=0)
    host, port = served.url.removeprefix("http://").split(":")
    with socket.socket() as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(slow, (host, int(port)))
        await loop.sock_sendall(slow, b"GET /v1/stream?after=0 HTTP/1.1\r\nHost: localhost\r\n\r\n")
        await until(lambda: len(api.services.live) == 1)
        await until(lambda: len(api.services.live) == 0)
        read = b""
        try:
            while chunk := await loop.sock_recv(slow, 65_536):
                read += chunk
        except ConnectionResetError:
            pass
    positions = [int(line[4:]) for line in read.split(b"\n") if line.startswith(b"id: ")]
    whole = [frame for frame in everything if frame.id in positions[:-1]]
    last = whole[-1].id if whole else 0

    assert len(read) < 1_000_000
    assert whole + await served.events(after=last) == everything


async def test_a_server_that_stops_ends_its_streams(served: Served) -> None:
    async with served.stream() as stream:
        await stream.until("caught-up")
        await served.api.services.live.aclose()
        problem = await stream.frame()
        assert (problem.event, problem.data["type"]) == ("problem", "/problems#stopping")
        with pytest.raises(EOFError):
            await stream.frame()


async def test_a_log_that_cannot_be_read_ends_the_stream_with_the_problem(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = served.api.services.store

    async def failing(*, after: Any = None) -> Any:
        raise StoreUnavailable("gone")
        yield

    monkeypatch.setattr(store, "follow", failing)
    async with served.stream() as stream:
        [problem] = [one for one in [await stream.frame(), await stream.frame()] if one.id is None]
        assert problem.event == "problem"
        assert problem.data["type"] == "/problems#store-unavailable"
        with pytest.raises(EOFError):
            await stream.frame()
    monkeypatch.undo()
    await served.api.place("o1")
    assert told(await served.events(after=0)) == [("OrderPlaced", "o1", 0)]


class TestManyStreams:
    @pytest.fixture
    def limits(self) -> Limits:
        return Limits(streams_max=2)

    async def test_more_than_are_allowed_are_refused_and_others_are_served(
        self, served: Served
    ) -> None:
        async with served.stream() as first, served.stream() as second:
            await first.until("caught-up")
            await second.until("caught-up")
            async with served.stream() as third:
                assert third.response.status_code == 503
                assert third.response.headers["retry-after"] == "1"
            await served.api.place("o1")
            assert told([await first.frame(), await second.frame()]) == [
                ("OrderPlaced", "o1", 0),
                ("OrderPlaced", "o1", 0),
            ]
        await until(lambda: len(served.api.services.live) == 0)
        await served.events(after=0)
