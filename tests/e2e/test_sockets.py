"""What ordinary clients do with a connection, and a server as it is run (uvloop, httptools)."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.api.conftest import order
from tests.e2e.running import Running, daybook, serving

pytestmark = pytest.mark.e2e
SOON_S = 60.0


def _answers(server: Running, request: bytes, *, half_close: bool) -> bytes:
    """All that the server sends until it closes the connection."""
    address = urlsplit(server.url)
    with socket.create_connection((address.hostname, address.port), timeout=SOON_S) as client:
        client.sendall(request)
        if half_close:
            client.shutdown(socket.SHUT_WR)
        received = b""
        while piece := client.recv(65536):
            received += piece
        return received


def _placing(order_id: str, *headers: bytes) -> bytes:
    body = json.dumps(order(order_id=order_id)).encode()
    head = (
        b"POST /v1/orders HTTP/1.1",
        b"Host: localhost",
        b"Content-Type: application/json",
        b"Content-Length: %d" % len(body),
        *headers,
    )
    return b"\r\n".join(head) + b"\r\n\r\n" + body


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with serving(tmp_path_factory.mktemp("sockets"), STORE="memory://") as running:
        yield running


def test_a_client_that_closes_its_sending_side_gets_its_answer(server: Running) -> None:
    received = _answers(server, _placing("half"), half_close=True)

    assert received.startswith(b"HTTP/1.1 201 ")
    assert server.get("/v1/orders/half")["revision"] == 0


def test_a_client_that_offers_http_2_is_answered_in_http_1(server: Running) -> None:
    offer = (b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c", b"HTTP2-Settings: AAEAAEAA")

    received = _answers(server, _placing("offer", *offer) * 2, half_close=True)

    assert received.count(b"HTTP/1.1 201 ") == 1
    assert received.count(b"HTTP/1.1 200 ") == 1


def test_nonsense_after_a_command_is_refused_after_its_answer(server: Running) -> None:
    received = _answers(server, _placing("first") + b"\x00nonsense\r\n\r\n", half_close=False)

    first, second = received.split(b"HTTP/1.1 ")[1:3]
    assert first.startswith(b"201 ")
    assert second.startswith(b"400 ")
    assert b"application/problem+json" in second


@pytest.mark.parametrize("other", ["GRPC_PORT", "METRICS_PORT"])
def test_one_port_for_two_purposes_ends_the_start(tmp_path: Path, other: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    done = daybook("serve", "--no-workers", folder=tmp_path, PORT=port, **{other: port})
    assert done.returncode == 3
    assert f"DAYBOOK_{other}".encode() in done.stderr
    assert b"Traceback" not in done.stderr
