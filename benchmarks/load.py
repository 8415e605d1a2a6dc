"""A lean HTTP/1.1 client for loopback: N connections, one request in flight on each, bounded.

Run as a process of its own (`python -m benchmarks.load URL ...`), so that the client's work is not
the server's; it prints one JSON document. Answers are counted by status, latencies kept in full.
"""

import argparse
import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import uvloop


def place_order(number: int, prefix: str) -> bytes:
    """The body of a place-order of two lines; each number is an order of its own."""
    return json.dumps(
        {
            "order_id": f"{prefix}-{number}",
            "customer_id": f"customer-{number % 997}",
            "currency": "EUR",
            "items": [
                {"product_id": "tea-green-100", "quantity": 2, "price_cents": 1250},
                {"product_id": "mug-blue", "quantity": 1, "price_cents": 990},
            ],
            "shipping_cents": 495,
            "tax_cents": 0,
            "discount_cents": 100,
        }
    ).encode()


@dataclass
class Run:
    """What is to be sent (count bodies from first on) and what came of it."""

    host: str
    port: int
    path: str
    prefix: str
    first: int
    count: int
    interval_s: float
    statuses: Counter[int] = field(default_factory=Counter)
    latencies_s: list[float] = field(default_factory=list)
    answered: int = 0

    def requests(self) -> Iterator[bytes]:
        head = (
            f"POST {self.path} HTTP/1.1\r\nHost: {self.host}:{self.port}\r\n"
            "Content-Type: application/json\r\nContent-Length: %d\r\n\r\n"
        )
        for number in range(self.first, self.first + self.count):
            body = place_order(number, self.prefix)
            yield (head % len(body)).encode() + body


class Connection(asyncio.Protocol):
    """Sends the next request as soon as the last one is answered (or when its turn has come)."""

    def __init__(self, run: Run, requests: Iterator[bytes], closed: asyncio.Future[None]) -> None:
        self.run = run
        self.requests = requests
        self.closed = closed
        self.buffer = b""
        self.sent_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: asyncio.Transport = transport  # type: ignore[assignment]
        self.send()

    def send(self) -> None:
        request = next(self.requests, None)
        if request is None:
            self.transport.close()
            return
        self.sent_at = time.perf_counter()
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        end = self.buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self.buffer[:end].lower()
        at = head.index(b"content-length:") + 15
        line_end = head.find(b"\r", at)
        length = int(head[at:] if line_end < 0 else head[at:line_end])
        if len(self.buffer) < end + 4 + length:
            return
        run = self.run
        run.latencies_s.append(time.perf_counter() - self.sent_at)
        run.statuses[int(self.buffer[9:12])] += 1
        run.answered += 1
        self.buffer = b""
        if run.interval_s:
            asyncio.get_running_loop().call_later(run.interval_s, self.send)
        else:
            self.send()

    def connection_lost(self, _error: Exception | None) -> None:
        if not self.closed.done():
            self.closed.set_result(None)


async def drive(run: Run, connections: int) -> dict[str, object]:
    loop = asyncio.get_running_loop()
    requests = run.requests()
    ends: list[asyncio.Future[None]] = []
    started = time.time()
    for _ in range(connections):
        closed: asyncio.Future[None] = loop.create_future()
        ends.append(closed)
        await loop.create_connection(
            lambda closed=closed: Connection(run, requests, closed),  # type: ignore[misc]
            run.host,
            run.port,
        )
    await asyncio.gather(*ends)
    ended = time.time()
    ordered = sorted(run.latencies_s) or [0.0]
    return {
        "started": started,
        "ended": ended,
        "answered": run.answered,
        "statuses": {str(status): count for status, count in run.statuses.items()},
        "rate": run.answered / (ended - started),
        "p50_ms": ordered[len(ordered) // 2] * 1000,
        "p99_ms": ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))] * 1000,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--prefix", default="bench")
    parser.add_argument("--interval-s", type=float, default=0.0, help="pause of each connection")
    asked = parser.parse_args()
    url = urlsplit(asked.url)
    run = Run(
        host=url.hostname or "127.0.0.1",
        port=url.port or 80,
        path=url.path or "/",
        prefix=asked.prefix,
        first=asked.first,
        count=asked.count,
        interval_s=asked.interval_s,
    )
    json.dump(uvloop.run(drive(run, asked.connections)), sys.stdout)


if __name__ == "__main__":
    main()
