"""A lean gRPC client for loopback, as benchmarks.load is one for HTTP: N connections, one call in
flight on each, requests made beforehand, bare sockets.

grpcio's own client takes as long for a call as the server does; on two cores that is the figure.
"""

import argparse
import json
import selectors
import socket
import struct
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from hpack import Encoder

from api.proto.order import order_service_pb2 as pb

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY, WINDOW_UPDATE = 0, 1, 3, 4, 6, 7, 8
END_STREAM, ACK, END_HEADERS = 0x1, 0x1, 0x4
WINDOW = (1 << 30).to_bytes(4, "big")
RECEIVE_BYTES = 65_536
HEAD = 9


def frame(kind: int, flags: int, stream: int, content: bytes = b"") -> bytes:
    size = len(content)
    return struct.pack(">HBBBI", size >> 8, size & 0xFF, kind, flags, stream) + content


@dataclass
class Run:
    """messages: what is to be sent, last first. ok: calls that were answered with a message."""

    place: tuple[str, int]
    block: bytes
    messages: list[bytes]
    answers: Counter[str] = field(default_factory=Counter)
    latencies_s: list[float] = field(default_factory=list)


class Connection:
    def __init__(self, run: Run) -> None:
        self.run = run
        self.buffer = b""
        self.stream = -1
        self.had_message = False
        self.sent_at = 0.0
        self.socket = socket.create_connection(run.place)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        wide = struct.pack(">HI", 4, (1 << 31) - 1)
        opening = frame(SETTINGS, 0, 0, wide) + frame(WINDOW_UPDATE, 0, 0, WINDOW)
        self.socket.sendall(PREFACE + opening)

    def send(self) -> bool:
        """False when there is nothing left to send."""
        if not self.run.messages:
            return False
        message = self.run.messages.pop()
        self.stream += 2
        self.had_message = False
        self.sent_at = time.perf_counter()
        self.socket.sendall(
            frame(HEADERS, END_HEADERS, self.stream, self.run.block)
            + frame(DATA, END_STREAM, self.stream, message)
        )
        return True

    def receive(self) -> bool:
        """What has come; at the end of a call the next one. False when all is answered."""
        data = self.socket.recv(RECEIVE_BYTES)
        if not data:
            raise ConnectionError("the server has closed a connection")
        self.buffer += data
        while len(self.buffer) >= HEAD:
            high, low, kind, flags, stream = struct.unpack_from(">HBBBI", self.buffer)
            end = HEAD + (high << 8 | low)
            if len(self.buffer) < end:
                return True
            content, self.buffer = self.buffer[HEAD:end], self.buffer[end:]
            if not self.take(kind, flags, stream, content):
                return False
        return True

    def take(self, kind: int, flags: int, stream: int, content: bytes) -> bool:
        if kind == SETTINGS and not flags & ACK:
            self.socket.sendall(frame(SETTINGS, ACK, 0))
        elif kind == PING and not flags & ACK:
            self.socket.sendall(frame(PING, ACK, 0, content))
        elif kind == GOAWAY:
            raise ConnectionError(f"the server is going away: {content!r}")
        elif stream == self.stream:
            self.had_message |= kind == DATA
            if kind == RST_STREAM or (kind in {DATA, HEADERS} and flags & END_STREAM):
                self.run.latencies_s.append(time.perf_counter() - self.sent_at)
                self.run.answers["ok" if self.had_message else "failed"] += 1
                return self.send()
        return True


def drive(run: Run, connections: int) -> dict[str, object]:
    selector = selectors.DefaultSelector()
    opened = [Connection(run) for _ in range(connections)]
    started = time.time()
    left = 0
    for connection in opened:
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
    ordered = sorted(run.latencies_s) or [0.0]
    return {
        "started": started,
        "ended": ended,
        "answered": len(ordered),
        "statuses": dict(run.answers),
        "rate": len(ordered) / (ended - started),
        "p50_ms": ordered[len(ordered) // 2] * 1000,
        "p99_ms": ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))] * 1000,
    }


def create_order(number: int, prefix: str) -> bytes:
    """The same order as benchmarks.load places, without what the small interface does not have."""
    items = [
        pb.OrderItem(product_id="tea-green-100", quantity=2, price_cents=1250),
        pb.OrderItem(product_id="mug-blue", quantity=1, price_cents=990),
    ]
    return pb.CreateOrderRequest(
        customer_id=f"customer-{number % 997}",
        currency="EUR",
        order_id=f"{prefix}-{number}",
        items=items,
    ).SerializeToString()


def get_order(number: int, prefix: str) -> bytes:
    return pb.GetOrderRequest(order_id=f"{prefix}-{number}").SerializeToString()


REQUESTS = {"CreateOrder": create_order, "GetOrder": get_order}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("address")
    parser.add_argument("method", choices=REQUESTS)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--prefix", default="bench")
    asked = parser.parse_args()
    parts = urlsplit(f"//{asked.address}")
    make = REQUESTS[asked.method]
    messages = [make(number, asked.prefix) for number in range(asked.count)]
    headers = [
        (":method", "POST"),
        (":scheme", "http"),
        (":path", f"/order.OrderService/{asked.method}"),
        (":authority", asked.address),
        ("te", "trailers"),
        ("content-type", "application/grpc"),
        ("user-agent", "benchmark"),
    ]
    # Without Huffman and without the table, so that every call may send the same bytes.
    block = Encoder().encode([(name, value, True) for name, value in headers], huffman=False)
    framed = [struct.pack(">BI", 0, len(message)) + message for message in messages]
    run = Run((parts.hostname or "", parts.port or 0), block, framed[::-1])
    json.dump(drive(run, asked.connections), sys.stdout)


if __name__ == "__main__":
    main()
