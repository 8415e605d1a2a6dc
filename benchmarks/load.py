"""A lean HTTP/1.1 client for loopback: N connections, one request in flight on each, bounded.

Run as a process of its own (`python -m benchmarks.load URL ...`), so that the client's work is not
the server's; it prints one JSON document. Answers are counted by status, latencies kept in full.
The bodies are made beforehand and the sockets are bare: on two cores, what the client takes the
server and its workers lack.
"""

import argparse
import json
import selectors
import socket
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit

PLACE = (
    b'{"order_id":"%b-%d","customer_id":"customer-%d","currency":"EUR","items":['
    b'{"product_id":"tea-green-100","quantity":2,"price_cents":1250},'
    b'{"product_id":"mug-blue","quantity":1,"price_cents":990}],'
    b'"shipping_cents":495,"tax_cents":0,"discount_cents":100}'
)
RECEIVE_BYTES = 65_536
LENGTH = b"content-length:"


def place_order(number: int, prefix: str) -> bytes:
    """The body of a place-order of two lines; each number is an order of its own."""
    return PLACE % (prefix.encode(), number, number % 997)


@dataclass
class Run:
    """What is to be sent, and what came of it."""

    url: SplitResult
    requests: Iterator[bytes]
    statuses: Counter[int] = field(default_factory=Counter)
    latencies_s: list[float] = field(default_factory=list)


class Connection:
    """Sends the next request as soon as the last one is answered."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.buffer = b""
        self.sent_at = 0.0
        self.socket = socket.create_connection((run.url.hostname, run.url.port or 80))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self) -> bool:
        """False when there is nothing left to send."""
        request = next(self.run.requests, None)
        if request is None:
            return False
        self.sent_at = time.perf_counter()
        self.socket.sendall(request)
        return True

    def receive(self) -> bool:
        """What has come; at the end of an answer the next request. False when all is answered."""
        data = self.socket.recv(RECEIVE_BYTES)
        if not data:
            raise ConnectionError("the server has closed a connection")
        answer = self.buffer = self.buffer + data if self.buffer else data
        if not _is_whole(answer):
            return True
        self.run.latencies_s.append(time.perf_counter() - self.sent_at)
        self.run.statuses[int(answer[9:12])] += 1
        self.buffer = b""
        return self.send()


def _is_whole(answer: bytes) -> bool:
    end = answer.find(b"\r\n\r\n")
    if end < 0:
        return False
    head = answer[:end].lower()
    length = head[head.index(LENGTH) + len(LENGTH) :].split(b"\r", 1)[0]
    return len(answer) >= end + 4 + int(length)


def drive(run: Run, connections: int) -> dict[str, object]:
    selector = selectors.DefaultSelector()
    started = time.time()
    left = 0
    for _ in range(connections):
        connection = Connection(run)
        if connection.send():
            selector.register(connection.socket, selectors.EVENT_READ, connection)
            left += 1
    while left:
        for key, _ in selector.select():
            if not key.data.receive():
                selector.unregister(key.fileobj)
                key.data.socket.close()
                left -= 1
    ended = time.time()
    answered = len(run.latencies_s)
    ordered = sorted(run.latencies_s) or [0.0]
    return {
        "started": started,
        "ended": ended,
        "answered": answered,
        "statuses": {str(status): count for status, count in run.statuses.items()},
        "rate": answered / (ended - started),
        "p50_ms": ordered[len(ordered) // 2] * 1000,
        "p99_ms": ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))] * 1000,
    }


def requests(url: SplitResult, kind: str, prefix: str, first: int, count: int) -> list[bytes]:
    """kind: place, a place-order; read, the order of that number; proto, a CreateOrder of Connect,
    or proto-read, a GetOrder.
    """
    numbers = range(first, first + count)
    if kind == "read":
        read = f"GET {url.path}/{prefix}-%d HTTP/1.1\r\nHost: {url.netloc}\r\n\r\n".encode()
        return [read % number for number in numbers]
    media_type, make = "application/json", place_order
    if kind != "place":
        from benchmarks.load_grpc import create_order, get_order

        media_type, make = "application/proto", create_order if kind == "proto" else get_order
    head = (
        f"POST {url.path or '/'} HTTP/1.1\r\nHost: {url.netloc}\r\n"
        f"Content-Type: {media_type}\r\nContent-Length: %d\r\n\r\n"
    ).encode()
    bodies = (make(number, prefix) for number in numbers)
    return [head % len(body) + body for body in bodies]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--prefix", default="bench")
    parser.add_argument("--kind", default="place")
    asked = parser.parse_args()
    url = urlsplit(asked.url)
    run = Run(url, iter(requests(url, asked.kind, asked.prefix, asked.first, asked.count)))
    json.dump(drive(run, asked.connections), sys.stdout)


if __name__ == "__main__":
    main()
