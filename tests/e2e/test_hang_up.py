"""Clients that hang up, whenever and however, leave no traceback in the server's log."""

import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import product
from pathlib import Path

import httpx
import pytest

from tests.e2e.running import Running, serving
from tests.waiting import HUNG_S, wait_until

PLACE = (
    b'{"command":"place-order","command_id":"k","order_id":"o-%d","customer_id":"c",'
    b'"currency":"EUR","items":[{"product_id":"tea","quantity":1,"price_cents":1}]}\n'
)
LINES = b"".join(PLACE % number for number in range(1_000))
BODY = LINES.partition(b"\n")[0].replace(b'"command":"place-order","command_id":"k",', b"")
NDJSON = b"Content-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n"

pytestmark = pytest.mark.e2e


def get(path: bytes) -> bytes:
    return b"GET %b HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" % path


def post(path: bytes, headers: bytes, body: bytes) -> bytes:
    return b"POST %b HTTP/1.1\r\nHost: 127.0.0.1\r\n%b\r\n%b" % (path, headers, body)


def chunk(lines: bytes, *, missing: int = 0) -> bytes:
    return b"%x\r\n%b" % (len(lines) + missing, lines)


JSON = b"Content-Type: application/json\r\nContent-Length: %d\r\n" % len(BODY)
WAITING = get(b"/v1/orders/o-1/payments?min_revision=1")
UNFINISHED = post(b"/v1/commands", NDJSON, chunk(PLACE % 1) + b"\r\n")
REQUESTS = (
    get(b"/v1/orders?limit=100"),
    get(b"/v1/orders/o-1/events"),
    WAITING,
    get(b"/v1/audit/export"),
    get(b"/v1/audit/export?format=csv"),
    get(b"/healthz") * 20,
    get(b"/v1/projections"),
    get(b"/metrics"),
    get(b"/docs")[:-4],
    post(b"/v1/orders", JSON, BODY),
    post(b"/v1/orders", JSON, BODY[:-9]),
    post(b"/v1/commands", NDJSON, chunk(LINES) + b"\r\n"),
    post(b"/v1/commands", NDJSON, chunk(LINES[:-9], missing=99)),
    UNFINISHED,
    b"\x16\x03\x01",
)


@contextmanager
def connected(running: Running) -> Iterator[socket.socket]:
    url = httpx.URL(running.url)
    with socket.create_connection((url.host, url.port or 80), timeout=HUNG_S) as connection:
        yield connection


def reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def half_closed(connection: socket.socket) -> None:
    connection.shutdown(socket.SHUT_WR)
    connection.close()


def read_some(connection: socket.socket) -> None:
    connection.settimeout(0.2)
    with suppress(TimeoutError):
        connection.recv(100)
    reset(connection)


HANG_UPS: tuple[Callable[[socket.socket], None], ...] = (
    reset,
    socket.socket.close,
    half_closed,
    read_some,
)


def test_clients_that_hang_up_leave_no_traceback(tmp_path: Path) -> None:
    with serving(tmp_path, WAIT_S="2") as running:
        headers = {"Content-Type": "application/x-ndjson"}
        httpx.post(running.url + "/v1/commands", content=LINES, headers=headers, timeout=HUNG_S)
        running.caught_up()
        for request, hang_up in product(REQUESTS * 3, HANG_UPS):
            with connected(running) as connection, suppress(OSError):
                connection.sendall(request)
                hang_up(connection)
        wait_until(lambda: running.health().status_code == 200)
    assert "Traceback" not in running.err.read_text()


def test_requests_that_a_stop_does_not_wait_for_are_answered_or_broken_off_in_few_words(
    tmp_path: Path,
) -> None:
    with serving(tmp_path, "--no-workers", STOP_S="1") as running, connected(running) as waiting:
        waiting.sendall(post(b"/v1/orders", JSON, BODY[:-9]))
        with connected(running) as unfinished:
            unfinished.sendall(UNFINISHED)
            unfinished.recv(100)
            running.child.terminate()
            assert running.child.wait(HUNG_S) == 0
        assert waiting.recv(1_000).startswith(b"HTTP/1.1 503 ")
    assert "Traceback" not in running.err.read_text()
    assert "an answer was aborted" in running.err.read_text()
