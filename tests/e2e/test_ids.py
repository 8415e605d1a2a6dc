"""Ids from outside through a real server and the command line, byte for byte."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from hypothesis import given, settings

from tests.e2e.running import Running, daybook, serving
from tests.given import amount
from tests.ids import EXAMPLES, INVISIBLE, NO_IDS, ids
from tests.waiting import HUNG_S

KNOWN = "gid://shopify/Order/1"
IN_PATH = quote(KNOWN, safe="").encode()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with serving(tmp_path_factory.mktemp("ids")) as running:
        assert bulk(running, [placed(KNOWN)])[0]["status"] == 201
        running.caught_up()
        yield running


def placed(order_id: str) -> dict[str, object]:
    items = [{"product_id": order_id, "quantity": 1, "price_cents": 100}]
    return {
        "command": "place-order",
        "command_id": order_id,
        "order_id": order_id,
        "customer_id": order_id,
        "currency": "EUR",
        "items": items,
    }


def bulk(server: Running, lines: list[dict[str, object]]) -> list[dict[str, object]]:
    body = "".join(json.dumps(line) + "\n" for line in lines).encode()
    answer = raw(server, b"POST", b"/v1/commands", body, b"application/x-ndjson")
    return [json.loads(line) for line in answer.body.splitlines()]


class Raw:
    """An answer as it came over the wire."""

    def __init__(self, text: bytes) -> None:
        head, _, self.body = text.partition(b"\r\n\r\n")
        first, *fields = head.split(b"\r\n")
        self.status = int(first.split()[1])
        self.headers = dict(field.lower().split(b": ", 1) for field in fields)
        if self.headers.get(b"transfer-encoding") == b"chunked":
            self.body = _joined(self.body)


def _joined(chunks: bytes) -> bytes:
    whole = b""
    while chunks:
        size, _, chunks = chunks.partition(b"\r\n")
        whole, chunks = whole + chunks[: int(size, 16)], chunks[int(size, 16) + 2 :]
    return whole


def raw(
    server: Running,
    method: bytes,
    target: bytes,
    body: bytes = b"",
    media_type: bytes = b"application/json",
) -> Raw:
    """Send the target as it is, which no client does."""
    at = urlsplit(server.url)
    with socket.create_connection((at.hostname, at.port), timeout=HUNG_S) as wire:
        wire.sendall(
            b"%b %b HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: %b\r\n"
            b"Content-Length: %d\r\n\r\n%b" % (method, target, media_type, len(body), body)
        )
        received = b"".join(iter(lambda: wire.recv(65_536), b""))
    return Raw(received)


def spellings(text: str) -> list[bytes]:
    """An id in a path: what has to be encoded, all of it, and all of it in small letters."""
    every = "".join(f"%{byte:02X}" for byte in text.encode())
    return [quote(text, safe="").encode(), every.encode(), every.lower().encode()]


@settings(max_examples=amount("IDS", quick=60, deep=3_000), deadline=None)
@given(ids())
def test_any_id_through_bulk_and_every_spelling_of_a_path(server: Running, name: str) -> None:
    [answer] = bulk(server, [placed(name)])
    assert (answer["status"], answer["order_id"]) in {(201, name), (200, name)}

    for spelled in spellings(name):
        noted = raw(
            server,
            b"POST",
            b"/v1/orders/%b/add-note" % spelled,
            json.dumps({"note_id": name, "text": "x"}).encode(),
        )
        assert (noted.status, json.loads(noted.body)["order_id"]) == (200, name)
        found = raw(server, b"GET", b"/v1/orders/%b" % spelled)
        assert found.status == 200
        assert json.loads(found.body)["order_id"] == name
    exported = raw(server, b"GET", b"/v1/audit/export?order_id=%b" % spellings(name)[0])
    assert [json.loads(line).get("order_id") for line in exported.body.splitlines()] == [
        *[name, name],
        None,
    ]


def test_an_order_placed_is_where_location_says(server: Running) -> None:
    for number, name in enumerate(EXAMPLES):
        body = {**placed(f"{number} {name}"[:200].rstrip())}
        del body["command"], body["command_id"]
        answer = raw(server, b"POST", b"/v1/orders", json.dumps(body).encode())

        assert answer.status == 201
        assert answer.headers[b"location"].isascii()
        # Header names and values were made small: so are the escapes, and letters in them.
        target = b"/v1/orders/" + quote(str(body["order_id"]), safe="").encode()
        assert answer.headers[b"location"] == target.lower()
        found = raw(server, b"GET", target)
        assert json.loads(found.body)["order_id"] == body["order_id"]


def test_what_is_no_id_is_refused_everywhere(server: Running) -> None:
    answers = bulk(server, [placed(name) for name in (*NO_IDS, *INVISIBLE) if name])

    assert {answer["status"] for answer in answers} == {422}
    for name in filter(None, NO_IDS):
        assert raw(server, b"GET", b"/v1/orders/" + quote(name, safe="").encode()).status == 422
    for name in INVISIBLE:  # an older log may have it
        assert raw(server, b"GET", b"/v1/orders/" + quote(name, safe="").encode()).status == 404


@pytest.mark.parametrize(
    ("target", "status"),
    [
        (b"/v1/orders/" + IN_PATH, 200),
        (b"/v1/%6Frders/" + IN_PATH, 200),
        (b"http://localhost/v1/orders/" + IN_PATH, 200),
        (b"/v1/orders/" + IN_PATH.replace(b"%", b"%25"), 404),
        (b"/v1/orders/" + KNOWN.encode(), 404),
        (b"/v1/orders/../orders/" + IN_PATH, 404),
        (b"/v1/orders/%2e%2e/orders/" + IN_PATH, 404),
        (b"/v1/x/../orders/" + IN_PATH, 404),
        (b"/v1/./orders/" + IN_PATH, 404),
        (b"/v1%2Forders/" + IN_PATH, 404),
        (b"/v1//orders/" + IN_PATH, 404),
        (b"/v1/orders/" + IN_PATH + b"/", 404),
        (b"/v1/orders/summary", 200),
        (b"/v1/orders/%73ummary", 200),
        (b"/v1/orders/summary%0A", 422),
        (b"/v1/orders/summary%20", 422),
        (b"/v1/orders/%", 422),
        (b"/v1/orders/%4", 422),
        (b"/v1/orders/%zz", 422),
        (b"/v1/orders/%FF", 422),
        (b"/v1/orders/%C3/events", 422),
        (b"/v1/orders/%ED%A0%80", 422),
        (b"/v1/orders/%C0%AE%C0%AE", 422),
        (b"/v1/orders/a%00b", 422),
        (b"/v1/orders?customer_id=%FF", 422),
        (b"/v1/orders?customer_id=%", 422),
        (b"/v1/orders?customer_id=%ED%A0%80", 422),
        (b"/v1/audit/export?order_id=%FF", 422),
    ],
)
def test_a_target_is_what_it_says(server: Running, target: bytes, status: int) -> None:
    answer = raw(server, b"GET", target)

    assert answer.status == status
    if status == 404:
        assert json.loads(answer.body)["type"] in {
            "/problems#unknown-route",
            "/problems#unknown-order",
        }


@pytest.mark.parametrize("target", [b"/v1/orders/caf\xc3\xa9", b"/v1/orders?customer_id=\xc3\xa9"])
def test_bytes_that_are_not_encoded_are_refused_and_nothing_breaks(
    server: Running, target: bytes
) -> None:
    assert raw(server, b"GET", target).status in {400, 422}
    assert server.health().status_code == 200


def test_any_id_through_the_command_line(tmp_path: Path) -> None:
    lines = "".join(json.dumps(placed(name), ensure_ascii=False) + "\n" for name in EXAMPLES)
    submitted = daybook("submit", "-", "--json", folder=tmp_path, stdin=lines.encode())
    assert submitted.returncode == 0, submitted.stderr

    assert daybook("replay", "--all", folder=tmp_path).returncode == 0
    for name in ("gid://shopify/Order/5012345678901", "-1", "=1+1", "\U0001f600" * 200, "café"):
        exported = daybook("audit", "export", "--order-id", name, folder=tmp_path)
        first, end = map(json.loads, exported.stdout.splitlines())
        assert (first["order_id"], end["count"]) == (name, 1)
        for command in ("show", "retry"):
            parked = daybook("parked", command, "order", "--", name, folder=tmp_path)
            assert parked.returncode == 2
    assert daybook("check", folder=tmp_path).returncode == 0


def test_what_is_no_id_is_wrong_usage(tmp_path: Path) -> None:
    line = json.dumps(placed("o1")).encode()
    assert daybook("submit", "-", folder=tmp_path, stdin=line).returncode == 0
    assert daybook("replay", "order", folder=tmp_path).returncode == 0

    for arguments in (
        ("audit", "export", "--order-id", "ID"),
        ("parked", "show", "order", "ID"),
        ("parked", "retry", "order", "ID"),
        ("parked", "discard", "order", "ID", "0", "--why", "x"),
        ("parked", "discard", "order", "o1", "0", "--why", "\udcff"),
    ):
        for name in ("\udcff", "a\n", "", "x" * 201):
            words = [name if word == "ID" else word for word in arguments]
            answer = daybook(*words, folder=tmp_path)

            assert answer.returncode == 2, (arguments, ascii(name), answer.stderr)
            assert b"Traceback" not in answer.stderr
