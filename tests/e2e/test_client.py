"""The client and a real server, over connections that are lost and through restarts."""

import asyncio
import json
import signal
import threading
from collections.abc import Iterator
from contextlib import aclosing, closing
from itertools import islice
from pathlib import Path

import httpx
import pytest

from daybook_client import (
    AsyncClient,
    Client,
    Malformed,
    OutcomeUnknown,
    Rejected,
    Retrying,
    Unavailable,
    UnexpectedAnswer,
    UnknownOrder,
    line,
)
from daybook_client.commands import OrderedItem
from tests.client.proxy import Proxy, answering, proxy_of
from tests.e2e.running import Running, daybook, serving

pytestmark = pytest.mark.e2e

QUICK = Retrying(tries_max=6, total_s=60.0, first_pause_s=0.01, pause_max_s=0.1)
ONCE = Retrying(tries_max=1)
ITEMS: list[OrderedItem] = [{"product_id": "tea", "quantity": 1, "price_cents": 990}]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with serving(tmp_path_factory.mktemp("client")) as running:
        yield running


@pytest.fixture
def proxy(server: Running) -> Iterator[Proxy]:
    with proxy_of(server.url) as proxy:
        yield proxy


def test_a_command_whose_answer_is_lost_is_sent_again_and_was_done(proxy: Proxy) -> None:
    proxy.cuts = [0, 40]
    with Client(proxy.url, retrying=QUICK) as client:
        answer = client.place_order(customer_id="ada", currency="EUR", items=ITEMS)
        assert answer["replayed"]
        assert proxy.connections == 3

        proxy.cuts = [0]
        with Client(proxy.url, retrying=QUICK) as another:
            done = another.confirm_order(answer["order_id"], if_match=0)
        assert done["replayed"]
        assert [event["type"] for event in client.order_events(answer["order_id"])] == [
            "OrderPlaced",
            "OrderConfirmed",
        ]


async def test_the_same_in_asyncio(proxy: Proxy) -> None:
    proxy.cuts = [0, 40]
    async with AsyncClient(proxy.url, retrying=QUICK) as client:
        answer = await client.place_order(customer_id="ada", currency="EUR", items=ITEMS)
        assert answer["replayed"]
        assert proxy.connections == 3
        assert (await client.order(answer["order_id"]))["revision"] == 0


def test_an_outcome_that_stays_unknown_can_be_found_out_later(
    proxy: Proxy, server: Running
) -> None:
    proxy.cuts = [0] * 6
    with (
        Client(proxy.url, retrying=QUICK) as client,
        pytest.raises(OutcomeUnknown) as unknown,
    ):
        client.place_order(customer_id="ada", currency="EUR", items=ITEMS)

    key, order_id = unknown.value.idempotency_key, unknown.value.order_id
    with Client(server.url) as client:
        assert client.order(order_id)["revision"] == 0
        again = client.place_order(
            customer_id="ada", currency="EUR", items=ITEMS, idempotency_key=key
        )
        assert again["replayed"]


def test_lines_whose_answers_are_lost_are_each_done_once(proxy: Proxy) -> None:
    proxy.cuts = [0, 1_000, 5_000]
    orders = [f"bulk-{number}" for number in range(60)]
    with Client(proxy.url, retrying=QUICK) as client:
        placed = client.submit(
            line.place_order(order_id=order_id, customer_id="ada", currency="EUR", items=ITEMS)
            for order_id in orders
        )
        results = list(placed)
        assert [result.line for result in results] == list(range(1, 61))
        assert {result.status for result in results} == {201}
        assert any(result.document["replayed"] for result in results)
        assert proxy.connections == 4
        assert [client.order(order_id)["revision"] for order_id in orders] == [0] * 60


def test_a_file_is_submitted_through_connections_that_are_lost(
    proxy: Proxy, tmp_path: Path
) -> None:
    proxy.cuts = [0, 3_000, 20_000]
    lines = [
        line.place_order(order_id=f"file-{n}", customer_id="ada", currency="EUR", items=ITEMS)
        for n in range(150)
    ]
    text = "\n".join(map(json.dumps, lines)).encode()
    done = daybook(
        "submit", "-", "--url", proxy.url, "--json", "--results", "-", folder=tmp_path, stdin=text
    )
    assert done.returncode == 0, done.stderr
    answers = [json.loads(each) for each in done.stdout.splitlines()]
    assert [answer.get("line") for answer in answers[:-1]] == list(range(1, 151))
    assert answers[-1]["answers"] == {"201": 150}
    assert proxy.connections == 4


def place_many(client: Client, prefix: str, count: int) -> list[str]:
    orders = [f"{prefix}-{number}" for number in range(count)]
    placed = client.submit(
        line.place_order(order_id=order_id, customer_id=prefix, currency="EUR", items=ITEMS)
        for order_id in orders
    )
    assert all(result.error is None for result in placed)
    return orders


def test_each_event_is_followed_once_over_connections_that_are_lost(
    proxy: Proxy, server: Running
) -> None:
    proxy.cuts = [0, 700, 300, 5_000, 3, 20_000, 90_000] * 3
    with Client(server.url) as writer, Client(proxy.url, retrying=QUICK) as reader:
        writing = threading.Thread(target=place_many, args=(writer, "live", 300))
        live = reader.follow(after=0, types=["OrderPlaced"], customer_id="live")
        writing.start()
        events = list(islice(live, 300))
        live.close()
        writing.join()
        positions = [event.position for event in events]
        assert positions == sorted(set(positions))
        assert {event.document["order_id"] for event in events} == {f"live-{n}" for n in range(300)}
        assert proxy.connections > 7


async def test_the_same_stream_in_asyncio(proxy: Proxy, server: Running) -> None:
    proxy.cuts = [0, 700, 300, 5_000]
    with Client(server.url) as writer:
        orders = place_many(writer, "again", 100)
    async with AsyncClient(proxy.url, retrying=QUICK) as client:
        live = client.follow(after=0, customer_id="again", until_caught_up=True)
        assert [event.document["order_id"] async for event in live] == orders
        views = client.follow(after=0, customer_id="again", view="order", until_caught_up=True)
        shown = {event.document["order_id"]: event.document["state"] async for event in views}
        assert shown == dict.fromkeys(orders, "placed")
    assert proxy.connections > 4


def test_an_orders_stream_begins_with_its_first_event(server: Running) -> None:
    with Client(server.url) as client:
        [order_id] = place_many(client, "one", 1)
        client.confirm_order(order_id)
        live = client.follow(order_id=order_id, until_caught_up=True)
        assert [event.type for event in live] == ["OrderPlaced", "OrderConfirmed"]


def test_what_cannot_be_followed_is_said(server: Running) -> None:
    with Client(server.url) as client:
        with pytest.raises(Rejected) as beyond:
            next(client.follow(after=10**9))
        assert beyond.value.kind == "unknown-position"
        with pytest.raises(UnknownOrder):
            next(client.follow(order_id="nobody's"))
        with pytest.raises(Malformed):
            next(client.follow(types=["OrderLaughed"]))  # type: ignore[list-item]


def test_a_client_waits_for_a_server_that_starts_again(tmp_path: Path) -> None:
    with serving(tmp_path) as first:
        url = first.url
        with Client(url) as client:
            client.place_order(order_id="o1", customer_id="ada", currency="EUR", items=ITEMS)
            first.child.send_signal(signal.SIGTERM)
            first.child.wait()
            with Client(url, retrying=QUICK) as impatient, pytest.raises(Unavailable):
                impatient.confirm_order("o1")
            port = str(httpx.URL(url).port)
            live = client.follow(after=0)
            with serving(tmp_path, PORT=port):
                assert client.confirm_order("o1")["revision"] == 1
                followed = [next(live).type, next(live).type]
            with serving(tmp_path, PORT=port):
                client.cancel_order("o1", reason="late")
                followed.append(next(live).type)
            live.close()
            assert followed == ["OrderPlaced", "OrderConfirmed", "OrderCancelled"]


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 302 Found\r\nLocation: /login\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\n\r\n\x1f",
    ],
)
def test_what_is_no_answer_of_daybook_is_said_to_be_none(answer: bytes) -> None:
    with answering(answer) as url, Client(url, retrying=QUICK) as client:
        with pytest.raises(UnexpectedAnswer, match="no answer of Daybook"):
            list(client.orders())
        with pytest.raises((UnexpectedAnswer, OutcomeUnknown)):
            client.confirm_order("o1")


def test_what_is_no_http_is_tried_again_and_then_unavailable() -> None:
    with answering(b"SSH-2.0-OpenSSH_9.6\r\n") as url, Client(url, retrying=QUICK) as client:
        with pytest.raises(Unavailable):
            client.order("o1")
        with pytest.raises(OutcomeUnknown):
            client.confirm_order("o1")


def test_no_error_and_no_representation_has_a_password() -> None:
    with answering(b"HTTP/1.1 401 No\r\nContent-Length: 6\r\n\r\ns3cret") as url:
        with_password = url.replace("//", "//ada:s3cret@")
        with Client(with_password, headers={"Authorization": "Bearer s3cret"}) as client:
            with pytest.raises(UnexpectedAnswer) as refused:
                client.confirm_order("o1")
            shown = (refused.value, client, client.__dict__["_requests"], refused.value.__cause__)
            assert "s3cret" not in "".join(map(repr, shown))
    with Client("http://ada:s3cret@127.0.0.1:1", retrying=QUICK) as client:
        with pytest.raises(Unavailable) as gone:
            client.order("o1")
        assert "s3cret" not in repr(gone.value)


async def test_a_stream_that_is_left_gives_its_connection_back(server: Running) -> None:
    """Of which a client has two here: where they are all taken, nothing more is answered."""
    few = httpx.Limits(max_connections=2)
    with httpx.Client(limits=few) as http, Client(server.url, http=http, retrying=ONCE) as client:
        place_many(client, "left", 3)
        for _ in range(6):
            with closing(client.follow(after=0)) as events:
                next(events)
            assert client.order("left-0")["revision"] == 0
    async with httpx.AsyncClient(limits=few) as ahttp:
        waiting = AsyncClient(server.url, http=ahttp, retrying=ONCE)
        for _ in range(6):
            async with aclosing(waiting.follow(after=0)) as events:
                await anext(events)
            following = asyncio.create_task(anext(waiting.follow(types=["OrderCancelled"])))
            await asyncio.sleep(0)
            following.cancel()
            await asyncio.wait((following,))
        assert (await waiting.order("left-0"))["revision"] == 0
